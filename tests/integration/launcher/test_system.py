"""The whole system by its console script: up, killed, up again, down. The tests share one system, in this order."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from launcher.identity import birth
from launcher.paths import Paths, throwaway_paths

LAKSA = [sys.executable, "-m", "launcher.cli"]


@dataclass(frozen=True)
class System:
    """A state folder, and the commands of a user who has chosen it."""

    state: Path

    def laksa(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*LAKSA, *arguments], env=self.environment(environment), capture_output=True, text=True, check=False
        )

    def environment(self, more: dict[str, str]) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LAKSA_")}
        return {**inherited, "LAKSA_STATE_DIR": str(self.state), **more}

    def status(self) -> dict[str, Any]:
        return dict(json.loads(self.laksa("status", "--json").stdout))

    def processes(self) -> list[str]:
        """The command line of every living process that has to do with this state folder."""
        return [line for line in map(_command_line, Path("/proc").glob("[0-9]*")) if str(self.state) in line]


def _command_line(process: Path) -> str:
    try:
        return (process / "cmdline").read_text() + (process / "environ").read_text(errors="replace")
    except OSError:  # it has just ended
        return ""


def pids_of(status: dict[str, Any]) -> set[int]:
    parts = [status[name] for name in ("supervisor", "kafka", "postgres", "prometheus", "alertmanager")]
    return {part["pid"] for part in (*parts, *status["services"].values()) if part["pid"] is not None}


def wait_until_gone(pids: set[int], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while left := {pid for pid in pids if birth(pid) is not None}:
        assert time.monotonic() < deadline, f"still alive: {left}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def fresh() -> Iterator[System]:
    """A state folder with nothing but the default model, which `make setup` has trained."""
    with throwaway_paths() as paths:
        shutil.copytree(Paths.of_project().default_model.parent, paths.default_model.parent)
        system = System(paths.state)
        try:
            yield system
        finally:
            system.laksa("down")


@pytest.fixture(scope="module")
def system(fresh: System) -> Iterator[System]:
    """Brought up on a machine where somebody else has intake's usual port."""
    with socket.socket() as somebody_else:
        somebody_else.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            somebody_else.bind(("127.0.0.1", 8101))
            somebody_else.listen()
        except OSError:
            pass  # somebody else has it indeed
        started = fresh.laksa("up")
        assert started.returncode == 0, started.stdout + started.stderr
        yield fresh


def test_a_start_that_fails_says_why_and_leaves_nothing_running(fresh: System) -> None:
    ended = fresh.laksa("up", LAKSA_POSTGRES_DSN="postgresql://laksa:secret@127.0.0.1:1/laksa")
    assert ended.returncode == 1
    assert "Making the tables and the topics failed" in ended.stderr
    assert "What to do:" in ended.stderr
    assert fresh.processes() == []


def test_a_start_that_is_interrupted_leaves_nothing_running(fresh: System) -> None:
    with subprocess.Popen([*LAKSA, "up"], env=fresh.environment({}), stdout=subprocess.PIPE, text=True) as starting:
        assert starting.stdout is not None
        while "kafka is ready" not in starting.stdout.readline():
            pass
        starting.send_signal(signal.SIGINT)
    assert starting.returncode != 0
    assert fresh.processes() == []


def test_up_returns_when_every_part_is_ready(system: System) -> None:
    status = system.status()
    assert status["phase"] == "running"
    assert {name: service["ready"] for name, service in status["services"].items()} == dict.fromkeys(
        ("intake", "router", "desk", "notifier"), True
    )
    assert status["kafka"]["ready"]
    assert status["postgres"]["ready"]


def test_a_port_that_somebody_has_is_avoided(system: System) -> None:
    assert system.status()["services"]["intake"]["url"] != "http://127.0.0.1:8101"


def test_a_second_up_finds_the_running_system(system: System) -> None:
    before = system.status()
    again = system.laksa("up", "--json")
    assert again.returncode == 0, again.stderr
    assert pids_of(json.loads(again.stdout)) == pids_of(before)


def test_a_service_that_is_killed_serves_again_at_the_same_place(system: System) -> None:
    before = system.status()["services"]["notifier"]
    os.kill(before["pid"], signal.SIGKILL)
    deadline = time.monotonic() + 20
    while not (after := system.status()["services"]["notifier"])["ready"] or after["pid"] == before["pid"]:
        assert time.monotonic() < deadline, after
    assert (after["url"], after["restarts"]) == (before["url"], 1)


async def test_a_supervisor_that_is_killed_takes_all_along_and_the_next_one_finds_the_data(system: System) -> None:
    before = system.status()
    await execute(before["postgres"]["dsn"], "CREATE TABLE public.letters AS SELECT 'first' AS text")
    os.kill(before["supervisor"]["pid"], signal.SIGKILL)
    wait_until_gone(pids_of(before))
    assert system.laksa("up").returncode == 0
    after = system.status()
    assert addresses(after) == addresses(before)
    assert await execute(after["postgres"]["dsn"], "SELECT text FROM public.letters") == "first"


def test_down_leaves_no_process(system: System) -> None:
    running = pids_of(system.status())
    assert system.laksa("down").returncode == 0
    assert {pid for pid in running if birth(pid) is not None} == set()
    assert system.processes() == []
    assert system.status() == {"phase": "stopped"}


def addresses(status: dict[str, Any]) -> list[str]:
    services = [service["url"] for service in status["services"].values()]
    return [status["kafka"]["bootstrap"], status["postgres"]["dsn"], *services]


async def execute(dsn: str, statement: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()
