"""The outbox and its relay on real Kafka and Postgres: in order, each once, and none stepped over."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import pytest

from shared.events import ComplaintSubmitted, Headers
from shared.events.topics import Topic
from shared.ids import event_id
from shared.outbox import Outgoing, Relay, add
from shared.postgres import Connection, Database
from tests.factories import TRACEPARENT, submitted
from tests.integration.shared.wire import Wire, until

OCCURRED_AT = datetime(2026, 11, 24, 2, 15, tzinfo=UTC)


def outgoing(topic: Topic, text: str, key: str = "a", headers: Headers | None = None) -> Outgoing:
    """An event that says `text`."""
    event: ComplaintSubmitted = submitted(text=text)
    return Outgoing(topic, key, event_id("test", topic.name, text), OCCURRED_AT, event, headers or Headers())


async def write(database: Database, *events: Outgoing) -> None:
    """Commit events in a transaction of their own."""
    await database.transact(lambda connection: add(connection, events))


@asynccontextmanager
async def relaying(wire: Wire, database: Database) -> AsyncIterator[Relay]:
    """A relay at work."""
    relay = Relay(database, [wire.bootstrap], "intake")
    running = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def is_empty(database: Database) -> bool:
    """Whether every event has left the outbox."""
    async with database.acquire() as connection:
        return not await connection.fetchval("SELECT count(*) FROM outbox")


async def published(wire: Wire, topic: Topic, count: int) -> list[str]:
    """What the first `count` records of `topic` say."""
    records = await wire.read(topic, count)
    return [ComplaintSubmitted.model_validate_json(record.value or b"").text for record in records]


async def holder(database: Database) -> int | None:
    """The backend that holds the relay's lock."""
    async with database.acquire() as connection:
        pid: int | None = await connection.fetchval(
            "SELECT pid FROM pg_locks JOIN pg_database AS d ON d.oid = database"
            " WHERE locktype = 'advisory' AND granted AND datname = current_database()"
        )
    return pid


async def terminate(database: Database, pid: int) -> None:
    """End a backend as an administrator does; returns when it is gone."""
    async with database.acquire() as connection:
        assert await connection.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)


async def test_an_event_travels_as_it_was_written_with_key_and_headers(wire: Wire, database: Database) -> None:
    topic = await wire.make_topic()
    posted_at = datetime(2026, 11, 24, 2, 14, 59, 250000, tzinfo=UTC)
    event = outgoing(topic, "Lampu mati 😀", key="kunci", headers=Headers(TRACEPARENT, posted_at))
    await write(database, event)
    async with relaying(wire, database):
        [record] = await wire.read(topic, 1)
    assert record.key == b"kunci"
    assert record.value == event.event.model_dump_json().encode()
    assert dict(record.headers) == {
        "ce_specversion": b"1.0",
        "ce_id": str(event.event_id).encode(),
        "ce_source": b"/laksa/intake",
        "ce_type": topic.name.encode(),
        "ce_time": b"2026-11-24T02:15:00+00:00",
        "content-type": b"application/json",
        "traceparent": TRACEPARENT.encode(),
        "laksa_posted_at": b"1795486499250",
    }


async def test_events_of_a_key_keep_their_order_over_many_batches(
    wire: Wire, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Relay, "BATCH", 50)
    topic = await wire.make_topic(partitions=4)
    events = [outgoing(topic, f"{key} {number:03}", key) for number in range(80) for key in "abcdef"]
    for start in range(0, len(events), 37):
        await write(database, *events[start : start + 37])
    async with relaying(wire, database):
        said = await published(wire, topic, len(events))
        await until(lambda: is_empty(database))
    for key in "abcdef":
        assert [text for text in said if text.startswith(key)] == [f"{key} {number:03}" for number in range(80)]
    assert sum(await wire.ends(topic)) == len(events)


async def test_an_event_is_published_at_once_when_the_relay_is_woken(
    wire: Wire, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Relay, "POLL_SECONDS", 3_600)
    topic = await wire.make_topic()
    async with relaying(wire, database) as relay:
        await write(database, outgoing(topic, "pertama"))
        await until(lambda: _woken(relay, database))
    assert await wire.ends(topic) == [1]


async def _woken(relay: Relay, database: Database) -> bool:
    relay.wake()
    return await is_empty(database)


async def test_what_was_rolled_back_is_never_published(wire: Wire, database: Database) -> None:
    topic = await wire.make_topic()

    async def changes_its_mind(connection: Connection) -> None:
        await add(connection, [outgoing(topic, "tidak jadi")])
        raise LookupError

    with pytest.raises(LookupError):
        await database.transact(changes_its_mind)
    await write(database, outgoing(topic, "jadi"))
    async with relaying(wire, database):
        assert await published(wire, topic, 1) == ["jadi"]
    assert await wire.ends(topic) == [1]


async def test_an_event_whose_number_is_lower_but_committed_later_is_not_stepped_over(
    wire: Wire, database: Database
) -> None:
    topic = await wire.make_topic()
    async with relaying(wire, database):
        async with database.acquire() as slow, slow.transaction():
            await add(slow, [outgoing(topic, "seq 1, lambat")])
            await write(database, outgoing(topic, "seq 2"), outgoing(topic, "seq 3"))
            assert await published(wire, topic, 2) == ["seq 2", "seq 3"]
            await until(lambda: is_empty(database))
        assert await published(wire, topic, 3) == ["seq 2", "seq 3", "seq 1, lambat"]
        await until(lambda: is_empty(database))
    assert await wire.ends(topic) == [3]


async def test_of_two_relays_one_works_and_after_its_session_died_the_work_goes_on(
    wire: Wire, database: Database, dsn: str
) -> None:
    topic = await wire.make_topic()
    async with relaying(wire, database):
        working = await _new_holder(database)
        async with relaying(wire, Database(dsn, "intake")):
            await write(database, *[outgoing(topic, f"{number}") for number in range(100)])
            await until(lambda: is_empty(database))
            assert await holder(database) == working
            await terminate(database, working)
            await write(database, *[outgoing(topic, f"{number}") for number in range(100, 200)])
            await until(lambda: is_empty(database))
            assert await holder(database) not in {None, working}
    assert await published(wire, topic, 200) == [f"{number}" for number in range(200)]
    assert await wire.ends(topic) == [200]


async def test_the_waiting_relay_takes_over_when_the_other_is_gone(wire: Wire, database: Database, dsn: str) -> None:
    topic = await wire.make_topic()
    async with AsyncExitStack() as waiting:
        async with relaying(wire, database):
            working = await _new_holder(database)
            await waiting.enter_async_context(relaying(wire, Database(dsn, "intake")))
        await until(lambda: _held_by_another(database, working))
        await write(database, outgoing(topic, "1"))
        assert await published(wire, topic, 1) == ["1"]


async def test_a_relay_whose_session_was_ended_comes_back_by_itself(wire: Wire, database: Database) -> None:
    topic = await wire.make_topic()
    async with relaying(wire, database):
        await terminate(database, await _new_holder(database))
        await write(database, outgoing(topic, "1"))
        assert await published(wire, topic, 1) == ["1"]
        await until(lambda: is_empty(database))


async def _held_by_another(database: Database, pid: int) -> bool:
    return await holder(database) not in {None, pid}


async def _new_holder(database: Database) -> int:
    await until(lambda: holder(database))
    pid = await holder(database)
    assert pid is not None
    return pid
