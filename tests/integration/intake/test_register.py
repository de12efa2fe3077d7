"""Registering: a citizen's words become a numbered complaint, once."""

import asyncio
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.intake.domain import ticket_number
from shared.batches import decode_batch
from shared.events import ComplaintRegistered
from shared.events.decoding import MAX_VALUE_BYTES
from shared.ids import event_id
from shared.kafka import Record
from tests.factories import TRACEPARENT, complaint_id_of, full_posting, posting, record
from tests.integration.intake.parts import KEYS, VAULT, Intake, all_at_once


def number_of(given: dict[str, Any], attempt: int = 0) -> str:
    """The ticket number that a posting has unless another complaint took it."""
    return ticket_number(KEYS.ticket_number, complaint_id_of(given), attempt)


async def test_a_complaint_is_stored_and_announced_under_its_number(intake: Intake) -> None:
    given = full_posting()
    await intake.read(record(given))
    [row] = await intake.rows("complaints")
    [event] = await intake.events()
    assert row["complaint_id"] == complaint_id_of(given)
    assert row["ticket_number"] == event["ticket_number"] == number_of(given)
    assert row["text_masked"] == event["text_masked"] == given["text"]
    assert row["reporter_ref"] == event["reporter_ref"]
    assert datetime.fromisoformat(event["accepted_at"]) == row["accepted_at"]


async def test_the_event_says_all_that_the_contract_promises(intake: Intake) -> None:
    given = full_posting()
    await intake.read(record(given))
    [event] = await intake.events()
    assert set(event) == {
        "event_id", "occurred_at", "complaint_id", "ticket_number", "channel", "text_masked", "location", "attachments",
        "confidential", "reporter_ref", "submitted_at", "accepted_at",
    }  # fmt: skip
    assert event["location"] == given["location"]
    assert event["attachments"] == given["attachments"]
    assert ComplaintRegistered.model_validate(event).event_id == event_id(
        "laksa.complaints.registered.v1", given["complaint_id"]
    )


async def test_the_event_is_keyed_by_the_complaint_and_keeps_trace_and_posting_time(intake: Intake) -> None:
    given, posted_at = posting(), datetime.now(UTC).replace(microsecond=250_000)
    await intake.read(record(given, key=None, at=posted_at, headers=[("traceparent", TRACEPARENT.encode())]))
    [row] = await intake.rows("outbox")
    assert row["key"] == given["complaint_id"]
    assert row["traceparent"] == TRACEPARENT
    assert row["posted_at"] == posted_at


async def test_a_complaint_with_only_what_is_required_is_enough(intake: Intake) -> None:
    await intake.read(record(posting()))
    [row] = await intake.rows("complaints")
    assert (row["location"], row["attachments"], row["confidential"], row["reporter_ref"]) == (None, "[]", False, None)


async def test_an_unknown_channel_is_kept_as_it_came(intake: Intake) -> None:
    await intake.read(record(posting(channel="kios RW 05")))
    [row] = await intake.rows("complaints")
    assert row["channel"] == "kios RW 05"
    assert intake.counted("laksa_complaints_registered_total", channel="other") == 1


async def test_acceptance_is_stamped_with_business_time(intake: Intake) -> None:
    async with intake.database.acquire() as connection:
        await connection.execute("INSERT INTO clock.settings VALUES (true, now(), '2030-01-01T00:00:00Z', 1)")
    await intake.read(record(posting()))
    [row] = await intake.rows("complaints")
    assert row["accepted_at"].year == 2030


async def test_the_same_again_is_a_repeat(intake: Intake) -> None:
    given = full_posting()
    for _ in range(3):
        await intake.read(record(given))
    assert len(await intake.rows("complaints")) == len(await intake.rows("outbox")) == 1
    assert await intake.reasons() == []


