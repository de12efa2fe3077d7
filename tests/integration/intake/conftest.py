"""Intake's use case on a real database, without Kafka: records are handed to its handler."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from itertools import count
from uuid import UUID

import pytest
import pytest_asyncio

from launcher.postgres import PostgresServer
from services.intake.domain import ticket_number
from tests.integration.intake.parts import KEYS, Intake, build_intake
from tests.integration.shared.emptied import empty, made_from


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
async def intake(dsn: str) -> AsyncIterator[Intake]:
    """One worker."""
    intake = await build_intake(dsn)
    yield intake
    await intake.database.close()


@pytest_asyncio.fixture
async def other_intake(dsn: str) -> AsyncIterator[Intake]:
    """A second worker on the same database."""
    intake = await build_intake(dsn)
    yield intake
    await intake.database.close()


@pytest.fixture(scope="session")
def colliding_ids() -> tuple[UUID, UUID]:
    """Two complaint ids with the same ticket number, found as one finds equal birthdays among 2^35 days."""
    seen: dict[int, int] = {}
    for candidate in count():
        digest = hmac.digest(KEYS.ticket_number, candidate.to_bytes(16, "big") + b"\0\0", hashlib.sha256)
        number = int.from_bytes(digest[:8], "big") & (1 << 35) - 1
        if number in seen:
            break
        seen[number] = candidate
    first, second = UUID(int=seen[number]), UUID(int=candidate)
    assert ticket_number(KEYS.ticket_number, first) == ticket_number(KEYS.ticket_number, second)
    return first, second
