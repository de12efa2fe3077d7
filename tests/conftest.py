"""Real parts for every test: one Kafka broker and one Postgres server serve the whole run."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from launcher.kafka import KafkaNode, provide_kafka
from launcher.migrate import SERVICES
from launcher.paths import Paths, throwaway_paths
from launcher.postgres import PostgresServer, provide_postgres
from launcher.process import running
from shared.schema import apply, plan


@pytest.fixture(scope="session")
def paths() -> Iterator[Paths]:
    """A state folder of this run's own, gone afterwards."""
    with throwaway_paths() as paths:
        yield paths


@pytest.fixture(scope="session")
def kafka(paths: Paths) -> Iterator[KafkaNode]:
    """A running broker."""
    with running(provide_kafka(paths)) as node:
        yield node


@pytest.fixture(scope="session")
def postgres(paths: Paths) -> Iterator[PostgresServer]:
    """A running server, without fsync: no test pulls the plug."""
    with running(provide_postgres(paths, settings={"fsync": "off"})) as server:
        yield server


@pytest.fixture(scope="session")
def template(postgres: PostgresServer) -> str:
    """A migrated database that every test's own is copied from."""

    async def make() -> None:
        await _execute(postgres.dsn, "CREATE DATABASE template_laksa")
        connection = await asyncpg.connect(in_database(postgres.dsn, "template_laksa"))
        try:
            await apply(connection, plan(SERVICES))
        finally:
            await connection.close()

    asyncio.run(make())
    return "template_laksa"


@pytest_asyncio.fixture
async def dsn(postgres: PostgresServer, template: str) -> AsyncIterator[str]:
    """A migrated database of the test's own."""
    name = f"test_{uuid4().hex}"
    await _execute(postgres.dsn, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield in_database(postgres.dsn, name)
    await _execute(postgres.dsn, f"DROP DATABASE {name} WITH (FORCE)")


def in_database(dsn: str, name: str) -> str:
    """The same server, another database."""
    return f"{dsn.rsplit('/', 1)[0]}/{name}"


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def secret_key() -> str:
    """32 random bytes in base64."""
    return base64.b64encode(os.urandom(32)).decode()
