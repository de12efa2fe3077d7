"""What was promised, and by when: the rules in force and the deadlines that follow from them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from services.desk.calendar import Calendars, WorkingCalendar
from services.desk.domain import CLOCKS, Clock, ClockRun, Clocks, Standstill, Ticket

ANY = "*"
"""Stands for every topic or every urgency in a promise."""
SOON = 0.75
"""The part of a limit after which a department is warned."""
WindowName = Literal["objection", "reopen", "waiting", "waiting_reminder"]


@dataclass(frozen=True, slots=True)
class Promise:
    """One row of the table of promises: the limit of one clock, in working time, and for what it holds."""

    complaint_class: str
    clock: Clock
    limit: timedelta
    valid_from: datetime
    topic: str = ANY
    urgency: str = ANY
    valid_until: datetime | None = None

    def holds(self, topic: str | None, urgency: str, at: datetime) -> bool:
        """Whether it is for such a ticket, at that moment."""
        in_force = self.valid_from <= at and (self.valid_until is None or at < self.valid_until)
        return in_force and self.topic in (ANY, topic) and self.urgency in (ANY, urgency)

    @property
    def precedence(self) -> tuple[bool, bool, datetime]:
        """The more particular promise stands above the more general one, the later above the earlier."""
        return self.topic != ANY, self.urgency != ANY, self.valid_from


class Promises:
    """All promises, past and future."""

    def __init__(self, promises: Iterable[Promise]) -> None:
        self._sorted: dict[tuple[str, Clock], list[Promise]] = {}
        for promise in sorted(promises, key=lambda promise: promise.precedence, reverse=True):
            self._sorted.setdefault((promise.complaint_class, promise.clock), []).append(promise)

    def limit(self, clock: Clock, complaint_class: str, topic: str | None, urgency: str, at: datetime) -> timedelta:
        """How long this clock may run for such a ticket, by the promise of `at`.

        Where none was in force the oldest general one holds: a ticket without deadlines would be forgotten.
        """
        promises = self._sorted[complaint_class, clock]
        found = (promise.limit for promise in promises if promise.holds(topic, urgency, at))
        return next(found, promises[-1].limit)


@dataclass(frozen=True, slots=True)
class Window:
    """How long something stays possible: working time by the city's calendar, or days as everybody counts them."""

    length: timedelta
    working: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """Calendars, promises and windows as they are at one version."""

    version: int
    calendars: Calendars
    promises: Promises
    windows: Mapping[WindowName, Window]

    def until(self, window: WindowName, since: datetime) -> datetime:
        """When a window that opened at `since` ends."""
        found = self.windows[window]
        return self.calendars.city.add(since, found.length) if found.working else since + found.length

    def limits(self, ticket: Ticket) -> dict[Clock, timedelta]:
        """What was promised for this ticket on the day on which it was accepted: a promise is a promise."""
        facts = (ticket.complaint_class, ticket.topic, ticket.urgency, ticket.accepted_at)
        return {clock: self.promises.limit(clock, *facts) for clock in CLOCKS}


def begun(ticket: Ticket, rules: Rules, acknowledge_from: datetime | None = None) -> Ticket:
    """The ticket with its clocks set going, by its department's calendar, or the city's while it is in review.

    All count from acceptance: the citizen's time in review is not hidden. Only a part that was split off has a
    department that begins later, `acknowledge_from`.
    """
    at_rest = Clocks.at_rest(ticket.accepted_at)
    citizens = replace(at_rest.respond, calendar_of=ticket.department)
    acknowledge = replace(citizens, started_at=acknowledge_from or ticket.accepted_at)
    return recomputed(replace(ticket, clocks=Clocks(acknowledge, citizens, citizens)), rules)


def recomputed(ticket: Ticket, rules: Rules) -> Ticket:
    """The ticket with the deadlines that follow from the rules as they are now; a clock that was met stays as it was.

    Else a pause after a late answer would make the answer punctual.
    """
    limits = rules.limits(ticket)
    still = {"acknowledge": timedelta(), "respond": (paused := stood_still(ticket, rules)), "resolve": paused}
    runs = {
        clock: run if ticket.met_at(clock) else _run(run, limits[clock], still[clock], rules)
        for clock, run in ticket.clocks
    }
    return replace(ticket, clocks=Clocks(**runs), rules_version=rules.version)


def _run(run: ClockRun, limit: timedelta, still: timedelta, rules: Rules) -> ClockRun:
    calendar = rules.calendars.of(run.calendar_of)
    soon, due, again = (calendar.add(run.started_at, part + still) for part in (limit * SOON, limit, limit * 2))
    return replace(run, soon_at=soon, due_at=due, again_at=again)


def stood_still(ticket: Ticket, rules: Rules) -> timedelta:
    """The working time for which the citizen's clocks stood still.

    All waiting for the reporter together counts up to its cap, however often he was asked; rest counts in full.
    """
    calendar = rules.calendars.of(ticket.clocks.respond.calendar_of)
    waited = _sum(calendar, ticket.stood_still, "waiting")
    return min(waited, rules.windows["waiting"].length) + _sum(calendar, ticket.stood_still, "rest")


def _sum(calendar: WorkingCalendar, stood: Iterable[Standstill], why: str) -> timedelta:
    return sum((calendar.between(one.since, one.until) for one in stood if one.why == why), timedelta())


def with_new_acknowledge(ticket: Ticket, rules: Rules, department: str | None, now: datetime) -> Ticket:
    """Who is handed a ticket gets its own time to acknowledge, by its own calendar; the citizen's clocks run on."""
    limit = rules.limits(ticket)["acknowledge"]
    fresh = ClockRun(now, department, now, now, now, run=ticket.clocks.acknowledge.run + 1)
    clocks = replace(ticket.clocks, acknowledge=_run(fresh, limit, timedelta(), rules))
    return replace(ticket, clocks=clocks, acknowledged_at=None)


def worked(clock: Clock, run: ClockRun, ticket: Ticket, rules: Rules, until: datetime) -> timedelta:
    """How long a run took in working time, without the time for which it stood still."""
    still = timedelta() if clock == "acknowledge" else stood_still(ticket, rules)
    return max(rules.calendars.of(run.calendar_of).between(run.started_at, until) - still, timedelta())
