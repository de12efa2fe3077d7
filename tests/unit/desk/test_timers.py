"""What time alone does: the order of its steps, each once, and what a new calendar moves."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.desk.calendar import CLOSED, Calendars, WorkingCalendar
from services.desk.domain import RUNNING, Ticket
from services.desk.timers import AUTOMATIC, Happened, brought_up_to, happen, next_step
from shared.events.tickets import State
from tests.factories_tickets import DEPARTMENT, NOW, RULES, WEEK, a_ticket, a_ticket_in

FAR = NOW + timedelta(days=1000)


def lived(ticket: Ticket, now: datetime = FAR) -> list[tuple[str, str | None]]:
    """What happens to a ticket that nobody moves, until `now`."""
    told: list[tuple[str, str | None]] = []
    while (step := next_step(ticket, RULES)) and step.due_at <= now:
        happened = happen(ticket, step, RULES, now)
        assert happened.ticket.version == ticket.version + 1
        told.append((happened.event_type, happened.reason))
        ticket = happened.ticket
    return told


def test_a_ticket_that_nobody_touches_is_warned_of_breached_and_escalated_once_a_clock_in_order() -> None:
    assert lived(a_ticket()) == [
        ("due_soon", "acknowledge"), ("breached", "acknowledge"), ("escalated", "acknowledge"),
        ("due_soon", "respond"), ("breached", "respond"), ("escalated", "respond"),
        ("due_soon", "resolve"), ("breached", "resolve"), ("escalated", "resolve"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (timedelta(microseconds=-1), []),
        (timedelta(), [("breached", "acknowledge")]),
    ],
)
def test_a_breach_is_one_at_its_deadline_and_not_before(moment: timedelta, told: list[tuple[str, str]]) -> None:
    ticket = a_ticket()
    now = ticket.deadlines.acknowledge_by + moment
    assert lived(ticket, now)[1:] == told


def test_a_clock_that_was_met_is_silent() -> None:
    in_progress = a_ticket(state="in_progress", acknowledged_at=NOW, responded_at=NOW)
    assert {clock for _, clock in lived(in_progress)} == {"resolve"}


def test_a_reporter_who_never_replies_is_reminded_and_then_the_ticket_is_rejected_as_incomplete() -> None:
    waiting = a_ticket_in("waiting_reporter")
    assert lived(waiting) == [("reporter_reminded", None), ("rejected", "incomplete")]
    reminder = next_step(waiting, RULES)
    assert reminder
    assert reminder.due_at == RULES.until("waiting_reminder", NOW)


def test_the_wait_is_remembered_when_it_is_given_up() -> None:
    waiting = replace(a_ticket_in("waiting_reporter"), reminded_at=NOW)
    step = next_step(waiting, RULES)
    assert step
    rejected = happen(waiting, step, RULES, FAR).ticket
    assert (rejected.state, rejected.resolved_at, rejected.waiting_since) == ("rejected", step.due_at, None)
    assert rejected.stood_still[0].until == step.due_at


def test_a_department_that_asked_in_time_has_missed_nothing_when_the_reporter_never_replies() -> None:
    waiting = replace(a_ticket_in("waiting_reporter"), reminded_at=NOW, acknowledged_at=NOW)
    step = next_step(waiting, RULES)
    assert step
    rejected = happen(waiting, step, RULES, FAR).ticket
    assert all(step.due_at <= rejected.clocks.of(clock).due_at for clock in ("respond", "resolve"))


def test_a_resolved_ticket_closes_when_the_time_to_object_is_over() -> None:
    resolved = a_ticket_in("resolved")
    assert lived(resolved, NOW + timedelta(days=10, microseconds=-1)) == []
    assert lived(resolved, NOW + timedelta(days=10)) == [("closed", "time")]


@pytest.mark.parametrize("state", ["closed", "rejected"])
def test_nothing_happens_to_what_is_over(state: State) -> None:
    assert next_step(a_ticket_in(state), RULES) is None


@given(st.sampled_from(list(RUNNING)), st.integers(0, 400))
def test_time_never_stands_in_its_own_way(state: State, days: int) -> None:
    """However far the clock leaps, a ticket's steps end, and none is left that is due."""
    assert len(lived(a_ticket_in(state), NOW + timedelta(days=days))) <= 9


def test_every_step_is_allowed_by_its_row() -> None:
    for state in RUNNING:
        ticket = a_ticket_in(state)
        while step := next_step(ticket, RULES):
            move = AUTOMATIC[step.name]
            assert ticket.state in move.sources
            ticket = happen(ticket, step, RULES, FAR).ticket
            assert ticket.state == (move.target or state)
            state = ticket.state


class TestNewRules:
    """A change of calendar or promise."""

    HOLIDAY = replace(
        RULES, version=2, calendars=Calendars(WorkingCalendar(WEEK, exceptions={date(2026, 11, 26): CLOSED}), {})
    )

    def test_a_later_promise_is_told_as_such(self) -> None:
        outcome = brought_up_to(a_ticket(accepted_at=NOW), self.HOLIDAY)
        assert isinstance(outcome, Happened)
        assert (outcome.event_type, outcome.reason, outcome.ticket.version) == ("deadline_moved", "later", 4)

    def test_an_earlier_one_too(self) -> None:
        by_holiday = brought_up_to(a_ticket(accepted_at=NOW), self.HOLIDAY)
        assert isinstance(by_holiday, Happened)
        outcome = brought_up_to(by_holiday.ticket, replace(RULES, version=3))
        assert isinstance(outcome, Happened)
        assert outcome.reason == "earlier"

    def test_a_department_that_is_given_another_calendar_has_another_time_to_acknowledge(self) -> None:
        always = WorkingCalendar(((((0, 86400)),),) * 7)
        rules = replace(RULES, version=2, calendars=Calendars(RULES.calendars.city, {DEPARTMENT: always}))
        outcome = brought_up_to(a_ticket(accepted_at=NOW, responded_at=NOW, resolved_at=NOW), rules)
        assert isinstance(outcome, Happened)
        assert outcome.reason == "acknowledge"

    @pytest.mark.parametrize("state", ["resolved", "closed", "rejected"])
    def test_what_is_over_is_not_moved(self, state: State) -> None:
        ended = replace(a_ticket_in(state), acknowledged_at=NOW, responded_at=NOW)
        outcome = brought_up_to(ended, self.HOLIDAY)
        assert isinstance(outcome, Ticket)
        assert outcome.deadlines == ended.deadlines

    def test_rules_that_move_nothing_are_taken_over_in_silence(self) -> None:
        ticket = a_ticket()
        assert brought_up_to(ticket, replace(RULES, version=7)) == replace(ticket, rules_version=7)
