"""The watchdog against real consumers: what is stuck is given up, what is idle or at work is left alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka.errors import CoordinatorNotAvailableError
from aiokafka.structs import TopicPartition

from shared import kafka as shared_kafka
from shared.events import ComplaintSubmitted
from shared.events.topics import Topic
from shared.kafka import Subscription
from shared.watchdog import Stuck, Watchdog
from tests.integration.shared.wire import PATIENCE_SECONDS, Reader, Wire

LIMIT_SECONDS = 0.3


@asynccontextmanager
async def reading(wire: Wire, reader: Reader) -> AsyncIterator[Subscription]:
    """A subscription that has read its first record and waits for more."""
    topic = await wire.make_topic()
    await wire.post(topic, b"first")
    async with wire.consuming(topic, reader) as subscription:
        await reader.has(1)
        yield subscription


def watchdog(*subscriptions: Subscription) -> Watchdog:
    """One with little patience."""
    return Watchdog(subscriptions, limit_seconds=LIMIT_SECONDS, every_seconds=0.05)


async def gives_up(watchdog: Watchdog) -> str:
    """What it says when it gives up; fails when it never does."""
    with pytest.raises(Stuck) as caught:
        await asyncio.wait_for(watchdog.run(), PATIENCE_SECONDS)
    return str(caught.value)


async def stays_quiet(watchdog: Watchdog) -> bool:
    """Whether it watches on, well beyond its limit."""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(watchdog.run(), 3 * LIMIT_SECONDS)
    return watchdog.healthy


async def test_a_consumer_that_reads_nothing_of_what_waits_is_given_up(wire: Wire) -> None:
    """A paused consumer stands in for a zombie: it polls, and its position never moves."""
    async with reading(wire, Reader()) as subscription:
        assert subscription.consumer is not None
        subscription.consumer.pause(*subscription.assignment())
        await wire.post(subscription.topic, b"2", b"3")
        dog = watchdog(subscription)
        assert "no progress" in await gives_up(dog)
        assert not dog.healthy
        assert subscription.lag_records == 2


async def test_a_partition_that_is_left_behind_while_another_moves_is_given_up(wire: Wire) -> None:
    topic, reader = await wire.make_topic(partitions=2), Reader()
    async with wire.consuming(topic, reader) as subscription:
        await wire.post(topic, b"1", partition=0)
        await wire.post(topic, b"1", partition=1)
        await reader.has(2)
        assert subscription.consumer is not None
        subscription.consumer.pause(TopicPartition(topic.name, 1))
        await wire.post(topic, b"2", partition=1)
        dog = Watchdog([subscription], limit_seconds=0.2, partition_limit_seconds=0.5, every_seconds=0.05)
        busy = asyncio.create_task(_post_on(wire, topic))
        try:
            assert "no progress" in await gives_up(dog)
        finally:
            busy.cancel()


async def _post_on(wire: Wire, topic: Topic) -> None:
    while True:
        await wire.post(topic, b"more", partition=0)


async def test_a_consumer_that_was_closed_is_given_up_when_records_wait(wire: Wire) -> None:
    async with reading(wire, Reader()) as subscription:
        assert subscription.consumer is not None
        await subscription.consumer.stop()
        await wire.post(subscription.topic, b"2")
        await gives_up(watchdog(subscription))


async def test_a_consumer_whose_every_answer_is_an_error_is_given_up(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after one unlucky answer of the group coordinator."""

    async def unlucky(_: object) -> None:
        raise CoordinatorNotAvailableError

    async with reading(wire, Reader()) as subscription:
        monkeypatch.setattr(subscription.consumer, "end_offsets", unlucky)
        await gives_up(watchdog(subscription))


async def test_a_consumer_that_never_started_is_given_up(wire: Wire) -> None:
    topic = await wire.make_topic()
    broker = shared_kafka.build_broker([wire.bootstrap], "test")
    subscription = shared_kafka.subscribe(
        broker, Reader(), topic=topic, service="test", worker_id=None, message=ComplaintSubmitted
    )
    await gives_up(watchdog(subscription))


async def test_one_stuck_consumer_among_healthy_ones_is_given_up(wire: Wire) -> None:
    async with reading(wire, Reader()) as healthy, reading(wire, Reader()) as stuck:
        assert stuck.consumer is not None
        stuck.consumer.pause(*stuck.assignment())
        await wire.post(stuck.topic, b"2")
        assert stuck.topic.name in await gives_up(watchdog(healthy, stuck))


async def test_a_consumer_that_lost_its_partitions_is_given_up(wire: Wire) -> None:
    async with reading(wire, Reader()) as subscription:
        assert subscription.consumer is not None
        subscription.consumer.unsubscribe()
        assert not subscription.assignment()
        await gives_up(watchdog(subscription))


async def test_an_idle_consumer_is_left_alone(wire: Wire) -> None:
    async with reading(wire, Reader()) as subscription:
        assert await stays_quiet(watchdog(subscription))
        assert subscription.lag_records == 0


async def test_an_idle_consumer_whose_sender_uses_transactions_is_left_alone(wire: Wire) -> None:
    """The last offset of such a topic is a marker that no consumer is ever given."""
    reader = Reader()
    async with reading(wire, reader) as subscription:
        async with wire.transaction() as sender:
            await sender.send(subscription.topic.name, b"2", partition=0)
        await reader.has(2)
        assert await stays_quiet(watchdog(subscription))
        assert subscription.lag_records == 0


async def test_a_consumer_whose_handler_is_at_work_is_left_alone(wire: Wire) -> None:
    """It waits for Postgres while records pile up behind it; that is its duty."""
    reader = Reader()
    async with reading(wire, reader) as subscription:
        reader.close_door()
        await wire.post(subscription.topic, b"2")
        await reader.is_called()
        await wire.post(subscription.topic, b"3")
        assert await stays_quiet(watchdog(subscription))
        reader.door.set()
        await reader.has(3)


async def test_a_handler_at_work_for_longer_than_kafka_allows_is_given_up(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader()
    async with reading(wire, reader) as subscription:
        reader.close_door()
        await wire.post(subscription.topic, b"2")
        await reader.is_called()
        await wire.post(subscription.topic, b"3")
        monkeypatch.setattr(shared_kafka, "MAX_POLL_INTERVAL_MS", 100)
        await gives_up(watchdog(subscription))
        reader.door.set()
        await reader.has(3)


async def test_a_consumer_that_reads_on_is_forgiven(wire: Wire) -> None:
    reader = Reader()
    async with reading(wire, reader) as subscription:
        assert subscription.consumer is not None
        dog = Watchdog([subscription], limit_seconds=PATIENCE_SECONDS, every_seconds=0.02)
        partitions = subscription.assignment()
        subscription.consumer.pause(*partitions)
        await wire.post(subscription.topic, b"2")
        watching = asyncio.create_task(dog.run())
        await _becomes(dog, healthy=False)
        subscription.consumer.resume(*partitions)
        await reader.has(2)
        await _becomes(dog, healthy=True)
        watching.cancel()


async def _becomes(watchdog: Watchdog, *, healthy: bool) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while watchdog.healthy is not healthy:
            await asyncio.sleep(0.02)
