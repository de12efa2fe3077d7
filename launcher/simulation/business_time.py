"""The one row that bends business time, and setting it straight again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import asyncpg

from shared.postgres import Connection

_BEGIN = """INSERT INTO clock.settings VALUES (true, now(), $1, $2)
            ON CONFLICT (only_row) DO UPDATE SET real_anchor = now(), business_anchor = $1, speed = $2"""
_GO_ON = "UPDATE clock.settings SET real_anchor = now(), business_anchor = clock.now(), speed = $1"


class BusinessTime:
    """Business time while it is bent; `speed` is how many of its seconds pass in a real one."""

    def __init__(self, connection: Connection, speed: float) -> None:
        self._connection = connection
        self._speed = speed

    async def now(self) -> datetime:
        """This moment in business time."""
        moment: datetime = await self._connection.fetchval("SELECT clock.now()")
        return moment

    async def run_at(self, speed: float) -> None:
        """Go on from the present moment at another speed."""
        if speed != self._speed:
            await self._connection.execute(_GO_ON, speed)
            self._speed = speed


@asynccontextmanager
async def bent(dsn: str, begins: datetime, speed: float) -> AsyncIterator[BusinessTime]:
    """Business time begins at `begins` and runs at `speed` inside; it is real time afterwards, come what may."""
    connection = await asyncpg.connect(dsn, timeout=10, server_settings={"timezone": "UTC"})
    try:
        await connection.execute(_BEGIN, begins, speed)
        yield BusinessTime(connection, speed)
    finally:
        await connection.close()
        await _straighten(dsn)


async def _straighten(dsn: str) -> None:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        await connection.execute("DELETE FROM clock.settings")
    finally:
        await connection.close()
