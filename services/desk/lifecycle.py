"""The table of allowed moves, and what each does to a ticket and its clocks. Pure; time is passed in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from services.desk.domain import Ticket
from services.desk.sla import Policy, after_pause, after_rest, with_new_acknowledge
from shared.events import TicketCommand
from shared.events.departments import DEPARTMENTS
from shared.events.tickets import ActorKind, State

REJECT_REASONS = ("not_our_authority", "duplicate", "incomplete", "abusive")

OFFICER: ActorKind = "officer"
OPERATOR: ActorKind = "operator"
REPORTER: ActorKind = "reporter"


@dataclass(frozen=True, slots=True)
class Move:
    """One row: who may ask for it, from which states, where it leads (None: nowhere else), what others are told."""

    command: str
    actors: tuple[ActorKind, ...]
    sources: tuple[State, ...]
    target: State | None
    event_type: str
    needs: tuple[str, ...] = ()


MOVES: Mapping[str, Move] = {
    move.command: move
    for move in (
        Move("assign", (OPERATOR,), ("in_review", "assigned"), "assigned", "assigned", ("department",)),
        Move("acknowledge", (OFFICER, OPERATOR), ("assigned",), None, "acknowledged"),
        Move("start", (OFFICER, OPERATOR), ("assigned",), "in_progress", "started"),
        Move(
            "ask_reporter", (OFFICER, OPERATOR), ("assigned", "in_progress"), "waiting_reporter", "asked_reporter",
            ("text",),
        ),
        Move("reply", (REPORTER,), ("waiting_reporter",), "in_progress", "reporter_replied", ("text",)),
        Move("answer", (OFFICER, OPERATOR), ("assigned", "in_progress"), "in_progress", "answered", ("text",)),
        Move("resolve", (OFFICER, OPERATOR), ("assigned", "in_progress"), "resolved", "resolved"),
        Move(
            "reject", (OFFICER, OPERATOR), ("in_review", "assigned", "in_progress"), "rejected", "rejected",
            ("reason",),
        ),
        Move(
            "hand_over", (OFFICER, OPERATOR), ("assigned", "in_progress"), "assigned", "handed_over",
            ("department", "reason"),
        ),
        Move("take_back", (OPERATOR,), ("assigned", "in_progress"), "in_review", "taken_back", ("reason",)),
        Move("escalate", (OFFICER, OPERATOR), ("in_review", "assigned", "in_progress"), None, "escalated"),
        Move("reopen", (OPERATOR,), ("resolved", "closed", "rejected"), "in_progress", "reopened", ("reason",)),
        Move("confirm", (REPORTER,), ("resolved",), "closed", "closed"),
        Move("object", (REPORTER,), ("resolved",), "in_progress", "reopened", ("text",)),
        Move("close", (OPERATOR,), ("resolved",), "closed", "closed"),
        Move(
            "add_support", (OFFICER, OPERATOR), ("assigned", "in_progress", "waiting_reporter"), None, "support_added",
            ("department",),
        ),
        Move("reclassify", (OPERATOR,), ("in_review", "assigned", "in_progress"), None, "reclassified"),
    )
}  # fmt: skip
"""By command. Data: the code below, the docs and the tests read it; a new move is a new row and its effect."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The ticket after the move, one version on, and what to tell."""

    ticket: Ticket
    event_type: str


@dataclass(frozen=True, slots=True)
class NotMoved:
    """Why nothing changed; `reason` is one of the contract's."""

    reason: str
    detail: str


Effect: TypeAlias = Callable[[Ticket, TicketCommand, Policy, datetime], Ticket]


def decide(ticket: Ticket | None, command: TicketCommand, policy: Policy, now: datetime) -> Moved | NotMoved:
    """What `command` does to `ticket`."""
    move = MOVES.get(command.command)
    if move is None:
        return NotMoved("invalid", f"there is no command {command.command!r}"[:200])
    if ticket is None:
        return NotMoved("unknown_complaint", "no ticket is open for this complaint")
    refusal = _refuse(move, ticket, command)
    if refusal:
        return refusal
    changed = _EFFECTS.get(move.command, _nothing_more)(ticket, command, policy, now)
    state = move.target or ticket.state
    if move.command == "reopen" and ticket.department is None:
        state = "in_review"
    return Moved(replace(changed, state=state, version=ticket.version + 1), move.event_type)


def _refuse(move: Move, ticket: Ticket, command: TicketCommand) -> NotMoved | None:
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
    return _refuse_particulars(move, ticket, command)


def _refuse_particulars(move: Move, ticket: Ticket, command: TicketCommand) -> NotMoved | None:
    if "department" in move.needs and command.department not in DEPARTMENTS:
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
    return None


def _nothing_more(ticket: Ticket, _: TicketCommand, __: Policy, ___: datetime) -> Ticket:
    return ticket


def _assign(ticket: Ticket, command: TicketCommand, policy: Policy, now: datetime) -> Ticket:
    moved = replace(ticket, department=command.department, office=command.office, acknowledged_at=None)
    if ticket.department is None:
        return moved
    promise = policy[ticket.complaint_class]
    return replace(moved, deadlines=with_new_acknowledge(ticket.deadlines, promise, now))


def _acknowledge(ticket: Ticket, _: TicketCommand, __: Policy, now: datetime) -> Ticket:
    return replace(ticket, acknowledged_at=ticket.acknowledged_at or now)


def _ask(ticket: Ticket, command: TicketCommand, policy: Policy, now: datetime) -> Ticket:
    return replace(_acknowledge(ticket, command, policy, now), waiting_since=now)


def _reply(ticket: Ticket, _: TicketCommand, __: Policy, now: datetime) -> Ticket:
    deadlines = after_pause(ticket.deadlines, ticket.waiting_since or now, now)
    return replace(ticket, deadlines=deadlines, waiting_since=None)


def _answer(ticket: Ticket, command: TicketCommand, policy: Policy, now: datetime) -> Ticket:
    return replace(_acknowledge(ticket, command, policy, now), responded_at=ticket.responded_at or now)


def _end(ticket: Ticket, command: TicketCommand, policy: Policy, now: datetime) -> Ticket:
    return replace(_answer(ticket, command, policy, now), resolved_at=now)


def _take_back(ticket: Ticket, _: TicketCommand, __: Policy, ___: datetime) -> Ticket:
    return replace(ticket, department=None, office=None, acknowledged_at=None)


def _reopen(ticket: Ticket, _: TicketCommand, __: Policy, now: datetime) -> Ticket:
    deadlines = after_rest(ticket.deadlines, ticket.resolved_at or now, now)
    return replace(ticket, deadlines=deadlines, resolved_at=None)


def _add_support(ticket: Ticket, command: TicketCommand, _: Policy, __: datetime) -> Ticket:
    return replace(ticket, supporting_departments=(*ticket.supporting_departments, command.department or ""))


def _reclassify(ticket: Ticket, command: TicketCommand, policy: Policy, _: datetime) -> Ticket:
    changed = replace(ticket, topic=command.topic or ticket.topic)
    if command.complaint_class in (None, ticket.complaint_class):
        return changed
    new = policy[command.complaint_class].deadlines(ticket.accepted_at)
    return replace(changed, complaint_class=command.complaint_class, deadlines=new)


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
}
