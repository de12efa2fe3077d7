"""One database for all tests of a file, emptied after each: making one takes longer than most tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg

from tests.conftest import in_database


@asynccontextmanager
async def made_from(template: str, server_dsn: str) -> AsyncIterator[str]:
    """A database like `template` while the block lasts."""
    name = f"test_{uuid4().hex}"
    server = await asyncpg.connect(server_dsn)
    try:
        await server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield in_database(server_dsn, name)
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await server.close()


async def empty(dsn: str) -> None:
    """End what a test left running, and empty intake's tables and the clock's settings."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        tables = await connection.fetch(
            "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname IN ('intake', 'clock')"
        )
        await connection.execute("TRUNCATE " + ", ".join(table["name"] for table in tables))
    finally:
        await connection.close()
