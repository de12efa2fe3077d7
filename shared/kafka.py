"""Kafka: the one place that builds subscribers and producers, because the library's defaults lose data.

FastStream's own defaults commit before the work is done, start at the end of the topic, obey a sender's `reply_to`
header and drop a batch for one undecodable header. `subscribe` sets each of them, and a test walks every broker to
see that nothing was subscribed any other way.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any, TypeAlias

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import ConsumerStoppedError, KafkaError, TopicAlreadyExistsError, for_code
from aiokafka.structs import ConsumerRecord, TopicPartition
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from pydantic import BaseModel

from shared import tolerant_records
from shared.errors import ConfigurationError
from shared.events.topics import TOPICS, Topic

Record: TypeAlias = ConsumerRecord[bytes | None, bytes | None]
Handle: TypeAlias = Callable[[Sequence[Record]], Awaitable[None]]

MAX_BATCH = 500
BATCH_TIMEOUT_MS = 10
SESSION_TIMEOUT_MS = 10_000
MAX_POLL_INTERVAL_MS = 15 * 60_000
"""Longer than any outage of Postgres that a handler is to ride out without losing its partitions."""
FAULT_PAUSE_SECONDS = 2.0
_LAST_TIMESTAMP_MS = int(datetime(8999, 1, 1, tzinfo=UTC).timestamp() * 1000)

GAVE_UP = 70
"""Exit status of a process that ended itself for its supervisor to replace (EX_SOFTWARE)."""

log = structlog.get_logger()


@dataclass(slots=True)
class Subscription:
    """One topic read by one service, and how far it has come, for the watchdog and the metrics."""

    topic: Topic
    group: str
    message: type[BaseModel]
    subscriber: Any
    busy_since: float | None = None
    lag_records: int = 0

    @property
    def consumer(self) -> AIOKafkaConsumer | None:
        """The aiokafka consumer once the broker has started."""
        consumer: AIOKafkaConsumer | None = self.subscriber.consumer
        return consumer

    @property
    def at_work(self) -> bool:
        """Whether a batch is being handled, and not for longer than Kafka lets a member be silent."""
        return self.busy_since is not None and monotonic() - self.busy_since < MAX_POLL_INTERVAL_MS / 1000

    def assignment(self) -> frozenset[TopicPartition]:
        """The partitions that this worker reads now."""
        return frozenset(self.consumer.assignment()) if self.consumer else frozenset()


def build_broker(bootstrap: Sequence[str], service: str) -> KafkaBroker:
    """A broker that only consumes: what services say goes through the outbox and its relay."""
    tolerant_records.install()
    return KafkaBroker(
        list(bootstrap),
        client_id=f"laksa-{service}",
        consumer_only=True,
        allow_auto_create_topics=False,
        graceful_timeout=15.0,
        apply_types=False,
        # Its two lines per batch are debugging; what it says of failed commits is not, and comes at its own level.
        logger=logging.getLogger("faststream"),
        log_level=logging.DEBUG,
    )


def subscribe(
    broker: KafkaBroker,
    handle: Handle,
    *,
    topic: Topic,
    service: str,
    worker_id: str | None,
    message: type[BaseModel],
    max_records: int = MAX_BATCH,
) -> Subscription:
    """Read `topic` in batches; offsets are committed after `handle` returned, and only then.

    `handle` never raises for data and waits for Postgres itself, so whatever it raises is a fault of the code: the
    batch is read again after a pause, nothing is skipped. `message` is the records' type, for the generated docs.
    """
    group = f"laksa-{service}-{topic.name.removeprefix('laksa.').removesuffix('.v1')}"
    subscriber = broker.subscriber(
        topic.name,
        group_id=group,
        group_instance_id=f"{group}-{worker_id}" if worker_id else None,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        auto_offset_reset="earliest",
        no_reply=True,
        batch=True,
        max_records=max_records,
        batch_timeout_ms=BATCH_TIMEOUT_MS,
        parser=_safe_parser,
        decoder=_raw,
        session_timeout_ms=SESSION_TIMEOUT_MS,
        heartbeat_interval_ms=SESSION_TIMEOUT_MS // 4,
        max_poll_interval_ms=MAX_POLL_INTERVAL_MS,
        fetch_max_wait_ms=100,
        title=f"{service}: {topic.name}",
    )
    subscription = Subscription(topic, group, message, subscriber)
    subscriber.get_msg = _or_end(subscriber.get_msg)  # type: ignore[method-assign, assignment]

    async def on_batch(batch: Any) -> None:
        subscription.busy_since = monotonic()
        try:
            await handle(batch.raw_message)
        except Exception:
            log.exception("a batch failed and will be read again", topic=topic.name, records=len(batch.raw_message))
            await asyncio.sleep(FAULT_PAUSE_SECONDS)
            raise
        finally:
            subscription.busy_since = None

    subscriber(on_batch)
    return subscription


def time_of(record: Record) -> datetime:
    """The record's timestamp. Producers may write any number there; one outside the calendar becomes its edge."""
    return datetime.fromtimestamp(min(max(record.timestamp, 0), _LAST_TIMESTAMP_MS) / 1000, UTC)


