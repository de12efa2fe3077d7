"""Working time in Tangerang: Monday to Friday in the hours of Perpres 21/2023, Asia/Jakarta.

Holidays, collective leave, Ramadan hours and departments that work around the clock are not in it yet.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

JAKARTA = ZoneInfo("Asia/Jakarta")
WORKING_DAY = timedelta(hours=7, minutes=30)

_MONDAY_TO_THURSDAY = ((time(7, 30), time(12, 0)), (time(13, 0), time(16, 0)))
_FRIDAY = ((time(7, 30), time(11, 30)), (time(13, 0), time(16, 30)))
_HOURS = (*(_MONDAY_TO_THURSDAY,) * 4, _FRIDAY, (), ())
"""By weekday, Monday first; 37 h 30 min a week, breaks left out."""


def add_working_time(start: datetime, working: timedelta) -> datetime:
    """The moment (UTC) at which `working` time has passed since `start`; always inside working hours or at their end.

    With zero it is `start` itself when that is working time, else the next opening.
    """
    left = working
    for opens, closes in _windows(start):
        if left <= closes - opens:
            return (opens + left).astimezone(UTC)
        left -= closes - opens
    raise AssertionError("working weeks never end")


def working_time_between(start: datetime, end: datetime) -> timedelta:
    """How much working time lies between two moments; zero when `end` is not after `start`."""
    total = timedelta()
    for opens, closes in _windows(start):
        if opens >= end:
            return total
        total += min(closes, end) - opens
    return total


def _windows(start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The spans of working time from `start` on, the first one cut to begin there; without end."""
    day = start.astimezone(JAKARTA).date()
    while True:
        for opens, closes in _windows_of(day):
            if closes > start:
                yield max(opens, start), closes
        day += timedelta(days=1)


def _windows_of(day: date) -> list[tuple[datetime, datetime]]:
    return [
        (datetime.combine(day, opens, JAKARTA), datetime.combine(day, closes, JAKARTA))
        for opens, closes in _HOURS[day.weekday()]
    ]
