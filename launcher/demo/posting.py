"""Post to the intake topic as the app does, and know what the broker acknowledged."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata

from launcher.demo.samples import Posting
from launcher.errors import LauncherError
from shared.events.topics import COMPLAINTS_SUBMITTED
from shared.kafka import build_producer

_IN_FLIGHT = 500


@asynccontextmanager
async def connected(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    """A producer that is open inside the block."""
    producer = build_producer(bootstrap.split(","), "laksa-send")
    try:
        await producer.start()
        yield producer
    except KafkaError as error:
        raise LauncherError(f"Kafka does not take records ({error}).", remedy="see `laksa status`") from error
    finally:
        await producer.stop()


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A record that the broker has, and where."""

    posting: Posting
    partition: int
    offset: int


async def post(producer: AIOKafkaProducer, postings: Iterable[Posting]) -> list[Acknowledged]:
    """Send all; returns those that the broker acknowledged, in order. Raises the first failure."""
    acknowledged: list[Acknowledged] = []
    pending: list[tuple[Posting, asyncio.Future[RecordMetadata]]] = []
    for record in postings:
        confirmation = await producer.send(COMPLAINTS_SUBMITTED.name, record.value, key=record.key)
        pending.append((record, confirmation))
        if len(pending) == _IN_FLIGHT:
            acknowledged += await _confirmed(pending)
    return acknowledged + await _confirmed(pending)


async def _confirmed(pending: list[tuple[Posting, asyncio.Future[RecordMetadata]]]) -> list[Acknowledged]:
    places = await asyncio.gather(*(confirmation for _, confirmation in pending))
    records = [posting for posting, _ in pending]
    pending.clear()
    return [Acknowledged(r, place.partition, place.offset) for r, place in zip(records, places, strict=True)]
