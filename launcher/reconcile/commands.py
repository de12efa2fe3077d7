"""`laksa reconcile`."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from launcher.database import Dsn, dsn_of
from launcher.reconcile.books import STATES, Books
from launcher.reconcile.books import reconcile as compare

_SHOWN = 50


def reconcile(
    dsn: Dsn = None,
    patience: Annotated[float, typer.Option(min=0, help="Seconds to wait for complaints that are on their way.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Prove per day and department: received = sum over states, and intake = router = desk. Ends with 1 if not so."""
    books = asyncio.run(compare(dsn_of(dsn), patience_seconds=patience))
    if as_json:
        lines = [asdict(line) | {"adds_up": line.adds_up} for line in books.lines]
        facts = {"lines": lines, "totals": books.totals, "parts": books.parts, "differences": books.differences}
        typer.echo(json.dumps(facts, default=str, indent=2))
    else:
        typer.echo("\n".join(_lines(books)))
    if books.differences:
        raise typer.Exit(1)


def _lines(books: Books) -> Iterator[str]:
    names = ("received", "routed", "opened", *STATES)
    yield f"{'day':<11}{'dept':<13}" + "".join(f"{name:>17}" for name in names)
    for line in books.lines:
        figures = (line.received, line.routed, line.opened, *(line.states[state] for state in STATES))
        yield f"{line.day!s:<11}{line.department:<13}" + "".join(f"{figure:>17}" for figure in figures)
    yield f"{'all':<24}" + "".join(f"{books.totals[name]:>17}" for name in names)
    yield f"{books.parts} tickets more were split off" if books.parts else "no ticket was split off"
    yield from books.differences[:_SHOWN]
    if len(books.differences) > _SHOWN:
        yield f"and {len(books.differences) - _SHOWN} more; --json has all"
    yield f"{len(books.differences)} differences" if books.differences else "everything agrees"
