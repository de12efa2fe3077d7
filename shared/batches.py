"""A batch of records, decoded: events on one side, bad records on the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from shared.dead_letters import Reject
from shared.events.decoding import MAX_OWN_VALUE_BYTES, Undecodable, decode
from shared.events.envelope import Headers, headers_of
from shared.kafka import Record

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Received(Generic[M]):
    """A decoded record: what it says, its headers, and the record itself."""

    message: M
    headers: Headers
    record: Record


def decode_batch(
    model: type[M], records: Sequence[Record], *, limit: int = MAX_OWN_VALUE_BYTES
) -> tuple[list[Received[M]], list[Reject]]:
    """Every record ends in exactly one of the two lists, in order; `limit` is the greatest value in bytes."""
    received: list[Received[M]] = []
    rejects: list[Reject] = []
    for record in records:
        message = decode(model, record.value, limit=limit)
        if isinstance(message, Undecodable):
            rejects.append(Reject(record, message.reason, message.detail, message.complaint_id))
        else:
            received.append(Received(message, headers_of(record.headers), record))
    return received, rejects
