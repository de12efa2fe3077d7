"""`laksa figures`: who keeps the city's promises, with open tickets counted."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from launcher.database import Dsn, dsn_of, in_transaction
from services.desk.calendar import JAKARTA
from services.desk.figures import MINIMUM_SAMPLE, ClockFigures, DepartmentFigures
from services.desk.figures import figures as of_runs
from services.desk.records import Records
from shared.postgres import Connection

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def figures(
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only tickets accepted on that day or later.")
    ] = None,
    dsn: Dsn = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Per department and clock: kept on time, missed, overdue; median working time with open tickets; hand-overs."""
    began = since.replace(tzinfo=JAKARTA) if since else _EVER
    found = asyncio.run(figures_of(dsn_of(dsn), began))
    if as_json:
        typer.echo(json.dumps([as_facts(one) for one in found], indent=2))
    else:
        typer.echo("\n".join(as_lines(found)))


async def figures_of(dsn: str, since: datetime, of: frozenset[UUID] | None = None) -> list[DepartmentFigures]:
    """The figures of tickets accepted since a moment, or only of these complaints' tickets, as at one moment."""

    async def read(connection: Connection) -> list[DepartmentFigures]:
        records = Records(connection)
        return of_runs(await records.runs(since, of), await records.hand_overs(since, of))

    return await in_transaction(dsn, read, read_only=True)


def as_facts(one: DepartmentFigures) -> dict[str, Any]:
    """For JSON: what was counted and what follows from it."""
    clocks = {
        clock: asdict(found) | {"judged": found.judged, "on_time_ratio": found.on_time_ratio}
        for clock, found in one.clocks.items()
    }
    return asdict(one) | {"clocks": clocks}


def as_lines(found: Sequence[DepartmentFigures]) -> Iterator[str]:
    """For people. A median is in hours of working time."""
    counts = ("on time", "rank", "met", "missed", "overdue", "pending", "passed on", "median h")
    yield f"{'dept':<13}{'clock':<13}" + "".join(f"{name:>10}" for name in counts)
    for one in found:
        for clock, counted in one.clocks.items():
            yield f"{one.department:<13}{clock:<13}" + "".join(f"{cell:>10}" for cell in _cells(counted))
    yield from (
        f"{one.department} handed over {one.hand_overs}, after {one.hours_lost_per_hand_over:.1f} h of work each"
        for one in found
        if one.hours_lost_per_hand_over is not None
    )
    yield f"on time = met / (met + missed + overdue and still open); ranked from {MINIMUM_SAMPLE} judged on"


def _cells(one: ClockFigures) -> Iterator[str]:
    yield "-" if one.on_time_ratio is None else f"{one.on_time_ratio:.1%}"
    yield "-" if one.rank is None else str(one.rank)
    yield from map(str, (one.met, one.missed, one.overdue, one.pending, one.passed_on))
    yield "-" if one.median_seconds is None else f"{one.median_seconds / 3600:.1f}"