async def test_the_same_content_written_otherwise_is_a_repeat(intake: Intake) -> None:
    given = full_posting(submitted_at="2026-11-24T09:15:00+07:00")
    other = dict(reversed(given.items())) | {"submitted_at": "2026-11-24T02:15:00Z", "unknown": 1}
    at = datetime(2026, 11, 24, 2, 16, tzinfo=UTC)
    await intake.read(record(given, at=at))
    await intake.read(record(other, at=at))
    assert len(await intake.rows("complaints")) == 1
    assert await intake.reasons() == []


async def test_under_the_same_id_the_first_content_stands_and_the_other_is_a_conflict(intake: Intake) -> None:
    first = posting(text="yang pertama")
    await intake.read(record(first))
    await intake.read(record(first | {"text": "yang lain"}))
    [row] = await intake.rows("complaints")
    [dead] = await intake.rows("dead_letters")
    assert row["text_masked"] == "yang pertama"
    assert (dead["reason"], dead["complaint_id"]) == ("id_conflict", row["complaint_id"])
    assert len(await intake.events()) == 1


async def test_repeats_and_conflicts_are_told_apart_within_one_batch(intake: Intake) -> None:
    first = posting(text="yang pertama")
    other = first | {"text": "yang lain"}
    await intake.read(*[record(one) for one in (first, first, other, first, other)])
    [row] = await intake.rows("complaints")
    assert row["text_masked"] == "yang pertama"
    assert await intake.reasons() == ["id_conflict", "id_conflict"]
    assert intake.counted("laksa_complaints_repeated_total", channel="tangerang_live") == 2


async def test_a_known_complaint_whose_time_is_out_of_range_by_now_is_a_repeat(intake: Intake) -> None:
    given, later = posting(), datetime.now(UTC) + timedelta(days=400)
    await intake.read(record(given))
    await intake.read(record(given, at=later))
    await intake.read(record(given | {"text": "isi yang lain"}, at=later))
    assert await intake.reasons() == ["id_conflict"]
    assert intake.counted("laksa_complaints_repeated_total", channel="tangerang_live") == 1


async def test_a_refused_complaint_does_not_take_the_place_of_a_good_one_with_its_id(intake: Intake) -> None:
    good = posting()
    await intake.read(record(good | {"text": "x"}), record(good, at=1), record(good))
    [row] = await intake.rows("complaints")
    assert row["text_masked"] == good["text"]
    assert await intake.reasons() == ["empty_text"]
    assert intake.counted("laksa_complaints_repeated_total", channel="tangerang_live") == 1


async def test_every_bad_record_is_a_dead_letter_with_its_reason_and_holds_up_no_good_one(intake: Intake) -> None:
    good, old = posting(), posting(submitted_at="2020-01-01T00:00:00+07:00")
    short, long = posting(text=" x "), posting(text="x" * 5_001)
    bad: list[tuple[str, bytes | dict[str, Any] | None]] = [
        ("null_value", None), ("too_large", b" " * 65_537), ("not_utf8", b"\xff"), ("not_json", b"{"),
        ("schema", b"{}"), ("empty_text", short), ("too_large", long), ("time_out_of_range", old),
        ("id_conflict", good | {"text": "isi yang lain"}),
    ]  # fmt: skip
    await intake.read(record(good), *[record(value) for _, value in bad], record(posting()))
    assert len(await intake.rows("complaints")) == 2
    dead = {row["kafka_offset"]: row for row in await intake.rows("dead_letters")}
    found = [(row["reason"], row["complaint_id"]) for _, row in sorted(dead.items())]
    expected = [complaint_id_of(value) if isinstance(value, dict) else None for _, value in bad]
    assert found == [(reason, complaint_id) for (reason, _), complaint_id in zip(bad, expected, strict=True)]


async def test_a_dead_letter_opens_again_to_the_record(intake: Intake) -> None:
    value = b'{"text": "NIK 3671054508900003"'
    await intake.read(record(value))
    [row] = await intake.rows("dead_letters")
    assert VAULT.open(row["sealed"], bound_to=f"dead_letters/{row['event_id']}") == value


