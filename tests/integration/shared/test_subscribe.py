"""Reading a topic: nothing is lost, nothing is committed too early, whatever a sender writes into a record."""

import asyncio
import subprocess
import sys

import pytest
from aiokafka import AIOKafkaProducer, codec
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from shared import kafka as shared_kafka
from shared.kafka import GAVE_UP
from tests.integration.shared.wire import Reader, Wire, committed, until


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that failed is read again at once."""
    monkeypatch.setattr(shared_kafka, "FAULT_PAUSE_SECONDS", 0)


async def test_offsets_are_committed_only_after_the_handler_returned(wire: Wire) -> None:
    topic, reader = await wire.make_topic(), Reader()
    reader.close_door()
    await wire.post(topic, b"1", b"2")
    async with wire.consuming(topic, reader) as subscription:
        await reader.is_called()
        assert await committed(subscription) is None
        reader.door.set()
        await until(lambda: _is_committed(subscription, 2))


async def _is_committed(subscription: shared_kafka.Subscription, offset: int) -> bool:
    return await committed(subscription) == offset


async def test_records_posted_before_the_first_start_are_read(wire: Wire) -> None:
    topic, reader = await wire.make_topic(partitions=3), Reader()
    for partition in range(3):
        await wire.post(topic, b"early", partition=partition)
    async with wire.consuming(topic, reader):
        await reader.has(3)
        await wire.post(topic, b"late")
        await reader.has(4)
    assert reader.values == [b"early"] * 3 + [b"late"]


async def test_a_new_start_reads_on_where_the_last_one_committed(wire: Wire) -> None:
    topic, first, second = await wire.make_topic(), Reader(), Reader()
    await wire.post(topic, b"1", b"2")
    async with wire.consuming(topic, first):
        await first.has(2)
    await wire.post(topic, b"3")
    async with wire.consuming(topic, second):
        await second.has(1)
    assert second.values == [b"3"]


@pytest.mark.parametrize(
    "headers",
    [
        [("traceparent", None)],
        [("traceparent", b"\xff\xfe")],
        [("", b""), ("content-type", None)],
        [("content-type", b"application/json; charset=\xff"), ("correlation_id", b"\x00")],
        [("ä", "ö".encode()), ("a", b"1"), ("a", b"2")],
    ],
)
async def test_header_values_that_are_null_or_no_text_lose_nothing(
    wire: Wire, headers: list[tuple[str, bytes | None]]
) -> None:
    topic, reader = await wire.make_topic(), Reader()
    await wire.post(topic, b"before")
    await wire.post(topic, b"with headers", headers=headers)
    await wire.post(topic, b"after")
    async with wire.consuming(topic, reader) as subscription:
        await until(lambda: _is_committed(subscription, 3))
    assert reader.values == [b"before", b"with headers", b"after"]


class NoText(str):
    """A header name that is not UTF-8 on the wire; a client that writes raw bytes can send it."""

    def encode(self, *_: object) -> bytes:
        return b"\xff\xfe"


async def test_a_header_name_that_is_no_text_stops_nobody(wire: Wire) -> None:
    topic, reader = await wire.make_topic(), Reader()
    batch = wire.producer.create_batch()
    batch._builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, -1, 65_536)
    for value, name in ((b"before", "a"), (b"odd", NoText("b")), (b"after", "c")):
        batch.append(key=b"key", value=value, timestamp=None, headers=[(name, b"1")])
    await (await wire.producer.send_batch(batch, topic.name, partition=0))
    await wire.post(topic, b"next batch")
    async with wire.consuming(topic, reader) as subscription:
        await until(lambda: _is_committed(subscription, 4))
    assert reader.values == [b"before", b"odd", b"after", b"next batch"]


async def test_a_reply_to_header_publishes_nothing(wire: Wire) -> None:
    topic, elsewhere, reader = await wire.make_topic(), await wire.make_topic(), Reader()
    await wire.post(topic, b"1", headers=[("reply_to", elsewhere.name.encode()), ("correlation_id", b"1")])
    async with wire.consuming(topic, reader) as subscription:
        await until(lambda: _is_committed(subscription, 1))
    assert await wire.ends(elsewhere) == [0]
    assert reader.values == [b"1"]


async def test_a_null_value_reaches_the_handler_as_it_is(wire: Wire) -> None:
    topic, reader = await wire.make_topic(), Reader()
    await wire.post(topic, b"1", None, b"")
    async with wire.consuming(topic, reader):
        await reader.has(3)
    assert reader.values == [b"1", None, b""]


@pytest.mark.parametrize("kind", ["gzip", "snappy", "lz4", "zstd"])
async def test_a_sender_may_compress_its_records(wire: Wire, kind: str) -> None:
    if not getattr(codec, f"has_{kind}")():
        pytest.skip(f"nothing here can read {kind}: a compressed record would stop every consumer")
    topic, reader = await wire.make_topic(), Reader()
    async with AIOKafkaProducer(bootstrap_servers=wire.bootstrap, compression_type=kind) as sender:
        await sender.send_and_wait(topic.name, b"lampu mati " * 50)
    async with wire.consuming(topic, reader):
        await reader.has(1)
    assert reader.values == [b"lampu mati " * 50]


async def test_a_handler_that_raises_sees_the_same_batch_again(wire: Wire) -> None:
    topic, reader = await wire.make_topic(partitions=2), Reader(failures=2)
    await wire.post(topic, b"a", b"b")
    await wire.post(topic, b"c", partition=1)
    async with wire.consuming(topic, reader) as subscription:
        await until(lambda: _is_committed(subscription, 2))
        await wire.post(topic, b"d")
        await until(lambda: _is_committed(subscription, 3))
    first = {record.value for record in reader.batches[0]}
    assert first <= {record.value for batch in reader.batches[1:] for record in batch}
    assert set(reader.values) == {b"a", b"b", b"c", b"d"}
    assert len(reader.values) > 4


async def test_a_failed_batch_is_not_committed_even_when_later_records_wait(wire: Wire) -> None:
    topic, reader = await wire.make_topic(), Reader(failures=1_000_000)
    await wire.post(topic, b"poison")
    async with wire.consuming(topic, reader) as subscription:
        await reader.has(1)
        await wire.post(topic, b"later")
        await reader.has(10)
        assert await committed(subscription) is None
    assert reader.values[0] == b"poison"


async def test_the_order_of_a_partition_is_kept(wire: Wire) -> None:
    topic, reader = await wire.make_topic(), Reader()
    values = [str(number).encode() for number in range(1_200)]
    for value in values:
        await wire.producer.send(topic.name, value, partition=0)
    await wire.producer.flush()
    async with wire.consuming(topic, reader):
        await reader.has(len(values))
    assert reader.values == values
    assert max(len(batch) for batch in reader.batches) <= shared_kafka.MAX_BATCH


async def test_a_poll_that_fails_ends_the_process_before_anything_is_committed(wire: Wire) -> None:
    """It may have taken records of other partitions already; the next commit would step over them for good."""
    topic = await wire.make_topic(partitions=2)
    await wire.post(topic, b"other partition", partition=0)
    await wire.post(topic, b"unreadable", partition=1)
    script = f"""
import asyncio
from aiokafka.consumer.fetcher import PartitionRecords
from shared.events import ComplaintSubmitted
from shared.events.topics import Topic
from shared.kafka import build_broker, subscribe

read = PartitionRecords._consumer_record
def fails(self, tp, record):
    if record.value == b"unreadable":
        raise ValueError("a parser's fault")
    return read(self, tp, record)
PartitionRecords._consumer_record = fails

async def handle(records):
    print("handled", [r.value for r in records], flush=True)

async def main():
    broker = build_broker([{wire.bootstrap!r}], "test")
    topic = Topic({topic.name!r}, "k", 2, 1000, "t")
    subscribe(broker, handle, topic=topic, service="test", worker_id=None, message=ComplaintSubmitted)
    await broker.start()
    await asyncio.sleep(15)

asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=subprocess.DEVNULL)
    async with asyncio.timeout(20):
        assert await process.wait() == GAVE_UP
    reader = Reader()
    async with wire.consuming(topic, reader):
        await reader.has(2)
    assert sorted(reader.values) == [b"other partition", b"unreadable"]
