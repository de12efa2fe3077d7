"""One Postgres server on loopback."""

import asyncio
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGINT, SIGQUIT

import asyncpg

from launcher.account import Account
from launcher.credentials import write_private
from launcher.errors import LauncherError
from launcher.filelock import is_locked
from launcher.identity import birth
from launcher.part import Command
from launcher.ports import accepts_connections
from launcher.postgres.binaries import Binaries
from launcher.process import run_to_end

_USER = _DATABASE = "laksa"
_LAST_LIFE_SECONDS = 30.0
# For two cores, spinning or slow disks, and four services that hold their connections.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a socket's path may be too long, and TCP is what the services use anyway
    "max_connections": "200",
    "shared_buffers": "128MB",
    "effective_cache_size": "512MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "1GB",
    "max_parallel_workers_per_gather": "1",
    "jit": "off",  # compiling costs more than any of our queries
    "autovacuum_naptime": "10s",  # outboxes fill and empty all day
    "log_line_prefix": "%m [%p] %a ",
    # Neither rows nor parameters in the log: they are citizens' words.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}


@dataclass(frozen=True)
class PostgresServer:
    """A server with one superuser and one database, both called `laksa`, and its data in `home`. Password by SCRAM."""

    home: Path
    log: Path
    binaries: Binaries
    account: Account | None
    password: str = field(repr=False)
    port: int
    settings: Mapping[str, str] = field(default_factory=dict)
    """Settings of Postgres on top of ours."""
    name: str = "postgres"

    @property
    def dsn(self) -> str:
        return f"postgresql://{_USER}:{self.password}@127.0.0.1:{self.port}/{_DATABASE}"

    def prepare(self) -> None:
        """Make the database once; wait until no process of the server's last life uses it any more."""
        self._make_home()
        if not self._data.exists():
            self._make_database()
        self._wait_for_last_life()
        self._forget_last_life()

    def command(self) -> Command:
        settings = {**_SETTINGS, "port": str(self.port), **self.settings}
        options = (option for name, value in settings.items() for option in ("-c", f"{name}={value}"))
        return Command(
            argv=(self.binaries.program("postgres"), "-D", str(self._data), *options),
            log=self.log,
            account=self.account,
            stop_signal=SIGINT,  # "fast": ends sessions, then writes a checkpoint
            orphan_signal=SIGQUIT,  # "immediate": ends its children at once, recovers at the next start
            lock=self._lock,
        )

    def is_ready(self) -> bool:
        """Whether it answers a query. Not to be called from a running event loop."""
        return accepts_connections(self.port) and asyncio.run(_answers(self.dsn))

    @property
    def _durable(self) -> bool:
        return self.settings.get("fsync") != "off"

    @property
    def _data(self) -> Path:
        return self.home / "data"

    @property
    def _lock(self) -> Path:
        return self.home / "lock"

    def _make_home(self) -> None:
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.account is not None:
            self.account.own(self.home)

    def _wait_for_last_life(self) -> None:
        """The children of a killed postmaster end by themselves, a moment later."""
        deadline = time.monotonic() + _LAST_LIFE_SECONDS
        while is_locked(self._lock):
            if time.monotonic() > deadline:
                raise LauncherError(
                    f"Processes of an earlier Postgres still use {self._data}.",
                    remedy="end them: the first line of postmaster.pid there is the number of their parent",
                )
            time.sleep(0.02)

    def _forget_last_life(self) -> None:
        """Postgres takes an ended process that nobody waited for (as init does not, in some containers) for a rival."""
        file = self._data / "postmaster.pid"
        if file.exists() and birth(int(file.read_text(encoding="utf-8").split("\n", 1)[0])) is None:
            file.unlink()

    def _make_database(self) -> None:
        """In a folder beside, put in place when it is whole: an interrupted first start leaves nothing half done."""
        fresh = self.home / "new"
        if fresh.exists():
            shutil.rmtree(fresh)
        password = self.home / "password"
        write_private(password, self.password)
        if self.account is not None:
            self.account.own(password)
        try:
            self._run(self._initdb(fresh, password), doing="Making the database cluster")
        finally:
            password.unlink()
        self._run(self._single(fresh), doing="Making the database", stdin=f"CREATE DATABASE {_DATABASE};\n")
        fresh.replace(self._data)

    def _initdb(self, folder: Path, password: Path) -> tuple[str, ...]:
        options = ("-U", _USER, "-A", "scram-sha-256", "--pwfile", str(password), "-E", "UTF8", "--no-locale")
        synced = () if self._durable else ("--no-sync",)
        return (self.binaries.program("initdb"), "-D", str(folder), *options, "--data-checksums", *synced)

    def _single(self, folder: Path) -> tuple[str, ...]:
        """The server without a network, for one database, its commands on standard input."""
        fsync = "on" if self._durable else "off"
        return (self.binaries.program("postgres"), "--single", "-D", str(folder), "-c", f"fsync={fsync}", "postgres")

    def _run(self, argv: tuple[str, ...], *, doing: str, stdin: str = "") -> None:
        run_to_end(argv, doing=doing, log=self.log, account=self.account, stdin=stdin)


async def _answers(dsn: str) -> bool:
    try:
        connection = await asyncpg.connect(dsn, timeout=2)
    except (asyncpg.PostgresError, OSError, TimeoutError):
        return False
    try:
        return bool(await connection.fetchval("SELECT true"))
    finally:
        await connection.close()
