"""Working time in Tangerang: real weeks, and what is true of any moment."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.desk.calendar import JAKARTA, WORKING_DAY, add_working_time, working_time_between

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
SPANS = st.timedeltas(timedelta(microseconds=1), 30 * WORKING_DAY)


def wib(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JAKARTA)


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
        ("2026-12-31 15:00", 2.0, "2027-01-01 08:30"),  # across a year
    ],
)
def test_working_time_ends_when_the_offices_have_been_open_for_so_long(start: str, hours: float, end: str) -> None:
    assert add_working_time(wib(start), timedelta(hours=hours)) == wib(end)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-24 09:00", "2026-11-24 09:00", 0),
        ("2026-11-24 10:00", "2026-11-24 09:00", 0),
        ("2026-11-24 11:00", "2026-11-24 14:00", 2),
        ("2026-11-27 16:30", "2026-11-30 07:30", 0),
        ("2026-11-27 16:00", "2026-11-30 08:30", 1.5),
        ("2026-11-23 00:00", "2026-11-30 00:00", 37.5),
        ("2026-12-28 00:00", "2027-01-11 00:00", 75),
    ],
)
def test_only_open_offices_count_when_time_is_measured(start: str, end: str, hours: float) -> None:
    assert working_time_between(wib(start), wib(end)) == timedelta(hours=hours)


@pytest.mark.parametrize("weekday", range(5))
def test_a_working_day_is_seven_and_a_half_hours_on_every_weekday(weekday: int) -> None:
    day = date(2026, 11, 23) + timedelta(days=weekday)
    midnight = datetime.combine(day, time(), JAKARTA)
    assert working_time_between(midnight, midnight + timedelta(days=1)) == WORKING_DAY


def test_no_working_time_ends_at_the_next_opening_when_offices_are_closed() -> None:
    assert add_working_time(wib("2026-11-28 10:00"), timedelta()) == wib("2026-11-30 07:30")
    assert add_working_time(wib("2026-11-24 10:00"), timedelta()) == wib("2026-11-24 10:00")


def test_the_answer_is_in_utc_when_the_question_is_in_local_time() -> None:
    assert add_working_time(wib("2026-11-24 09:15"), WORKING_DAY).tzinfo is UTC


@settings(deadline=None)
@given(MOMENTS, SPANS)
def test_measuring_gives_back_what_was_added(start: datetime, span: timedelta) -> None:
    assert working_time_between(start, add_working_time(start, span)) == span


@settings(deadline=None)
@given(MOMENTS, SPANS, SPANS)
def test_adding_in_two_steps_ends_where_one_step_ends(start: datetime, first: timedelta, second: timedelta) -> None:
    assert add_working_time(add_working_time(start, first), second) == add_working_time(start, first + second)


@settings(deadline=None)
@given(MOMENTS, st.timedeltas(timedelta(), timedelta(days=10)), SPANS)
def test_a_later_start_never_ends_earlier(start: datetime, later_by: timedelta, span: timedelta) -> None:
    assert add_working_time(start, span) <= add_working_time(start + later_by, span)


@settings(deadline=None)
@given(MOMENTS, SPANS, SPANS)
def test_more_working_time_always_ends_later(start: datetime, span: timedelta, more: timedelta) -> None:
    assert add_working_time(start, span) < add_working_time(start, span + more)


@settings(deadline=None)
@given(MOMENTS, SPANS)
def test_the_end_lies_in_working_hours_or_at_their_close(start: datetime, span: timedelta) -> None:
    end = add_working_time(start, span).astimezone(JAKARTA)
    noon, close = (time(11, 30), time(16, 30)) if end.weekday() == 4 else (time(12), time(16))
    assert end.weekday() < 5
    assert time(7, 30) <= end.time() <= noon or time(13) <= end.time() <= close
