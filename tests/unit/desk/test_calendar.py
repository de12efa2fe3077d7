"""Working time in Tangerang: the weeks of 2026 as they are, and what is true of any calendar and any moment."""

from datetime import UTC, date, datetime, time, timedelta
from timeit import timeit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from launcher.calendar.days_off import days_off
from services.desk.calendar import (
    CLOSED,
    JAKARTA,
    WORKING_DAY,
    Hours,
    NeverOpen,
    WorkingCalendar,
    hours_in_words,
    parse_hours,
)
from tests.factories_tickets import CITY, WEEK

RAMADAN_WEEK = (*(parse_hours("08:00-12:00 12:30-15:00"),) * 4, parse_hours("08:00-11:30 12:30-15:30"), CLOSED, CLOSED)
LAW = WorkingCalendar(
    WEEK,
    ramadan_week=RAMADAN_WEEK,
    ramadans=[(date(2026, 2, 19), date(2026, 3, 20))],
    exceptions={special.day: CLOSED for year in (2026, 2027) for special in days_off(year)},
)
"""The city's calendar by law, with the days off of 2026 and 2027."""
ALWAYS = WorkingCalendar((parse_hours("00:00-24:00"),) * 7)

MOMENTS = st.datetimes(datetime(2025, 6, 1), datetime(2028, 6, 1), timezones=st.just(UTC))
SPANS = st.timedeltas(timedelta(microseconds=1), 60 * WORKING_DAY)
DAYS = st.dates(date(2025, 1, 1), date(2029, 1, 1))


def wib(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JAKARTA)


def some_hours() -> st.SearchStrategy[Hours]:
    """A day's hours: a few spans to the minute."""
    minutes = st.lists(st.integers(0, 24 * 60), unique=True, max_size=6).map(sorted)
    return minutes.map(lambda m: tuple((a * 60, b * 60) for a, b in zip(m[::2], m[1::2], strict=False)))


def weeks() -> st.SearchStrategy[tuple[Hours, ...]]:
    """A week that is open at some time."""
    return st.tuples(*(some_hours(),) * 7).filter(any)


