"""Bring the database up to date: the clock, and the four services' schemas."""

import asyncpg

from shared.schema import apply, plan

SERVICES = ["intake", "router", "desk", "notifier"]


async def migrate(dsn: str) -> list[str]:
    """Apply what is missing; returns the migrations applied now."""
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        return await apply(connection, plan(SERVICES))
    finally:
        await connection.close()
