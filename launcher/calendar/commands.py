"""`laksa calendar show | add | remove | import | ramadan | week | give | recompute`."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

import asyncpg
import typer

from launcher.calendar.days_off import days_off
from launcher.database import Dsn, dsn_of, in_transaction
from launcher.errors import LauncherError
from services.desk.calendar import CLOSED, hours_in_words, parse_hours
from services.desk.rulebook import CITY, EVERY, Almanac, Rulebook, SpecialDay
from services.desk.usecases import KeepTime
from shared.events.departments import DEPARTMENTS
from shared.postgres import Connection, Database

T = TypeVar("T")

app = typer.Typer(
    help="Working time: holidays, collective leave, Ramadan, the city's own days. Open deadlines follow by themselves.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_DATES = ["%Y-%m-%d"]
Day = Annotated[datetime, typer.Argument(formats=_DATES, help="The day, like 2026-12-31.")]
Calendar = Annotated[str, typer.Option(help="Which calendar; * is every one that keeps days off.")]
Source = Annotated[str, typer.Option(help="The decree or the circular that says so.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def show(
    year: Annotated[int | None, typer.Option(help="Which year's days; the present one and later if absent.")] = None,
    dsn: Dsn = None,
    as_json: AsJson = False,
) -> None:
    """Show calendars, Ramadans and special days, and until when days off are known."""
    first, last = (date(year, 1, 1), date(year, 12, 31)) if year else (None, date(9999, 12, 31))

    async def look(almanac: Almanac, connection: Connection) -> dict[str, Any]:
        today: date = (await connection.fetchval("SELECT clock.now()")).date()
        return {
            "covers_until": await almanac.covers_until(),
            "calendars": [dict(row) for row in await almanac.calendars()],
            "ramadans": [dict(row) for row in await almanac.ramadans()],
            "days": [dict(row) for row in await almanac.days(first or date(today.year, 1, 1), last)],
        }

    shown = _with_almanac(dsn, look, read_only=True)
    typer.echo(json.dumps(shown, default=str, indent=2) if as_json else "\n".join(_lines(shown)))


@app.command()
def add(
    day: Day,
    name: Annotated[str, typer.Argument(help="What the day is, in words.")],
    hours: Annotated[str, typer.Option(help="Hours of its own, like '07:30-12:00'; closed if absent.")] = "",
    calendar: Calendar = EVERY,
    source: Source = "override",
    dsn: Dsn = None,
) -> None:
    """Close a day, or give it hours of its own, whatever the nation's calendar says."""
    own = _hours(hours)
    special = SpecialDay(
        day.date(), "open" if own else "closed", name, source, hours=hours_in_words(own) or None, calendar=calendar
    )

    async def enter(almanac: Almanac, _: Connection) -> bool:
        await _must_exist(almanac, calendar)
        return await almanac.put(special)

    entered = _with_almanac(dsn, enter)
    typer.echo(f"{special.day} {special.hours or 'closed'}: " + ("entered" if entered else "was so already"))


@app.command()
def remove(day: Day, calendar: Calendar = EVERY, dsn: Dsn = None) -> None:
    """Take an override back: the day is again as the nation's calendar has it."""

    async def take_back(almanac: Almanac, _: Connection) -> bool:
        return await almanac.remove(day.date(), calendar)

    if not _with_almanac(dsn, take_back):
        raise LauncherError(f"{day.date()} has no override in {calendar!r}.", remedy="see `laksa calendar show`")
    typer.echo(f"{day.date()}: removed")


@app.command("import")
def import_days_off(
    year: Annotated[int, typer.Argument(min=2000, max=2100, help="Which year.")], dsn: Dsn = None
) -> None:
    """Bring a year's holidays and collective leave from the library `holidays`; overrides stay."""
    days = days_off(year)

    async def enter(almanac: Almanac, _: Connection) -> tuple[int, int]:
        return await almanac.replace_days_off(year, days)

    entered, removed = _with_almanac(dsn, enter)
    uncertain = sum(not special.certain for special in days)
    typer.echo(f"{year}: {len(days)} days off, {entered} entered or changed, {removed} removed, {uncertain} uncertain")
    if not any(special.kind == "collective_leave" for special in days):
        typer.echo(f"The library does not know the collective leave of {year} yet.")


