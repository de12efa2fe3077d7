"""The table of allowed moves, and what each does to a ticket and its clocks. Pure; time is passed in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from services.desk.domain import Standstill, Ticket
from services.desk.sla import Rules, WindowName, begun, recomputed, with_new_acknowledge
from shared.events import TicketCommand
from shared.events.departments import DEPARTMENTS
from shared.events.tickets import ActorKind, State
from shared.ids import event_id

REJECT_REASONS = ("not_our_authority", "duplicate", "incomplete", "abusive")
MOST_PARTS = 10
"""Into how many tickets one complaint may be split."""

OFFICER: ActorKind = "officer"
OPERATOR: ActorKind = "operator"
REPORTER: ActorKind = "reporter"


@dataclass(frozen=True, slots=True)
class Move:
    """One row: who may ask for it, from which states, where it leads (None: nowhere else), what others are told.

    `effect` says in words what it does beyond its target; `within` names the window in which alone it is allowed.
    """

    command: str
    actors: tuple[ActorKind, ...]
    sources: tuple[State, ...]
    target: State | None
    event_type: str
    needs: tuple[str, ...] = ()
    effect: str = ""
    within: WindowName | None = None


MOVES: Mapping[str, Move] = {
    move.command: move
    for move in (
        Move(
            "assign", (OPERATOR,), ("in_review", "assigned"), "assigned", "assigned", ("department",),
            "out of review the clocks run on; from another department it is a hand-over",
        ),
        Move("acknowledge", (OFFICER, OPERATOR), ("assigned",), None, "acknowledged", (), "acknowledge is met"),
        Move("start", (OFFICER, OPERATOR), ("assigned",), "in_progress", "started", (), "acknowledge is met"),
        Move(
            "ask_reporter", (OFFICER, OPERATOR), ("assigned", "in_progress"), "waiting_reporter", "asked_reporter",
            ("text",), "acknowledge is met; the other clocks stand still",
        ),
        Move(
            "reply", (REPORTER,), ("waiting_reporter",), "in_progress", "reporter_replied", ("text",),
            "the clocks run on, later by the working time of the wait, up to its cap",
        ),
        Move(
            "answer", (OFFICER, OPERATOR), ("assigned", "in_progress"), "in_progress", "answered", ("text",),
            "respond is met",
        ),
        Move(
            "resolve", (OFFICER, OPERATOR), ("assigned", "in_progress"), "resolved", "resolved", (),
            "all clocks are met",
        ),
        Move(
            "reject", (OFFICER, OPERATOR), ("in_review", "assigned", "in_progress"), "rejected", "rejected",
            ("reason",), "all clocks are met",
        ),
        Move(
            "hand_over", (OFFICER, OPERATOR), ("assigned", "in_progress"), "assigned", "handed_over",
            ("department", "reason"), "acknowledge begins anew by the new department's calendar; the others run on",
        ),
        Move(
            "take_back", (OPERATOR,), ("assigned", "in_progress"), "in_review", "taken_back", ("reason",),
            "acknowledge begins anew for the Live Room; the others run on",
        ),
        Move("escalate", (OFFICER, OPERATOR), ("in_review", "assigned", "in_progress"), None, "escalated"),
        Move(
            "reopen", (OPERATOR,), ("resolved", "closed", "rejected"), "in_progress", "reopened", ("reason",),
            "the clocks run on, later by all the time for which it was taken for done; without department: in_review",
            "reopen",
        ),
        Move("confirm", (REPORTER,), ("resolved",), "closed", "closed"),
        Move(
            "object", (REPORTER,), ("resolved",), "in_progress", "reopened", ("text",),
            "the clocks run on, later by all the time for which it was taken for done", "objection",
        ),
        Move("close", (OPERATOR,), ("resolved",), "closed", "closed"),
        Move(
            "add_support", (OFFICER, OPERATOR), ("assigned", "in_progress", "waiting_reporter"), None, "support_added",
            ("department",), "the department may read the ticket, not move it",
        ),
        Move(
            "reclassify", (OPERATOR,), ("in_review", "assigned", "in_progress"), None, "reclassified", (),
            "clocks that still run get the promise of the new class or topic, counted from acceptance",
        ),
        Move(
            "split", (OFFICER, OPERATOR), ("in_review", "assigned", "in_progress"), None, "split", ("text",),
            "opens a ticket for the second problem: with `department`, or in review; respond and resolve count from "
            "the first ticket's acceptance",
        ),
    )
}  # fmt: skip
"""By command. Data: the code below, the docs and the tests read it; a new move is a new row and its effect."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The ticket after the move, one version on, what to tell, and the ticket that was split off by it."""

    ticket: Ticket
    event_type: str
    part: Ticket | None = None


