"""One full example of each record, from fixed values; its JSON lies in golden/ and is what outsiders were promised."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from shared.events import (
    Actor,
    Alternative,
    Attachment,
    CommandAnswered,
    ComplaintRegistered,
    ComplaintRouted,
    ComplaintSubmitted,
    DeadLettered,
    Deadlines,
    Location,
    Message,
    NotificationIssued,
    Reporter,
    Source,
    Term,
    TicketAssigned,
    TicketChanged,
    TicketCommand,
    Topic,
)
from shared.events.topics import (
    COMPLAINTS_REGISTERED,
    COMPLAINTS_ROUTED,
    COMPLAINTS_SUBMITTED,
    DEAD_LETTER,
    NOTIFICATIONS,
    TICKETS_ASSIGNED,
    TICKETS_COMMANDS,
    TICKETS_EVENTS,
    TICKETS_REPLIES,
)

GOLDEN = Path(__file__).with_name("golden")

COMPLAINT = UUID("0199e0f2-7d7c-7c3e-9a51-0d6b8f6f2b11")
EVENT = UUID("c1d9d0a5-6f2b-5d35-9a3e-5f0c1e0b7a01")
COMMAND = UUID("5b0f3f5e-8f43-4f4e-9e57-0a6b6c1d2e3f")
CAUSE = UUID("7d3f6c7e-1111-5222-8333-444455556666")
NUMBER = "LKS-7QXK-3M9P"
SUBMITTED = datetime.fromisoformat("2026-11-24T09:15:00+07:00")
ACCEPTED = datetime.fromisoformat("2026-11-24T09:15:01.250+07:00")
LATER = datetime.fromisoformat("2026-11-24T10:00:00+07:00")
LOCATION = Location(
    lat=-6.19, lon=106.66, address="Jl. KH Hasyim Ashari", kecamatan="Cipondoh", kelurahan="Poris Plawad"
)
ATTACHMENTS = (Attachment(url="https://foto.example/1.jpg", media_type="image/jpeg", sha256="ab" * 32),)
ALTERNATIVES = (
    Alternative(department="DISHUB", probability=0.91),
    Alternative(department="PERKIMTAN", probability=0.05),
    Alternative(department="PUPR", probability=0.02),
)
DEADLINES = Deadlines(
    acknowledge_by=datetime.fromisoformat("2026-11-25T09:15:01.250+07:00"),
    respond_by=datetime.fromisoformat("2026-11-27T09:15:01.250+07:00"),
    resolve_by=datetime.fromisoformat("2026-12-14T09:15:01.250+07:00"),
)
TEXT = "Lampu jalan di depan SDN 3 Cipondoh mati sudah seminggu, hubungi [TELP]"
OFFICER = Actor(kind="officer", department="DISHUB", ref="u-17")


EXAMPLES: dict[Topic, Message] = {
    COMPLAINTS_SUBMITTED: ComplaintSubmitted(
        complaint_id=COMPLAINT,
        submitted_at=SUBMITTED,
        channel="tangerang_live",
        text="Lampu jalan di depan SDN 3 Cipondoh mati sudah seminggu, hubungi 0812-3456-7890",
        location=LOCATION,
        reporter=Reporter(name="Contoh", nik="3671054508900003", phone="0812-3456-7890", email="contoh@example.com"),
        confidential=False,
        attachments=ATTACHMENTS,
    ),
    COMPLAINTS_REGISTERED: ComplaintRegistered(
        event_id=EVENT,
        occurred_at=ACCEPTED,
        complaint_id=COMPLAINT,
        ticket_number=NUMBER,
        channel="tangerang_live",
        text_masked=TEXT,
        location=LOCATION,
        attachments=ATTACHMENTS,
        confidential=False,
        reporter_ref="r1-abcdefghijklmnop",
        submitted_at=SUBMITTED,
        accepted_at=ACCEPTED,
    ),
    COMPLAINTS_ROUTED: ComplaintRouted(
        event_id=EVENT,
        occurred_at=ACCEPTED,
        complaint_id=COMPLAINT,
        decision="auto",
        department="DISHUB",
        office="Cipondoh",
        needs_location=True,
        supporting_departments=("PUPR",),
        confidence=0.91,
        alternatives=ALTERNATIVES,
        complaint_class="complaint",
        topic="lampu jalan",
        urgency="normal",
        responsible_body="PLN",
        why=(Term(term="lampu jalan", weight=2.31),),
        model_version="2026.11-0a1b2c3d",
        ticket_number=NUMBER,
        channel="tangerang_live",
        text_masked=TEXT,
        location=LOCATION,
        attachments=ATTACHMENTS,
        confidential=False,
        sensitive=True,
        submitted_at=SUBMITTED,
        accepted_at=ACCEPTED,
    ),
    TICKETS_ASSIGNED: TicketAssigned(
        event_id=EVENT,
        occurred_at=LATER,
        complaint_id=COMPLAINT,
        ticket_number=NUMBER,
        version=2,
        department="DISHUB",
        office="Cipondoh",
        supporting_departments=("PUPR",),
        assigned_by="operator",
        confidence=0.91,
        alternatives=ALTERNATIVES,
        model_version="2026.11-0a1b2c3d",
        urgency="normal",
        complaint_class="complaint",
        topic="lampu jalan",
        text_masked=TEXT,
        location=LOCATION,
        attachments=ATTACHMENTS,
        submitted_at=SUBMITTED,
        assigned_at=LATER,
        deadlines=DEADLINES,
        previous_department="PERKIMTAN",
        hand_over_reason="penerangan jalan umum",
    ),
    TICKETS_EVENTS: TicketChanged(
        event_id=EVENT,
        occurred_at=LATER,
        complaint_id=COMPLAINT,
        ticket_number=NUMBER,
        version=3,
        type="asked_reporter",
        state="waiting_reporter",
        public_status="proses",
        department="DISHUB",
        office="Cipondoh",
        actor=OFFICER,
        reason="perlu nomor tiang",
        message="Berapa nomor tiang lampunya?",
        deadlines=DEADLINES,
        cause=COMMAND,
        parent=CAUSE,
        part=UUID("0199e0f2-7d7c-7c3e-9a51-0d6b8f6f2b12"),
        part_number=f"{NUMBER}-2",
    ),
    TICKETS_COMMANDS: TicketCommand(
        event_id=COMMAND,
        occurred_at=LATER,
        complaint_id=COMPLAINT,
        command="hand_over",
        expected_version=2,
        actor=OFFICER,
        department="PERKIMTAN",
        office="Cipondoh",
        reason="lampu taman, bukan lampu jalan",
        text="Mohon ditangani",
        complaint_class="complaint",
        topic="lampu taman",
    ),
    TICKETS_REPLIES: CommandAnswered(
        event_id=EVENT,
        occurred_at=LATER,
        complaint_id=COMPLAINT,
        command_id=COMMAND,
        outcome="refused",
        reason="stale_version",
        detail="the ticket is at version 3",
        version=3,
    ),
    NOTIFICATIONS: NotificationIssued(
        event_id=EVENT,
        occurred_at=LATER,
        complaint_id=COMPLAINT,
        ticket_number=NUMBER,
        cause=CAUSE,
        audience="officer",
        department="DISHUB",
        kind="assigned",
        public_status="menunggu",
        title=f"Tiket baru {NUMBER}",
        body="Tiket baru untuk Dinas Perhubungan.",
        status_url=f"https://laksa.example/status/{NUMBER}",
    ),
    DEAD_LETTER: DeadLettered(
        event_id=EVENT,
        occurred_at=LATER,
        complaint_id=COMPLAINT,
        service="intake",
        reason="id_conflict",
        detail="another complaint stands under this id",
        source=Source(topic=COMPLAINTS_SUBMITTED.name, partition=7, offset=4711),
    ),
}
