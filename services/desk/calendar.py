"""Working time, exact to the microsecond: hours by weekday and regime, days off, Ramadan, days with hours of their own.

A calendar is data (`services/desk/rulebook.py` reads it from tables). Pure; nothing here knows today's date.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TypeAlias
from zoneinfo import ZoneInfo

JAKARTA = ZoneInfo("Asia/Jakarta")
WORKING_DAY = timedelta(hours=7, minutes=30)

Hours: TypeAlias = tuple[tuple[int, int], ...]
"""When a day's work opens and closes, in seconds since local midnight: ordered, apart, possibly none."""
Week: TypeAlias = tuple[Hours, ...]
"""Seven days of hours, Monday first."""
Span: TypeAlias = tuple[date, date]
"""The first and the last day of something."""

CLOSED: Hours = ()
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND = 1_000_000
_MOST_YEARS_KEPT = 40
_MOST_YEARS_CLOSED = 20


class NeverOpen(ValueError):
    """A calendar without working time for twenty years, so that no deadline can be told from it."""


def parse_hours(text: str) -> Hours:
    """Hours from words like `07:30-12:00 13:00-16:00`; ValueError when they are not ordered times of one day."""
    spans = [part.partition("-")[::2] for part in text.split()]
    hours = tuple((_seconds(opens), _seconds(closes)) for opens, closes in spans)
    moments = [moment for span in hours for moment in span]
    if any(later <= earlier for earlier, later in pairwise(moments)):
        raise ValueError(f"{text!r}: each time must be later than the one before it")
    return hours


def _seconds(text: str) -> int:
    if not _TIME.fullmatch(text):
        raise ValueError(f"{text!r} is no time of day like 07:30")
    hour, minute = text.split(":")
    return int(hour) * 3600 + int(minute) * 60


def hours_in_words(hours: Hours) -> str:
    """The words that `parse_hours` reads; empty for a closed day."""
    return " ".join("-".join(f"{t // 3600:02}:{t // 60 % 60:02}" for t in span) for span in hours)


@dataclass(frozen=True, slots=True)
class _Year:
    """One local year's working time, prepared: spans in microseconds since 1970, and the sums up to each."""

    opens: list[int]
    closes: list[int]
    before: list[int]
    through: list[int]

    @property
    def total(self) -> int:
        return self.through[-1] if self.through else 0

    def worked_until(self, moment: int) -> int:
        """The year's working time before `moment`."""
        i = bisect_right(self.opens, moment) - 1
        return 0 if i < 0 else self.before[i] + min(moment, self.closes[i]) - self.opens[i]

    def when_worked(self, target: int) -> int:
        """The first moment by which `target` (above nought, at most the total) has been worked."""
        i = bisect_left(self.through, target)
        return self.opens[i] + target - self.before[i]

    def opening_from(self, moment: int) -> int | None:
        """`moment` itself when that is working time, else the year's next opening, if there is one."""
        i = bisect_right(self.closes, moment)
        return max(moment, self.opens[i]) if i < len(self.opens) else None


class WorkingCalendar:
    """Adds and measures working time. Years are prepared when they are first asked for and kept.

    `exceptions` gives single days their hours, none for a day off; they stand above the weekday's and Ramadan's.
    """

    def __init__(
        self,
        week: Week,
        *,
        ramadan_week: Week | None = None,
        ramadans: Sequence[Span] = (),
        exceptions: Mapping[date, Hours] | None = None,
    ) -> None:
        self._week = week
        self._ramadan_week = ramadan_week or week
        self._ramadans = tuple(ramadans)
        self._exceptions = dict(exceptions or {})
        self._years: dict[int, _Year] = {}

    def hours_on(self, day: date) -> Hours:
        """When this calendar works on a day."""
        if (own := self._exceptions.get(day)) is not None:
            return own
        in_ramadan = any(begins <= day <= ends for begins, ends in self._ramadans)
        return (self._ramadan_week if in_ramadan else self._week)[day.weekday()]

    def add(self, start: datetime, working: timedelta) -> datetime:
        """The moment (UTC) at which `working` time has passed since `start`: inside working hours or at their end.

        With nought it is `start` itself when that is working time, else the next opening.
        """
        moment, left = _micros(start), working // _MICROSECOND
        first = number = start.astimezone(JAKARTA).year
        while number - first <= _MOST_YEARS_CLOSED or self._year(number - 1).total:
            year = self._year(number)
            done = year.worked_until(moment)
            if left == 0 and (opening := year.opening_from(moment)) is not None:
                return _moment(opening)
            if 0 < left <= year.total - done:
                return _moment(year.when_worked(done + left))
            left -= year.total - done
            number += 1
        raise NeverOpen(f"no working time in the {_MOST_YEARS_CLOSED} years after {first}")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two moments; nought when `end` is not after `start`."""
        if end <= start:
            return timedelta()
        first, last = (moment.astimezone(JAKARTA).year for moment in (start, end))
        worked = self._year(last).worked_until(_micros(end)) - self._year(first).worked_until(_micros(start))
        whole_years = sum(self._year(number).total for number in range(first, last))
        return (worked + whole_years) * _MICROSECOND

    def _year(self, number: int) -> _Year:
        found = self._years.get(number)
        if found is None:
            if len(self._years) >= _MOST_YEARS_KEPT:
                self._years.clear()
            found = self._years[number] = self._prepare(number)
        return found

    def _prepare(self, number: int) -> _Year:
        year, worked = _Year([], [], [], []), 0
        for ordinal in range(date(number, 1, 1).toordinal(), date(number + 1, 1, 1).toordinal()):
            day = date.fromordinal(ordinal)
            midnight = _micros(datetime.combine(day, time(), JAKARTA))
            for opens, closes in self.hours_on(day):
                year.opens.append(midnight + opens * _SECOND)
                year.closes.append(midnight + closes * _SECOND)
                year.before.append(worked)
                worked += (closes - opens) * _SECOND
                year.through.append(worked)
        return year


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _moment(micros: int) -> datetime:
    return _EPOCH + micros * _MICROSECOND


@dataclass(frozen=True, slots=True)
class Calendars:
    """Every department's calendar. The city's is for tickets in review and for departments without one of their own."""

    city: WorkingCalendar
    own: Mapping[str, WorkingCalendar]

    def of(self, department: str | None) -> WorkingCalendar:
        """By what a department works; None is the Live Room."""
        return self.own.get(department or "", self.city)
