"""The database that a command is about: the one that is named, or the running system's."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import asyncpg
import typer

from launcher.control import NotRunningError, ask
from launcher.errors import LauncherError
from launcher.paths import Paths
from shared.postgres import Connection

T = TypeVar("T")

Dsn = Annotated[
    str | None,
    typer.Option(envvar="LAKSA_POSTGRES_DSN", help="The database; the running system's if absent.", show_default=False),
]


def dsn_of(named: str | None) -> str:
    """The named database, else the running system's; LauncherError when there is neither."""
    if named:
        return named
    try:
        return str(ask(Paths.of_project().control, "status")["postgres"]["dsn"])
    except NotRunningError:
        raise LauncherError(
            "LAKSA is not running, and no database is named.", remedy="start it with `laksa up`, or give --dsn"
        ) from None


async def in_transaction(dsn: str, work: Callable[[Connection], Awaitable[T]], *, read_only: bool = False) -> T:
    """`work` in one transaction of its own; one that reads sees everything as at one moment."""
    connection = await asyncpg.connect(dsn, timeout=10, server_settings={"timezone": "UTC"})
    try:
        isolation = "repeatable_read" if read_only else "read_committed"
        async with connection.transaction(isolation=isolation, readonly=read_only):
            return await work(connection)
    finally:
        await connection.close()
