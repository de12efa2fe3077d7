"""Ends a process whose consumer is stuck: a supervisor's fresh one is better than a zombie that only looks alive.

aiokafka consumers can stop for ever after one unlucky answer from the group coordinator, while the process stays up
and every poll fails. The watchdog compares, from outside, the end of each partition with the consumer's position.
"""

import asyncio
from collections.abc import Mapping, Sequence
from time import monotonic

import structlog
from aiokafka.structs import TopicPartition

from shared.kafka import Subscription

log = structlog.get_logger()


class Stuck(RuntimeError):
    """A consumer has records to read and has read none for too long."""


class Watchdog:
    """Looks every `every_seconds`; `limit_seconds` without progress, or without an answer from Kafka, is stuck.

    So is a single partition with records to read that has not moved for `partition_limit_seconds`: long, because under
    a backlog a partition waits for its turn while the others' records are worked off.
    """

    def __init__(
        self,
        subscriptions: Sequence[Subscription],
        *,
        limit_seconds: float = 30.0,
        partition_limit_seconds: float = 600.0,
        every_seconds: float = 5.0,
    ) -> None:
        self._subscriptions = subscriptions
        self._limit_seconds = limit_seconds
        self._partition_limit_seconds = partition_limit_seconds
        self._every_seconds = every_seconds
        self._positions: dict[str, dict[TopicPartition, int]] = {}
        self._moved_at: dict[TopicPartition, float] = {}
        self._bad_since: dict[str, float] = {}

    @property
    def healthy(self) -> bool:
        """False as soon as one subscription makes no progress, before the limit is reached."""
        return not self._bad_since

    async def run(self) -> None:
        """Watch until cancelled; raises Stuck when a consumer has to be given up."""
        while True:
            await asyncio.sleep(self._every_seconds)
            for subscription in self._subscriptions:
                await self._look_at(subscription)

    async def _look_at(self, subscription: Subscription) -> None:
        name = subscription.topic.name
        if await self._makes_progress(subscription):
            self._bad_since.pop(name, None)
            return
        since = self._bad_since.setdefault(name, monotonic())
        if monotonic() - since >= self._limit_seconds:
            raise Stuck(f"{name}: no progress for {monotonic() - since:.0f} s, lag {subscription.lag_records} records")

    async def _makes_progress(self, subscription: Subscription) -> bool:
        consumer = subscription.consumer
        if consumer is None:
            return False
        try:
            async with asyncio.timeout(3):
                partitions = list(consumer.assignment())
                ends = await consumer.end_offsets(partitions)
                positions = {partition: await consumer.position(partition) for partition in partitions}
        except Exception as error:  # noqa: BLE001  # whatever it is, a consumer that cannot answer makes no progress
            log.warning("a consumer does not answer", topic=subscription.topic.name, error=repr(error))
            return False
        before = self._positions.get(subscription.topic.name)
        self._positions[subscription.topic.name] = positions
        lags = {partition: ends[partition] - positions[partition] for partition in partitions}
        subscription.lag_records = sum(lags.values())
        if left_behind := self._left_behind(before or {}, positions, lags):
            log.warning("partitions are left behind", partitions=left_behind, topic=subscription.topic.name)
            return False
        # A handler at work may be waiting for Postgres, which is its duty. A worker without partitions is either lost
        # to its group or one more than there are partitions; the second is a deployment's mistake.
        return bool(partitions) and (subscription.lag_records == 0 or positions != before or subscription.at_work)

    def _left_behind(
        self,
        before: Mapping[TopicPartition, int],
        positions: Mapping[TopicPartition, int],
        lags: Mapping[TopicPartition, int],
    ) -> list[int]:
        """The partitions that have records and have stood still for too long."""
        now = monotonic()
        for partition, position in positions.items():
            if lags[partition] == 0 or position != before.get(partition):
                self._moved_at[partition] = now
        limit = now - self._partition_limit_seconds
        return [partition.partition for partition in positions if self._moved_at[partition] < limit]
