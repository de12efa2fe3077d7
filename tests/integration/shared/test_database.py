"""Transactions: tried again while Postgres is at fault, and only then."""

import asyncio
from typing import Any

import asyncpg
import pytest

from shared.errors import Unavailable
from shared.postgres import Connection, Database
from tests.integration.shared.gate import Gate


async def create_counter(database: Database) -> None:
    """A table with two rows that can be counted up."""
    async with database.acquire() as connection:
        await connection.execute("DROP TABLE IF EXISTS counter")
        await connection.execute("CREATE TABLE counter AS VALUES ('a', 0), ('b', 0)")


async def count_up(connection: Connection, name: str = "a") -> None:
    """One up."""
    await connection.execute("UPDATE counter SET column2 = column2 + 1 WHERE column1 = $1", name)


async def counted(database: Database) -> list[int]:
    """Where the two rows stand."""
    async with database.acquire() as connection:
        return [row["column2"] for row in await connection.fetch("SELECT column2 FROM counter ORDER BY column1")]


async def test_what_the_work_returns_is_returned_after_the_commit(database: Database) -> None:
    await create_counter(database)

    async def work(connection: Connection) -> str:
        await count_up(connection)
        return "done"

    assert await database.transact(work) == "done"
    assert await counted(database) == [1, 0]


async def test_what_the_work_raises_rolls_back_and_is_not_tried_again(database: Database) -> None:
    await create_counter(database)
    attempts = 0

    async def work(connection: Connection) -> None:
        nonlocal attempts
        attempts += 1
        await count_up(connection)
        raise LookupError

    with pytest.raises(LookupError):
        await database.transact(work)
    assert (attempts, await counted(database)) == (1, [0, 0])


@pytest.mark.parametrize(
    ("statement", "arguments", "error"),
    [
        ("SELECT 1 / 0", (), asyncpg.DivisionByZeroError),
        ("SELECT nothing", (), asyncpg.UndefinedColumnError),
        ("SELECT $1::text::json", ("{",), asyncpg.InvalidTextRepresentationError),
        ("SELECT $1::int", ("seven",), asyncpg.DataError),
        ("SELECT $1::text", ("half an emoji \ud83d",), asyncpg.DataError),
    ],
)
async def test_a_fault_of_the_statement_or_its_data_is_raised_at_once(
    database: Database, statement: str, arguments: tuple[Any, ...], error: type[Exception]
) -> None:
    """Trying it again would hold the partition for ever."""
    async with asyncio.timeout(5):
        with pytest.raises(error):
            await database.transact(lambda connection: connection.fetch(statement, *arguments))


async def test_a_transaction_whose_backend_is_terminated_is_tried_again(database: Database) -> None:
    await create_counter(database)
    backends = []

    async def work(connection: Connection) -> None:
        backends.append(await connection.fetchval("SELECT pg_backend_pid()"))
        await count_up(connection)
        if len(backends) < 3:
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    await database.transact(work)
    assert len(set(backends)) == 3
    assert await counted(database) == [1, 0]


async def test_transactions_that_wait_for_each_other_both_succeed(database: Database) -> None:
    """Postgres ends one of them as a deadlock; it is tried again."""
    await create_counter(database)
    both_hold_one = asyncio.Barrier(2)
    attempts: list[str] = []

    async def work(first: str, second: str, connection: Connection) -> None:
        await connection.execute("SET LOCAL deadlock_timeout = '50ms'")
        await count_up(connection, first)
        attempts.append(first)
        if len(attempts) <= 2:
            await both_hold_one.wait()
        await count_up(connection, second)

    await asyncio.gather(
        database.transact(lambda connection: work("a", "b", connection)),
        database.transact(lambda connection: work("b", "a", connection)),
    )
    assert len(attempts) == 3
    assert await counted(database) == [2, 2]


async def test_a_caller_with_patience_is_told_when_it_is_over(gate: Gate) -> None:
    database = Database(gate.dsn, "intake")
    await database.connect()
    await gate.shut()
    async with asyncio.timeout(5):
        with pytest.raises(Unavailable):
            await database.transact(lambda connection: connection.fetchval("SELECT 1"), patience=0.5)
    await database.close()


async def test_a_caller_without_patience_is_served_when_postgres_is_back(gate: Gate) -> None:
    database = Database(gate.dsn, "intake")
    await database.connect()
    await gate.shut()
    served = asyncio.create_task(database.transact(lambda connection: connection.fetchval("SELECT 7")))
    await asyncio.wait([served], timeout=0.3)
    assert not served.done()
    await gate.open()
    assert await asyncio.wait_for(served, 10) == 7
    await database.close()


async def test_connecting_waits_until_postgres_answers(gate: Gate) -> None:
    await gate.shut()
    database = Database(gate.dsn, "intake")
    connecting = asyncio.create_task(database.connect())
    await asyncio.wait([connecting], timeout=0.3)
    assert not connecting.done()
    with pytest.raises(Unavailable):
        async with database.acquire():
            pass
    await gate.open()
    await asyncio.wait_for(connecting, 10)
    assert await database.transact(lambda connection: connection.fetchval("SELECT 7")) == 7
    await database.close()


async def test_no_statement_lock_or_open_transaction_can_hang_for_ever(database: Database) -> None:
    async with database.acquire() as connection:
        shown = {
            name: await connection.fetchval(f"SHOW {name}")
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        }
        assert "0" not in shown.values()
        assert await connection.fetchval("SHOW search_path") == "intake"
        assert await connection.fetchval("SHOW timezone") == "UTC"


async def test_a_session_is_its_callers_own_and_lives_beside_the_pool(database: Database) -> None:
    session = await database.session()
    async with database.acquire() as connection:
        pooled = await connection.fetchval("SELECT pg_backend_pid()")
    assert await session.fetchval("SELECT pg_backend_pid()") != pooled
    await session.close()
