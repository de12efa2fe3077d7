"""Kafka in: decode a batch, register it."""

from collections.abc import Sequence

from services.intake.domain import Refused
from services.intake.usecases import RegisterComplaints
from shared.batches import decode_batch
from shared.dead_letters import Reject
from shared.events import ComplaintSubmitted
from shared.events.decoding import MAX_VALUE_BYTES
from shared.kafka import Handle, Record, time_of


def on_submitted(register: RegisterComplaints) -> Handle:
    """The handler of `laksa.complaints.submitted.v1`."""

    async def handle(records: Sequence[Record]) -> None:
        received, rejects = decode_batch(ComplaintSubmitted, records, limit=MAX_VALUE_BYTES)
        submissions = [register.submission(r.message, time_of(r.record), r.headers) for r in received]

        def reject_refused(index: int, refused: Refused) -> Reject:
            return Reject(received[index].record, refused.reason, refused.detail, refused.complaint_id)

        await register(submissions, rejects, reject_refused=reject_refused)
        register.metrics.undecodable(len(rejects))

    return handle
