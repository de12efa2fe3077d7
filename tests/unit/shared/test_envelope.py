"""Headers: what we write is what we read, and what others wrote badly counts as absent."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events import Headers, headers_of
from shared.events.envelope import cloudevent_headers
from tests.factories import TRACEPARENT

EVENT_ID = UUID("0199e0f2-7d7c-7c3e-9a51-0d6b8f6f2b11")
OCCURRED_AT = datetime(2026, 11, 24, 2, 15, tzinfo=UTC)


def written(traceparent: str | None = None, posted_at: datetime | None = None) -> list[tuple[str, bytes]]:
    """The headers of an event of the router."""
    return cloudevent_headers(
        event_id=EVENT_ID,
        event_type="laksa.complaints.routed.v1",
        source="router",
        occurred_at=OCCURRED_AT,
        traceparent=traceparent,
        posted_at=posted_at,
    )


def test_an_event_travels_with_the_cloudevents_attributes() -> None:
    assert dict(written()) == {
        "ce_specversion": b"1.0",
        "ce_id": b"0199e0f2-7d7c-7c3e-9a51-0d6b8f6f2b11",
        "ce_source": b"/laksa/router",
        "ce_type": b"laksa.complaints.routed.v1",
        "ce_time": b"2026-11-24T02:15:00+00:00",
        "content-type": b"application/json",
    }


@pytest.mark.parametrize("traceparent", [None, TRACEPARENT])
@pytest.mark.parametrize("posted_at", [None, datetime(2026, 11, 24, 2, 15, 0, 123000, tzinfo=UTC)])
def test_trace_and_posting_time_come_back_as_they_were_written(
    traceparent: str | None, posted_at: datetime | None
) -> None:
    assert headers_of(written(traceparent, posted_at)) == Headers(traceparent, posted_at)


def test_a_record_without_headers_has_neither() -> None:
    assert headers_of([]) == Headers(None, None)


@pytest.mark.parametrize("value", [None, b"", b"x" * 65, b"\xff", "jejak—1".encode(), b"00-\x00", b"00-ab\n", b"00 ab"])
def test_a_malformed_trace_counts_as_absent(value: bytes | None) -> None:
    assert headers_of([("traceparent", value)]).traceparent is None


@pytest.mark.parametrize(
    "value", [None, b"", b"-1", b"1.5", b"1e12", b"9" * 15, b" 1", b"\xb2", "١٢٣".encode(), b"nan"]
)
def test_a_malformed_posting_time_counts_as_absent(value: bytes | None) -> None:
    assert headers_of([("laksa_posted_at", value)]).posted_at is None


@given(st.lists(st.tuples(st.sampled_from(["traceparent", "laksa_posted_at", "ce_id", ""]), st.none() | st.binary())))
def test_no_header_is_ever_an_error_and_what_is_read_can_be_written_again(raw: list[tuple[str, bytes | None]]) -> None:
    headers = headers_of(raw)
    assert headers_of(written(headers.traceparent, headers.posted_at)) == headers
