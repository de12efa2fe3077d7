"""Ending what an earlier supervisor left running, and nothing else."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from signal import SIGTERM

import pytest

from launcher.identity import birth
from launcher.ledger import Ledger

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


def test_a_recorded_process_is_ended(tmp_path: Path, child: subprocess.Popen[bytes]) -> None:
    Ledger(tmp_path / "ledger.json").record("intake", child.pid, SIGTERM)
    assert Ledger(tmp_path / "ledger.json").end_leftovers() == ["intake"]
    assert child.wait() == -SIGTERM


def test_a_process_that_ignores_its_stop_signal_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("launcher.ledger._PATIENCE_SECONDS", 0.1)
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE) as stubborn:
        assert stubborn.stdout is not None
        stubborn.stdout.readline()
        Ledger(tmp_path / "ledger.json").record("intake", stubborn.pid, SIGTERM)
        Ledger(tmp_path / "ledger.json").end_leftovers()
        assert stubborn.wait() == -9


def test_a_process_that_got_the_number_of_a_dead_one_is_left_alone(
    tmp_path: Path, child: subprocess.Popen[bytes]
) -> None:
    file = tmp_path / "ledger.json"
    Ledger(file).record("intake", child.pid, SIGTERM)
    content = json.loads(file.read_text())
    content["processes"][0]["birth"] = "another boot 1"
    file.write_text(json.dumps(content))
    assert Ledger(file).end_leftovers() == []
    assert birth(child.pid) is not None


def test_a_copy_of_the_state_folder_owns_no_process(tmp_path: Path, child: subprocess.Popen[bytes]) -> None:
    Ledger(tmp_path / "ledger.json").record("intake", child.pid, SIGTERM)
    shutil.copy(tmp_path / "ledger.json", tmp_path / "copy.json")
    assert Ledger(tmp_path / "copy.json").end_leftovers() == []
    assert birth(child.pid) is not None


def test_only_the_last_process_of_a_name_is_remembered(tmp_path: Path, child: subprocess.Popen[bytes]) -> None:
    ledger = Ledger(tmp_path / "ledger.json")
    ledger.record("intake", child.pid, SIGTERM)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as second:
        ledger.record("intake", second.pid, SIGTERM)
        ledger.end_leftovers()
        assert second.wait() == -SIGTERM
    assert birth(child.pid) is not None