async def test_a_batch_read_again_changes_nothing(intake: Intake) -> None:
    good = posting()
    batch = [record(good), record(b"{"), record(good | {"text": "lain"}), record(posting(text=""))]
    await intake.read(*batch)
    before = [await intake.rows(table) for table in ("complaints", "contacts", "dead_letters", "outbox")]
    await intake.read(*batch)
    assert [await intake.rows(table) for table in ("complaints", "contacts", "dead_letters", "outbox")] == before
    assert intake.counted("laksa_dead_letters_total", service="intake", reason="not_json") == 1


@pytest.mark.parametrize(
    "strange",
    [
        {"at": -1}, {"at": -(10**15)}, {"at": 10**15}, {"key": b"\xff\x00"},
        {"headers": [("traceparent", b"00-\x00"), ("traceparent", None), ("laksa_posted_at", b"9" * 40)]},
    ],
)  # fmt: skip
async def test_nothing_around_the_value_can_stop_the_consumer(intake: Intake, strange: dict[str, Any]) -> None:
    await intake.read(record(posting(), **strange))
    await intake.read(record(b"{", **strange))
    assert len(await intake.rows("complaints")) + len(await intake.rows("dead_letters")) == 2


async def test_records_that_were_damaged_anywhere_are_all_accounted_for(intake: Intake) -> None:
    """The same damage every time; nothing raises, nothing vanishes."""
    chance = random.Random(7)
    damaged: list[Record] = []
    for _ in range(300):
        value = bytearray(record(full_posting()).value or b"")
        for _ in range(chance.randint(0, 3)):
            value[chance.randrange(len(value))] = chance.randrange(256)
        damaged.append(record(bytes(value[: chance.choice([len(value)] * 5 + [chance.randrange(len(value))])])))
    await intake.read(*damaged)
    stored, dead = len(await intake.rows("complaints")), len(await intake.rows("dead_letters"))
    assert stored + dead == 300
    assert min(stored, dead) > 50
    assert len(await intake.events()) == stored


async def test_an_empty_batch_is_no_error(intake: Intake) -> None:
    await intake.read()
    assert await intake.rows("complaints") == []


async def test_two_workers_that_read_the_same_complaints_at_once_register_each_once(
    intake: Intake, other_intake: Intake, dsn: str
) -> None:
    given = [posting() for _ in range(20)]
    async with all_at_once(dsn, waiting=2):
        await asyncio.gather(
            intake.read(*[record(one) for one in given]), other_intake.read(*[record(one) for one in reversed(given)])
        )
    assert set(await intake.complaints()) == {complaint_id_of(one) for one in given}
    assert len(await intake.events()) == 20
    assert await intake.reasons() == []
    registered, repeated = (
        sum(one.counted(f"laksa_complaints_{what}_total", channel="tangerang_live") for one in (intake, other_intake))
        for what in ("registered", "repeated")
    )
    assert (registered, repeated) == (20, 20)


async def test_two_workers_with_other_content_under_one_id_register_one_and_refuse_the_other(
    intake: Intake, other_intake: Intake, dsn: str
) -> None:
    given = posting()
    async with all_at_once(dsn, waiting=2):
        await asyncio.gather(intake.read(record(given)), other_intake.read(record(given | {"text": "isi yang lain"})))
    assert len(await intake.rows("complaints")) == len(await intake.events()) == 1
    assert await intake.reasons() == ["id_conflict"]


