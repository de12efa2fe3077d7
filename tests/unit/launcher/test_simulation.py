"""The simulated city: seeded, in its volumes, and placed where the holidays are."""

from collections import Counter
from datetime import date, timedelta

from launcher.simulation.city import arrivals, flood_day, month_with_most_days_off
from services.desk.calendar import CLOSED, JAKARTA, WorkingCalendar, parse_hours

FIRST = date(2026, 3, 8)
WEEKDAYS = WorkingCalendar((parse_hours("08:00-16:00"),) * 5 + (CLOSED,) * 2)


def test_the_same_seed_makes_the_same_city() -> None:
    assert [one.at for one in arrivals(FIRST, 5, 1)] == [one.at for one in arrivals(FIRST, 5, 1)]
    assert [one.at for one in arrivals(FIRST, 5, 1)] != [one.at for one in arrivals(FIRST, 5, 2)]


def test_an_ordinary_weekday_brings_35_to_40_complaints_and_the_flood_ten_times_as_many() -> None:
    by_day = Counter(one.at.astimezone(JAKARTA).date() for one in arrivals(FIRST, 30, 1))
    flood = flood_day(FIRST, 30)
    assert flood
    assert 350 <= by_day.pop(flood) <= 400
    assert all(35 <= count <= 40 for day, count in by_day.items() if day.weekday() < 5)


def test_each_complaint_has_an_id_that_is_the_simulations_own() -> None:
    ids = [one.complaint_id for one in arrivals(FIRST, 3, 1)]
    assert len(set(ids)) == len(ids)
    assert {one.version for one in ids} == {8}


def test_the_month_is_laid_around_the_longest_holiday_and_is_over() -> None:
    holiday = {date(2026, 3, 18) + timedelta(days=n): CLOSED for n in range(7)}
    calendar = WorkingCalendar((parse_hours("08:00-16:00"),) * 5 + (CLOSED,) * 2, exceptions=holiday)
    assert month_with_most_days_off(calendar, date(2026, 11, 24), 30) == date(2026, 3, 8)
    assert month_with_most_days_off(WEEKDAYS, date(2026, 11, 24), 30) <= date(2026, 10, 25)
