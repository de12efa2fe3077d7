"""How arriving complaints are shown: a live table on a terminal, plain lines elsewhere."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol
from zoneinfo import ZoneInfo

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from launcher.demo.journey import Journey

_JAKARTA = ZoneInfo("Asia/Jakarta")
_ROWS = 14


class Screen(Protocol):
    """Where arrivals are shown."""

    def arrived(self, journey: Journey, done: int) -> None:
        """Show one complaint that has come all the way; `done` so far."""


@contextmanager
def showing(console: Console, total: int | None) -> Iterator[Screen]:
    """The screen that fits the console; `total` complaints are expected, None for no end."""
    if not console.is_terminal:
        yield _Lines(console, total)
        return
    screen = _Table(total)
    with Live(screen.renderable(), console=console, refresh_per_second=8) as live:
        screen.live = live
        yield screen


class _Lines:
    def __init__(self, console: Console, total: int | None) -> None:
        self._console = console
        self._total = total

    def arrived(self, journey: Journey, done: int) -> None:
        of = f"/{self._total}" if self._total else ""
        self._console.print(f"{done}{of}  " + "  ".join(_cells(journey)), soft_wrap=True, highlight=False, markup=False)


class _Table:
    def __init__(self, total: int | None) -> None:
        self.live: Live | None = None
        self._latest: deque[tuple[str, ...]] = deque(maxlen=_ROWS)
        self._progress = Progress(
            TextColumn("[bold]laporan"), BarColumn(bar_width=None), MofNCompleteColumn(), TimeElapsedColumn()
        )
        self._task = self._progress.add_task("laporan", total=total)

    def arrived(self, journey: Journey, done: int) -> None:
        self._latest.append(_cells(journey))
        self._progress.update(self._task, completed=done)
        if self.live:
            self.live.update(self.renderable())

    def renderable(self) -> Group:
        table = Table(expand=True, box=None, header_style="bold")
        for column in ("ticket", "department", "confidence", "decision", "resolve by", "told", "text (masked)"):
            table.add_column(column, no_wrap=True, overflow="ellipsis", ratio=3 if column.startswith("text") else None)
        for row in self._latest:
            table.add_row(*row)
        return Group(table, self._progress)


def _cells(journey: Journey) -> tuple[str, ...]:
    registered, routed, opened, told = journey.registered, journey.routed, journey.opened, journey.told
    if not (registered and routed and opened and told):
        return (journey.complaint_id,)
    resolve_by = opened.deadlines.resolve_by.astimezone(_JAKARTA)
    return (
        registered.ticket_number,
        routed.department,
        f"{routed.confidence:.2f}",
        routed.decision,
        f"{resolve_by:%d %b %H:%M}",
        told.kind,
        "(confidential)" if registered.confidential else registered.text_masked.replace("\n", " ")[:90],
    )
