"""The public language: what is said on Kafka, by whom, under which key. Frozen, past tense, add-only."""

from shared.events.complaints import (
    Alternative,
    Attachment,
    ComplaintRegistered,
    ComplaintRouted,
    ComplaintSubmitted,
    Location,
    Reporter,
    Term,
)
from shared.events.dead_letters import DeadLettered, Source
from shared.events.decoding import Undecodable, decode
from shared.events.envelope import Event, Headers, Message, headers_of
from shared.events.notifications import NotificationIssued
from shared.events.tickets import (
    Actor,
    CommandAnswered,
    Deadlines,
    TicketAssigned,
    TicketChanged,
    TicketCommand,
)
from shared.events.topics import TOPICS, Topic

__all__ = [
    "TOPICS",
    "Actor",
    "Alternative",
    "Attachment",
    "CommandAnswered",
    "ComplaintRegistered",
    "ComplaintRouted",
    "ComplaintSubmitted",
    "DeadLettered",
    "Deadlines",
    "Event",
    "Headers",
    "Location",
    "Message",
    "NotificationIssued",
    "Reporter",
    "Source",
    "Term",
    "TicketAssigned",
    "TicketChanged",
    "TicketCommand",
    "Topic",
    "Undecodable",
    "decode",
    "headers_of",
]
