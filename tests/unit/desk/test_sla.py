"""The three clocks: from promise to deadline, paused, and begun again for a new department."""

from datetime import datetime, timedelta

import pytest

from services.desk.calendar import JAKARTA
from services.desk.sla import PAUSE_CAP, after_pause, after_rest, with_new_acknowledge
from shared.events import Deadlines
from tests.factories_tickets import NOW, POLICY


def wib(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JAKARTA)


TUESDAY = POLICY["complaint"].deadlines(NOW)


@pytest.mark.parametrize(
    ("complaint_class", "acknowledge_by", "respond_by", "resolve_by"),
    [
        ("complaint", "2026-11-25 09:15", "2026-11-27 09:15", "2026-12-14 09:15"),
        ("information", "2026-11-25 09:15", "2026-11-26 09:15", "2026-12-01 09:15"),
        ("aspiration", "2026-11-27 09:15", "2026-12-14 09:15", "2027-02-16 09:15"),
    ],
)
def test_all_deadlines_count_working_days_from_acceptance(
    complaint_class: str, acknowledge_by: str, respond_by: str, resolve_by: str
) -> None:
    assert POLICY[complaint_class].deadlines(NOW) == Deadlines(
        acknowledge_by=wib(acknowledge_by), respond_by=wib(respond_by), resolve_by=wib(resolve_by)
    )


def test_clocks_begin_on_monday_when_a_complaint_is_accepted_on_friday_evening() -> None:
    assert POLICY["complaint"].deadlines(wib("2026-11-27 20:00")).acknowledge_by == wib("2026-11-30 16:00")


def test_a_pause_moves_response_and_resolution_by_the_working_time_that_it_took() -> None:
    moved = after_pause(TUESDAY, wib("2026-11-24 14:00"), wib("2026-11-25 08:30"))
    assert moved.respond_by == wib("2026-11-27 13:45")  # three hours on, over Friday's break
    assert moved.resolve_by == wib("2026-12-14 13:15")
    assert moved.acknowledge_by == TUESDAY.acknowledge_by


def test_a_pause_over_a_weekend_moves_nothing() -> None:
    assert after_pause(TUESDAY, wib("2026-11-27 16:30"), wib("2026-11-30 07:30")) == TUESDAY


def test_a_pause_is_capped_when_the_reporter_never_answers() -> None:
    just_long_enough = after_pause(TUESDAY, NOW, wib("2026-12-08 09:15"))
    a_year_later = after_pause(TUESDAY, NOW, NOW + timedelta(days=365))
    assert a_year_later == just_long_enough
    assert a_year_later.resolve_by == wib("2026-12-28 09:15")
    assert timedelta(hours=75) == PAUSE_CAP


def test_the_time_for_which_a_ticket_was_taken_for_done_counts_in_full_for_nobody() -> None:
    eight_weeks_later = after_rest(TUESDAY, NOW, NOW + timedelta(weeks=8))
    assert eight_weeks_later.resolve_by == TUESDAY.resolve_by + timedelta(weeks=8)
    assert eight_weeks_later.acknowledge_by == TUESDAY.acknowledge_by


def test_a_department_that_receives_a_ticket_late_gets_its_own_time_to_acknowledge() -> None:
    handed_over = with_new_acknowledge(TUESDAY, POLICY["complaint"], wib("2026-12-01 10:00"))
    assert handed_over.acknowledge_by == wib("2026-12-02 10:00")
    assert (handed_over.respond_by, handed_over.resolve_by) == (TUESDAY.respond_by, TUESDAY.resolve_by)
