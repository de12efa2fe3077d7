"""Identifiers: ordered by time, or the same again after a restore."""

import time
from uuid import RFC_4122, UUID

from shared.ids import event_id, uuid7


def next_millisecond() -> None:
    """Return when the clock shows another millisecond."""
    now = time.time_ns() // 1_000_000
    while time.time_ns() // 1_000_000 == now:
        pass


def test_a_uuid7_has_the_version_and_the_variant_of_rfc_9562() -> None:
    for _ in range(1_000):
        made = uuid7()
        assert (made.version, made.variant) == (7, RFC_4122)


def test_a_uuid7_begins_with_the_milliseconds_since_1970() -> None:
    before = time.time_ns() // 1_000_000
    milliseconds = uuid7().int >> 80
    assert before <= milliseconds <= time.time_ns() // 1_000_000


def test_uuid7s_of_later_milliseconds_sort_later() -> None:
    made = []
    for _ in range(20):
        made.append(uuid7())
        next_millisecond()
    assert sorted(made) == made
    assert [str(one) for one in made] == sorted(str(one) for one in made)


def test_uuid7s_of_one_millisecond_differ() -> None:
    assert len({uuid7() for _ in range(5_000)}) == 5_000


def test_an_event_id_is_the_same_for_ever() -> None:
    """A change of this value would make every consumer take old events for new ones."""
    complaint_id = UUID("0199e0f2-7d7c-7c3e-9a51-0d6b8f6f2b11")
    assert event_id("laksa.complaints.registered.v1", complaint_id) == UUID("d639fb47-4a64-5c23-b29a-c617ced436c4")


def test_an_event_id_depends_on_the_type_and_on_every_part() -> None:
    ids = {event_id("a", 1, 2), event_id("b", 1, 2), event_id("a", 2, 1), event_id("a", 1), event_id("a", "1", 2)}
    assert len(ids) == 4
    assert {made.version for made in ids} == {5}
