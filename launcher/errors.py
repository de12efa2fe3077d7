"""What can go wrong on a machine, said to the person in front of it."""

from pathlib import Path

from shared.errors import LaksaError


class LauncherError(LaksaError):
    """Something on this machine does not work: what, the last lines of its log, and what a person can do about it."""

    def __init__(self, what: str, *, remedy: str, log: Path | None = None) -> None:
        lines = [] if log is None else [f"The last lines of {log}:", last_lines(log)]
        super().__init__("\n".join([what, *lines, f"What to do: {remedy}"]))


def last_lines(log: Path, count: int = 15) -> str:
    """The last `count` lines of a log file, indented; a dash where there is none."""
    if not log.exists():
        return "  -"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
    return "\n".join(f"  {line}" for line in lines) or "  -"
