"""How the desk says what happened: ticket events, assignments, answers to commands."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from services.desk.domain import Ticket
from services.desk.store import Described
from shared.events import Actor, CommandAnswered, Headers, TicketAssigned, TicketChanged
from shared.events.topics import TICKETS_ASSIGNED, TICKETS_EVENTS, TICKETS_REPLIES
from shared.ids import event_id
from shared.outbox import NO_HEADERS, Outgoing, about_complaint


def changed(
    ticket: Ticket,
    event_type: str,
    *,
    actor: Actor,
    cause: UUID,
    now: datetime,
    reason: str | None = None,
    message: str | None = None,
    part: Ticket | None = None,
    headers: Headers = NO_HEADERS,
) -> Outgoing:
    """One change of a ticket; one `event_id` per (complaint, version)."""
    event = TicketChanged(
        event_id=event_id(TICKETS_EVENTS.event_type, ticket.complaint_id, ticket.version),
        occurred_at=now,
        complaint_id=ticket.complaint_id,
        ticket_number=ticket.ticket_number,
        version=ticket.version,
        type=event_type,
        state=ticket.state,
        public_status=ticket.public_status,
        department=ticket.department,
        office=ticket.office,
        actor=actor,
        reason=reason,
        message=None if ticket.confidential else message,
        deadlines=ticket.deadlines,
        cause=cause,
        parent=ticket.parent,
        part=part.complaint_id if part else None,
        part_number=part.ticket_number if part else None,
    )
    return about_complaint(TICKETS_EVENTS, event, headers)


def assigned(
    described: Described,
    *,
    assigned_by: Literal["model", "operator", "rule"],
    now: datetime,
    previous_department: str | None = None,
    hand_over_reason: str | None = None,
    headers: Headers = NO_HEADERS,
) -> Outgoing:
    """The ticket as its department receives it, keyed by the department."""
    ticket, description = described.ticket, described.description
    hidden: dict[str, Any] = {"text_masked": None, "location": None, "attachments": ()} if ticket.confidential else {}
    event = TicketAssigned.model_validate(
        description
        | hidden
        | {
            "event_id": event_id(TICKETS_ASSIGNED.event_type, ticket.complaint_id, ticket.version),
            "occurred_at": now,
            "complaint_id": ticket.complaint_id,
            "ticket_number": ticket.ticket_number,
            "version": ticket.version,
            "department": ticket.department,
            "office": ticket.office,
            "supporting_departments": ticket.supporting_departments,
            "assigned_by": assigned_by,
            "complaint_class": ticket.complaint_class,
            "topic": ticket.topic,
            "assigned_at": now,
            "deadlines": ticket.deadlines,
            "previous_department": previous_department,
            "hand_over_reason": hand_over_reason,
        }
    )
    return Outgoing(TICKETS_ASSIGNED, event.department, event.event_id, now, event, headers)


def answered(complaint_id: UUID, answer: dict[str, Any]) -> Outgoing:
    """The answer to a command, as it was remembered: the same again when the command comes again."""
    event = CommandAnswered(
        event_id=event_id(TICKETS_REPLIES.event_type, answer["event_id"]),
        occurred_at=answer["answered_at"],
        complaint_id=complaint_id,
        command_id=answer["event_id"],
        outcome=answer["outcome"],
        reason=answer["reason"],
        detail=answer["detail"],
        version=answer["version"],
    )
    return about_complaint(TICKETS_REPLIES, event)
