"""Business time is SQL's `clock.now()`; nothing reads a process clock for a deadline."""

from datetime import datetime
from typing import Any


async def now(connection: Any) -> datetime:
    """Business time of the current transaction (aware, UTC). Only the demonstration makes it differ from real time."""
    moment: datetime = await connection.fetchval("SELECT clock.now()")
    return moment
