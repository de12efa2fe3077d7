"""The books of three services side by side, as at one moment, and what does not agree in them."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import get_args

from launcher.database import in_transaction
from shared.events.tickets import State
from shared.postgres import Connection
from shared.queries import load

queries = load("launcher.reconcile")

STATES: tuple[str, ...] = get_args(State)
_LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Line:
    """One day and department: complaints received, routed, opened, and their tickets by state."""

    day: date
    department: str
    received: int
    routed: int
    opened: int
    states: Mapping[str, int]

    @property
    def adds_up(self) -> bool:
        """Whether intake, router and desk counted the same, and the states sum up to what was received."""
        return self.received == self.routed == self.opened == sum(self.states.values())


@dataclass(frozen=True, slots=True)
class Books:
    """Everything counted in one snapshot; `differences` are words, the same as long as a difference lasts."""

    lines: Sequence[Line]
    parts: int
    differences: tuple[str, ...]

    @property
    def totals(self) -> dict[str, int]:
        """Over all days and departments."""
        counted = {name: sum(getattr(line, name) for line in self.lines) for name in ("received", "routed", "opened")}
        return counted | {state: sum(line.states[state] for line in self.lines) for state in STATES}


async def reconcile(dsn: str, *, patience_seconds: float) -> Books:
    """The books when they agree, or after so many seconds, with those differences that lasted all the time.

    A complaint on its way from one service to the next is no difference; it is gone when one looks again.
    """
    began = monotonic()
    books = await _open_books(dsn)
    lasting = set(books.differences)
    while lasting and monotonic() - began < patience_seconds:
        await asyncio.sleep(_LOOK_SECONDS)
        books = await _open_books(dsn)
        lasting &= set(books.differences)
    return Books(books.lines, books.parts, tuple(sorted(lasting)))


async def _open_books(dsn: str) -> Books:
    return await in_transaction(dsn, _read, read_only=True)


async def _read(connection: Connection) -> Books:
    lines = [_line(dict(row)) for row in await connection.fetch(queries["by_day_and_department"])]
    parts = await connection.fetchval(queries["parts"])
    differences = [difference async for difference in _differences(connection)]
    return Books(lines, parts, tuple(differences))


def _line(row: dict[str, object]) -> Line:
    states = {state: row.pop(state) for state in STATES}
    return Line(**row, states=states)  # type: ignore[arg-type]


async def _differences(connection: Connection) -> AsyncIterator[str]:
    for row in await connection.fetch(queries["missing"]):
        yield f"{row['complaint_id']} is missing in {' and '.join(row['missing_in'])}"
    for row in await connection.fetch(queries["untold"]):
        yield f"{row['complaint_id']} has a ticket that is not what its history says"
    for row in await connection.fetch(queries["parts_that_do_not_add_up"]):
        yield f"{row['complaint_id']} has another number of parts than its ticket says"
