"""Working time worked out a second time, as simply as possible: no Ramadan, days walked one by one."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

JAKARTA = ZoneInfo("Asia/Jakarta")
DAYS_OFF = holidays.country_holidays("ID", years=range(2024, 2030), categories=("public", "government"))
ROUND_THE_CLOCK = "BPBD"


def a_past_monday_outside_ramadan(today: date) -> date:
    """The Monday of an ordinary week between August and November that is over; Ramadan is in spring until 2030."""
    monday = today - timedelta(days=today.weekday() + 14)
    while monday.month not in (8, 9, 10, 11) or any(monday + timedelta(days=n) in DAYS_OFF for n in range(5)):
        monday -= timedelta(days=7)
    return monday


def spans(since: datetime, department: str | None) -> Iterator[tuple[datetime, datetime]]:
    """When a department works from the day of `since` on."""
    midnight = datetime.combine(since.astimezone(JAKARTA).date(), time(), JAKARTA)
    while True:
        for opens, closes in _hours(midnight.date(), department):
            yield midnight + timedelta(minutes=opens), midnight + timedelta(minutes=closes)
        midnight += timedelta(days=1)


def _hours(day: date, department: str | None) -> list[tuple[int, int]]:
    if department == ROUND_THE_CLOCK:
        return [(0, 24 * 60)]
    if day.weekday() > 4 or day in DAYS_OFF:
        return []
    return [(450, 690), (780, 990)] if day.weekday() == 4 else [(450, 720), (780, 960)]


def later(since: datetime, working: timedelta, department: str | None) -> datetime:
    """The moment at which so much working time has passed."""
    for opens, closes in spans(since, department):
        begins = max(opens, since)
        if begins < closes and working <= closes - begins:
            return begins + working
        working -= max(closes - begins, timedelta())
    raise AssertionError("spans never end")


def between(since: datetime, until: datetime, department: str | None) -> timedelta:
    """The working time between two moments."""
    total = timedelta()
    for opens, closes in spans(since, department):
        if opens >= until:
            return total
        total += max(min(closes, until) - max(opens, since), timedelta())
    return total
