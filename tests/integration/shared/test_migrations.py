"""Migrations: each once, in order, whole or not at all, and never changed afterwards."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import chain

import asyncpg
import pytest
import pytest_asyncio

from launcher.migrate import SERVICES, migrate
from shared.errors import ConfigurationError
from shared.postgres import Connection
from shared.schema import Migration, apply, plan

FIRST = Migration("demo", "demo/0001_things.sql", "CREATE TABLE things (name text);")
SECOND = Migration(
    "demo", "demo/0002_more.sql", "ALTER TABLE things ADD COLUMN more text; CREATE INDEX ON things (more);"
)
BROKEN = Migration("demo", "demo/0003_broken.sql", "CREATE TABLE half (name text); SELECT 1 / 0;")


@pytest_asyncio.fixture
async def connection(empty_dsn: str) -> AsyncIterator[Connection]:
    """A connection to an empty database."""
    connection = await asyncpg.connect(empty_dsn)
    yield connection
    await connection.close()


async def ledger(connection: Connection) -> list[str]:
    """The migrations that the database says it has had, in order."""
    return [
        row["name"] for row in await connection.fetch("SELECT name FROM laksa_migrations ORDER BY applied_at, name")
    ]


async def test_all_migrations_are_applied_once(empty_dsn: str) -> None:
    applied = await migrate(empty_dsn)
    assert len(applied) == len(plan(SERVICES))
    assert await migrate(empty_dsn) == []


async def test_the_plan_begins_with_the_clock_and_a_services_plumbing_precedes_its_own_tables() -> None:
    names = [f"{migration.schema} {migration.name}" for migration in plan(["intake"])]
    assert names[0] == "clock clock/0001_clock.sql"
    assert names[1:] == sorted(names[1:], key=lambda name: "plumbing" not in name)
    assert len(set(names)) == len(names)


async def test_every_service_has_its_own_outbox_and_dead_letters(empty_dsn: str, connection: Connection) -> None:
    await migrate(empty_dsn)
    for table in ("outbox", "dead_letters"):
        found = await connection.fetch("SELECT schemaname FROM pg_tables WHERE tablename = $1", table)
        assert {row["schemaname"] for row in found} == set(SERVICES)


async def test_only_what_is_missing_is_applied(connection: Connection) -> None:
    assert await apply(connection, [FIRST]) == ["demo: demo/0001_things.sql"]
    assert await apply(connection, [FIRST, SECOND]) == ["demo: demo/0002_more.sql"]
    assert await ledger(connection) == [FIRST.name, SECOND.name]


async def test_an_applied_migration_that_was_edited_is_refused_and_nothing_is_changed(connection: Connection) -> None:
    await apply(connection, [FIRST])
    edited = replace(FIRST, sql=FIRST.sql + " -- only a comment")
    with pytest.raises(ConfigurationError, match=r"demo/0001_things\.sql .* edited afterwards"):
        await apply(connection, [edited, SECOND])
    assert await ledger(connection) == [FIRST.name]


async def test_a_migration_that_fails_leaves_nothing_of_itself_and_can_be_mended(connection: Connection) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        await apply(connection, [FIRST, BROKEN, SECOND])
    assert await ledger(connection) == [FIRST.name]
    assert await connection.fetchval("SELECT to_regclass('demo.half')") is None
    await apply(connection, [FIRST, replace(BROKEN, sql="CREATE TABLE half (name text);"), SECOND])
    assert await ledger(connection) == [FIRST.name, BROKEN.name, SECOND.name]


async def test_the_same_name_in_two_schemas_is_two_migrations(connection: Connection) -> None:
    await apply(connection, [FIRST, replace(FIRST, schema="other")])
    assert await connection.fetchval("SELECT to_regclass('demo.things') IS DISTINCT FROM to_regclass('other.things')")


async def test_two_that_migrate_at_once_apply_each_migration_once(empty_dsn: str) -> None:
    applied = await asyncio.gather(*(migrate(empty_dsn) for _ in range(3)))
    assert sorted(chain(*applied)) == sorted(f"{step.schema}: {step.name}" for step in plan(SERVICES))


async def test_one_that_failed_does_not_keep_the_next_from_migrating(empty_dsn: str, connection: Connection) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        await apply(connection, [BROKEN])
    other = await asyncpg.connect(empty_dsn)
    assert await asyncio.wait_for(apply(other, [FIRST]), 5)
    await other.close()
