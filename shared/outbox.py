"""The outbox: events are rows of the transaction that caused them, and a relay carries them to Kafka.

At least once, in order per key, each with a stable id. The relay reads in `seq` order, publishes, and deletes by
`seq`; it never remembers how far it came, because sequence numbers become visible out of order and a cursor would
step over the late ones.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from aiokafka import AIOKafkaProducer

from shared.events.envelope import Event, Headers, Message, cloudevent_headers
from shared.events.topics import Topic
from shared.kafka import build_producer
from shared.postgres import TRANSIENT, Connection, Database
from shared.queries import load, rows

log = structlog.get_logger()
queries = load("shared")

NO_HEADERS = Headers()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event on its way into the outbox."""

    topic: Topic
    key: str
    event_id: UUID
    occurred_at: datetime
    event: Message
    headers: Headers = NO_HEADERS

    def row(self) -> dict[str, Any]:
        """The event as `outbox_add` and the services' own statements take it."""
        return {
            "event_id": self.event_id,
            "topic": self.topic.name,
            "key": self.key,
            "value": self.event.model_dump_json(),
            "occurred_at": self.occurred_at,
            "posted_at": self.headers.posted_at,
            "traceparent": self.headers.traceparent,
        }


def about_complaint(topic: Topic, event: Event, headers: Headers = NO_HEADERS) -> Outgoing:
    """An event keyed by its complaint, which keeps the order per complaint."""
    return Outgoing(topic, str(event.complaint_id), event.event_id, event.occurred_at, event, headers)


async def add(connection: Connection, events: Sequence[Outgoing]) -> None:
    """Write events into the outbox of the transaction's service, in the order given."""
    if events:
        await connection.execute(queries["outbox_add"], rows([event.row() for event in events]))


class Relay:
    """Publishes one service's outbox. Any number may run; the one that holds the lock works, the others wait.

    A failure of Kafka that the producer cannot heal by itself ends `run` with its error: the process is to be
    replaced, since an idempotent producer that has lost its sequence stays lost.
    """

    BATCH = 500
    POLL_SECONDS = 0.1
    SEND_SECONDS = 60.0

    def __init__(self, database: Database, bootstrap: Sequence[str], service: str) -> None:
        self._database = database
        self._bootstrap = bootstrap
        self._service = service
        self._written = asyncio.Event()

    def wake(self) -> None:
        """Tell the relay that events were committed in this process, so that it need not wait for its next look."""
        self._written.set()

    async def run(self) -> None:
        """Relay until cancelled, over any number of lost database connections."""
        producer = build_producer(self._bootstrap, f"laksa-{self._service}-relay")
        await producer.start()
        try:
            while True:
                await self._relay_for_one_session(producer)
                await asyncio.sleep(1)
        finally:
            await producer.stop()

    async def _relay_for_one_session(self, producer: AIOKafkaProducer) -> None:
        try:
            await self._hold_and_relay(producer)
        except TRANSIENT as error:
            log.warning("the relay lost its database session", error=f"{type(error).__name__}: {error}")

    async def _hold_and_relay(self, producer: AIOKafkaProducer) -> None:
        session = await self._database.session()
        try:
            while not await session.fetchval(queries["relay_lock"], self._service):
                await asyncio.sleep(1)
            # Losing this commit in a crash only repeats the same events with the same ids.
            await session.execute("SET synchronous_commit = off")
            while True:
                self._written.clear()
                if await self._relay_batch(session, producer) < self.BATCH:
                    await self._wait()
        finally:
            session.terminate()

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._written.wait(), timeout=self.POLL_SECONDS)
        except TimeoutError:
            return

    async def _relay_batch(self, session: Connection, producer: AIOKafkaProducer) -> int:
        events = await session.fetch(queries["outbox_next"], self.BATCH)
        if not events:
            return 0
        try:
            async with asyncio.timeout(self.SEND_SECONDS):
                # Enqueued one after the other, confirmed together: the order per key is the order of seq.
                confirmations = [await self._send(producer, event) for event in events]
                await asyncio.gather(*confirmations)
        except TimeoutError as error:
            raise RelayStuck(f"Kafka confirmed nothing for {self.SEND_SECONDS:.0f} s") from error
        await session.execute(queries["outbox_delete"], [event["seq"] for event in events])
        return len(events)

    async def _send(self, producer: AIOKafkaProducer, event: Any) -> asyncio.Future[Any]:
        confirmation: asyncio.Future[Any] = await producer.send(
            event["topic"],
            key=None if event["key"] is None else event["key"].encode(),
            value=event["value"].encode(),
            headers=cloudevent_headers(
                event_id=event["event_id"],
                event_type=event["topic"],
                source=self._service,
                occurred_at=event["occurred_at"],
                traceparent=event["traceparent"],
                posted_at=event["posted_at"],
            ),
        )
        return confirmation


class RelayStuck(RuntimeError):
    """Not an OSError on purpose: waiting longer does not help, a new process does."""