@dataclass(frozen=True, slots=True)
class NotMoved:
    """Why nothing changed; `reason` is one of the contract's."""

    reason: str
    detail: str


Effect: TypeAlias = Callable[[Ticket, TicketCommand, Rules, datetime], Ticket]


def decide(ticket: Ticket | None, command: TicketCommand, rules: Rules, now: datetime) -> Moved | NotMoved:
    """What `command` does to `ticket`."""
    move = MOVES.get(command.command)
    if move is None:
        return NotMoved("invalid", f"there is no command {command.command!r}"[:200])
    if ticket is None:
        return NotMoved("unknown_complaint", "no ticket is open for this complaint")
    refusal = _refuse(move, ticket, command, rules, now)
    if refusal:
        return refusal
    changed = _EFFECTS.get(move.command, _nothing_more)(ticket, command, rules, now)
    state = move.target or ticket.state
    if move.command == "reopen" and ticket.department is None:
        state = "in_review"
    part = split_off(changed, command, rules, now) if move.command == "split" else None
    return Moved(replace(changed, state=state, version=ticket.version + 1), move.event_type, part)


def _refuse(move: Move, ticket: Ticket, command: TicketCommand, rules: Rules, now: datetime) -> NotMoved | None:
    if command.actor.kind not in move.actors:
        return NotMoved("forbidden", f"{move.command} is for {' or '.join(move.actors)}")
    if command.actor.kind == OFFICER and (ticket.department is None or command.actor.department != ticket.department):
        return NotMoved("forbidden", "the ticket is not this department's")
    if command.expected_version is not None and command.expected_version != ticket.version:
        return NotMoved("stale_version", f"the ticket is at version {ticket.version}")
    if ticket.state not in move.sources:
        return NotMoved("not_allowed", f"{move.command} is not allowed in state {ticket.state}")
    missing = [name for name in move.needs if not getattr(command, name)]
    if missing:
        return NotMoved("invalid", f"{move.command} needs {' and '.join(missing)}")
    return _refuse_late(move, ticket, rules, now) or _refuse_particulars(move, ticket, command)


def _refuse_late(move: Move, ticket: Ticket, rules: Rules, now: datetime) -> NotMoved | None:
    if move.within is None or ticket.resolved_at is None:
        return None
    until = rules.until(move.within, ticket.resolved_at)
    return NotMoved("not_allowed", f"the time to {move.command} ended at {until.isoformat()}") if now > until else None


def _refuse_particulars(move: Move, ticket: Ticket, command: TicketCommand) -> NotMoved | None:
    names_department = "department" in move.needs or (move.command == "split" and command.department)
    if names_department and command.department not in DEPARTMENTS:
        return NotMoved("invalid", "there is no such department")
    if move.command in {"assign", "hand_over"} and command.department == ticket.department:
        return NotMoved("not_allowed", "the ticket is this department's already")
    if move.command == "add_support" and command.department in (ticket.department, *ticket.supporting_departments):
        return NotMoved("not_allowed", "the department is already on the ticket")
    if move.command == "acknowledge" and ticket.acknowledged_at:
        return NotMoved("not_allowed", "the ticket is acknowledged already")
    if move.command == "reject" and command.reason not in REJECT_REASONS:
        return NotMoved("invalid", f"reason is one of {', '.join(REJECT_REASONS)}")
    if move.command == "reclassify" and not (command.complaint_class or command.topic):
        return NotMoved("invalid", "reclassify needs class or topic")
    if move.command == "split" and (ticket.parent or ticket.parts >= MOST_PARTS):
        return NotMoved("not_allowed", f"only a first ticket is split, into at most {MOST_PARTS}")
    return None


def _nothing_more(ticket: Ticket, _: TicketCommand, __: Rules, ___: datetime) -> Ticket:
    return ticket


