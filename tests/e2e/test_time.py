"""What time does in the running system: a promise that is missed is told to the citizen, and the books still agree."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest_asyncio

from tests.e2e.conftest import Stack
from tests.e2e.test_flow import complaint, has, now, post
from tests.e2e.topics import read_until

EVENTS, NOTIFICATIONS = "laksa.tickets.events.v1", "laksa.notifications.v1"


@pytest_asyncio.fixture
async def database(stack: Stack) -> AsyncIterator[asyncpg.Connection]:
    """The system's database; business time is real time again afterwards."""
    connection = await asyncpg.connect(stack.status()["postgres"]["dsn"])
    yield connection
    await connection.execute("DELETE FROM clock.settings")
    await connection.close()


async def test_a_missed_promise_is_told_when_its_time_has_passed(stack: Stack, database: asyncpg.Connection) -> None:
    bootstrap = stack.status()["kafka"]["bootstrap"]
    posted = complaint(submitted_at=now())
    await post(bootstrap, "laksa.complaints.submitted.v1", posted)
    await read_until(bootstrap, has(EVENTS, posted["complaint_id"]), timeout=20)
    await database.execute("INSERT INTO clock.settings VALUES (true, now(), now() + $1, 1)", timedelta(days=60))
    seen = await read_until(bootstrap, has(EVENTS, posted["complaint_id"], count=10), timeout=20)
    events = seen.distinct(EVENTS, posted["complaint_id"])
    assert [event["version"] for event in events] == list(range(1, 11))
    assert [event["reason"] for event in events if event["type"] == "breached"] == ["acknowledge", "respond", "resolve"]
    told = await read_until(bootstrap, has(NOTIFICATIONS, posted["complaint_id"], count=9), timeout=20)
    kinds = {(n["kind"], n["audience"]) for n in told.distinct(NOTIFICATIONS, posted["complaint_id"])}
    assert kinds >= {("overdue", "reporter"), ("overdue", "supervisor")}


async def test_the_books_agree_in_the_running_system(stack: Stack) -> None:
    ended = stack.laksa("reconcile", "--json")
    books = json.loads(ended.stdout)
    assert (ended.returncode, books["differences"]) == (0, [])
    assert books["totals"]["received"] > 0
    assert all(line["adds_up"] for line in books["lines"])
