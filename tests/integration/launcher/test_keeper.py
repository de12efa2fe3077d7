"""One part is kept running. The parts are real processes."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from os import kill
from pathlib import Path
from signal import SIGKILL

import pytest

from launcher.errors import LauncherError
from launcher.identity import birth
from launcher.keeper import Keeper
from launcher.ledger import Ledger
from launcher.part import Command


@dataclass(frozen=True)
class Script:
    """A Python program as a part: ready when it has written its file."""

    program: str
    folder: Path
    name: str = "script"

    @property
    def sign(self) -> Path:
        return self.folder / "ready"

    def prepare(self) -> None:
        self.sign.unlink(missing_ok=True)

    def command(self) -> Command:
        return Command(argv=(sys.executable, "-c", self.program, str(self.sign)), log=self.folder / "script.log")

    def is_ready(self) -> bool:
        return self.sign.exists()


SERVES = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"
DIES = "import sys; print('no coffee'); sys.exit(7)"


@asynccontextmanager
async def kept(script: Script) -> AsyncIterator[Keeper]:
    keeper = Keeper(script, Ledger(script.folder / "ledger.json"))
    keeping = asyncio.create_task(keeper.keep())
    try:
        yield keeper
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await keeper.stop()


async def another_pid(keeper: Keeper, than: int | None) -> int:
    async with asyncio.timeout(10):
        while (pid := keeper.pid) is None or pid == than:
            await asyncio.sleep(0.01)
    return pid


async def test_a_dead_part_runs_again_within_a_second(tmp_path: Path) -> None:
    async with kept(Script(SERVES, tmp_path)) as keeper:
        await asyncio.wait_for(keeper.served.wait(), 10)
        first = await another_pid(keeper, None)
        died = time.monotonic()
        kill(first, SIGKILL)
        await another_pid(keeper, first)
        assert time.monotonic() - died < 1.0
        assert keeper.deaths == 1


async def test_a_part_that_has_died_has_no_pid_until_it_runs_again(tmp_path: Path) -> None:
    async with kept(Script(SERVES, tmp_path)) as keeper:
        first = await another_pid(keeper, None)
        kill(first, SIGKILL)
        while birth(first) is not None:  # no await in between: nobody starts it again meanwhile
            pass
        assert keeper.pid is None


async def test_a_part_that_never_served_is_given_up_after_three_deaths(tmp_path: Path) -> None:
    keeper = Keeper(Script(DIES, tmp_path), Ledger(tmp_path / "ledger.json"))
    with pytest.raises(LauncherError, match="it ended with 7") as raised:
        await asyncio.wait_for(keeper.keep(), 10)
    assert keeper.deaths == 3
    assert "no coffee" in str(raised.value)


async def test_a_part_that_once_served_is_never_given_up(tmp_path: Path) -> None:
    async with kept(Script(SERVES, tmp_path)) as keeper:
        await asyncio.wait_for(keeper.served.wait(), 10)
        pid = None
        for _ in range(3):
            pid = await another_pid(keeper, pid)
            kill(pid, SIGKILL)
        await another_pid(keeper, pid)
        assert keeper.deaths == 3


async def test_a_program_that_is_not_there_counts_as_a_death(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Absent(Script):
        def command(self) -> Command:
            return Command(argv=("/nonexistent/program",), log=self.folder / "script.log")

    with pytest.raises(LauncherError, match="/nonexistent/program"):
        await asyncio.wait_for(Keeper(Absent("", tmp_path), Ledger(tmp_path / "ledger.json")).keep(), 10)
