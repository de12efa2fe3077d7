"""Bring the database up to date: the clock, and the four services' schemas."""

import asyncpg

from launcher.errors import LauncherError
from shared.schema import apply, plan

SERVICES = ["intake", "router", "desk", "notifier"]


async def migrate(dsn: str) -> list[str]:
    """Apply what is missing; returns the migrations applied now."""
    try:
        connection = await asyncpg.connect(dsn, timeout=10)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise LauncherError(
            f"The database cannot be reached ({type(error).__name__}).",
            remedy="LAKSA_POSTGRES_DSN is postgresql://USER:PASSWORD@HOST:PORT/DATABASE; is it right, does it run?",
        ) from error
    try:
        return await apply(connection, plan(SERVICES))
    finally:
        await connection.close()
