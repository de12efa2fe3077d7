"""A status notification for the reporter's app or an officer."""

from typing import Literal
from uuid import UUID

from shared.events.envelope import Event
from shared.events.hygiene import CleanStr
from shared.events.tickets import PublicStatus

Audience = Literal["reporter", "officer", "supervisor"]


class NotificationIssued(Event):
    """What someone should know, in Indonesian; one per (cause, audience)."""

    ticket_number: CleanStr
    cause: UUID
    audience: Audience
    department: CleanStr | None = None
    kind: CleanStr
    public_status: PublicStatus
    title: CleanStr
    body: CleanStr
    status_url: CleanStr
