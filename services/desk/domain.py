"""A ticket: the facts that moves look at and change. Frozen; a move makes a new one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.events import Deadlines
from shared.events.tickets import PublicStatus, State

PUBLIC_STATUS: dict[State, PublicStatus] = {
    "in_review": "menunggu",
    "assigned": "menunggu",
    "in_progress": "proses",
    "waiting_reporter": "proses",
    "resolved": "selesai",
    "closed": "selesai",
    "rejected": "ditolak",
}
"""The words the public sees."""

OPEN_STATES: tuple[State, ...] = ("in_review", "assigned", "in_progress", "waiting_reporter")


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket at one version."""

    complaint_id: UUID
    ticket_number: str
    version: int
    state: State
    department: str | None
    office: str | None
    supporting_departments: tuple[str, ...]
    complaint_class: str
    topic: str | None
    confidential: bool
    accepted_at: datetime
    deadlines: Deadlines
    acknowledged_at: datetime | None = None
    responded_at: datetime | None = None
    resolved_at: datetime | None = None
    waiting_since: datetime | None = None

    @property
    def public_status(self) -> PublicStatus:
        """The word for this state."""
        return PUBLIC_STATUS[self.state]
