"""What time alone does to a ticket: warnings, breaches, endings. Pure; the rows and the clock are the desk's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.desk.domain import RUNNING, Clock, ClockRun, Clocks, Ticket
from services.desk.lifecycle import ended, no_longer_waiting
from services.desk.sla import Rules, recomputed
from shared.events.tickets import State

StepName = Literal["warn", "breach", "escalate", "remind", "give_up", "close", "recompute"]

_CLOCKS_RUN: tuple[State, ...] = tuple(state for state, clocks in RUNNING.items() if clocks)


@dataclass(frozen=True, slots=True)
class AutomaticMove:
    """One row: in which states time does it, where it leads (None: nowhere else), what others are told, and when."""

    step: StepName
    sources: tuple[State, ...]
    target: State | None
    event_type: str
    when: str
    reason: str


AUTOMATIC: Mapping[StepName, AutomaticMove] = {
    move.step: move
    for move in (
        AutomaticMove("warn", _CLOCKS_RUN, None, "due_soon", "three quarters of a clock's limit have run", "the clock"),
        AutomaticMove("breach", _CLOCKS_RUN, None, "breached", "a clock has run past its limit", "the clock"),
        AutomaticMove("escalate", _CLOCKS_RUN, None, "escalated", "a clock has run twice its limit", "the clock"),
        AutomaticMove(
            "remind", ("waiting_reporter",), None, "reporter_reminded",
            "the window `waiting_reminder` has passed without a reply", "",
        ),
        AutomaticMove(
            "give_up", ("waiting_reporter",), "rejected", "rejected", "the window `waiting` has passed without a reply",
            "incomplete",
        ),
        AutomaticMove("close", ("resolved",), "closed", "closed", "the window `objection` has passed", "time"),
        AutomaticMove(
            "recompute", ("in_review", "assigned", "in_progress", "waiting_reporter"), None, "deadline_moved",
            "a change of calendar or promise moved a deadline that is still owed", "later, earlier, acknowledge",
        ),
    )
}  # fmt: skip
"""By step. Data: the docs and the tests read it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that time does to one ticket, due at a moment."""

    due_at: datetime
    name: StepName
    clock: Clock | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """The ticket after a step, one version on, what to tell and why."""

    ticket: Ticket
    event_type: str
    reason: str | None


def next_step(ticket: Ticket, rules: Rules) -> Step | None:
    """What time will do next to this ticket, if nobody moves it; None when nothing."""
    return min(_steps(ticket, rules), key=lambda step: step.due_at, default=None)


def _steps(ticket: Ticket, rules: Rules) -> Iterator[Step]:
    for clock, run in ticket.running():
        yield from _steps_of(clock, run)
    if ticket.state == "waiting_reporter" and ticket.waiting_since:
        if ticket.reminded_at is None:
            yield Step(rules.until("waiting_reminder", ticket.waiting_since), "remind")
        yield Step(rules.until("waiting", ticket.waiting_since), "give_up")
    if ticket.state == "resolved" and ticket.resolved_at:
        yield Step(rules.until("objection", ticket.resolved_at), "close")


def _steps_of(clock: Clock, run: ClockRun) -> Iterator[Step]:
    if run.breached_at is None:
        if run.warned_at is None:
            yield Step(run.soon_at, "warn", clock)
        yield Step(run.due_at, "breach", clock)
    elif run.escalated_at is None:
        yield Step(run.again_at, "escalate", clock)


def happen(ticket: Ticket, step: Step, rules: Rules, now: datetime) -> Happened:
    """The ticket after a step that is due."""
    move = AUTOMATIC[step.name]
    changed = _marked(ticket, step, rules, now)
    reason = step.clock or move.reason or None
    after = replace(changed, state=move.target or ticket.state, version=ticket.version + 1)
    return Happened(after, move.event_type, reason)


def _marked(ticket: Ticket, step: Step, rules: Rules, now: datetime) -> Ticket:
    if step.clock is not None:
        run = _told(ticket.clocks.of(step.clock), step.name, now)
        return replace(ticket, clocks=Clocks(**(dict(ticket.clocks) | {step.clock: run})))
    match step.name:
        case "remind":
            return replace(ticket, reminded_at=now)
        case "give_up":
            # At the moment at which it fell due: that the timer came late is not the department's doing.
            return ended(recomputed(no_longer_waiting(ticket, step.due_at), rules), step.due_at)
        case _:
            return ticket


def _told(run: ClockRun, name: StepName, now: datetime) -> ClockRun:
    match name:
        case "warn":
            return replace(run, warned_at=now)
        case "breach":
            return replace(run, breached_at=now)
        case _:
            return replace(run, escalated_at=now)


def brought_up_to(ticket: Ticket, rules: Rules) -> Happened | Ticket:
    """The ticket by the present rules: a recorded event when an owed deadline moved, else silently."""
    after = recomputed(ticket, rules)
    moved = {clock: run.due_at for clock, run in after.clocks if run.due_at != ticket.clocks.of(clock).due_at}
    if ticket.state not in AUTOMATIC["recompute"].sources or not moved:
        return after
    return Happened(
        replace(after, version=ticket.version + 1), AUTOMATIC["recompute"].event_type, _direction(ticket, moved)
    )


def _direction(before: Ticket, moved: Mapping[Clock, datetime]) -> str:
    """What moved, as the citizen sees it: a promise later, a promise earlier, or only the department's own clock."""
    citizens = {clock: due_at for clock, due_at in moved.items() if clock != "acknowledge"}
    if not citizens:
        return "acknowledge"
    return "later" if any(due_at > before.clocks.of(clock).due_at for clock, due_at in citizens.items()) else "earlier"
