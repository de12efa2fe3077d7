"""A real broker that is killed, that cannot start, and that nobody can confuse."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownTopicOrPartitionError

from launcher.errors import LauncherError
from launcher.kafka import KafkaNode, provide_kafka
from launcher.paths import throwaway_paths
from launcher.ports import is_free
from launcher.process import start


@pytest.fixture
def node() -> Iterator[KafkaNode]:
    """A node of the test's own, not started."""
    with throwaway_paths() as paths:
        yield provide_kafka(paths)


async def test_a_record_outlives_a_broker_that_is_killed(node: KafkaNode) -> None:
    process = await asyncio.to_thread(start, node)
    try:
        await create_topic(node, "letters")
        async with AIOKafkaProducer(bootstrap_servers=node.bootstrap, acks="all") as producer:
            await producer.send_and_wait("letters", b"first")
        process.kill()
        process = await asyncio.to_thread(start, node)
        assert await first_value(node, "letters") == b"first"
    finally:
        await asyncio.to_thread(process.stop)


def test_a_broker_that_cannot_listen_says_why_and_leaves_nothing_running(kafka: KafkaNode, node: KafkaNode) -> None:
    on_a_taken_port = replace(node, port=kafka.port)
    with pytest.raises(LauncherError, match="kafka ended while it started") as raised:
        start(on_a_taken_port)
    assert "Address already in use" in str(raised.value)
    assert is_free(node.controller_port)


async def test_a_misspelt_topic_is_an_error(kafka: KafkaNode) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, request_timeout_ms=1000) as producer:
        with pytest.raises(UnknownTopicOrPartitionError):
            await producer.partitions_for("laksa.complaints.submited.v1")


async def create_topic(node: KafkaNode, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=node.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])
    await admin.close()


async def first_value(node: KafkaNode, topic: str) -> bytes | None:
    async with AIOKafkaConsumer(bootstrap_servers=node.bootstrap, auto_offset_reset="earliest") as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        value: bytes | None = (await asyncio.wait_for(consumer.getone(), timeout=10)).value
        return value
