"""Post to the intake topic as the app does, and know what the broker acknowledged."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer

from launcher.demo.samples import Posting
from shared.events.topics import COMPLAINTS_SUBMITTED
from shared.kafka import build_producer

_IN_FLIGHT = 500


@asynccontextmanager
async def connected(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    """A producer that is open inside the block."""
    producer = build_producer(bootstrap.split(","), "laksa-send")
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def post(producer: AIOKafkaProducer, postings: Iterable[Posting]) -> list[Posting]:
    """Send all; returns those that the broker acknowledged, in order. Raises the first failure."""
    acknowledged: list[Posting] = []
    pending: list[tuple[Posting, asyncio.Future[object]]] = []
    for record in postings:
        confirmation = await producer.send(COMPLAINTS_SUBMITTED.name, record.value, key=record.key)
        pending.append((record, confirmation))
        if len(pending) == _IN_FLIGHT:
            acknowledged += await _confirmed(pending)
    return acknowledged + await _confirmed(pending)


async def _confirmed(pending: list[tuple[Posting, asyncio.Future[object]]]) -> list[Posting]:
    await asyncio.gather(*(confirmation for _, confirmation in pending))
    records = [record for record, _ in pending]
    pending.clear()
    return records
