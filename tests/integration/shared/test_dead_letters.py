"""Dead letters: kept sealed and announced, once per record, however often it is read."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from shared.dead_letters import MAX_KEPT_BYTES, DeadLetters, Reject
from shared.events import DeadLettered
from shared.postgres import Database
from shared.privacy.encryption import Vault
from tests.factories import NIK, TRACEPARENT, record

OCCURRED_AT = datetime(2026, 11, 24, 2, 15, tzinfo=UTC)
VAULT = Vault(bytes(range(32)))


async def keep(database: Database, rejects: Sequence[Reject]) -> list[Reject]:
    """Keep them as intake does."""
    dead_letters = DeadLetters("intake", VAULT)
    return await database.transact(lambda connection: dead_letters.keep(connection, rejects, OCCURRED_AT))


async def stored(database: Database, table: str = "dead_letters") -> list[dict[str, Any]]:
    """All rows of a table of intake."""
    async with database.acquire() as connection:
        return [dict(row) for row in await connection.fetch(f"SELECT * FROM {table} ORDER BY event_id")]  # noqa: S608


async def test_a_bad_record_is_one_row_and_one_announcement(database: Database) -> None:
    complaint_id = uuid4()
    bad = record(b"{", key=b"kunci", partition=3, offset=17, headers=[("traceparent", TRACEPARENT.encode())])
    reject = Reject(bad, "id_conflict", "another stands", complaint_id)
    assert await keep(database, [reject]) == [reject]
    [row] = await stored(database)
    assert (row["topic"], row["kafka_partition"], row["kafka_offset"]) == (bad.topic, 3, 17)
    assert (row["reason"], row["detail"], row["complaint_id"]) == ("id_conflict", "another stands", complaint_id)
    [announced] = await stored(database, "outbox")
    assert (announced["topic"], announced["key"]) == ("laksa.dead-letter.v1", "kunci")
    assert announced["traceparent"] == TRACEPARENT
    assert announced["event_id"] == row["event_id"]


async def test_the_announcement_says_why_and_from_where(database: Database) -> None:
    bad = record(b"{", partition=3, offset=17)
    await keep(database, [Reject(bad, "not_json", "not JSON: JSONDecodeError")])
    [row] = await stored(database, "outbox")
    assert json.loads(row["value"]) == {
        "event_id": str(row["event_id"]),
        "occurred_at": "2026-11-24T02:15:00Z",
        "complaint_id": None,
        "service": "intake",
        "reason": "not_json",
        "detail": "not JSON: JSONDecodeError",
        "source": {"topic": "laksa.complaints.submitted.v1", "partition": 3, "offset": 17},
    }
    assert DeadLettered.model_validate_json(row["value"]).complaint_id is None


async def test_a_record_read_again_adds_nothing(database: Database) -> None:
    reject = Reject(record(b"{"), "not_json", "")
    await keep(database, [reject])
    assert await keep(database, [reject]) == []
    assert await keep(database, [reject, reject]) == []
    assert len(await stored(database)) == len(await stored(database, "outbox")) == 1


async def test_a_record_that_comes_twice_in_one_batch_is_kept_once(database: Database) -> None:
    reject = Reject(record(b"{"), "not_json", "")
    await keep(database, [reject, reject])
    assert len(await stored(database)) == len(await stored(database, "outbox")) == 1


async def test_only_the_new_ones_of_a_batch_are_announced(database: Database) -> None:
    old, new = Reject(record(b"{"), "not_json", ""), Reject(record(None), "null_value", "")
    await keep(database, [old])
    assert await keep(database, [old, new]) == [new]
    assert len(await stored(database, "outbox")) == 2


async def test_workers_that_read_the_same_records_at_once_keep_each_once(database: Database) -> None:
    rejects = [Reject(record(b"{"), "not_json", "") for _ in range(50)]
    kept = await asyncio.gather(*(keep(database, rejects[::direction]) for direction in (1, -1, 1, -1)))
    assert sum(len(one) for one in kept) == 50
    assert len(await stored(database)) == len(await stored(database, "outbox")) == 50


@pytest.mark.parametrize("other", [{"partition": 1}, {"offset": 8}, {"topic": "laksa.tickets.commands.v1"}, {"at": 1}])
async def test_another_record_is_another_dead_letter(database: Database, other: dict[str, Any]) -> None:
    """The timestamp tells a re-created topic's record from the one that had its coordinates before."""
    same = {"partition": 0, "offset": 7, "at": 1_795_486_500_000}
    rejects = [Reject(record(b"{", **coordinates), "not_json", "") for coordinates in (same, same | other)]
    assert len(await keep(database, rejects)) == 2


