"""One migrated database for all that only looks."""

from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio

from launcher.postgres import PostgresServer
from tests.conftest import in_database


@pytest_asyncio.fixture(scope="session")
async def connection(postgres: PostgresServer, template: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a copy of the migrated database that nobody writes to."""
    administration = await asyncpg.connect(postgres.dsn)
    await administration.execute(f"CREATE DATABASE looked_at TEMPLATE {template}")
    connection = await asyncpg.connect(in_database(postgres.dsn, "looked_at"))
    yield connection
    await connection.close()
    await administration.execute("DROP DATABASE looked_at")
    await administration.close()
