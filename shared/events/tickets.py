"""A ticket's life as others see it: what a department receives, what changed, what was asked, what was answered."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from shared.events.complaints import (
    Alternative,
    Attachment,
    ComplaintClass,
    Location,
    Probability,
    TicketNumber,
    Urgency,
)
from shared.events.envelope import Event, Message, Moment
from shared.events.hygiene import CleanStr

State = Literal["in_review", "assigned", "in_progress", "waiting_reporter", "resolved", "closed", "rejected"]
PublicStatus = Literal["menunggu", "proses", "selesai", "ditolak"]
ActorKind = Literal["officer", "operator", "reporter", "system"]
Version = Annotated[int, Field(ge=0, le=2_000_000_000)]


class Deadlines(Message):
    """The three promises: acknowledged, answered and resolved by when."""

    acknowledge_by: Moment
    respond_by: Moment
    resolve_by: Moment


class Actor(Message):
    """Who did it: a kind, a department where it has one, and a reference that is not a name."""

    kind: ActorKind
    department: CleanStr | None = None
    ref: CleanStr


class TicketChanged(Event):
    """One change of a ticket. Versions are 1, 2, 3 without a gap; version 1 is the opening."""

    ticket_number: TicketNumber
    version: Version
    type: CleanStr
    state: State
    public_status: PublicStatus
    department: CleanStr | None = None
    office: CleanStr | None = None
    actor: Actor
    reason: CleanStr | None = None
    message: CleanStr | None = None
    """Words for the reporter (a question, an answer), masked; null on a confidential ticket."""
    deadlines: Deadlines
    cause: UUID
    parent: UUID | None = None
    """The complaint from whose ticket this one was split off."""
    part: UUID | None = None
    """On `split`: the complaint id of the ticket that was split off."""
    part_number: TicketNumber | None = None
    """On `split`: its ticket number."""


class TicketAssigned(Event):
    """The ticket as a department receives it, with its deadlines; no name, NIK, phone or e-mail."""

    ticket_number: TicketNumber
    version: Version
    department: CleanStr
    office: CleanStr | None = None
    supporting_departments: tuple[CleanStr, ...] = ()
    assigned_by: Literal["model", "operator", "rule"]
    confidence: Probability
    alternatives: tuple[Alternative, ...] = ()
    model_version: CleanStr
    urgency: Urgency
    complaint_class: ComplaintClass = Field(alias="class")
    topic: CleanStr | None = None
    text_masked: CleanStr | None = None
    location: Location | None = None
    attachments: tuple[Attachment, ...] = ()
    submitted_at: Moment
    assigned_at: Moment
    deadlines: Deadlines
    previous_department: CleanStr | None = None
    hand_over_reason: CleanStr | None = None


class TicketCommand(Event):
    """What a department system or the app asks for. Which moves are allowed is the desk's to judge."""

    command: CleanStr
    expected_version: Version | None = None
    actor: Actor
    department: CleanStr | None = None
    office: CleanStr | None = None
    reason: CleanStr | None = None
    text: CleanStr | None = None
    complaint_class: ComplaintClass | None = Field(default=None, alias="class")
    topic: CleanStr | None = None


class CommandAnswered(Event):
    """The answer to one command. A repeated command gets the same answer, with the same `event_id`."""

    command_id: UUID
    outcome: Literal["done", "refused"]
    reason: Literal["not_allowed", "stale_version", "unknown_complaint", "forbidden", "invalid"] | None = None
    detail: CleanStr | None = None
    version: Version | None = None
