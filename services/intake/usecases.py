"""Intake's one verb: register complaints, a batch in one transaction, each exactly once."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import orjson

from services.intake.domain import (
    Outcome,
    Refused,
    Registered,
    Repeated,
    content_digest,
    refuse_text,
    refuse_time,
    ticket_number,
)
from services.intake.metrics import Metrics
from services.intake.store import IntakeStore, NumberTaken, Standing
from shared import clock
from shared.dead_letters import DeadLetters, Reject
from shared.events import ComplaintRegistered, ComplaintSubmitted, Headers, Location
from shared.events.topics import COMPLAINTS_REGISTERED
from shared.ids import event_id
from shared.outbox import about_complaint
from shared.postgres import Connection, Database
from shared.privacy.encryption import Vault
from shared.privacy.masking import mask
from shared.privacy.pseudonyms import reporter_ref

_WRITTEN_PLACES = ("address", "kecamatan", "kelurahan")


@dataclass(frozen=True, slots=True)
class Submission:
    """A decoded complaint and how it came. `received_at`: the Kafka record's timestamp, or the arrival over HTTP."""

    complaint: ComplaintSubmitted
    received_at: datetime
    headers: Headers
    digest: bytes


@dataclass(frozen=True, slots=True)
class Keys:
    """Intake's derived keys, 32 bytes each."""

    ticket_number: bytes
    content: bytes
    pseudonym: bytes