def _or_end(poll: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Awaitable[Any]]:
    """A poll that ends the process when it fails, unless the consumer was stopped on purpose.

    A failing poll may have taken records of other partitions already. They are gone with the exception, but the
    consumer stands behind them, and the library's next commit would step over them for good. A new process begins at
    what was committed.
    """

    async def guarded(consumer: Any) -> Any:
        try:
            return await poll(consumer)
        except ConsumerStoppedError:
            raise
        except Exception:
            log.exception("reading from Kafka failed; the process ends, to begin again at what was committed")
            os._exit(GAVE_UP)

    return guarded


async def _raw(message: Any) -> Any:
    return message


async def _safe_parser(message: Any, original: Callable[[Any], Awaitable[Any]]) -> Any:
    """Header values that are not UTF-8 or null make the library lose the whole batch; here they are mended."""
    records = message if isinstance(message, tuple) else (message,)
    mended = tuple(map(_with_text_headers, records))
    return await original(mended if isinstance(message, tuple) else mended[0])


def _with_text_headers(record: Record) -> Record:
    if all(value is not None and value.isascii() for _, value in record.headers):
        return record
    headers = tuple((name, (value or b"").decode("utf-8", "replace").encode()) for name, value in record.headers)
    return replace(record, headers=headers)


def build_producer(bootstrap: Sequence[str], client_id: str) -> AIOKafkaProducer:
    """Idempotent, acknowledged by all replicas; batches never expire. Must be made inside a running event loop."""
    return AIOKafkaProducer(
        bootstrap_servers=list(bootstrap),
        client_id=client_id,
        acks="all",
        enable_idempotence=True,
        max_batch_size=256 * 1024,
        max_request_size=1024 * 1024,
        linger_ms=2,
    )


async def provision_topics(bootstrap: Sequence[str], *, replication_factor: int = 1) -> list[str]:
    """Create the topics that are missing; returns their names. Existing ones must have their partitions.

    `replication_factor` is 1 on one machine; where power loss must cost nothing it is 3, with min.insync.replicas 2.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=list(bootstrap), client_id="laksa-provisioning")
    await admin.start()
    try:
        present = set(await admin.list_topics())
        missing = [topic for topic in TOPICS if topic.name not in present]
        if missing:
            await _create(admin, missing, replication_factor)
        await _check_partitions(admin)
        return [topic.name for topic in missing]
    finally:
        await admin.close()


async def _create(admin: AIOKafkaAdminClient, topics: Sequence[Topic], replication_factor: int) -> None:
    response = await admin.create_topics(
        [
            NewTopic(t.name, t.partitions, replication_factor, topic_configs={"retention.ms": str(t.retention_ms)})
            for t in topics
        ]
    )  # fmt: skip
    for name, code, *detail in response.topic_errors:
        if code and for_code(code) is not TopicAlreadyExistsError:
            raise ConfigurationError(f"Kafka refused to create {name}: {for_code(code).__name__} {detail}")


async def _check_partitions(admin: AIOKafkaAdminClient) -> None:
    wanted = {topic.name: topic.partitions for topic in TOPICS}
    for description in await admin.describe_topics(list(wanted)):
        found = len(description["partitions"])
        if found and found < wanted[description["topic"]]:
            raise ConfigurationError(
                f"topic {description['topic']} has {found} partitions, it needs {wanted[description['topic']]}"
            )


async def wait_for_topics(bootstrap: Sequence[str], topics: Sequence[Topic]) -> None:
    """Return when the broker answers and all `topics` exist; say what is missing while waiting."""
    attempts = 0
    while missing := await _missing(bootstrap, topics):
        attempts += 1
        if attempts % 20 == 1:
            log.warning("waiting for Kafka", missing=missing)
        await asyncio.sleep(0.5)


async def _missing(bootstrap: Sequence[str], topics: Sequence[Topic]) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=list(bootstrap), client_id="laksa-waiting", request_timeout_ms=5_000)
    try:
        await admin.start()
        present = set(await admin.list_topics())
    except (KafkaError, OSError) as error:
        return [f"broker at {','.join(bootstrap)} ({type(error).__name__})"]
    finally:
        await admin.close()
    return [topic.name for topic in topics if topic.name not in present]
