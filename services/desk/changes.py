"""What a batch of moves comes to: tickets, runs of clocks, history rows and events, written together."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.desk import announcements
from services.desk.domain import Clock, ClockRun, Ticket
from services.desk.sla import Rules, worked
from services.desk.store import Described, DeskStore
from services.desk.timers import next_step
from shared.events import Actor
from shared.events.topics import TICKETS_EVENTS
from shared.ids import event_id
from shared.outbox import Outgoing

ASSIGNING = ("assigned", "handed_over")
"""The types of event with which a department receives the ticket."""


@dataclass(frozen=True, slots=True)
class Why:
    """Who or what moved a ticket, and what was said with it."""

    actor: Actor
    cause: UUID
    reason: str | None = None
    message: str | None = None


@dataclass(slots=True)
class Changes:
    """Collects moves made at `now`; `tickets` are the locked ones as they are after the moves so far."""

    rules: Rules
    now: datetime
    tickets: dict[UUID, Described]
    events: list[Outgoing] = field(default_factory=list)
    _changed: set[UUID] = field(default_factory=set)
    _opened: list[dict[str, Any]] = field(default_factory=list)
    _opened_clocks: list[dict[str, Any]] = field(default_factory=list)
    _clocks: dict[tuple[UUID, Clock, int], dict[str, Any]] = field(default_factory=dict)
    _history: list[dict[str, Any]] = field(default_factory=list)

    def record(self, after: Ticket, event_type: str, why: Why, part: Ticket | None = None) -> None:
        """A move: the ticket one version on, its history row and its events; `part` was split off by it."""
        before = self.tickets[after.complaint_id].ticket
        described = self.touch(after)
        event = announcements.changed(
            after, event_type, actor=why.actor, cause=why.cause, now=self.now, reason=why.reason, message=why.message,
            part=part,
        )  # fmt: skip
        self._history.append(_history_row(after, event, event_type, why))
        self.events.append(event)
        if event_type in ASSIGNING:
            self.events.append(self._assigned(described, before.department, why.reason))
        if part:
            self._open(replace(described, ticket=part, description=_of_part(described, part, why)), why)

    def touch(self, after: Ticket) -> Described:
        """A ticket that changed without anything to tell."""
        before = self.tickets[after.complaint_id]
        described = self.tickets[after.complaint_id] = replace(before, ticket=after)
        self._changed.add(after.complaint_id)
        for row in _clock_rows(before.ticket, after, self.rules, self.now):
            self._clocks[after.complaint_id, row["clock"], row["run"]] = row
        return described

    async def write(self, store: DeskStore) -> None:
        """Write everything but the events, which the caller puts into the outbox in its own order."""
        if self._opened:
            await store.open_tickets(self._opened, self._opened_clocks)
        if self._changed:
            changed = [ticket_columns(self.tickets[i].ticket, self.rules) for i in self._changed]
            await store.change(changed, list(self._clocks.values()), self._history)

    def _open(self, described: Described, why: Why) -> None:
        part = described.ticket
        self.tickets[part.complaint_id] = described
        self._opened.append(opening_row(described, self.rules, why, self.now))
        self._opened_clocks.extend(opening_clocks(part))
        self.events.append(
            announcements.changed(part, "opened", actor=why.actor, cause=why.cause, now=self.now, reason=why.reason)
        )
        if part.department is not None:
            self.events.append(self._assigned(described, None, why.reason))

    def _assigned(self, described: Described, previous: str | None, reason: str | None) -> Outgoing:
        return announcements.assigned(
            described, assigned_by="operator", now=self.now, previous_department=previous, hand_over_reason=reason
        )


def _of_part(described: Described, part: Ticket, why: Why) -> dict[str, Any]:
    """A part says what the operator or officer cut out for it; place and photos are those of the whole."""
    return described.description | {"text_masked": None if part.confidential else why.message}


def _history_row(ticket: Ticket, event: Outgoing, event_type: str, why: Why) -> dict[str, Any]:
    return {
        "complaint_id": ticket.complaint_id,
        "version": ticket.version,
        "event_id": event.event_id,
        "type": event_type,
        "state": ticket.state,
        "department": ticket.department,
        "actor_kind": why.actor.kind,
        "actor_ref": why.actor.ref,
        "reason": why.reason,
        "message": why.message,
        "cause": why.cause,
        "at": event.occurred_at,
    }


def ticket_columns(ticket: Ticket, rules: Rules) -> dict[str, Any]:
    """Every column that a move may change."""
    step = next_step(ticket, rules)
    return {
        "complaint_id": ticket.complaint_id,
        "version": ticket.version,
        "state": ticket.state,
        "department": ticket.department,
        "office": ticket.office,
        "supporting_departments": list(ticket.supporting_departments),
        "complaint_class": ticket.complaint_class,
        "topic": ticket.topic,
        "acknowledged_at": ticket.acknowledged_at,
        "responded_at": ticket.responded_at,
        "resolved_at": ticket.resolved_at,
        "waiting_since": ticket.waiting_since,
        "reminded_at": ticket.reminded_at,
        "stood_still": [{"why": s.why, "since": s.since, "until": s.until} for s in ticket.stood_still],
        "rules_version": ticket.rules_version,
        "next_step_at": step.due_at if step else None,
        "parts": ticket.parts,
        **ticket.deadlines.model_dump(),
    }


def opening_row(described: Described, rules: Rules, why: Why, now: datetime) -> dict[str, Any]:
    """A new ticket's columns and those of its first history row."""
    ticket = described.ticket
    return described.description | ticket_columns(ticket, rules) | {
        "ticket_number": ticket.ticket_number,
        "complaint_topic": ticket.topic,
        "confidential": ticket.confidential,
        "accepted_at": ticket.accepted_at,
        "opened_at": now,
        "parent": ticket.parent,
        "event_id": event_id(TICKETS_EVENTS.event_type, ticket.complaint_id, 1),
        "cause": why.cause,
        "actor_kind": why.actor.kind,
        "actor_ref": why.actor.ref,
    }  # fmt: skip


def opening_clocks(ticket: Ticket) -> Iterator[dict[str, Any]]:
    """A new ticket's three clocks."""
    for clock, run in ticket.clocks:
        yield _run_columns(ticket, clock, run)


def _clock_rows(before: Ticket, after: Ticket, rules: Rules, now: datetime) -> Iterator[dict[str, Any]]:
    """The runs that a move changed: ended ones, new ones, moved ones."""
    for clock, run in after.clocks:
        old = before.clocks.of(clock)
        if old.run != run.run and before.met_at(clock) is None:
            yield _run_columns(before, clock, old) | {"passed_on_at": now}
        if _facts(before, clock) != _facts(after, clock):
            yield _run_columns(after, clock, run) | _ending(after, clock, run, rules)


def _facts(ticket: Ticket, clock: Clock) -> tuple[object, ...]:
    return ticket.clocks.of(clock), ticket.met_at(clock), None if ticket.met_at(clock) else ticket.department


def _ending(ticket: Ticket, clock: Clock, run: ClockRun, rules: Rules) -> dict[str, Any]:
    met_at = ticket.met_at(clock)
    if met_at is None:
        return {}
    return {"met_at": met_at, "worked_seconds": worked(clock, run, ticket, rules, met_at).total_seconds()}


def _run_columns(ticket: Ticket, clock: Clock, run: ClockRun) -> dict[str, Any]:
    facts = {name: getattr(run, name) for name in ClockRun.__slots__}
    return facts | {"complaint_id": ticket.complaint_id, "clock": clock, "department": ticket.department}
