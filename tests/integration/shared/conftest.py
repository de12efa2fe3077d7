"""What the tests of the plumbing share."""

from collections.abc import AsyncIterator

import pytest_asyncio

from launcher.kafka import KafkaNode
from launcher.postgres import PostgresServer
from shared.postgres import Database
from tests.integration.shared.emptied import empty, made_from
from tests.integration.shared.gate import Gate
from tests.integration.shared.wire import Wire, connected


@pytest_asyncio.fixture(scope="session")
async def wire(kafka: KafkaNode) -> AsyncIterator[Wire]:
    """A producer and an administrator for the whole run."""
    async with connected(kafka.bootstrap) as wire:
        yield wire


@pytest_asyncio.fixture(scope="module")
async def dsn_of_the_file(postgres: PostgresServer, template: str) -> AsyncIterator[str]:
    """A migrated database for all tests of a file."""
    async with made_from(template, postgres.dsn) as dsn:
        yield dsn


@pytest_asyncio.fixture
async def dsn(dsn_of_the_file: str) -> AsyncIterator[str]:
    """The same with nothing in it."""
    yield dsn_of_the_file
    await empty(dsn_of_the_file)


@pytest_asyncio.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    """Intake's access to a database of the test's own."""
    database = Database(dsn, "intake")
    await database.connect()
    yield database
    await database.close()


@pytest_asyncio.fixture
async def gate(dsn: str) -> AsyncIterator[Gate]:
    """An open way to that database."""
    gate = Gate(dsn)
    await gate.open()
    yield gate
    await gate.shut()


@pytest_asyncio.fixture
async def empty_dsn(postgres: PostgresServer) -> AsyncIterator[str]:
    """A database without a single table."""
    async with made_from("template1", postgres.dsn) as dsn:
        yield dsn
