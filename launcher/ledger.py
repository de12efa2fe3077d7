"""Which processes we started, on disk: so that after our own violent end the next of us can end them, and only them."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from launcher.identity import birth

_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Entry:
    """A process by its number and its start, and the signal that asks it to end."""

    name: str
    pid: int
    birth: str
    stop_signal: int

    @property
    def lives(self) -> bool:
        return birth(self.pid) == self.birth

    def send(self, which: int) -> None:
        if self.lives:
            with suppress(ProcessLookupError):  # it ended just now
                os.kill(self.pid, which)


class Ledger:
    """The processes of one state folder. A copy of the folder owns none of them, so the ledger names its place."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._entries: dict[str, Entry] = {}

    def record(self, name: str, pid: int, stop_signal: int) -> None:
        """Remember the process that now is `name`; the one before it has ended."""
        if (started := birth(pid)) is not None:
            self._entries[name] = Entry(name, pid, started, stop_signal)
            self._write()

    def end_leftovers(self) -> list[str]:
        """End what an earlier supervisor left running, and return the names. Blocks for some seconds at most."""
        left = [entry for entry in self._recorded() if entry.lives]
        for entry in left:
            entry.send(entry.stop_signal)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while any(entry.lives for entry in left) and time.monotonic() < deadline:
            time.sleep(0.05)
        for entry in left:
            entry.send(signal.SIGKILL)
        self._file.unlink(missing_ok=True)
        return [entry.name for entry in left]

    def _recorded(self) -> Iterator[Entry]:
        if self._file.exists():
            try:
                content = json.loads(self._file.read_text(encoding="utf-8"))
                ours = content["file"] == str(self._file)
                entries = [Entry(**entry) for entry in content["processes"] if ours]
            except (ValueError, KeyError, TypeError):
                return  # torn by a full disk: whoever was recorded in it ended with its supervisor
            yield from entries

    def _write(self) -> None:
        content = {"file": str(self._file), "processes": [asdict(entry) for entry in self._entries.values()]}
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(content, indent=2), encoding="utf-8")
        new.replace(self._file)
