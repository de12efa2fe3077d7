"""Start one process, know whether it lives, end it, and let it not outlive us."""

import ctypes
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from signal import Signals
from types import MappingProxyType
from typing import TypeVar

from launcher.account import Account, become
from launcher.errors import LauncherError
from launcher.filelock import locked
from launcher.part import Command, Part

AnyPart = TypeVar("AnyPart", bound=Part)

_PR_SET_PDEATHSIG = 1
_ROTATE_BYTES = 20 * 1024 * 1024
_STARTED_SECONDS = 60.0
_ENDED_SECONDS = 120.0


class Process:
    """A child of ours that was started from `command`."""

    def __init__(self, command: Command, child: subprocess.Popen[bytes]) -> None:
        self._command = command
        self._child = child

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def stop_signal(self) -> Signals:
        """What asks it to end."""
        return self._command.stop_signal

    @property
    def exit_code(self) -> int | None:
        """None while it lives; negative when a signal ended it."""
        return self._child.poll()

    def signal(self, which: Signals) -> None:
        """Send a signal to this one process; nothing happens when it has ended."""
        self._child.send_signal(which)

    def kill(self) -> None:
        """End it as a crash would; returns when it is gone."""
        self._child.kill()
        self._child.wait()

    def stop(self) -> None:
        """Ask it to end, wait as long as its command allows, then kill it. Blocks; returns when it is gone."""
        self.signal(self.stop_signal)
        try:
            self._child.wait(self._command.stop_seconds)
        except subprocess.TimeoutExpired:
            self.kill()


def spawn(command: Command) -> Process:
    """Start a command in a session of its own, with its output appended to its log.

    On Linux the child is told when *the thread* that called this ends: call it from one that lives as long as we do.
    """
    command.log.parent.mkdir(parents=True, exist_ok=True)
    _rotate(command.log)
    with ExitStack() as open_files:
        log = open_files.enter_context(command.log.open("ab"))
        kept = () if command.lock is None else (open_files.enter_context(locked(command.lock)),)
        child = subprocess.Popen(
            command.argv,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **command.environment},
            cwd=command.folder,
            start_new_session=True,  # Ctrl-C in the terminal is for us; we end our children in order
            pass_fds=kept,
            preexec_fn=_end_with_parent(command.orphan_signal),
            **become(command.account),
        )
    return Process(command, child)


def start(part: Part, seconds: float = _STARTED_SECONDS) -> Process:
    """Prepare and start a part, and return when it serves; when it does not within `seconds`, end it and raise."""
    part.prepare()
    process = spawn(part.command())
    try:
        _wait_until_ready(part, process, time.monotonic() + seconds)
    except BaseException:
        process.stop()
        raise
    return process


@contextmanager
def running(part: AnyPart) -> Iterator[AnyPart]:
    """A part that serves inside the block and is gone after it."""
    process = start(part)
    try:
        yield part
    finally:
        process.stop()


def run_to_end(
    argv: tuple[str, ...],
    *,
    doing: str,
    log: Path,
    account: Account | None = None,
    environment: Mapping[str, str] = MappingProxyType({}),
    folder: Path = Path("/"),
    stdin: str = "",
) -> None:
    """Run a command that ends by itself, its output appended to `log`; LauncherError when it fails or takes minutes."""
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        with log.open("ab") as output:
            subprocess.run(
                argv,
                input=stdin.encode(),
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
                cwd=folder,
                timeout=_ENDED_SECONDS,
                check=True,
                **become(account),
            )
    except (OSError, subprocess.SubprocessError) as error:
        raise LauncherError(f"{doing} failed: {error}", remedy="see the lines above", log=log) from error


def _wait_until_ready(part: Part, process: Process, deadline: float) -> None:
    log = part.command().log
    while not part.is_ready():
        if (code := process.exit_code) is not None:
            raise LauncherError(f"{part.name} ended while it started, with {code}.", remedy="see its log", log=log)
        if time.monotonic() > deadline:
            raise LauncherError(
                f"{part.name} does not answer.", remedy="see its log; is this machine overloaded?", log=log
            )
        time.sleep(0.02)


def _end_with_parent(signal: Signals) -> Callable[[], None] | None:
    """Run in the child before it becomes the command: have the kernel signal it when its parent ends."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal))
        if os.getppid() != parent:  # it ended before the kernel knew
            os._exit(1)

    return bind


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > _ROTATE_BYTES:
        log.replace(log.with_suffix(".1.log"))
