"""The status of a system in lines for people."""

import re
from collections.abc import Iterator
from typing import Any

from launcher.monitoring import INSTALLING


def as_lines(status: dict[str, Any]) -> Iterator[str]:
    """One line a part: its name, how it is, its process, where it is."""
    yield f"{status['phase']}, supervisor {status['supervisor']['pid']}"
    yield _line("kafka", status["kafka"], status["kafka"]["bootstrap"])
    yield _line("postgres", status["postgres"], _without_password(status["postgres"]["dsn"]))
    for name, service in status["services"].items():
        yield _line(name, service, service["url"])
    for name in ("prometheus", "alertmanager"):
        yield _line(name, status[name], status[name]["url"] or f"NOT INSTALLED, so no alerts: {INSTALLING}")


def _without_password(dsn: str) -> str:
    """For a screen that others may see; `--json` has the whole."""
    return re.sub(r"(?<=:)[^:@/]+(?=@)", "...", dsn)


def _line(name: str, part: dict[str, Any], where: str) -> str:
    state = {True: "ready", False: "NOT READY", None: "-"}[part["ready"]]
    restarts = f"  restarted {part['restarts']} times" if part["restarts"] else ""
    return f"{name:<13} {state:<10} {part['pid'] or '-':<8} {where}{restarts}"
