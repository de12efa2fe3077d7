"""The three clocks: from promise to deadline, paused, begun again for a new department, and moved by new rules."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.desk.calendar import CLOSED, JAKARTA, Calendars, WorkingCalendar
from services.desk.domain import Standstill, Ticket
from services.desk.sla import Promise, Promises, Rules, recomputed, with_new_acknowledge, worked
from shared.events import Deadlines
from tests.factories_tickets import ALWAYS_OPEN, DAY, NOW, RULES, WEEK, a_ticket

LONG_AGO = datetime(2016, 2, 28, tzinfo=UTC)


def wib(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JAKARTA)


def tuesdays(**changes: object) -> Ticket:
    """A ticket accepted on Tuesday 24 November 2026 at 09.15."""
    return a_ticket(accepted_at=NOW, **changes)


def standing_still(ticket: Ticket, *still: Standstill) -> Ticket:
    return recomputed(replace(ticket, stood_still=still), RULES)


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
    assert tuesdays(complaint_class=complaint_class).deadlines == Deadlines(
        acknowledge_by=wib(acknowledge_by), respond_by=wib(respond_by), resolve_by=wib(resolve_by)
    )


def test_clocks_begin_on_monday_when_a_complaint_is_accepted_on_friday_evening() -> None:
    assert a_ticket(accepted_at=wib("2026-11-27 20:00")).deadlines.acknowledge_by == wib("2026-11-30 16:00")


def test_a_department_that_works_around_the_clock_has_its_deadlines_in_the_night() -> None:
    friday_evening = a_ticket(accepted_at=wib("2026-11-27 20:00"), department=ALWAYS_OPEN)
    assert friday_evening.deadlines.acknowledge_by == wib("2026-11-28 03:30")
    assert friday_evening.deadlines.respond_by == wib("2026-11-28 18:30")


def test_a_ticket_in_review_runs_by_the_citys_calendar() -> None:
    assert tuesdays(state="in_review").deadlines == tuesdays().deadlines


def test_a_warning_is_due_at_three_quarters_and_an_escalation_at_twice_the_limit() -> None:
    acknowledge = tuesdays().clocks.acknowledge
    assert (acknowledge.soon_at, acknowledge.again_at) == (wib("2026-11-24 15:52:30"), wib("2026-11-26 09:15"))


class TestStandstills:
    """Time that counts for nobody."""

    def test_a_pause_moves_response_and_resolution_by_the_working_time_that_it_took(self) -> None:
        wait = Standstill("waiting", wib("2026-11-24 14:00"), wib("2026-11-25 08:30"))
        moved = standing_still(tuesdays(), wait).deadlines
        assert moved.respond_by == wib("2026-11-27 13:45")  # three hours on, over Friday's break
        assert moved.resolve_by == wib("2026-12-14 13:15")
        assert moved.acknowledge_by == tuesdays().deadlines.acknowledge_by

    def test_a_pause_over_a_weekend_moves_nothing(self) -> None:
        weekend = Standstill("waiting", wib("2026-11-27 16:30"), wib("2026-11-30 07:30"))
        assert standing_still(tuesdays(), weekend).deadlines == tuesdays().deadlines

    def test_a_pause_is_capped_when_the_reporter_never_answers(self) -> None:
        just_long_enough = standing_still(tuesdays(), Standstill("waiting", NOW, wib("2026-12-08 09:15")))
        a_year_later = standing_still(tuesdays(), Standstill("waiting", NOW, NOW + timedelta(days=365)))
        assert a_year_later.deadlines == just_long_enough.deadlines
        assert a_year_later.deadlines.resolve_by == wib("2026-12-28 09:15")

    def test_asking_again_and_again_stops_the_clocks_for_no_longer_than_the_cap(self) -> None:
        waits = [Standstill("waiting", NOW + timedelta(weeks=w), NOW + timedelta(weeks=w + 1)) for w in range(5)]
        once = standing_still(tuesdays(), Standstill("waiting", NOW, NOW + timedelta(days=365)))
        assert standing_still(tuesdays(), *waits).deadlines == once.deadlines

    def test_the_time_for_which_a_ticket_was_taken_for_done_counts_in_full(self) -> None:
        before = tuesdays()
        eight_weeks_later = standing_still(before, Standstill("rest", NOW, NOW + timedelta(weeks=8)))
        assert eight_weeks_later.deadlines.resolve_by == before.deadlines.resolve_by + timedelta(weeks=8)
        assert eight_weeks_later.deadlines.acknowledge_by == before.deadlines.acknowledge_by

    def test_a_pause_after_a_late_answer_does_not_make_it_punctual(self) -> None:
        answered_late = tuesdays(responded_at=wib("2026-11-30 10:00"))
        paused = standing_still(answered_late, Standstill("waiting", wib("2026-12-01 08:00"), wib("2026-12-08 08:00")))
        assert paused.deadlines.respond_by == answered_late.deadlines.respond_by
        assert paused.deadlines.resolve_by > answered_late.deadlines.resolve_by

    def test_a_clock_took_the_working_time_without_that_for_which_it_stood_still(self) -> None:
        ticket = standing_still(tuesdays(), Standstill("waiting", wib("2026-11-24 14:00"), wib("2026-11-25 08:30")))
        until = wib("2026-11-25 09:15")
        assert worked("acknowledge", ticket.clocks.acknowledge, ticket, RULES, until) == DAY
        assert worked("resolve", ticket.clocks.resolve, ticket, RULES, until) == DAY - timedelta(hours=3)


class TestNewDepartment:
    """A hand-over begins a new run of acknowledge, and of nothing else."""

    def test_it_has_its_own_time_to_acknowledge(self) -> None:
        given = with_new_acknowledge(tuesdays(acknowledged_at=NOW), RULES, "DLH", wib("2026-12-01 10:00"))
        assert given.deadlines.acknowledge_by == wib("2026-12-02 10:00")
        assert (given.clocks.acknowledge.run, given.acknowledged_at) == (2, None)
        assert (given.clocks.respond, given.clocks.resolve) == (tuesdays().clocks.respond, tuesdays().clocks.resolve)

    def test_it_acknowledges_by_its_own_calendar_when_it_works_around_the_clock(self) -> None:
        given = with_new_acknowledge(tuesdays(), RULES, ALWAYS_OPEN, wib("2026-11-27 20:00"))
        assert given.deadlines.acknowledge_by == wib("2026-11-28 03:30")
        assert given.deadlines.resolve_by == tuesdays().deadlines.resolve_by


class TestPromises:
    """Which promise holds."""

    @pytest.mark.parametrize(
        ("topic", "urgency", "hours"),
        [(None, "normal", 8), ("lampu", "normal", 4), (None, "high", 2), ("lampu", "high", 4), ("jalan", "high", 2)],
    )
    def test_the_more_particular_one_and_the_topic_before_the_urgency(
        self, topic: str | None, urgency: str, hours: int
    ) -> None:
        promises = promised(promise(8), promise(4, topic="lampu"), promise(2, urgency="high"))
        assert promises.limit("resolve", "complaint", topic, urgency, NOW) == timedelta(hours=hours)

    def test_the_one_of_that_day(self) -> None:
        promises = promised(promise(8), promise(4, valid_from=NOW), promise(1, topic="lampu", valid_until=NOW))
        assert promises.limit("resolve", "complaint", None, "normal", NOW - timedelta(seconds=1)) == 8 * HOUR
        assert promises.limit("resolve", "complaint", None, "normal", NOW) == 4 * HOUR
        assert promises.limit("resolve", "complaint", "lampu", "normal", NOW - timedelta(seconds=1)) == HOUR
        assert promises.limit("resolve", "complaint", "lampu", "normal", NOW) == 4 * HOUR

    def test_the_oldest_general_one_when_none_was_in_force(self) -> None:
        promises = promised(promise(1, topic="lampu"), promise(8), promise(4, valid_from=NOW))
        assert promises.limit("resolve", "complaint", None, "normal", LONG_AGO - DAY) == 8 * HOUR

    def test_the_one_of_the_day_of_acceptance_however_late_it_is_asked(self) -> None:
        later = replace(RULES, version=2, promises=promised(*EVERY_CLOCK, promise(1, valid_from=NOW + DAY)))
        assert recomputed(tuesdays(), later).deadlines.resolve_by == NOW + 2 * HOUR


HOUR = timedelta(hours=1)


def promise(hours: int, **changes: object) -> Promise:
    facts: dict[str, object] = {"complaint_class": "complaint", "clock": "resolve", "valid_from": LONG_AGO}
    return Promise(**facts | {"limit": timedelta(hours=hours)} | changes)  # type: ignore[arg-type]


def promised(*promises: Promise) -> Promises:
    return Promises(promises)


EVERY_CLOCK = tuple(promise(2, clock=clock) for clock in ("acknowledge", "respond", "resolve"))


def test_a_new_holiday_moves_the_deadlines_that_are_owed_and_no_other() -> None:
    closed = WorkingCalendar(WEEK, exceptions={date(2026, 11, 26): CLOSED})
    rules: Rules = replace(RULES, version=2, calendars=Calendars(closed, {}))
    before = tuesdays(acknowledged_at=NOW)
    after = recomputed(before, rules)
    assert after.deadlines.acknowledge_by == before.deadlines.acknowledge_by
    assert after.deadlines.respond_by == wib("2026-11-30 09:15")
    assert after.deadlines.resolve_by == wib("2026-12-15 09:15")
    assert (after.rules_version, recomputed(after, rules)) == (2, after)
