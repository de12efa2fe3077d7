"""A desk at work on a database of the test's own; its relay stands still, so that the outbox can be read."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest
import pytest_asyncio

from launcher.postgres import PostgresServer
from services.desk import handlers
from services.desk.metrics import Metrics
from services.desk.rulebook import Rulebook
from services.desk.settings import Settings
from services.desk.usecases import KeepTime, ObeyCommands, OpenTickets
from shared.events import ComplaintRouted, Message, TicketCommand, Topic
from shared.events.topics import COMPLAINTS_ROUTED, TICKETS_COMMANDS
from shared.kafka import Handle
from shared.runtime import Runtime
from tests.conftest import in_database
from tests.factories_tickets import a_record, a_routed


@dataclass(frozen=True, slots=True)
class Desk:
    """One worker: what Kafka hands to it, and what it then says and knows."""

    runtime: Runtime
    metrics: Metrics
    on_routed: Handle
    on_commands: Handle
    keep_time: KeepTime

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
            for table in KEPT:
                await connection.execute(f"DELETE FROM {table}")  # noqa: S608

    async def set_clock(self, moment: datetime) -> None:
        """Business time is `moment` now and goes on from there, whatever the real time."""
        await self.query(
            """INSERT INTO clock.settings VALUES (true, now(), $1, 1)
               ON CONFLICT (only_row) DO UPDATE SET real_anchor = now(), business_anchor = $1""",
            moment,
        )

    async def leap(self, by: timedelta) -> None:
        """Business time leaps, as in a simulation; real time does not."""
        await self.query(
            """INSERT INTO clock.settings VALUES (true, now(), now() + $1, 1)
               ON CONFLICT (only_row) DO UPDATE SET business_anchor = clock.settings.business_anchor + $1""",
            by,
        )

    async def let_time_pass(self) -> int:
        """What the desk's timer does until nothing is due; returns how many tickets it changed."""
        total = 0
        while changed := await self.keep_time():
            total += changed
        return total

    async def history(self, complaint_id: UUID) -> list[str]:
        """The types of a ticket's changes, with their reason where they have one, in order."""
        sql = "SELECT type, reason FROM history WHERE complaint_id = $1 ORDER BY version"
        return [":".join(filter(None, row.values())) for row in await self.query(sql, complaint_id)]

    async def clock(self, complaint_id: UUID, clock: str) -> dict[str, Any]:
        """The present run of a ticket's clock."""
        sql = "SELECT * FROM clocks WHERE complaint_id = $1 AND clock = $2 ORDER BY run DESC LIMIT 1"
        return (await self.query(sql, complaint_id, clock))[0]

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


KEPT = ("clock.settings", "desk.history", "desk.clocks", "desk.tickets", "desk.commands", "desk.outbox",
        "desk.dead_letters")  # fmt: skip
"""What a desk writes at its work."""


@pytest.fixture(scope="session")
def spare() -> list[tuple[str, int]]:
    """Databases without a ticket, by DSN, with the version of the rules that they were made with."""
    return []


@pytest_asyncio.fixture
async def dsn(postgres: PostgresServer, template: str, spare: list[tuple[str, int]]) -> AsyncIterator[str]:
    """A database without a ticket. One whose rules a test left alone serves the next test too: making one is slow."""
    dsn, version = spare.pop() if spare else await _make(postgres, template)
    yield dsn
    if await _emptied(dsn) == version:
        spare.append((dsn, version))


async def _make(postgres: PostgresServer, template: str) -> tuple[str, int]:
    name = f"desk_{uuid4().hex}"
    administration = await asyncpg.connect(postgres.dsn)
    await administration.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    await administration.close()
    dsn = in_database(postgres.dsn, name)
    return dsn, await _emptied(dsn)


async def _emptied(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    for table in KEPT:
        await connection.execute(f"DELETE FROM {table}")  # noqa: S608
    version: int = await connection.fetchval("SELECT version FROM desk.rules_version")
    await connection.close()
    return version


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
            rulebook = Rulebook()
            parts = (runtime.database, runtime.dead_letters, metrics, rulebook)
            return Desk(
                runtime,
                metrics,
                handlers.on_routed(OpenTickets(*parts)),
                handlers.on_commands(ObeyCommands(*parts)),
                KeepTime(runtime.database, rulebook),
            )

        yield hire


@pytest_asyncio.fixture
async def desk(hire: HireDesk) -> Desk:
    """One worker."""
    return await hire()