@dataclass(slots=True)
class RegisterComplaints:
    """Turns submissions into numbered complaints; what cannot be accepted becomes an outcome, never an exception."""

    database: Database
    dead_letters: DeadLetters
    contacts: Vault
    keys: Keys
    metrics: Metrics
    wake_relay: Callable[[], None] = field(default=lambda: None)

    def submission(self, complaint: ComplaintSubmitted, received_at: datetime, headers: Headers) -> Submission:
        """Prepare a decoded complaint for registering."""
        return Submission(complaint, received_at, headers, content_digest(self.keys.content, complaint))

    async def __call__(
        self,
        submissions: Sequence[Submission],
        rejects: Sequence[Reject] = (),
        *,
        reject_refused: Callable[[int, Refused], Reject] | None = None,
        patience: float | None = None,
    ) -> list[Outcome]:
        """Register `submissions` and keep `rejects`, all in one transaction; one outcome per submission, in order.

        `reject_refused` turns a refused submission (by index) into a dead letter; without it, as over HTTP, the
        caller answers for it. Raises Unavailable when Postgres stays away longer than `patience` seconds.
        """
        attempts: dict[UUID, int] = {}
        while True:
            work = partial(self._transaction, submissions, rejects, reject_refused, attempts)
            try:
                outcomes, kept = await self.database.transact(work, patience=patience)
            except NumberTaken:
                await self._step_over_collisions(submissions, attempts, patience)
                continue
            self.wake_relay()
            self.metrics.registered(submissions, outcomes, kept)
            return outcomes

    async def _transaction(
        self,
        submissions: Sequence[Submission],
        rejects: Sequence[Reject],
        reject_refused: Callable[[int, Refused], Reject] | None,
        attempts: dict[UUID, int],
        connection: Connection,
    ) -> tuple[list[Outcome], list[Reject]]:
        now = await clock.now(connection)
        outcomes = await self._register(IntakeStore(connection), submissions, attempts, now)
        all_rejects = list(rejects)
        if reject_refused:
            refused = [(index, o) for index, o in enumerate(outcomes) if isinstance(o, Refused)]
            all_rejects += [reject_refused(index, outcome) for index, outcome in refused]
        return outcomes, await self.dead_letters.keep(connection, all_rejects, now)

    async def _register(
        self, store: IntakeStore, submissions: Sequence[Submission], attempts: dict[UUID, int], now: datetime
    ) -> list[Outcome]:
        firsts = _first_acceptable(submissions)
        candidates = [self._row(s, attempts.get(s.complaint.complaint_id, 0), now) for s in firsts.values()]
        inserted = await store.register(candidates) if candidates else set()
        others = {s.complaint.complaint_id for s in submissions} - inserted
        standing = await store.standing(list(others)) if others else {}
        numbers = {row["complaint_id"]: row["ticket_number"] for row in candidates}
        standing |= {i: Standing(numbers[i], firsts[i].digest) for i in inserted}
        new = {id(firsts[i]) for i in inserted}
        return [_outcome(s, standing.get(s.complaint.complaint_id), id(s) in new) for s in submissions]

    async def _step_over_collisions(
        self, submissions: Sequence[Submission], attempts: dict[UUID, int], patience: float | None
    ) -> None:
        """Give the next number to every complaint whose number is taken, in the table or earlier in the batch."""
        numbers = {
            complaint_id: ticket_number(self.keys.ticket_number, complaint_id, attempts.get(complaint_id, 0))
            for complaint_id in _first_acceptable(submissions)
        }

        async def work(connection: Connection) -> set[str]:
            return await IntakeStore(connection).numbers_taken(list(numbers.values()))

        taken = await self.database.transact(work, patience=patience)
        for complaint_id, number in numbers.items():
            if number in taken:
                attempts[complaint_id] = attempts.get(complaint_id, 0) + 1
            taken.add(number)

    def _row(self, submission: Submission, attempt: int, now: datetime) -> dict[str, Any]:
        complaint = submission.complaint
        event = self._event(complaint, ticket_number(self.keys.ticket_number, complaint.complaint_id, attempt), now)
        headers = Headers(submission.headers.traceparent, submission.received_at)
        return {
            "complaint_id": complaint.complaint_id,
            "ticket_number": event.ticket_number,
            "content_digest": base64.b64encode(submission.digest).decode(),
            "channel": complaint.channel,
            "text_masked": event.text_masked,
            "location": event.location.model_dump(exclude_none=True) if event.location else None,
            "attachments": [attachment.model_dump(exclude_none=True) for attachment in event.attachments],
            "confidential": complaint.confidential,
            "reporter_ref": event.reporter_ref,
            "submitted_at": complaint.submitted_at,
            "accepted_at": now,
            "sealed": self._sealed(complaint, event),
            **about_complaint(COMPLAINTS_REGISTERED, event, headers).row(),
        }

    def _event(self, complaint: ComplaintSubmitted, number: str, now: datetime) -> ComplaintRegistered:
        hide = partial(mask, name=complaint.reporter.name if complaint.reporter else None)
        return ComplaintRegistered(
            event_id=event_id(COMPLAINTS_REGISTERED.event_type, complaint.complaint_id),
            occurred_at=now,
            complaint_id=complaint.complaint_id,
            ticket_number=number,
            channel=complaint.channel,
            text_masked=hide(complaint.text),
            location=_masked_location(complaint.location, hide),
            attachments=tuple(a.model_copy(update={"url": mask(a.url)}) for a in complaint.attachments),
            confidential=complaint.confidential,
            reporter_ref=reporter_ref(self.keys.pseudonym, complaint.reporter),
            submitted_at=complaint.submitted_at,
            accepted_at=now,
        )

    def _sealed(self, complaint: ComplaintSubmitted, event: ComplaintRegistered) -> str | None:
        """The contact, and the words as they were where masking changed them; None when there is neither."""
        secret: dict[str, Any] = {}
        if complaint.reporter and (contact := complaint.reporter.model_dump(exclude_none=True)):
            secret["reporter"] = contact
        if event.text_masked != complaint.text:
            secret["text"] = complaint.text
        if complaint.location and event.location != complaint.location:
            secret["location"] = complaint.location.model_dump(include=set(_WRITTEN_PLACES), exclude_none=True)
        if event.attachments != complaint.attachments:
            secret["attachments"] = [attachment.url for attachment in complaint.attachments]
        if not secret:
            return None
        sealed = self.contacts.seal(orjson.dumps(secret), bound_to=f"contacts/{complaint.complaint_id}")
        return base64.b64encode(sealed).decode()


def _first_acceptable(submissions: Sequence[Submission]) -> dict[UUID, Submission]:
    """Per id the first submission that may become a complaint: the first content stands."""
    firsts: dict[UUID, Submission] = {}
    for submission in submissions:
        if _refusal(submission) is None:
            firsts.setdefault(submission.complaint.complaint_id, submission)
    return firsts


def _refusal(submission: Submission) -> Refused | None:
    return refuse_text(submission.complaint) or refuse_time(submission.complaint, submission.received_at)


def _outcome(submission: Submission, standing: Standing | None, is_new: bool) -> Outcome:
    complaint_id = submission.complaint.complaint_id
    if standing is None:
        refusal = _refusal(submission)
        if refusal is None:
            raise RuntimeError(f"complaint {complaint_id} was neither stored nor found")
        return refusal
    if is_new:
        return Registered(complaint_id, standing.ticket_number)
    if standing.content_digest == submission.digest:
        return Repeated(complaint_id, standing.ticket_number)
    return refuse_text(submission.complaint) or Refused(
        complaint_id, "id_conflict", "another complaint stands under this id"
    )


def _masked_location(location: Location | None, hide: Callable[[str], str]) -> Location | None:
    if location is None:
        return None
    written = {name: getattr(location, name) for name in _WRITTEN_PLACES}
    return location.model_copy(update={name: hide(text) for name, text in written.items() if text})
