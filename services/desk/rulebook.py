"""The rules as they stand in tables: read once, kept in memory, read again when their version has grown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from services.desk.calendar import CLOSED, Calendars, Hours, Week, WorkingCalendar, parse_hours
from services.desk.sla import Promise, Promises, Rules, Window
from shared.postgres import Connection
from shared.queries import load

queries = load("services.desk")

CITY = "city"
EVERY = "*"
_FIRST, _LAST = date(1, 1, 1), date(9999, 12, 31)


class Rulebook:
    """One process's copy of the rules. It asks for their version in each transaction and trusts nothing older."""

    def __init__(self) -> None:
        self._rules: Rules | None = None

    async def current(self, connection: Connection) -> Rules:
        """The rules as this transaction sees them."""
        version = await connection.fetchval(queries["rules_version"])
        if self._rules is None or self._rules.version != version:
            self._rules = await _read(connection, version)
        return self._rules


async def _read(connection: Connection, version: int) -> Rules:
    promises = [_promise(row) for row in await connection.fetch(queries["promises"])]
    windows = await connection.fetch(queries["windows"])
    return Rules(
        version=version,
        calendars=await _calendars(connection),
        promises=Promises(promises),
        windows={row["name"]: Window(timedelta(seconds=row["seconds"]), row["working"]) for row in windows},
    )


def _promise(row: Any) -> Promise:
    facts = {name: row[name] for name in ("complaint_class", "clock", "topic", "urgency", "valid_from", "valid_until")}
    return Promise(**facts, limit=timedelta(seconds=row["limit_seconds"]))


async def _calendars(connection: Connection) -> Calendars:
    calendars = await Almanac(connection).calendars()
    hours = await connection.fetch(queries["calendar_hours"])
    ramadans = [(row["begins"], row["ends"]) for row in await Almanac(connection).ramadans()]
    days = await Almanac(connection).days(_FIRST, _LAST)
    made = {
        row["calendar"]: WorkingCalendar(
            _week(hours, row["calendar"], "ordinary") or (CLOSED,) * 7,
            ramadan_week=_week(hours, row["calendar"], "ramadan"),
            ramadans=ramadans,
            exceptions=exceptions(days, row["calendar"], keeps_days_off=row["keeps_days_off"]),
        )
        for row in calendars
    }
    own = {department: made[row["calendar"]] for row in calendars for department in row["departments"]}
    return Calendars(made[CITY], own)


def _week(rows: Iterable[Any], calendar: str, regime: str) -> Week | None:
    found = {r["weekday"]: r["hours"] for r in rows if (r["calendar"], r["regime"]) == (calendar, regime)}
    return tuple(parse_hours(found.get(weekday, "")) for weekday in range(1, 8)) if found else None


def exceptions(days: Iterable[Mapping[str, Any]], calendar: str, *, keeps_days_off: bool) -> dict[date, Hours]:
    """The days that are not as their weekday, from rows of which a later one stands above an earlier one."""
    places = {calendar, EVERY} if keeps_days_off else {calendar}
    return {row["day"]: parse_hours(row["hours"] or "") for row in days if row["calendar"] in places}


DayKind = Literal["holiday", "collective_leave", "closed", "open"]


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that is not as its weekday. `hours` is for an open day, in the words of `parse_hours`."""

    day: date
    kind: DayKind
    name: str
    source: str
    certain: bool = True
    hours: str | None = None
    calendar: str = EVERY


class Almanac:
    """The tables of calendars, for those who keep them; works in its caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def days(self, first: date, last: date) -> list[Any]:
        """The special days from `first` to `last`, overrides after the nation's days."""
        found: list[Any] = await self._connection.fetch(queries["calendar_days"], first, last)
        return found

    async def calendars(self) -> list[Any]:
        """(calendar, keeps_days_off, source, departments) of every calendar."""
        found: list[Any] = await self._connection.fetch(queries["calendars"])
        return found

    async def ramadans(self) -> list[Any]:
        """(begins, ends, certain, source) of every known Ramadan."""
        found: list[Any] = await self._connection.fetch(queries["ramadans"])
        return found

    async def covers_until(self) -> date | None:
        """The last day for which days off are known; weekdays after it count as working days."""
        day: date | None = await self._connection.fetchval(queries["calendar_covers_until"])
        return day

    async def put(self, special: SpecialDay) -> bool:
        """Enter a day in the place of what was there; False when it was there already."""
        columns = (special.day, special.calendar, special.kind, special.name, special.certain, special.source)
        return bool(await self._connection.fetchval(queries["put_calendar_day"], *columns, special.hours))

    async def remove(self, day: date, calendar: str = EVERY) -> bool:
        """Take an override back; False when there was none."""
        return bool(await self._connection.fetchval(queries["remove_overrides"], day, calendar))

    async def replace_days_off(self, year: int, days: Sequence[SpecialDay]) -> tuple[int, int]:
        """Make a year's holidays and collective leave these; returns how many were entered and how many removed."""
        first, last = date(year, 1, 1), date(year, 12, 31)
        stay = [special.day for special in days]
        removed = await self._connection.fetch(queries["remove_days_off"], first, last, stay)
        return sum([await self.put(special) for special in days]), len(removed)

    async def put_ramadan(self, begins: date, ends: date, *, certain: bool, source: str) -> None:
        """Enter a Ramadan in the place of the one of that year."""
        await self._connection.execute(queries["put_ramadan"], begins, ends, certain, source)

    async def put_week(self, calendar: str, week: Sequence[str], *, keeps_days_off: bool, source: str) -> None:
        """Make a calendar of seven days of hours, Monday first; Ramadan does not change it."""
        await self._connection.execute(queries["put_calendar"], calendar, keeps_days_off, source)
        for weekday, hours in enumerate(week, start=1):
            await self._connection.execute(queries["put_hours"], calendar, "ordinary", weekday, hours)

    async def give(self, department: str, calendar: str) -> None:
        """Let a department work by a calendar."""
        await self._connection.execute(queries["give_calendar"], department, calendar)
