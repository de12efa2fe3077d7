"""A desk at work on a database of the test's own; its relay stands still, so that the outbox can be read."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import pytest_asyncio

from services.desk import handlers
from services.desk.metrics import Metrics
from services.desk.settings import Settings
from services.desk.usecases import ObeyCommands, OpenTickets
from shared.events import ComplaintRouted, Message, TicketCommand, Topic
from shared.events.topics import COMPLAINTS_ROUTED, TICKETS_COMMANDS
from shared.kafka import Handle
from shared.runtime import Runtime
from tests.factories_tickets import a_record, a_routed


@dataclass(frozen=True, slots=True)
class Desk:
    """One worker: what Kafka hands to it, and what it then says and knows."""

    runtime: Runtime
    metrics: Metrics
    on_routed: Handle
    on_commands: Handle

    async def route(self, *messages: ComplaintRouted | bytes, headers: tuple[tuple[str, bytes], ...] = ()) -> None:
        """One batch of `laksa.complaints.routed.v1`."""
        await self.on_routed([a_record(COMPLAINTS_ROUTED, message, headers=headers) for message in messages])

    async def command(self, *messages: TicketCommand | bytes) -> None:
        """One batch of `laksa.tickets.commands.v1`."""
        await self.on_commands([a_record(TICKETS_COMMANDS, message) for message in messages])

    async def open_ticket(self, **changes: Any) -> UUID:
        """Open a ticket by routing a complaint; `decision="review"` leaves it in review."""
        event = a_routed(**changes)
        await self.route(event)
        return event.complaint_id

    async def query(self, sql: str, *arguments: object) -> list[dict[str, Any]]:
        """What the database knows."""
        async with self.runtime.database.acquire() as connection:
            return [dict(row) for row in await connection.fetch(sql, *arguments)]

    async def forget(self) -> None:
        """Begin again as a desk without tickets: for the many examples of one test."""
        async with self.runtime.database.acquire() as connection:
            for table in ("history", "tickets", "commands", "outbox", "dead_letters"):
                await connection.execute(f"DELETE FROM {table}")  # noqa: S608

    async def said(self, topic: Topic) -> list[dict[str, Any]]:
        """The values on their way to `topic`, in order."""
        rows = await self.query("SELECT value FROM outbox WHERE topic = $1 ORDER BY seq", topic.name)
        return [orjson.loads(row["value"]) for row in rows]

    async def events(self, topic: Topic, model: type[Message]) -> list[Any]:
        """The same as messages."""
        return [model.model_validate(value) for value in await self.said(topic)]

    async def ticket(self, complaint_id: UUID) -> dict[str, Any]:
        """The ticket's row."""
        [row] = await self.query("SELECT * FROM tickets WHERE complaint_id = $1", complaint_id)
        return row

    def figure(self, metric: str, **labels: str) -> float:
        """What a scrape would show."""
        value = self.runtime.registry.get_sample_value(metric, labels)
        assert value is not None, f"{metric} has no {labels}"
        return value


HireDesk = Callable[[], Awaitable[Desk]]


@pytest_asyncio.fixture
async def hire(dsn: str, secret_key: str) -> AsyncIterator[HireDesk]:
    """Makes workers, each with connections of its own, on the same database."""
    async with AsyncExitStack() as stack:

        async def hire() -> Desk:
            settings = Settings(kafka_bootstrap=("127.0.0.1:1",), postgres_dsn=dsn, secret_key=secret_key)
            runtime = Runtime("desk", settings, topics=[COMPLAINTS_ROUTED, TICKETS_COMMANDS])
            metrics = Metrics(runtime.registry, runtime.plumbing)
            await runtime.database.connect()
            stack.push_async_callback(runtime.database.close)
            parts = (runtime.database, runtime.dead_letters, metrics)
            return Desk(
                runtime,
                metrics,
                handlers.on_routed(OpenTickets(*parts)),
                handlers.on_commands(ObeyCommands(*parts)),
            )

        yield hire


@pytest_asyncio.fixture
async def desk(hire: HireDesk) -> Desk:
    """One worker."""
    return await hire()
