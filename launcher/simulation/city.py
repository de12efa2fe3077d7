"""What a city complains of and when: the rhythm of a day and a week, and one day of flood. Seeded; pure."""

import json
import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from uuid import UUID

from launcher.demo.samples import Posting, posting, sample_complaints
from services.desk.calendar import JAKARTA, WorkingCalendar

A_DAY = (35, 40)
"""How many complaints come on an ordinary day: LAKSA had 14,012 in 2024 and 12,080 in 2025."""
FLOOD_TIMES = 10
WEEKEND_SHARE = 0.7
_BY_HOUR = (2, 1, 1, 1, 2, 5, 14, 28, 36, 34, 30, 24, 20, 24, 26, 24, 22, 18, 18, 22, 22, 16, 9, 4)
_FLOODS = (
    "Banjir setinggi lutut di {kelurahan}, warga minta evakuasi sekarang, air masih naik",
    "Rumah kami di {kelurahan} terendam banjir, ada lansia terjebak di lantai dua, tolong perahu karet",
    "Drainase mampet, jalan di {kelurahan} tergenang sejak hujan, mohon saluran air dikeruk",
    "Gorong-gorong di {kelurahan} tersumbat, air meluap ke jalan, mohon diperbaiki",
    "Tanggul kali di {kelurahan} jebol dan perlu diperbaiki, jalan rusak dan berlubang",
)
_QUIET_YEAR = timedelta(days=360)
_BEFORE_DAYS_OFF = 1 / 3


@dataclass(frozen=True, slots=True)
class Arrival:
    """One complaint and when it is posted, in business time."""

    at: datetime
    posting: Posting

    @property
    def complaint_id(self) -> UUID:
        """Whose it is."""
        return UUID(self.posting.complaint_id)


def simulated_id(chance: random.Random) -> UUID:
    """A UUID version 8 (RFC 9562: free for one's own use): nobody else's complaint has one."""
    value = chance.getrandbits(128) & ~(0xF << 76) | 0x8 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def arrivals(first: date, days: int, seed: int) -> list[Arrival]:
    """What comes in so many days from midnight of the first one, in order. The same seed, the same city."""
    chance = random.Random(f"{seed}/{first}/{days}")  # noqa: S311
    texts = [json.loads(one.value or b"") for one in sample_complaints(days * A_DAY[1], seed)]
    ordinary = iter(texts)
    flood = flood_day(first, days)
    found: list[Arrival] = []
    for day in (first + timedelta(days=n) for n in range(days)):
        count = round(chance.randint(*A_DAY) * (WEEKEND_SHARE if day.weekday() > 4 else 1))
        found += [_arrival(day, one, chance) for one in islice(ordinary, count)]
        if day == flood:
            found += [_arrival(day, _flooded(texts, chance), chance) for _ in range(count * (FLOOD_TIMES - 1))]
    return sorted(found, key=lambda arrival: arrival.at)


def flood_day(first: date, days: int) -> date | None:
    """The first working weekday after a sixth of the time; none in less than three days."""
    later = (first + timedelta(days=n) for n in range(days // 6 + 1, days))
    return next((day for day in later if day.weekday() < 4), None) if days > 2 else None


def _arrival(day: date, complaint: dict[str, object], chance: random.Random) -> Arrival:
    [hour] = chance.choices(range(24), weights=_BY_HOUR)
    at = datetime.combine(day, time(hour), JAKARTA) + timedelta(seconds=chance.randrange(3600))
    facts = {"complaint_id": str(simulated_id(random.SystemRandom())), "submitted_at": at.isoformat()}
    return Arrival(at, posting(complaint | facts))


def _flooded(texts: list[dict[str, object]], chance: random.Random) -> dict[str, object]:
    where = chance.choice(texts)
    location = where["location"]
    kelurahan = location["kelurahan"] if isinstance(location, dict) else "Cipondoh"
    return where | {"text": chance.choice(_FLOODS).format(kelurahan=kelurahan)}


def month_with_most_days_off(calendar: WorkingCalendar, today: date, days: int) -> date:
    """Where days that are over begin, to have the past year's longest holiday a third of the way in.

    Intake takes only complaints of the past 366 days, and none from the future.
    """
    oldest, newest = today - _QUIET_YEAR, today - timedelta(days=days)
    starts, longest, since = oldest, 0, None
    for day in (oldest + timedelta(days=n) for n in range((today - oldest).days)):
        if calendar.hours_on(day):
            since = None
            continue
        since = since or day
        if (day - since).days >= longest:
            starts, longest = since, (day - since).days
    wanted = starts - timedelta(days=round(days * _BEFORE_DAYS_OFF))
    return max(oldest, min(wanted, newest))