@pytest.fixture
def colliding(colliding_ids: tuple[UUID, UUID]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two complaints with the same first ticket number."""
    first, second = (posting(complaint_id=str(complaint_id)) for complaint_id in colliding_ids)
    assert number_of(first) == number_of(second)
    return first, second


Pair = tuple[dict[str, Any], dict[str, Any]]


async def numbers(intake: Intake, pair: Pair) -> list[str]:
    """The ticket numbers that the pair has; the events must say the same."""
    complaints = await intake.complaints()
    stored = [complaints[complaint_id_of(one)]["ticket_number"] for one in pair]
    announced = {event["complaint_id"]: event["ticket_number"] for event in await intake.events()}
    assert [announced[one["complaint_id"]] for one in pair] == stored
    return stored


async def test_complaints_of_one_batch_whose_numbers_collide_have_different_numbers(
    intake: Intake, colliding: Pair
) -> None:
    first, second = colliding
    await intake.read(record(posting()), record(first), record(second), record(posting()))
    assert await numbers(intake, colliding) == [number_of(first), number_of(second, attempt=1)]
    assert len(await intake.complaints()) == 4


async def test_a_complaint_whose_number_was_taken_long_ago_has_the_next_one(intake: Intake, colliding: Pair) -> None:
    first, second = colliding
    await intake.read(record(first))
    await intake.read(record(posting()), record(second))
    assert await numbers(intake, colliding) == [number_of(first), number_of(second, attempt=1)]


async def test_a_repeat_keeps_its_number_when_another_of_its_batch_collides_with_it(
    intake: Intake, colliding: Pair
) -> None:
    first, second = colliding
    await intake.read(record(first))
    await intake.read(record(first), record(second), record(second))
    await intake.read(record(second))
    assert await numbers(intake, colliding) == [number_of(first), number_of(second, attempt=1)]
    assert len(await intake.events()) == 2
    assert await intake.reasons() == []
    assert intake.counted("laksa_complaints_repeated_total", channel="tangerang_live") == 3


async def test_two_workers_whose_complaints_collide_register_both(
    intake: Intake, other_intake: Intake, colliding: Pair, dsn: str
) -> None:
    first, second = colliding
    async with all_at_once(dsn, waiting=2):
        await asyncio.gather(intake.read(record(first)), other_intake.read(record(second)))
    assert sorted(await numbers(intake, colliding)) != [number_of(first)] * 2
    assert number_of(first) in await numbers(intake, colliding)


async def test_metrics_are_the_outcomes(intake: Intake) -> None:
    first = posting(channel="web")
    await intake.read(
        record(first),
        record(first),
        record(first | {"text": "isi yang lain"}),
        record(posting(channel="sms", text="x")),
        record(posting(channel="sms")),
        record(b"{"),
        record(None),
    )
    channels = ("web", "sms", "other")
    received, registered, repeated = (
        [intake.counted(f"laksa_complaints_{what}_total", channel=channel) for channel in channels]
        for what in ("received", "registered", "repeated")
    )
    assert received == [3, 2, 2]
    assert registered == [1, 1, 0]
    assert repeated == [1, 0, 0]
    dead = {"id_conflict": 1, "empty_text": 1, "not_json": 1, "null_value": 1, "schema": 0}
    assert {r: intake.counted("laksa_dead_letters_total", service="intake", reason=r) for r in dead} == dead
    assert intake.counted("laksa_pipeline_latency_seconds_count", stage="registered") == 2


async def test_a_complaint_of_the_greatest_size_is_routed_like_any_other(intake: Intake) -> None:
    """It grows on its way; what intake accepted nobody after it may refuse for its size."""
    given = full_posting(attachments=[{"url": f"https://foto.contoh.id/{i}.jpg"} for i in range(50)])
    room = MAX_VALUE_BYTES - len(json.dumps(given).encode())
    given["location"]["address"] += "x" * room
    given["text"] = given["text"][:100]
    content = json.dumps(given).encode().ljust(MAX_VALUE_BYTES)
    await intake.read(record(content))
    [row] = await intake.rows("outbox")
    value = row["value"].encode()
    assert len(value) > MAX_VALUE_BYTES
    received, rejects = decode_batch(ComplaintRegistered, [record(value)])
    assert (len(received), rejects) == (1, [])


async def test_a_malformed_complaint_is_announced_under_its_id_where_it_has_one(intake: Intake) -> None:
    given = posting(location={"lat": 91})
    await intake.read(record(given))
    [row] = await intake.rows("dead_letters")
    assert (row["reason"], row["complaint_id"]) == ("schema", complaint_id_of(given))
