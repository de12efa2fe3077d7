"""Tickets from before there were clocks in rows: their deadlines come out by the same rules, pauses included."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest_asyncio

from launcher.migrate import SERVICES
from launcher.postgres import PostgresServer
from services.desk.calendar import JAKARTA
from services.desk.rulebook import Rulebook
from services.desk.usecases import KeepTime
from shared.postgres import Database
from shared.schema import apply, plan
from tests.conftest import in_database

FIRST_TWO = ("desk/0001_tickets.sql", "desk/0002_sla_policies.sql")
ACCEPTED = datetime(2026, 11, 24, 9, 15, tzinfo=JAKARTA)


@pytest_asyncio.fixture
async def old(postgres: PostgresServer) -> AsyncIterator[str]:
    """A database of the first release; returns its DSN."""
    name = f"test_{uuid4().hex}"
    administration = await asyncpg.connect(postgres.dsn)
    await administration.execute(f"CREATE DATABASE {name}")
    await administration.close()
    connection = await asyncpg.connect(dsn := in_database(postgres.dsn, name))
    await apply(
        connection, [m for m in plan(SERVICES) if m.schema != "desk" or m.name in FIRST_TWO or "plumb" in m.name]
    )
    await connection.close()
    return dsn


async def insert(connection: asyncpg.Connection, *changes: tuple[str, datetime]) -> UUID:
    """A ticket of PUPR with a history, and deadlines that no rule ever gave it."""
    complaint_id = uuid4()
    await connection.execute(
        """INSERT INTO desk.tickets (complaint_id, ticket_number, version, state, department, supporting_departments,
               complaint_class, urgency, confidential, channel, attachments, confidence, alternatives, why,
               model_version, submitted_at, accepted_at, opened_at, acknowledge_by, respond_by, resolve_by)
           VALUES ($1, 'LKS-0123-4567', $2, 'in_progress', 'PUPR', '{}', 'complaint', 'normal', false, 'app', '[]', 1,
               '[]', '[]', 'm', $3, $3, $3, $3, $3, $3)""",
        complaint_id, len(changes), ACCEPTED,
    )  # fmt: skip
    for version, (event_type, at) in enumerate(changes, start=1):
        await connection.execute(
            """INSERT INTO desk.history
               VALUES ($1, $2, $3, $4, 'in_progress', 'PUPR', 'system', 'x', NULL, NULL, $3, $5)""",
            complaint_id, version, uuid4(), event_type, at,
        )  # fmt: skip
    return complaint_id


async def test_deadlines_of_old_tickets_are_computed_from_their_history(old: str) -> None:
    connection = await asyncpg.connect(old)
    plain = await insert(connection, ("opened", ACCEPTED))
    paused = await insert(
        connection, ("opened", ACCEPTED), ("asked_reporter", ACCEPTED), ("support_added", ACCEPTED),
        ("reporter_replied", ACCEPTED + timedelta(hours=2)),
    )  # fmt: skip
    given = await insert(connection, ("opened", ACCEPTED), ("handed_over", ACCEPTED + timedelta(days=1)))
    await apply(connection, plan(SERVICES))
    await connection.execute("INSERT INTO clock.settings VALUES (true, now(), $1, 1)", ACCEPTED + timedelta(hours=2))
    database = Database(old, "desk", connections=1)
    await database.connect()
    assert await KeepTime(database, Rulebook())() == 3
    await database.close()
    rows = await connection.fetch("SELECT complaint_id, acknowledge_by, respond_by FROM desk.tickets")
    deadlines = {row["complaint_id"]: (row["acknowledge_by"], row["respond_by"]) for row in rows}
    day = timedelta(days=1)
    assert deadlines[plain] == (ACCEPTED + day, ACCEPTED + 3 * day)
    assert deadlines[paused] == (ACCEPTED + day, ACCEPTED + 3 * day + timedelta(hours=2))
    assert deadlines[given] == (ACCEPTED + 2 * day, ACCEPTED + 3 * day)
    await connection.close()
