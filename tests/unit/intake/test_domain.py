"""Intake's rules: ticket numbers, limits, and what a repeat is."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain import (
    CHANNELS,
    DEAD_LETTER_REASONS,
    channel_label,
    content_digest,
    is_ticket_number,
    refuse_text,
    refuse_time,
    ticket_number,
)
from tests.factories import full_posting, submitted

KEY = bytes(range(32))
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
COMPLAINT_ID = UUID("0199e0f2-7d7c-7c3e-9a51-0d6b8f6f2b11")
NUMBERS = [ticket_number(KEY, UUID(int=number)) for number in range(5)]
RECEIVED_AT = datetime(2026, 11, 24, 2, 15, tzinfo=UTC)


@given(st.uuids(), st.integers(0, 100))
def test_a_ticket_number_is_two_groups_of_crockford_base_32_and_checks(complaint_id: UUID, attempt: int) -> None:
    number = ticket_number(KEY, complaint_id, attempt)
    prefix, first, second = number.split("-")
    assert (prefix, len(first), len(second)) == ("LKS", 4, 4)
    assert set(first + second) <= set(ALPHABET)
    assert is_ticket_number(number)


@pytest.mark.parametrize("number", NUMBERS)
def test_every_wrong_character_in_a_ticket_number_is_noticed(number: str) -> None:
    places = [place for place, character in enumerate(number) if place > 3 and character != "-"]
    wrong = [number[:p] + other + number[p + 1 :] for p in places for other in ALPHABET if other != number[p]]
    assert len(wrong) == 8 * 31
    assert not any(is_ticket_number(one) for one in wrong)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_character_outside_the_alphabet_one_too_many_or_one_too_few_is_noticed(number: str) -> None:
    for place in (4, 7, 9, 12):
        for other in ["I", "L", "O", "U", "a", "é", "", " ", number[place] * 2]:
            assert not is_ticket_number(number[:place] + other + number[place + 1 :])


@pytest.mark.parametrize("text", ["", "LKS-", "0000-0000", "lks-0000-0000", "LKS-0000-0000-0"])
def test_what_only_looks_like_a_ticket_number_is_none(text: str) -> None:
    assert not is_ticket_number(text)


def test_neighbours_that_changed_places_are_noticed_but_for_one_pair() -> None:
    """Luhn's algorithm misses only the swap of its first and last symbol, 0 and Z here."""
    missed = {
        frozenset(number[place : place + 2])
        for number in (ticket_number(KEY, UUID(int=i)) for i in range(500))
        for place in (4, 5, 6, 9, 10, 11)
        if number[place] != number[place + 1]
        and is_ticket_number(number[:place] + number[place + 1] + number[place] + number[place + 2 :])
    }
    assert missed <= {frozenset("0Z")}


def test_a_ticket_number_is_the_same_after_a_restore() -> None:
    """A change of this value would renumber the complaints of every backup."""
    assert ticket_number(KEY, COMPLAINT_ID) == "LKS-C3FH-JHNN"


def test_a_collision_has_a_next_number_and_another_key_other_numbers() -> None:
    numbers = {ticket_number(KEY, COMPLAINT_ID, attempt) for attempt in range(100)}
    assert len(numbers) == 100
    assert ticket_number(bytes(32), COMPLAINT_ID) not in numbers


def test_ticket_numbers_of_neighbouring_ids_have_nothing_in_common() -> None:
    """Each symbol stands at each place about equally often: nobody can count complaints."""
    numbers = [ticket_number(KEY, UUID(int=i)) for i in range(3_200)]
    for place in (4, 5, 6, 7, 9, 10, 11, 12):
        seen = Counter(number[place] for number in numbers)
        assert set(seen) == set(ALPHABET)
        assert max(seen.values()) < 200


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty_text"), ("ab", "empty_text"), ("  a\u202e\x00b  ", "empty_text"), ("abc", None), ("😀😀😀", None),
        ("x" * 5_000, None), (" " + "x" * 5_000 + "\x00\n", None), ("x" * 5_001, "too_large"),
        ("😀" * 5_001, "too_large"),
    ],
)  # fmt: skip
def test_a_text_has_3_to_5000_characters_after_hygiene(text: str, reason: str | None) -> None:
    refused = refuse_text(submitted(text=text))
    assert (refused and refused.reason) == reason


@pytest.mark.parametrize(
    ("offset", "reason"),
    [
        (timedelta(days=-366), None),
        (timedelta(days=-366, microseconds=-1), "time_out_of_range"),
        (timedelta(0), None),
        (timedelta(minutes=10), None),
        (timedelta(minutes=10, microseconds=1), "time_out_of_range"),
    ],
)
def test_a_complaint_is_at_most_366_days_older_and_10_minutes_younger_than_its_record(
    offset: timedelta, reason: str | None
) -> None:
    refused = refuse_time(submitted(submitted_at=(RECEIVED_AT + offset).isoformat()), RECEIVED_AT)
    assert (refused and refused.reason) == reason


@pytest.mark.parametrize("received_at", [datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)])
@pytest.mark.parametrize("submitted_at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_the_edges_of_the_calendar_are_out_of_range_and_no_error(received_at: datetime, submitted_at: str) -> None:
    assert refuse_time(submitted(submitted_at=submitted_at), received_at)


def test_every_refusal_has_a_reason_of_the_closed_set() -> None:
    assert DEAD_LETTER_REASONS == (
        "null_value", "too_large", "not_utf8", "not_json", "schema", "empty_text", "time_out_of_range", "id_conflict",
    )  # fmt: skip


def test_a_known_channel_counts_by_its_name_and_any_other_as_other() -> None:
    assert [channel_label(channel) for channel in CHANNELS] == list(CHANNELS)
    assert {channel_label(channel) for channel in ("Tangerang_Live", "", "pos", "other")} == {"other"}


GIVEN = full_posting(complaint_id=str(uuid4()), submitted_at="2026-11-24T09:15:00+07:00")


def digest(key: bytes = KEY, **changes: Any) -> bytes:
    """The digest of the same complaint but for `changes`."""
    return content_digest(key, submitted(**GIVEN | changes))


@pytest.mark.parametrize(
    "same",
    [
        dict(reversed(GIVEN.items())),
        {"location": dict(reversed(GIVEN["location"].items()))},
        {"submitted_at": "2026-11-24T02:15:00Z"},
        {"text": f"  {GIVEN['text']}\r\n\x00"},
        {"unknown": "field"},
    ],
)
def test_equal_content_has_an_equal_digest(same: dict[str, Any]) -> None:
    assert digest(**same) == digest()


@pytest.mark.parametrize(
    "other",
    [
        {"complaint_id": str(uuid4())},
        {"submitted_at": "2026-11-24T09:15:00.001+07:00"},
        {"channel": "web"},
        {"text": GIVEN["text"] + "!"},
        {"text": GIVEN["text"].upper()},
        {"location": None},
        {"location": GIVEN["location"] | {"lat": -6.18}},
        {"reporter": GIVEN["reporter"] | {"phone": "0812-3456-7891"}},
        {"confidential": True},
        {"attachments": []},
        {"attachments": GIVEN["attachments"] * 2},
    ],
)
def test_other_content_has_another_digest(other: dict[str, Any]) -> None:
    assert digest(**other) != digest()


def test_a_digest_tells_nothing_without_the_key() -> None:
    assert digest(bytes(32)) != digest()
    assert len(digest()) == 32