CALENDARS = st.one_of(
    st.sampled_from([LAW, CITY, ALWAYS]),
    st.builds(
        WorkingCalendar,
        weeks(),
        ramadan_week=st.none() | weeks(),
        ramadans=st.lists(DAYS.map(lambda day: (day, day + timedelta(days=29))), max_size=2),
        exceptions=st.dictionaries(DAYS, st.just(CLOSED) | some_hours(), max_size=30),
    ),
)
examples = settings(deadline=None, max_examples=60)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-24 09:15", 1.0, "2026-11-24 10:15"),
        ("2026-11-24 11:30", 1.0, "2026-11-24 13:30"),  # over the lunch break
        ("2026-11-24 12:30", 1.0, "2026-11-24 14:00"),  # began in the break
        ("2026-11-24 04:00", 0.5, "2026-11-24 08:00"),  # before the opening
        ("2026-11-24 15:30", 1.0, "2026-11-25 08:00"),  # over the night
        ("2026-11-24 15:30", 0.5, "2026-11-24 16:00"),  # to the last minute of the day
        ("2026-11-27 11:00", 1.0, "2026-11-27 13:30"),  # Friday's longer break
        ("2026-11-27 16:29", 0.5, "2026-11-30 07:59"),  # Friday closes at 16.30
        ("2026-11-27 19:00", 7.5, "2026-11-30 16:00"),  # Friday evening
        ("2026-11-28 00:00", 37.5, "2026-12-04 16:30"),  # the weekend's start, one whole week
        ("2026-11-29 23:59", 0.25, "2026-11-30 07:45"),  # Sunday night
        ("2026-02-13 16:00", 1.0, "2026-02-18 08:00"),  # Friday, then Imlek's leave and holiday
        ("2026-02-18 15:00", 2.0, "2026-02-19 09:00"),  # the eve of Ramadan: from 8 on now
        ("2026-02-19 11:30", 1.0, "2026-02-19 13:00"),  # Ramadan's short break
        ("2026-02-20 11:00", 1.0, "2026-02-20 13:00"),  # a Friday in Ramadan
        ("2026-02-23 08:00", 32.5, "2026-02-27 15:30"),  # a week of Ramadan has 32 h 30 min
        ("2026-03-17 14:00", 1.0, "2026-03-17 15:00"),  # the last working hour before the feast
        ("2026-03-17 14:00", 1.5, "2026-03-25 08:00"),  # Nyepi, Idul Fitri and their leave: eight days later
        ("2026-03-19 10:00", 7.5, "2026-03-25 16:00"),  # accepted on Nyepi
        ("2026-05-13 15:00", 2.0, "2026-05-18 08:30"),  # Kenaikan on Thursday, leave on Friday
        ("2026-12-23 15:30", 1.0, "2026-12-28 08:00"),  # Christmas with its leave
        ("2026-12-31 15:00", 2.0, "2027-01-04 08:30"),  # New Year's Eve, a Thursday: on Friday all is closed
    ],
)
def test_working_time_ends_when_the_offices_have_been_open_for_so_long(start: str, hours: float, end: str) -> None:
    assert LAW.add(wib(start), timedelta(hours=hours)) == wib(end)
    assert LAW.between(wib(start), wib(end)) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-24 09:00", "2026-11-24 09:00", 0),
        ("2026-11-24 10:00", "2026-11-24 09:00", 0),
        ("2026-11-24 11:00", "2026-11-24 14:00", 2),
        ("2026-11-27 16:30", "2026-11-30 07:30", 0),
        ("2026-11-27 16:00", "2026-11-30 08:30", 1.5),
        ("2026-11-23 00:00", "2026-11-30 00:00", 37.5),
        ("2026-03-18 00:00", "2026-03-25 00:00", 0),
        ("2026-12-28 00:00", "2027-01-11 00:00", 8 * 7.5),  # without New Year and Isra Mikraj
        ("2026-01-01 00:00", "2027-01-01 00:00", (261 - 21) * 7.5 - 19),  # Ramadan's 19 working days are an hour short
    ],
)
def test_only_open_offices_count_when_time_is_measured(start: str, end: str, hours: float) -> None:
    assert LAW.between(wib(start), wib(end)) == timedelta(hours=hours)


def test_the_nation_has_21_days_off_on_weekdays_in_2026() -> None:
    weekdays = [special.day for special in days_off(2026) if special.day.weekday() < 5]
    assert (len(weekdays), len(days_off(2026))) == (21, 25)


def test_what_the_moon_may_still_move_is_not_certain() -> None:
    assert [special.day.isoformat() for special in days_off(2027) if not special.certain] == [
        "2027-03-10", "2027-03-11", "2027-05-17",
    ]  # fmt: skip
    assert all(special.certain for special in days_off(2026))


@pytest.mark.parametrize("weekday", range(5))
def test_a_working_day_is_seven_and_a_half_hours_on_every_weekday(weekday: int) -> None:
    midnight = datetime.combine(date(2026, 11, 23) + timedelta(days=weekday), time(), JAKARTA)
    assert LAW.between(midnight, midnight + timedelta(days=1)) == WORKING_DAY


def test_no_working_time_ends_at_the_next_opening_when_offices_are_closed() -> None:
    assert LAW.add(wib("2026-11-28 10:00"), timedelta()) == wib("2026-11-30 07:30")
    assert LAW.add(wib("2026-11-24 10:00"), timedelta()) == wib("2026-11-24 10:00")
    assert LAW.add(wib("2026-12-31 16:00"), timedelta()) == wib("2027-01-04 07:30")


def test_the_answer_is_in_utc_when_the_question_is_in_local_time() -> None:
    assert LAW.add(wib("2026-11-24 09:15"), WORKING_DAY).tzinfo is UTC