@app.command()
def ramadan(
    begins: Day,
    ends: Annotated[datetime, typer.Argument(formats=_DATES, help="Its last day.")],
    certain: Annotated[bool, typer.Option(help="Whether the ministry has decided.")] = True,
    source: Source = "override",
    dsn: Dsn = None,
) -> None:
    """Say from when to when Ramadan's hours hold, in the place of what was known of that year."""
    if not 0 <= (ends - begins).days <= 31:
        raise LauncherError("Ramadan has 29 or 30 days.", remedy="give its first and its last day")

    async def enter(almanac: Almanac, _: Connection) -> None:
        await almanac.put_ramadan(begins.date(), ends.date(), certain=certain, source=source)

    _with_almanac(dsn, enter)
    typer.echo(f"Ramadan {begins.date()} to {ends.date()}")


@app.command()
def week(
    calendar: Annotated[str, typer.Argument(help="Its name, in small letters.")],
    hours: Annotated[list[str], typer.Argument(help="Seven days of hours, Monday first; '' is closed.")],
    days_off: Annotated[bool, typer.Option(help="Whether it is closed on holidays and collective leave.")] = True,
    source: Source = "override",
    dsn: Dsn = None,
) -> None:
    """Make a calendar with hours of its own, for departments to be given."""
    if len(hours) != 7 or calendar == CITY:
        raise LauncherError("A calendar has seven days, and the city's is the law's.", remedy="give seven hours")
    days = [hours_in_words(_hours(words)) for words in hours]
    if not any(days):
        raise LauncherError("A calendar without working time has no deadlines.", remedy="open it on one day")

    async def enter(almanac: Almanac, _: Connection) -> None:
        await almanac.put_week(calendar, days, keeps_days_off=days_off, source=source)

    _with_almanac(dsn, enter)
    typer.echo(f"{calendar}: entered")


@app.command()
def give(
    department: Annotated[str, typer.Argument(help="Its code, like BPBD.")],
    calendar: Annotated[str, typer.Argument(help="The calendar by which it works.")],
    dsn: Dsn = None,
) -> None:
    """Let a department work by a calendar."""
    if department not in DEPARTMENTS:
        raise LauncherError(f"There is no department {department!r}.", remedy=f"name one of {', '.join(DEPARTMENTS)}")

    async def enter(almanac: Almanac, _: Connection) -> None:
        await _must_exist(almanac, calendar)
        await almanac.give(department, calendar)

    _with_almanac(dsn, enter)
    typer.echo(f"{department} works by {calendar}")


@app.command()
def recompute(dsn: Dsn = None) -> None:
    """Bring open deadlines up to the present rules now; a running desk does so by itself within a second or two."""
    typer.echo(f"{asyncio.run(_recompute(dsn_of(dsn)))} tickets looked at")


async def _recompute(dsn: str) -> int:
    database = Database(dsn, "desk", connections=1)
    await database.connect()
    try:
        keep_time, total = KeepTime(database, Rulebook()), 0
        while looked_at := await keep_time.recompute():
            total += looked_at
        return total
    finally:
        await database.close()


def _with_almanac(
    dsn: str | None, work: Callable[[Almanac, Connection], Awaitable[T]], *, read_only: bool = False
) -> T:
    async def in_schema(connection: Connection) -> T:
        return await work(Almanac(connection), connection)

    try:
        return asyncio.run(in_transaction(dsn_of(dsn), in_schema, read_only=read_only))
    except asyncpg.IntegrityConstraintViolationError as error:
        raise LauncherError(f"The database refused it: {error}", remedy="see `laksa calendar --help`") from error


async def _must_exist(almanac: Almanac, calendar: str) -> None:
    names = [row["calendar"] for row in await almanac.calendars()]
    if calendar not in (EVERY, *names):
        raise LauncherError(f"There is no calendar {calendar!r}.", remedy=f"name one of {', '.join(names)}, or make it")


def _hours(words: str) -> tuple[tuple[int, int], ...]:
    try:
        return parse_hours(words) if words.strip() else CLOSED
    except ValueError as error:
        raise LauncherError(str(error), remedy="write hours like '07:30-12:00 13:00-16:00'") from error


def _lines(shown: dict[str, Any]) -> Iterator[str]:
    yield f"days off are known until {shown['covers_until']}; later weekdays count as working days"
    for row in shown["calendars"]:
        yield f"calendar {row['calendar']}: {', '.join(row['departments']) or 'all other departments'}"
    for row in shown["ramadans"]:
        yield f"Ramadan {row['begins']} to {row['ends']}{_doubt(row)}"
    for row in sorted(shown["days"], key=lambda row: row["day"]):
        where = "" if row["calendar"] == EVERY else f" ({row['calendar']})"
        yield f"{row['day']}  {row['kind']:<16} {row['hours'] or ''}{row['name']}{where}{_doubt(row)}"


def _doubt(row: dict[str, Any]) -> str:
    return "" if row["certain"] else "  UNCERTAIN"