@pytest.mark.parametrize("value", [b"", b"\x00\xff", f'{{"nik": "{NIK}"'.encode(), b"x" * MAX_KEPT_BYTES])
async def test_the_sealed_bytes_open_again_to_what_was_read(database: Database, value: bytes) -> None:
    reject = Reject(record(value), "not_json", "")
    await keep(database, [reject])
    [row] = await stored(database)
    assert VAULT.open(row["sealed"], bound_to=f"dead_letters/{row['event_id']}") == value
    assert len(value) < 5 or value not in row["sealed"]


async def test_a_null_value_leaves_nothing_to_seal(database: Database) -> None:
    await keep(database, [Reject(record(None), "null_value", "")])
    [row] = await stored(database)
    assert row["sealed"] is None


async def test_of_a_huge_value_the_beginning_is_kept(database: Database) -> None:
    await keep(database, [Reject(record(b"x" * (MAX_KEPT_BYTES + 1)), "too_large", "")])
    [row] = await stored(database)
    assert len(VAULT.open(row["sealed"], bound_to=f"dead_letters/{row['event_id']}")) == MAX_KEPT_BYTES


@pytest.mark.parametrize(
    "strange",
    [
        {"key": b"\xff\x00kunci" + b"x" * 1_000},
        {"key": None},
        {"at": -1},
        {"at": -(10**15)},
        {"at": 10**15},
        {"headers": [("traceparent", b"\x00"), ("", None)]},
    ],
)
async def test_nothing_that_a_sender_can_write_into_a_record_keeps_it_from_being_kept(
    database: Database, strange: dict[str, Any]
) -> None:
    assert len(await keep(database, [Reject(record(b"{", **strange), "not_json", "")])) == 1
    [announced] = await stored(database, "outbox")
    assert "\x00" not in (announced["key"] or "")
    assert len(announced["key"] or "") <= 200


async def test_a_bad_record_without_a_key_is_announced_without_one(database: Database) -> None:
    await keep(database, [Reject(record(b"{", key=None), "not_json", "")])
    [announced] = await stored(database, "outbox")
    assert announced["key"] is None


async def test_a_dead_letter_is_forgotten_after_thirty_days(database: Database) -> None:
    await keep(database, [Reject(record(b"old"), "not_json", ""), Reject(record(b"new"), "not_json", "")])

    async def age_one(connection: Any) -> None:
        await connection.execute(
            "UPDATE dead_letters SET received_at = now() - interval '30 days 1 second' "
            "WHERE kafka_offset = (SELECT min(kafka_offset) FROM dead_letters)"
        )

    await database.transact(age_one)
    expiring = asyncio.create_task(DeadLetters("intake", VAULT).expire_daily(database))
    try:
        async with asyncio.timeout(5):
            while len(await stored(database)) != 1:
                await asyncio.sleep(0.02)
    finally:
        expiring.cancel()


async def test_without_the_callers_commit_nothing_is_kept(database: Database) -> None:
    async def keeps_and_fails(connection: Any) -> None:
        await DeadLetters("intake", VAULT).keep(connection, [Reject(record(b"{"), "not_json", "")], OCCURRED_AT)
        raise LookupError

    with pytest.raises(LookupError):
        await database.transact(keeps_and_fails)
    assert await stored(database) == await stored(database, "outbox") == []
