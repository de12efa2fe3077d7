"""What outsiders do with Kafka: make a topic, post records, read what is there."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.structs import TopicPartition

from shared.events import ComplaintSubmitted
from shared.events.topics import Topic
from shared.kafka import Handle, Record, Subscription, build_broker, subscribe

PATIENCE_SECONDS = 20


async def until(check: Callable[[], Awaitable[object]]) -> None:
    """Return when `check` says so; for what announces itself by no event."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await check():
            await asyncio.sleep(0.02)


@dataclass(frozen=True)
class Wire:
    """A producer and an administrator of the broker at `bootstrap`."""

    bootstrap: str
    admin: AIOKafkaAdminClient
    producer: AIOKafkaProducer

    async def make_topic(self, *, partitions: int = 1) -> Topic:
        """A topic that nobody else uses."""
        name = f"test.{uuid4().hex}"
        await self.admin.create_topics([NewTopic(name, partitions, 1)])
        return Topic(name, "complaint_id", partitions, 3_600_000, name)

    async def post(
        self, topic: Topic, *values: bytes | None, partition: int = 0, headers: Iterable[tuple[str, bytes | None]] = ()
    ) -> None:
        """Append records to one partition."""
        for value in values:
            await self.producer.send_and_wait(topic.name, value, b"key", partition, headers=list(headers))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AIOKafkaProducer]:
        """A producer whose records are committed together at the end of the block."""
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, transactional_id=uuid4().hex)
        async with producer, producer.transaction():
            yield producer

    async def read(self, topic: Topic, count: int) -> list[Record]:
        """The first `count` records, each partition in its order; fails when they do not come."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        consumer.assign([TopicPartition(topic.name, number) for number in range(topic.partitions)])
        try:
            records: list[Record] = []
            async with asyncio.timeout(PATIENCE_SECONDS):
                while len(records) < count:
                    for found in (await consumer.getmany(timeout_ms=100)).values():
                        records += found
            return records
        finally:
            await consumer.stop()

    async def ends(self, topic: Topic) -> list[int]:
        """How many records each partition has had."""
        partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap)
        await consumer.start()
        try:
            ends = await consumer.end_offsets(partitions)
        finally:
            await consumer.stop()
        return [ends[partition] for partition in partitions]

    @asynccontextmanager
    async def consuming(self, topic: Topic, handle: Handle) -> AsyncIterator[Subscription]:
        """`topic` read the way that services read."""
        broker = build_broker([self.bootstrap], "test")
        subscription = subscribe(
            broker, handle, topic=topic, service="test", worker_id=None, message=ComplaintSubmitted
        )
        await broker.start()
        try:
            yield subscription
        finally:
            await broker.stop()


@asynccontextmanager
async def connected(bootstrap: str) -> AsyncIterator[Wire]:
    """A wire to this broker."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await admin.start()
    await producer.start()
    try:
        yield Wire(bootstrap, admin, producer)
    finally:
        await producer.stop()
        await admin.close()


async def committed(subscription: Subscription, partition: int = 0) -> int | None:
    """The offset that the subscription's group has committed."""
    assert subscription.consumer is not None
    offset: int | None = await subscription.consumer.committed(TopicPartition(subscription.topic.name, partition))
    return offset


@dataclass
class Reader:
    """A handler that keeps what it is given. It fails as often as told, and works only while its door is open."""

    failures: int = 0
    batches: list[list[Record]] = field(default_factory=list)
    door: asyncio.Event = field(default_factory=asyncio.Event)
    _called: asyncio.Event = field(default_factory=asyncio.Event)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _fails: int = 0

    def __post_init__(self) -> None:
        self.door.set()

    async def __call__(self, records: Sequence[Record]) -> None:
        self._called.set()
        await self.door.wait()
        async with self._news:
            self.batches.append(list(records))
            self._news.notify_all()
        if self._fails < self.failures:
            self._fails += 1
            raise RuntimeError("the handler has a bug")

    def close_door(self) -> None:
        """From the next batch on, let the handler wait."""
        self.door.clear()
        self._called.clear()

    async def is_called(self) -> None:
        """Return when a batch waits at the door."""
        await asyncio.wait_for(self._called.wait(), PATIENCE_SECONDS)

    @property
    def values(self) -> list[bytes | None]:
        """The values of all records, in the order in which they came."""
        return [record.value for batch in self.batches for record in batch]

    async def has(self, count: int) -> None:
        """Return when so many records have come."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._news:
            await self._news.wait_for(lambda: len(self.values) >= count)
