"""The console script's manners. Each test runs the real one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.cli import ELSEWHERE


def laksa(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it with nothing of ours in the environment but what is given."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LAKSA_")}
    return subprocess.run(
        [sys.executable, "-m", "launcher.cli", *arguments],
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_wrong_usage_ends_with_2() -> None:
    assert laksa("nosuch").returncode == 2


def test_an_unknown_service_is_wrong_usage_and_those_there_are_are_named() -> None:
    ended = laksa("run", "nosuch")
    assert ended.returncode == 2
    assert all(service in ended.stderr for service in ("intake", "router", "desk", "notifier"))


@pytest.mark.parametrize("command", [command.name for command in ELSEWHERE])
def test_every_command_that_stands_elsewhere_can_be_loaded(command: str) -> None:
    ended = laksa(command, "--help")
    assert ended.returncode == 0, ended.stderr


def test_a_database_that_cannot_be_reached_is_told_in_words() -> None:
    ended = laksa("migrate", "--dsn", "postgresql://laksa:x@127.0.0.1:1/laksa")
    assert ended.returncode == 1
    assert "cannot be reached" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_status_ends_with_1_and_says_so_when_nothing_runs(tmp_path: Path) -> None:
    ended = laksa("status", "--json", LAKSA_STATE_DIR=str(tmp_path))
    assert ended.returncode == 1
    assert json.loads(ended.stdout) == {"phase": "stopped"}


def test_down_is_done_when_nothing_runs(tmp_path: Path) -> None:
    assert laksa("down", LAKSA_STATE_DIR=str(tmp_path)).returncode == 0


def test_doctor_tells_the_same_in_json_and_names_a_remedy_for_what_is_missing(tmp_path: Path) -> None:
    ended = laksa("doctor", "--json", LAKSA_STATE_DIR=str(tmp_path))
    findings = {finding["name"]: finding for finding in json.loads(ended.stdout)}
    assert findings["python"]["well"]
    assert not findings["default model"]["well"]
    assert "make setup" in findings["default model"]["remedy"]
    assert ended.returncode == 1


def test_a_service_names_the_settings_that_it_misses_and_no_value_of_those_it_has() -> None:
    ended = laksa("run", "intake", LAKSA_KAFKA_BOOTSTRAP="127.0.0.1:1", LAKSA_SECRET_KEY="c2hvcnQ=")
    assert ended.returncode == 1
    assert "LAKSA_POSTGRES_DSN" in ended.stderr
    assert "c2hvcnQ=" not in ended.stderr + ended.stdout


def test_a_forced_route_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    ended = laksa("setup", LAKSA_STATE_DIR=str(tmp_path), LAKSA_KAFKA_ROUTE="pigeon")
    assert ended.returncode == 1
    assert "pigeon" in ended.stderr


@pytest.mark.parametrize("heavy", ["aiokafka", "asyncpg", "faststream", "sklearn", "numpy", "uvicorn"])
def test_the_script_itself_loads_nothing_heavy(heavy: str) -> None:
    """What makes `laksa status` answer at once."""
    check = f"import sys, launcher.cli, launcher.control, launcher.paths; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
