"""Stopping leaves nothing running and loses nothing."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg

from launcher.identity import birth
from tests.e2e.conftest import Stack
from tests.e2e.test_flow import complaint, has, now, post
from tests.e2e.topics import read_until


def processes(status: dict[str, Any]) -> list[int]:
    """Every process that the status names."""
    parts = [status["supervisor"], status["kafka"], status["postgres"], *status["services"].values()]
    return [part["pid"] for part in parts]


def alive(pids: list[int]) -> list[int]:
    """Those that still run; one that only waits for its parent to notice does not."""
    return [pid for pid in pids if birth(pid) is not None]


async def test_down_leaves_no_process_and_up_finds_the_data_again(stack: Stack) -> None:
    before = stack.status()
    posted = complaint(submitted_at=now())
    await post(before["kafka"]["bootstrap"], "laksa.complaints.submitted.v1", posted)
    await read_until(before["kafka"]["bootstrap"], has("laksa.tickets.events.v1", posted["complaint_id"]), timeout=20)

    down = await asyncio.to_thread(stack.laksa, "down")
    left = alive(processes(before))
    up = await asyncio.to_thread(stack.laksa, "up")

    assert (down.returncode, left, up.returncode) == (0, [], 0), up.stderr
    after = stack.status()
    connection = await asyncpg.connect(after["postgres"]["dsn"])
    number = await connection.fetchval(
        "SELECT ticket_number FROM desk.tickets WHERE complaint_id = $1", UUID(posted["complaint_id"])
    )
    await connection.close()
    seen = await read_until(
        after["kafka"]["bootstrap"], has("laksa.complaints.registered.v1", posted["complaint_id"]), timeout=20
    )
    assert seen.distinct("laksa.complaints.registered.v1", posted["complaint_id"])[0]["ticket_number"] == number
