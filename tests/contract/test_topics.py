"""Topics, ids and headers that outsiders rely on."""

from datetime import datetime
from uuid import UUID

import pytest

from shared.events.envelope import cloudevent_headers
from shared.events.topics import TOPICS, Topic
from shared.ids import event_id

CONTRACT = {
    "laksa.complaints.submitted.v1": ("complaint_id", 12),
    "laksa.complaints.registered.v1": ("complaint_id", 12),
    "laksa.complaints.routed.v1": ("complaint_id", 12),
    "laksa.tickets.assigned.v1": ("department", 12),
    "laksa.tickets.events.v1": ("complaint_id", 12),
    "laksa.tickets.commands.v1": ("complaint_id", 12),
    "laksa.tickets.replies.v1": ("complaint_id", 12),
    "laksa.notifications.v1": ("complaint_id", 12),
    "laksa.dead-letter.v1": ("key of the bad record", 3),
}


def test_the_topics_are_those_of_the_contract_with_their_keys_and_partitions() -> None:
    assert {topic.name: (topic.key, topic.partitions) for topic in TOPICS} == CONTRACT


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_only_the_topic_with_personal_data_forgets_after_a_week(topic: Topic) -> None:
    days = topic.retention_ms / 86_400_000
    assert days == 7 if topic.name == "laksa.complaints.submitted.v1" else days >= 30


def test_an_event_id_is_the_same_after_a_restore_and_on_every_machine() -> None:
    complaint_id = UUID("0199e0f2-7d7c-7c3e-9a51-0d6b8f6f2b11")
    assert event_id("laksa.tickets.events.v1", complaint_id, 3) == UUID("3347d702-6d9f-5c43-83e3-3ce217cd7f8c")


def test_what_we_emit_is_a_cloudevent_in_binary_mode() -> None:
    moment = datetime.fromisoformat("2026-11-24T02:15:00+00:00")
    headers = cloudevent_headers(
        event_id=UUID("0199e0f2-7d7c-7c3e-9a51-0d6b8f6f2b11"),
        event_type="laksa.tickets.events.v1",
        source="desk",
        occurred_at=moment,
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        posted_at=moment,
    )
    assert dict(headers) == {
        "ce_specversion": b"1.0",
        "ce_id": b"0199e0f2-7d7c-7c3e-9a51-0d6b8f6f2b11",
        "ce_source": b"/laksa/desk",
        "ce_type": b"laksa.tickets.events.v1",
        "ce_time": b"2026-11-24T02:15:00+00:00",
        "content-type": b"application/json",
        "traceparent": b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "laksa_posted_at": b"1795486500000",
    }
