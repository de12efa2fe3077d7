"""Which process a number means: numbers are given again, a number together with a start time is not."""

import subprocess
import sys
from functools import cache
from pathlib import Path


def birth(pid: int) -> str | None:
    """When the living process `pid` started, in words that fit no other process; None when there is none.

    A process that has ended and only waits for its parent to notice is not alive.
    """
    return _birth_in_proc(pid) if sys.platform == "linux" else _birth_by_ps(pid)


def _birth_in_proc(pid: int) -> str | None:
    try:
        line = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # proc(5): the name stands in parentheses and may hold anything; then state is field 3, the start in clock ticks 22.
    state, *fields = line.rpartition(")")[2].split()
    return None if state in "ZX" else f"{_boot()} {fields[18]}"


def _birth_by_ps(pid: int) -> str | None:
    answer = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, started = answer.stdout.strip().partition(" ")
    return None if not started or state.startswith("Z") else started.strip()


@cache
def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
