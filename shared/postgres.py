"""Postgres: the pool, its timeouts, and transactions that are tried again when the server was at fault."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any, TypeAlias, TypeVar

import asyncpg
import structlog
from asyncpg.exceptions._base import InternalClientError

from shared.errors import Unavailable

Connection: TypeAlias = Any
"""An asyncpg connection or a pool's proxy of one; asyncpg ships no types for the difference."""

T = TypeVar("T")

TRANSIENT = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    InternalClientError,  # "cannot switch to state": raised when the server dies in mid-answer
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.TooManyConnectionsError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.InsufficientResourcesError,
)
"""Not the data's fault: the same transaction may succeed later, and being idempotent it may be sent again."""

_SERVER_SETTINGS = {
    "timezone": "UTC",
    "statement_timeout": "15s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "15s",
}
_CONNECT_SECONDS = 3.0
_COMMAND_SECONDS = 20.0
_BACKOFF_MOST_SECONDS = 3.0

log = structlog.get_logger()


class Database:
    """One service's access to its own schema; unqualified names are found there."""

    def __init__(self, dsn: str, schema: str, *, connections: int = 6) -> None:
        self._dsn = dsn
        self._schema = schema
        self._connections = connections
        self._pool: Any = None

    async def connect(self) -> None:
        """Wait until Postgres answers, saying so; return with an open pool."""
        await forever(self._open, "postgres is not there yet")

    async def _open(self) -> None:
        self._pool = await asyncpg.create_pool(
            self._dsn, min_size=1, max_size=self._connections, **self._options(), command_timeout=_COMMAND_SECONDS
        )

    def _options(self) -> dict[str, Any]:
        settings = _SERVER_SETTINGS | {"search_path": self._schema, "application_name": f"laksa-{self._schema}"}
        return {"timeout": _CONNECT_SECONDS, "server_settings": settings}

    async def close(self) -> None:
        """Close the pool; connections still busy are cut after five seconds."""
        if self._pool is None:
            return
        try:
            await asyncio.wait_for(self._pool.close(), timeout=5)
        except TimeoutError:
            self._pool.terminate()

    async def session(self) -> Connection:
        """A connection of its own outside the pool, for session-level locks; the caller closes it."""
        return await asyncpg.connect(self._dsn, command_timeout=_COMMAND_SECONDS, **self._options())

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        """A pooled connection without a transaction, for one statement that reads."""
        if self._pool is None:
            raise Unavailable("not connected to Postgres yet")
        async with self._pool.acquire(timeout=_CONNECT_SECONDS) as connection:
            yield connection

    async def transact(self, work: Callable[[Connection], Awaitable[T]], *, patience: float | None = None) -> T:
        """Run `work` in one transaction, again and again while Postgres is at fault.

        `patience` is in seconds; None never gives up, which is how a consumer holds back its partition.
        Raises Unavailable when the patience is over.
        """

        async def once() -> T:
            async with self.acquire() as connection, connection.transaction():
                return await work(connection)

        return await forever(once, "postgres is at fault, the transaction is tried again", patience=patience)


async def forever(attempt: Callable[[], Awaitable[T]], complaint: str, *, patience: float | None = None) -> T:
    """`attempt` until it succeeds, with jittered back-off; logs the first failure and then every tenth."""
    began, failures = monotonic(), 0
    while True:
        try:
            return await attempt()
        except TRANSIENT as error:
            failures += 1
            if failures % 10 == 1:
                log.warning(complaint, error=f"{type(error).__name__}: {error}", failures=failures)
            pause = min(_BACKOFF_MOST_SECONDS, 0.05 * 2 ** min(failures, 8)) * random.uniform(0.5, 1)  # noqa: S311
            if patience is not None and monotonic() + pause - began > patience:
                raise Unavailable(complaint) from error
            await asyncio.sleep(pause)