def test_around_the_clock_working_time_is_time() -> None:
    start = wib("2026-12-31 20:00")
    assert ALWAYS.add(start, timedelta(hours=36)) == start + timedelta(hours=36)
    assert ALWAYS.between(start, start + timedelta(days=400)) == timedelta(days=400)


def test_a_day_has_the_hours_that_the_city_gives_it() -> None:
    half_day = WorkingCalendar(WEEK, exceptions={date(2026, 11, 28): parse_hours("08:00-12:00")})
    assert half_day.add(wib("2026-11-27 16:00"), timedelta(hours=2)) == wib("2026-11-28 09:30")


def test_a_calendar_that_is_never_open_says_so() -> None:
    with pytest.raises(NeverOpen):
        WorkingCalendar((CLOSED,) * 7).add(wib("2026-11-24 09:00"), WORKING_DAY)


@pytest.mark.parametrize("words", ["7:30-12:00", "12:00-07:30", "07:30-12:00 11:00-13:00", "07:30", "07:30-24:30", "x"])
def test_hours_that_are_none_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match="time"):
        parse_hours(words)


@given(some_hours())
@examples
def test_hours_are_read_as_they_are_written(hours: Hours) -> None:
    assert parse_hours(hours_in_words(hours)) == hours


@given(CALENDARS, MOMENTS, SPANS)
@examples
def test_measuring_gives_back_what_was_added(calendar: WorkingCalendar, start: datetime, span: timedelta) -> None:
    assert calendar.between(start, calendar.add(start, span)) == span


@given(CALENDARS, MOMENTS, SPANS, SPANS)
@examples
def test_adding_in_two_steps_ends_where_one_step_ends(
    calendar: WorkingCalendar, start: datetime, first: timedelta, second: timedelta
) -> None:
    assert calendar.add(calendar.add(start, first), second) == calendar.add(start, first + second)


@given(CALENDARS, MOMENTS, st.timedeltas(timedelta(), timedelta(days=100)), SPANS)
@examples
def test_a_later_start_never_ends_earlier(
    calendar: WorkingCalendar, start: datetime, later_by: timedelta, span: timedelta
) -> None:
    assert calendar.add(start, span) <= calendar.add(start + later_by, span)


@given(CALENDARS, MOMENTS, SPANS, SPANS)
@examples
def test_more_working_time_always_ends_later(
    calendar: WorkingCalendar, start: datetime, span: timedelta, more: timedelta
) -> None:
    assert start < calendar.add(start, span) < calendar.add(start, span + more)


@given(CALENDARS, MOMENTS, SPANS)
@examples
def test_the_end_lies_in_working_hours_or_at_their_close(
    calendar: WorkingCalendar, start: datetime, span: timedelta
) -> None:
    end = calendar.add(start, span).astimezone(JAKARTA)
    before_midnight = end - timedelta(microseconds=1)
    assert any(
        opens < (end - datetime.combine(day, time(), JAKARTA)).total_seconds() <= closes
        for day in {end.date(), before_midnight.date()}
        for opens, closes in calendar.hours_on(day)
    )


@given(CALENDARS, MOMENTS, MOMENTS)
@examples
def test_measuring_agrees_with_counting_day_by_day(calendar: WorkingCalendar, one: datetime, other: datetime) -> None:
    start, end = sorted((one, other))
    total, day = timedelta(), start.astimezone(JAKARTA).date()
    while datetime.combine(day, time(), JAKARTA) < end:
        midnight = datetime.combine(day, time(), JAKARTA)
        for opens, closes in calendar.hours_on(day):
            span = (max(midnight + timedelta(seconds=opens), start), min(midnight + timedelta(seconds=closes), end))
            total += max(span[1] - span[0], timedelta())
        day += timedelta(days=1)
    assert calendar.between(start, end) == total


def test_sixty_working_days_are_added_in_a_tenth_of_a_millisecond_at_most() -> None:
    start, span = wib("2026-11-24 09:15"), 60 * WORKING_DAY
    LAW.add(start, span)
    assert min(timeit(lambda: LAW.add(start, span), number=200) for _ in range(5)) / 200 < 100e-6
