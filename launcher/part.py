"""What the supervisor and the tests can run: a command with a beginning and a way to ask it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals
from typing import Protocol

from launcher.account import Account


@dataclass(frozen=True, kw_only=True)
class Command:
    """How one process is started and ended.

    `environment` is added to ours. `folder` is where it runs: anyone may enter the root. `stop_signal` asks it to end,
    within `stop_seconds`; `orphan_signal` reaches it when the process that started it is killed (Linux only). `lock` is
    a file whose lock the process and all its descendants hold until the last of them has ended.
    """

    argv: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    folder: Path = Path("/")
    stop_signal: Signals = SIGTERM
    stop_seconds: float = 20.0
    orphan_signal: Signals = SIGKILL
    lock: Path | None = None


class Part(Protocol):
    """One process of the system. The three methods may block, for seconds."""

    @property
    def name(self) -> str:
        """Short and unique: it names the log file and the line in `laksa status`."""

    def prepare(self) -> None:
        """Make ready for the next start, the first or any later one."""

    def command(self) -> Command: ...

    def is_ready(self) -> bool:
        """Whether it serves now. Asked again and again; never raises because it does not."""
