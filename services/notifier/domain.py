"""Who is told what because of which event, in Indonesian. Pure: events in, notifications out."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.events import ComplaintRegistered, NotificationIssued, TicketChanged
from shared.events.departments import DEPARTMENTS
from shared.events.notifications import Audience
from shared.events.tickets import PublicStatus
from shared.events.topics import NOTIFICATIONS
from shared.ids import event_id

_JAKARTA = ZoneInfo("Asia/Jakarta")
_DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November",
    "Desember",
)  # fmt: skip
_REASONS = {
    "not_our_authority": "bukan kewenangan Pemerintah Kota Tangerang",
    "duplicate": "sudah dilaporkan sebelumnya",
    "incomplete": "keterangan belum lengkap",
    "abusive": "isi laporan tidak pantas",
    "acknowledge": "belum diterima setelah dua kali batas waktunya",
    "respond": "belum dijawab setelah dua kali batas waktunya",
    "resolve": "belum selesai setelah dua kali batas waktunya",
}
_CLOCKS = {"acknowledge": "penerimaan", "respond": "jawaban", "resolve": "penyelesaian"}
_NO_DEPARTMENT = "petugas Tangerang Live Room"
_NO_MESSAGE = "Lihat perkembangannya di halaman laporan."


@dataclass(frozen=True, slots=True)
class Template:
    """The words for one audience of one event type."""

    kind: str
    title: str
    body: str


class Templates:
    """The texts of one language, by event type and audience."""

    def __init__(self, by_event: Mapping[str, Mapping[Audience, Template]]) -> None:
        self._by_event = by_event

    @classmethod
    def load(cls, language: str) -> "Templates":
        """Read `templates/<language>.toml`; every text is tried once, so that a wrong field fails at start."""
        text = files("services.notifier").joinpath("templates", f"{language}.toml").read_text("utf-8")
        by_event: dict[str, Mapping[Audience, Template]] = {
            event: {audience: Template(**words) for audience, words in audiences.items()}
            for event, audiences in tomllib.loads(text).items()
        }
        for audiences in by_event.values():
            for template in audiences.values():
                _fill(template, dict.fromkeys(_FIELDS, ""))
        return cls(by_event)

    def for_event(self, event_type: str, reason: str | None = None) -> Mapping[Audience, Template]:
        """Who is told because of an event of this type, and what; words for its very reason stand above the others."""
        return {**self._by_event.get(event_type, {}), **self._by_event.get(f"{event_type}:{reason}", {})}


_FIELDS = (
    "number", "department", "acknowledge_by", "respond_by", "resolve_by", "message", "reason", "public_status", "clock",
    "due", "part",
)  # fmt: skip


def for_registered(event: ComplaintRegistered, templates: Templates, status_base: str) -> list[NotificationIssued]:
    """ "Received, your number is ...": it does not wait for a router that is down."""
    fields = dict.fromkeys(_FIELDS, "") | {"number": event.ticket_number}
    return _issue("received", event.complaint_id, event.ticket_number, event.event_id, event.occurred_at,
                  "menunggu", None, fields, templates, status_base)  # fmt: skip


def for_ticket(event: TicketChanged, templates: Templates, status_base: str) -> list[NotificationIssued]:
    """What a change of a ticket means for its reporter and its officers; an opening in review tells nobody."""
    if event.type == "opened" and event.department is None:
        return []
    fields = {
        "number": event.ticket_number,
        "department": DEPARTMENTS.get(event.department or "", _NO_DEPARTMENT),
        "acknowledge_by": in_words(event.deadlines.acknowledge_by),
        "respond_by": in_words(event.deadlines.respond_by),
        "resolve_by": in_words(event.deadlines.resolve_by),
        "message": event.message or _NO_MESSAGE,
        "reason": _REASONS.get(event.reason or "", event.reason or "tanpa keterangan"),
        "public_status": event.public_status,
        "clock": _CLOCKS.get(event.reason or "", "penanganan"),
        "due": in_words(getattr(event.deadlines, f"{event.reason if event.reason in _CLOCKS else 'resolve'}_by")),
        "part": event.part_number or "",
    }
    return _issue(event.type, event.complaint_id, event.ticket_number, event.event_id, event.occurred_at,
                  event.public_status, event.department, fields, templates, status_base, event.reason)  # fmt: skip


def _issue(
    event_type: str, complaint_id: UUID, ticket_number: str, cause: UUID, occurred_at: datetime,
    public_status: PublicStatus, department: str | None, fields: dict[str, str], templates: Templates,
    status_base: str, reason: str | None = None,
) -> list[NotificationIssued]:  # fmt: skip
    return [
        NotificationIssued(
            event_id=event_id(NOTIFICATIONS.event_type, cause, audience),
            occurred_at=occurred_at,
            complaint_id=complaint_id,
            ticket_number=ticket_number,
            cause=cause,
            audience=audience,
            department=None if audience == "reporter" else department,
            kind=template.kind,
            public_status=public_status,
            title=_fill(template, fields)[0],
            body=_fill(template, fields)[1],
            status_url=f"{status_base}/status/{ticket_number}",
        )
        for audience, template in templates.for_event(event_type, reason).items()
        # Officers are told as a department; a ticket that went back into review has none.
        if audience != "officer" or department is not None
    ]


def _fill(template: Template, fields: Mapping[str, str]) -> tuple[str, str]:
    return template.title.format_map(fields), template.body.format_map(fields)


def in_words(moment: datetime) -> str:
    """A moment as an Indonesian reads it: `Rabu, 25 November 2026 pukul 16.00 WIB`."""
    local = moment.astimezone(_JAKARTA)
    day = f"{_DAYS[local.weekday()]}, {local.day} {_MONTHS[local.month - 1]} {local.year}"
    return f"{day} pukul {local:%H.%M} WIB"
