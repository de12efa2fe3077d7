"""`laksa reconcile` finds every complaint that one of the three services knows and another does not."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from launcher.reconcile.books import STATES, reconcile

MOMENT = datetime(2026, 11, 24, 17, 30, tzinfo=UTC)
"""Half past midnight of the 25th in Tangerang."""


@pytest_asyncio.fixture
async def books(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to the three services' tables."""
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


async def received(books: asyncpg.Connection, complaint_id: UUID, at: datetime = MOMENT) -> None:
    await books.execute(
        """INSERT INTO intake.complaints (complaint_id, ticket_number, content_digest, channel, text_masked,
               attachments, confidential, submitted_at, accepted_at)
           VALUES ($1, $2, '', 'app', 'x', '[]', false, $3, $3)""",
        complaint_id, str(complaint_id), at,
    )  # fmt: skip


async def routed(books: asyncpg.Connection, complaint_id: UUID) -> None:
    await books.execute(
        """INSERT INTO router.decisions (complaint_id, decision, department, supporting_departments, confidence,
               alternatives, complaint_class, urgency, why, model_version, decided_at)
           VALUES ($1, 'auto', 'PUPR', '{}', 0.9, '[]', 'complaint', 'normal', '[]', 'm', $2)""",
        complaint_id, MOMENT,
    )  # fmt: skip


async def opened(
    books: asyncpg.Connection, complaint_id: UUID, state: str = "assigned", parent: UUID | None = None, parts: int = 1
) -> None:
    await books.execute(
        """INSERT INTO desk.tickets (complaint_id, ticket_number, version, state, department, supporting_departments,
               complaint_class, urgency, confidential, channel, attachments, confidence, alternatives, why,
               model_version, submitted_at, accepted_at, opened_at, acknowledge_by, respond_by, resolve_by, parent,
               parts)
           VALUES ($1, 'x', 1, $2, 'PUPR', '{}', 'complaint', 'normal', false, 'app', '[]', 1, '[]', '[]', 'm', $3, $3,
               $3, $3, $3, $3, $4, $5)""",
        complaint_id, state, MOMENT, parent, parts,
    )  # fmt: skip
    await books.execute(
        "INSERT INTO desk.history VALUES ($1, 1, $2, 'opened', $3, 'PUPR', 'system', 'x', NULL, NULL, $2, $4)",
        complaint_id, uuid4(), state, MOMENT,
    )  # fmt: skip


async def come_all_the_way(books: asyncpg.Connection, state: str = "assigned") -> UUID:
    complaint_id = uuid4()
    await received(books, complaint_id)
    await routed(books, complaint_id)
    await opened(books, complaint_id, state)
    return complaint_id


async def differences(dsn: str) -> tuple[str, ...]:
    return (await reconcile(dsn, patience_seconds=0)).differences


async def test_books_without_a_complaint_agree(dsn: str) -> None:
    found = await reconcile(dsn, patience_seconds=0)
    assert (list(found.lines), found.differences, found.totals["received"]) == ([], (), 0)


async def test_received_is_the_sum_over_the_states_per_local_day_and_department(
    dsn: str, books: asyncpg.Connection
) -> None:
    for state in STATES:
        await come_all_the_way(books, "assigned" if state == "in_review" else state)
    found = await reconcile(dsn, patience_seconds=0)
    [line] = found.lines
    assert (line.day.isoformat(), line.department, line.received, line.adds_up) == ("2026-11-25", "PUPR", 7, True)
    assert (line.states["assigned"], line.states["closed"]) == (2, 1)
    assert found.differences == ()


@pytest.mark.parametrize("missing", ["intake", "router", "desk"])
async def test_a_complaint_that_one_service_does_not_know_is_named(
    dsn: str, books: asyncpg.Connection, missing: str
) -> None:
    complaint_id = uuid4()
    for service, know in (("intake", received), ("router", routed), ("desk", opened)):
        if service != missing:
            await know(books, complaint_id)
    assert await differences(dsn) == (f"{complaint_id} is missing in {missing}",)


async def test_a_ticket_that_is_not_what_its_history_says_is_named(dsn: str, books: asyncpg.Connection) -> None:
    complaint_id = await come_all_the_way(books)
    await books.execute("UPDATE desk.tickets SET state = 'closed'")
    assert await differences(dsn) == (f"{complaint_id} has a ticket that is not what its history says",)
    await books.execute("UPDATE desk.tickets SET state = 'assigned', version = 2")
    assert len(await differences(dsn)) == 1


async def test_parts_are_counted_apart_and_must_be_as_many_as_their_ticket_says(
    dsn: str, books: asyncpg.Connection
) -> None:
    complaint_id = await come_all_the_way(books)
    await opened(books, uuid4(), parent=complaint_id)
    assert await differences(dsn) == (f"{complaint_id} has another number of parts than its ticket says",)
    await books.execute("UPDATE desk.tickets SET parts = 2 WHERE parent IS NULL")
    found = await reconcile(dsn, patience_seconds=0)
    assert (found.parts, found.totals["received"], found.differences) == (1, 1, ())


async def test_a_complaint_on_its_way_is_no_difference(dsn: str, books: asyncpg.Connection) -> None:
    complaint_id = uuid4()
    await received(books, complaint_id, MOMENT + timedelta(days=1))
    looking = asyncio.create_task(reconcile(dsn, patience_seconds=20))
    await asyncio.sleep(0.2)
    await routed(books, complaint_id)
    await opened(books, complaint_id)
    assert (await looking).differences == ()


async def test_the_command_ends_with_1_and_prints_what_differs(dsn: str, books: asyncpg.Connection) -> None:
    assert laksa(dsn, "reconcile", "--patience", "0")[0] == 0
    await received(books, complaint_id := uuid4())
    code, printed = laksa(dsn, "reconcile", "--patience", "0", "--json")
    assert code == 1
    assert json.loads(printed)["differences"] == [f"{complaint_id} is missing in router and desk"]
    assert json.loads(printed)["lines"][0]["adds_up"] is False
    assert f"{complaint_id} is missing in router and desk" in laksa(dsn, "reconcile", "--patience", "0")[1]


def laksa(dsn: str, *arguments: str) -> tuple[int, str]:
    ended = subprocess.run(
        [sys.executable, "-m", "launcher.cli", *arguments],
        env=os.environ | {"LAKSA_POSTGRES_DSN": dsn}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return ended.returncode, ended.stdout + ended.stderr