def _assign(ticket: Ticket, command: TicketCommand, rules: Rules, now: datetime) -> Ticket:
    moved = replace(ticket, department=command.department, office=command.office)
    if ticket.department is None:
        return replace(moved, acknowledged_at=None)
    return with_new_acknowledge(moved, rules, command.department, now)


def _acknowledge(ticket: Ticket, _: TicketCommand, __: Rules, now: datetime) -> Ticket:
    return replace(ticket, acknowledged_at=ticket.acknowledged_at or now)


def _ask(ticket: Ticket, command: TicketCommand, rules: Rules, now: datetime) -> Ticket:
    return replace(_acknowledge(ticket, command, rules, now), waiting_since=now, reminded_at=None)


def _reply(ticket: Ticket, _: TicketCommand, rules: Rules, now: datetime) -> Ticket:
    return recomputed(no_longer_waiting(ticket, now), rules)


def no_longer_waiting(ticket: Ticket, now: datetime) -> Ticket:
    """The ticket after its wait for the reporter, which is remembered."""
    wait = Standstill("waiting", ticket.waiting_since or now, now)
    return replace(ticket, waiting_since=None, reminded_at=None, stood_still=(*ticket.stood_still, wait))


def _answer(ticket: Ticket, command: TicketCommand, rules: Rules, now: datetime) -> Ticket:
    return replace(_acknowledge(ticket, command, rules, now), responded_at=ticket.responded_at or now)


def _end(ticket: Ticket, _: TicketCommand, __: Rules, now: datetime) -> Ticket:
    return ended(ticket, now)


def ended(ticket: Ticket, now: datetime) -> Ticket:
    """The ticket with all its clocks stopped for good."""
    return replace(
        ticket,
        acknowledged_at=ticket.acknowledged_at or now,
        responded_at=ticket.responded_at or now,
        resolved_at=now,
    )


def _take_back(ticket: Ticket, _: TicketCommand, rules: Rules, now: datetime) -> Ticket:
    return with_new_acknowledge(replace(ticket, department=None, office=None), rules, None, now)


def _reopen(ticket: Ticket, _: TicketCommand, rules: Rules, now: datetime) -> Ticket:
    rest = Standstill("rest", ticket.resolved_at or now, now)
    return recomputed(replace(ticket, resolved_at=None, stood_still=(*ticket.stood_still, rest)), rules)


def _add_support(ticket: Ticket, command: TicketCommand, _: Rules, __: datetime) -> Ticket:
    return replace(ticket, supporting_departments=(*ticket.supporting_departments, command.department or ""))


def _reclassify(ticket: Ticket, command: TicketCommand, rules: Rules, _: datetime) -> Ticket:
    new_class = command.complaint_class or ticket.complaint_class
    return recomputed(replace(ticket, complaint_class=new_class, topic=command.topic or ticket.topic), rules)


def _split(ticket: Ticket, _: TicketCommand, __: Rules, ___: datetime) -> Ticket:
    return replace(ticket, parts=ticket.parts + 1)


def split_off(parent: Ticket, command: TicketCommand, rules: Rules, now: datetime) -> Ticket:
    """The ticket for the second problem of one text: new in its department's eyes, as old as the first to the citizen.

    Its id and number are the same again when the command comes again after a restore.
    """
    part = replace(
        parent,
        complaint_id=event_id("laksa.tickets.parts", parent.complaint_id, parent.parts),
        ticket_number=f"{parent.ticket_number}-{parent.parts}",
        version=1,
        state="assigned" if command.department else "in_review",
        department=command.department or None,
        office=command.office,
        supporting_departments=(),
        complaint_class=command.complaint_class or parent.complaint_class,
        topic=command.topic,
        acknowledged_at=None,
        responded_at=None,
        parent=parent.complaint_id,
        parts=1,
    )
    return begun(part, rules, acknowledge_from=now)


_EFFECTS: Mapping[str, Effect] = {
    "assign": _assign,
    "hand_over": _assign,
    "acknowledge": _acknowledge,
    "start": _acknowledge,
    "ask_reporter": _ask,
    "reply": _reply,
    "answer": _answer,
    "resolve": _end,
    "reject": _end,
    "take_back": _take_back,
    "reopen": _reopen,
    "object": _reopen,
    "add_support": _add_support,
    "reclassify": _reclassify,
    "split": _split,
}
