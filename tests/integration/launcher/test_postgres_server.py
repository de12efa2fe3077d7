"""A real server that is killed, that refuses strangers, and that root runs as somebody else."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from launcher.account import unprivileged_account
from launcher.paths import throwaway_paths
from launcher.postgres import PostgresServer, provide_postgres
from launcher.process import running, start

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs Postgres as another user")
SYSTEM_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server of the test's own, not started. Without fsync: a killed process loses nothing that the kernel has."""
    with throwaway_paths() as paths:
        yield provide_postgres(paths, settings={"fsync": "off"})


async def query(dsn: str, statement: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_a_row_outlives_a_server_that_is_killed(server: PostgresServer) -> None:
    process = await asyncio.to_thread(start, server)
    try:
        await query(server.dsn, "CREATE TABLE letters AS SELECT 'first' AS text")
        process.kill()
        process = await asyncio.to_thread(start, server)
        assert await query(server.dsn, "SELECT text FROM letters") == "first"
    finally:
        await asyncio.to_thread(process.stop)


async def test_a_wrong_password_is_refused(postgres: PostgresServer) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.dsn.replace(postgres.password, "guessed"))


async def test_pages_have_checksums(postgres: PostgresServer) -> None:
    assert await query(postgres.dsn, "SHOW data_checksums") == "on"


async def test_nobody_outside_this_machine_can_connect(postgres: PostgresServer) -> None:
    assert urlsplit(postgres.dsn).hostname == "127.0.0.1"
    assert await query(postgres.dsn, "SHOW listen_addresses") == "127.0.0.1"


def test_an_interrupted_first_start_is_begun_anew(server: PostgresServer) -> None:
    half_done = server.home / "new" / "base"
    half_done.mkdir(parents=True)
    with running(server):
        assert server.is_ready()
    assert not half_done.exists()


@AS_ROOT
def test_root_runs_the_server_as_another_user_although_only_root_may_enter_its_folders(server: PostgresServer) -> None:
    account = unprivileged_account()
    assert account is not None
    assert server.log.parents[1].stat().st_mode & 0o077 == 0  # the state folder
    process = start(server)
    try:
        assert Path(f"/proc/{process.pid}").stat().st_uid == account.uid != 0
        assert server.home.stat().st_uid == account.uid
    finally:
        process.stop()


@AS_ROOT
def test_a_moved_state_folder_keeps_its_database_and_a_new_one_begins_empty(tmp_path: Path) -> None:
    account = unprivileged_account()
    with throwaway_paths() as paths, throwaway_paths() as others:
        home = paths.postgres(account)
        (tmp_path / "instance").write_text((paths.state / "instance").read_text())
        moved = type(paths)(project=paths.project, state=tmp_path, cache=paths.cache)
        assert moved.postgres(account) == home != others.postgres(account)


def test_throwaway_paths_leave_nothing() -> None:
    with throwaway_paths() as paths:
        server = provide_postgres(paths, settings={"fsync": "off"})
        with running(server):
            pass
    assert not paths.state.exists()
    assert not server.home.exists()


@pytest.mark.skipif(not SYSTEM_BINARIES, reason="this machine has no Postgres of its own")
async def test_a_postgres_of_the_system_serves_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKSA_POSTGRES_BIN", str(SYSTEM_BINARIES[-1].parent))
    with throwaway_paths() as paths:
        server = provide_postgres(paths, settings={"fsync": "off"})
        process = await asyncio.to_thread(start, server)
        try:
            version = str(await query(server.dsn, "SHOW server_version"))
            assert version.split(".")[0] == SYSTEM_BINARIES[-1].parents[1].name
        finally:
            await asyncio.to_thread(process.stop)
