"""Bring the whole system up in the background, and down again."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from launcher.control import Answer, NotRunningError, ask
from launcher.errors import LauncherError
from launcher.filelock import locked
from launcher.identity import birth
from launcher.ledger import Ledger
from launcher.paths import Paths
from shared.errors import LaksaError

_STOP_SECONDS = 90.0
_LOOK_SECONDS = 0.1

Say = Callable[[str], None]


def up(paths: Paths, say: Say) -> Answer:
    """Start a supervisor unless one runs, wait until everything serves, and return its status.

    LaksaError when the start fails; then, and when this is interrupted, nothing is left running. Of two at the same
    moment one starts and the other waits for it.
    """
    paths.make_state()
    with locked(paths.run / "up.lock", wait=True):
        return _up(paths, say)


def _up(paths: Paths, say: Say) -> Answer:
    status = _status(paths)
    while status is not None and status["phase"] == "stopping":
        time.sleep(_LOOK_SECONDS)
        status = _status(paths)
    if status is not None:
        say("a supervisor runs already")
        return _wait_until_running(paths, say, lambda: _status(paths) is None)
    return _start(paths, say)


def down(paths: Paths) -> bool:
    """Stop the supervisor and all that it runs; True when they are gone, False when nothing ran. Data are kept."""
    try:
        pid = ask(paths.control, "stop")["pid"]
    except NotRunningError:
        return bool(Ledger(paths.ledger).end_leftovers())
    started = birth(pid)
    deadline = time.monotonic() + _STOP_SECONDS
    while started is not None and birth(pid) == started:
        if time.monotonic() > deadline:
            raise LauncherError(
                f"The supervisor (process {pid}) does not end.",
                remedy="see its log, then kill it: the next `laksa up` or `laksa down` cleans up",
                log=paths.log("supervisor"),
            )
        time.sleep(_LOOK_SECONDS)
    return True


def _start(paths: Paths, say: Say) -> Answer:
    paths.start_failure.unlink(missing_ok=True)
    supervisor = _start_detached(paths.log("supervisor"))
    try:
        return _wait_until_running(paths, say, lambda: supervisor.poll() is not None)
    except BaseException:
        supervisor.terminate()
        supervisor.wait()
        raise


def _start_detached(log: Path) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C and the end of the terminal are not for it."""
    log.parent.mkdir(exist_ok=True)
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "launcher.supervisor"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait_until_running(paths: Paths, say: Say, has_ended: Callable[[], bool]) -> Answer:
    """The supervisor bounds its own start, so there is no bound here."""
    said: set[str] = set()
    while not has_ended():
        if (status := _status(paths)) is not None:
            for name in _ready(status):
                if name not in said:
                    say(f"{name} is ready")
                    said.add(name)
            if status["phase"] == "running":
                return status
        time.sleep(_LOOK_SECONDS)
    if paths.start_failure.exists():
        raise LaksaError(paths.start_failure.read_text(encoding="utf-8"))
    raise LauncherError("The supervisor ended.", remedy="see its log", log=paths.log("supervisor"))


def _status(paths: Paths) -> Answer | None:
    try:
        return ask(paths.control, "status")
    except NotRunningError:
        return None


def _ready(status: Answer) -> Iterator[str]:
    parts = {name: status[name] for name in ("kafka", "postgres", "prometheus", "alertmanager")} | status["services"]
    return (name for name, part in parts.items() if part["ready"])
