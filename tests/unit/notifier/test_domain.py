"""Who is told what, in Indonesian."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from services.desk.domain import CLOCKS
from services.desk.lifecycle import MOVES
from services.desk.timers import AUTOMATIC
from services.notifier.domain import Templates, for_registered, for_ticket, in_words
from shared.events import NotificationIssued, TicketChanged
from tests.factories_tickets import a_change, a_registered

TEXTS = Templates.load("id")
BASE = "https://laksa.example"
SPOKEN_OF = {"opened", *(move.event_type for move in (*MOVES.values(), *AUTOMATIC.values()))}
SILENT = {"acknowledged", "support_added", "reclassified", "deadline_moved"}
"""Changes within the city's offices, and deadlines that moved to the citizen's advantage."""
TEMPLATES = [(event, audience) for event in SPOKEN_OF for audience in TEXTS.for_event(event)]


def told(event: TicketChanged) -> dict[str, NotificationIssued]:
    return {notification.audience: notification for notification in for_ticket(event, TEXTS, BASE)}


@pytest.mark.parametrize(("event_type", "audience"), sorted(TEMPLATES))
def test_a_text_names_its_ticket_and_leaves_no_gap(event_type: str, audience: str) -> None:
    facts = {"reason": "duplicate", "message": "Mohon foto.", "part_number": "LKS-0123-4567-2"}
    notification = told(a_change(event_type, **facts))[audience]
    whole = f"{notification.title} {notification.body}"
    assert notification.ticket_number in whole
    assert not any(sign in whole for sign in ("{", "}", "None", "  ", " ."))


WITHOUT_DEPARTMENT = sorted(pair for pair in TEMPLATES if pair[0] != "opened" and pair[1] != "officer")


@pytest.mark.parametrize(("event_type", "audience"), WITHOUT_DEPARTMENT)
def test_a_text_reads_well_when_nothing_optional_is_known(event_type: str, audience: str) -> None:
    notification = told(a_change(event_type, department=None))[audience]
    assert "None" not in f"{notification.title} {notification.body}"


def test_no_officer_is_told_of_a_ticket_that_has_no_department() -> None:
    assert set(told(a_change("reopened", department=None))) == {"reporter"}


def test_every_change_that_the_desk_can_make_has_a_text_or_is_silent_on_purpose() -> None:
    assert {event for event in SPOKEN_OF if not TEXTS.for_event(event)} == SILENT


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_missed_promise_is_told_to_the_reporter_and_the_supervisor_with_its_deadline(clock: str) -> None:
    event = a_change("breached", reason=clock)
    overdue = told(event)
    assert {audience: n.kind for audience, n in overdue.items()} == {"reporter": "overdue", "supervisor": "overdue"}
    for notification in overdue.values():
        assert in_words(getattr(event.deadlines, f"{clock}_by")) in notification.body


def test_a_citizen_reads_which_promise_was_missed_in_other_words_for_each() -> None:
    assert len({told(a_change("breached", reason=clock))["reporter"].body for clock in CLOCKS}) == 3


@pytest.mark.parametrize("clock", CLOCKS)
def test_an_officer_is_warned_and_a_supervisor_called_in_words_that_name_the_clock(clock: str) -> None:
    assert set(told(a_change("due_soon", reason=clock))) == {"officer"}
    escalated = told(a_change("escalated", reason=clock))["supervisor"].body
    assert clock not in escalated
    assert "dua kali batas waktunya" in escalated


@pytest.mark.parametrize(("reason", "audiences"), [("later", {"reporter"}), ("earlier", set()), ("acknowledge", set())])
def test_a_reporter_is_told_of_a_moved_deadline_only_when_it_is_later(reason: str, audiences: set[str]) -> None:
    assert set(told(a_change("deadline_moved", reason=reason))) == audiences


def test_a_ticket_closed_by_time_says_so() -> None:
    by_time, confirmed = told(a_change("closed", reason="time")), told(a_change("closed"))
    assert "keberatan sudah lewat" in by_time["reporter"].body
    assert by_time["reporter"].body != confirmed["reporter"].body


def test_a_reporter_learns_the_number_of_the_second_problem() -> None:
    split = a_change("split", part=uuid4(), part_number="LKS-0123-4567-2")
    assert "LKS-0123-4567-2" in told(split)["reporter"].body


def test_a_change_of_a_later_version_of_the_desk_tells_nobody() -> None:
    assert told(a_change("anonymised")) == {}


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-25T09:00:00+00:00", "Rabu, 25 November 2026 pukul 16.00 WIB"),
        ("2026-08-17T03:05:00+00:00", "Senin, 17 Agustus 2026 pukul 10.05 WIB"),
        ("2026-05-29T09:30:00+00:00", "Jumat, 29 Mei 2026 pukul 16.30 WIB"),
        ("2026-12-31T17:00:00+00:00", "Jumat, 1 Januari 2027 pukul 00.00 WIB"),
        ("2026-02-01T00:30:00+07:00", "Minggu, 1 Februari 2026 pukul 00.30 WIB"),
    ],
)
def test_a_moment_is_written_as_an_indonesian_reads_it(moment: str, words: str) -> None:
    assert in_words(datetime.fromisoformat(moment)) == words


def test_a_reporter_is_told_the_number_as_soon_as_a_complaint_is_registered() -> None:
    registered = a_registered()
    [notification] = for_registered(registered, TEXTS, BASE)
    assert (notification.kind, notification.audience) == ("received", "reporter")
    assert (notification.public_status, notification.department) == ("menunggu", None)
    assert notification.cause == registered.event_id
    assert registered.ticket_number in notification.body
    assert notification.status_url == "https://laksa.example/status/LKS-0123-4567"


def test_an_opening_with_a_department_tells_the_reporter_and_the_officer() -> None:
    opened = told(a_change("opened"))
    assert {audience: n.kind for audience, n in opened.items()} == {"reporter": "assigned", "officer": "assigned"}
    assert "Dinas Pekerjaan Umum" in opened["reporter"].title
    assert "Jumat, 27 November 2026 pukul 09.15 WIB" in opened["reporter"].body
    assert "Rabu, 25 November 2026 pukul 09.15 WIB" in opened["officer"].body


def test_an_opening_in_review_tells_nobody() -> None:
    assert told(a_change("opened", state="in_review", department=None)) == {}


def test_only_notifications_to_offices_name_a_department() -> None:
    notifications = [n for event in SPOKEN_OF for n in told(a_change(event)).values()]
    departments = {(n.audience == "reporter", n.department) for n in notifications}
    assert departments == {(True, None), (False, "PUPR")}


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("not_our_authority", "bukan kewenangan Pemerintah Kota Tangerang"),
        ("duplicate", "sudah dilaporkan sebelumnya"),
        ("incomplete", "keterangan belum lengkap"),
        ("abusive", "isi laporan tidak pantas"),
        (None, "tanpa keterangan"),
    ],
)
def test_a_rejection_says_why_in_words(reason: str | None, words: str) -> None:
    assert (
        words in told(a_change("rejected", state="rejected", public_status="ditolak", reason=reason))["reporter"].body
    )


def test_a_question_reaches_the_reporter_word_for_word() -> None:
    question = "Di RT {berapa}? Kira-kira 50% jalan?"
    assert told(a_change("asked_reporter", message=question))["reporter"].body == question


def test_a_reporter_is_sent_to_the_status_page_when_the_message_is_confidential() -> None:
    assert told(a_change("answered"))["reporter"].body == "Lihat perkembangannya di halaman laporan."


def test_the_same_cause_gives_each_audience_the_same_notification_again() -> None:
    event = a_change("opened")
    first, again = for_ticket(event, TEXTS, BASE), for_ticket(event, TEXTS, BASE)
    assert first == again
    assert len({n.event_id for n in first}) == 2
    assert {n.event_id for n in first}.isdisjoint(n.event_id for n in told(a_change(event_id=uuid4())).values())


def test_a_notification_happened_when_its_cause_did() -> None:
    moment = datetime(2026, 11, 24, 3, tzinfo=UTC)
    assert told(a_change("started", occurred_at=moment))["reporter"].occurred_at == moment
