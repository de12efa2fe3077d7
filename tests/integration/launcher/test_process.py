"""Children of ours."""

import os
import subprocess
import sys
import time
from pathlib import Path
from signal import SIGKILL, SIGTERM

import pytest

from launcher.identity import birth
from launcher.part import Command
from launcher.process import spawn

SLEEP = "import time; time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=1); time.sleep(60)"

# A process that starts a child as the supervisor does, tells its number, and waits.
PARENT = f"""
import sys, time
from pathlib import Path
from launcher.part import Command
from launcher.process import spawn
print(spawn(Command(argv=(sys.executable, "-c", {SLEEP!r}), log=Path(sys.argv[1]))).pid, flush=True)
time.sleep(60)
"""


def python(program: str, log: Path, **more: object) -> Command:
    return Command(argv=(sys.executable, "-c", program), log=log, **more)  # type: ignore[arg-type]


def wait_until(condition: object, seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child to its parent")
def test_a_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path / "log")], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert birth(child) is not None
        parent.kill()
    wait_until(lambda: birth(child) is None)


def test_a_child_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    process = spawn(python(STUBBORN, tmp_path / "log", stop_seconds=0.2))
    wait_until(lambda: "deaf" in (tmp_path / "log").read_text())
    process.stop()
    assert process.exit_code == -SIGKILL


def test_a_child_is_not_in_the_terminals_process_group(tmp_path: Path) -> None:
    """Ctrl-C is for us: we end our children in order."""
    process = spawn(python(SLEEP, tmp_path / "log"))
    assert os.getpgid(process.pid) != os.getpgid(0)
    process.stop()
    assert process.exit_code == -SIGTERM


def test_a_large_log_is_put_aside_before_the_next_start(tmp_path: Path) -> None:
    log = tmp_path / "kafka.log"
    with log.open("wb") as large:
        large.truncate(21 * 1024 * 1024)
    spawn(python("print('fresh')", log)).stop()
    assert log.stat().st_size < 100
    assert (tmp_path / "kafka.1.log").exists()


def test_a_lock_is_held_while_the_child_lives(tmp_path: Path) -> None:
    process = spawn(python(SLEEP, tmp_path / "log", lock=tmp_path / "lock"))
    with pytest.raises(BlockingIOError):
        spawn(python(SLEEP, tmp_path / "log", lock=tmp_path / "lock"))
    process.stop()
    spawn(python(SLEEP, tmp_path / "log", lock=tmp_path / "lock")).stop()
