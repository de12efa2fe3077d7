"""What every message has in common, and the CloudEvents 1.0 headers (binary mode) it travels with."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict

_DATE_AND_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")


def _only_text(value: object) -> object:
    # pydantic would take a number, even one in text, for seconds since 1970.
    if isinstance(value, datetime) or (isinstance(value, str) and _DATE_AND_TIME.match(value)):
        return value
    raise ValueError("a time is RFC 3339 text with an offset")


def _as_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the time is outside the calendar") from error


def _is_sensible(value: datetime) -> datetime:
    if not 1000 <= value.year <= 9000:
        raise ValueError("the time is outside all sense")
    return value


ClaimedMoment = Annotated[AwareDatetime, BeforeValidator(_only_text), AfterValidator(_as_utc)]
"""An instant as a sender claims it: RFC 3339 with an offset on the wire, aware and in UTC in code."""

Moment = Annotated[ClaimedMoment, AfterValidator(_is_sensible)]
"""The same in our own events: far enough from the calendar's edges that a deadline never falls off it."""


class Message(BaseModel):
    """Anything that travels on a topic. Unknown fields are ignored: consumers survive additions."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, serialize_by_alias=True)


class Event(Message):
    """Something that happened to one complaint. `event_id` is the same however often it is delivered."""

    event_id: UUID
    occurred_at: Moment
    complaint_id: UUID


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers of a record that this code reads: the trace, and when the citizen's record was posted."""

    traceparent: str | None = None
    posted_at: datetime | None = None


TRACEPARENT = "traceparent"
POSTED_AT = "laksa_posted_at"
_PRINTABLE = re.compile(rb"[!-~]{1,64}")


def headers_of(raw: Iterable[tuple[str, bytes | None]]) -> Headers:
    """Read what we know from a record's headers; anything malformed counts as absent."""
    found = {name: value for name, value in raw if name in {TRACEPARENT, POSTED_AT} and value}
    trace = found.get(TRACEPARENT, b"")
    return Headers(
        traceparent=trace.decode("ascii") if _PRINTABLE.fullmatch(trace) else None,
        posted_at=_epoch_ms(found.get(POSTED_AT, b"")),
    )


def _epoch_ms(value: bytes) -> datetime | None:
    if not value.isdigit() or len(value) > 14:
        return None
    return datetime.fromtimestamp(int(value) / 1000, UTC)


def cloudevent_headers(
    *,
    event_id: UUID,
    event_type: str,
    source: str,
    occurred_at: datetime,
    traceparent: str | None,
    posted_at: datetime | None,
) -> list[tuple[str, bytes]]:
    """CloudEvents attributes as Kafka headers, and what is passed through from the record that caused the event."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(event_id).encode()),
        ("ce_source", f"/laksa/{source}".encode()),
        ("ce_type", event_type.encode()),
        ("ce_time", occurred_at.isoformat().encode()),
        ("content-type", b"application/json"),
    ]
    if traceparent:
        headers.append((TRACEPARENT, traceparent.encode()))
    if posted_at:
        headers.append((POSTED_AT, str(int(posted_at.timestamp() * 1000)).encode()))
    return headers
