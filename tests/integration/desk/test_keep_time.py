"""The timer: what falls due happens once, in order, whoever does it and whatever dies in between."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from shared.events import TicketChanged
from shared.events.topics import TICKETS_EVENTS
from shared.queries import load
from tests.factories_tickets import NOW, a_command
from tests.integration.desk.conftest import Desk, HireDesk

ALL_OF_A_TICKET = [
    "opened", "due_soon:acknowledge", "breached:acknowledge", "escalated:acknowledge", "due_soon:respond",
    "breached:respond", "escalated:respond", "due_soon:resolve", "breached:resolve", "escalated:resolve",
]  # fmt: skip


async def open_at(desk: Desk, moment: datetime = NOW, **changes: object) -> UUID:
    """A ticket accepted and opened at a moment of business time."""
    await desk.set_clock(moment)
    return await desk.open_ticket(accepted_at=moment, **changes)


async def test_nothing_happens_before_anything_is_due(desk: Desk) -> None:
    complaint_id = await open_at(desk)
    assert await desk.let_time_pass() == 0
    assert await desk.history(complaint_id) == ["opened"]


async def test_a_department_is_warned_and_a_breach_is_recorded_when_their_times_come(desk: Desk) -> None:
    complaint_id = await open_at(desk)
    acknowledge = await desk.clock(complaint_id, "acknowledge")
    await desk.set_clock(acknowledge["soon_at"])
    assert await desk.let_time_pass() == 1
    await desk.set_clock(acknowledge["due_at"])
    assert await desk.let_time_pass() == 1
    assert await desk.let_time_pass() == 0
    assert await desk.history(complaint_id) == ["opened", "due_soon:acknowledge", "breached:acknowledge"]
    after = await desk.clock(complaint_id, "acknowledge")
    assert after["warned_at"] >= after["soon_at"]
    assert after["breached_at"] >= after["due_at"]
    assert (after["escalated_at"], after["met_at"]) == (None, None)


async def test_an_automatic_move_is_told_with_the_timer_as_its_actor(desk: Desk) -> None:
    complaint_id = await open_at(desk)
    await desk.set_clock(NOW + timedelta(days=1))
    await desk.let_time_pass()
    told = await desk.events(TICKETS_EVENTS, TicketChanged)
    assert [(event.version, event.type, event.reason) for event in told] == [
        (1, "opened", None), (2, "due_soon", "acknowledge"), (3, "breached", "acknowledge"),
    ]  # fmt: skip
    assert (told[2].actor.kind, told[2].actor.ref) == ("system", "timer")
    assert (await desk.ticket(complaint_id))["version"] == 3


async def test_a_leap_of_the_clock_is_caught_up_with_in_order(desk: Desk) -> None:
    untouched, resolved, waiting = [await open_at(desk) for _ in range(3)]
    await desk.command(
        a_command("resolve", resolved, text="Sudah."), a_command("ask_reporter", waiting, text="Di mana?")
    )
    await desk.leap(timedelta(days=60))
    await desk.let_time_pass()
    assert await desk.history(untouched) == ALL_OF_A_TICKET
    assert await desk.history(resolved) == ["opened", "resolved", "closed:time"]
    assert await desk.history(waiting) == ["opened", "asked_reporter", "reporter_reminded", "rejected:incomplete"]
    assert await desk.query("SELECT 1 FROM tickets WHERE next_step_at <= clock.now()") == []


async def test_acknowledging_late_silences_its_clock_and_is_kept_as_missed(desk: Desk) -> None:
    complaint_id = await open_at(desk)
    await desk.set_clock(NOW + timedelta(days=2))
    await desk.let_time_pass()
    await desk.command(a_command("acknowledge", complaint_id))
    run = await desk.clock(complaint_id, "acknowledge")
    assert run["met_at"] > run["due_at"]
    assert run["worked_seconds"] == pytest.approx(2 * 27000, abs=60)
    assert (await desk.history(complaint_id))[-1] == "acknowledged"


async def test_two_workers_do_everything_once(hire: HireDesk) -> None:
    one, other = await hire(), await hire()
    complaint_ids = [await open_at(one) for _ in range(30)]
    one.keep_time.batch = other.keep_time.batch = 4
    await one.leap(timedelta(days=60))
    changed = await asyncio.gather(one.let_time_pass(), other.let_time_pass())
    assert sum(changed) == 30
    for complaint_id in complaint_ids:
        assert await one.history(complaint_id) == ALL_OF_A_TICKET
    told = Counter(event.event_id for event in await one.events(TICKETS_EVENTS, TicketChanged))
    assert set(told.values()) == {1}


async def test_a_ticket_that_another_holds_is_left_to_it_and_the_others_are_done(hire: HireDesk) -> None:
    one, other = await hire(), await hire()
    held, free = await open_at(one), await open_at(one)
    await one.leap(timedelta(days=60))
    async with other.runtime.database.acquire() as connection, connection.transaction():
        await connection.execute("SELECT 1 FROM tickets WHERE complaint_id = $1 FOR UPDATE", held)
        assert await one.let_time_pass() == 1
    assert await one.history(held) == ["opened"]
    assert await one.history(free) == ALL_OF_A_TICKET


async def test_nothing_is_half_done_when_a_worker_dies_before_its_commit(desk: Desk) -> None:
    complaint_id = await open_at(desk)
    await desk.leap(timedelta(days=60))
    before = await desk.query("SELECT * FROM clocks ORDER BY clock")
    with pytest.raises(KilledError):
        await work_and_die(desk)
    assert await desk.history(complaint_id) == ["opened"]
    assert await desk.query("SELECT * FROM clocks ORDER BY clock") == before
    await desk.let_time_pass()
    assert await desk.history(complaint_id) == ALL_OF_A_TICKET


class KilledError(Exception):
    """Stands for kill -9 between the work and its commit."""


async def work_and_die(desk: Desk) -> None:
    async with desk.runtime.database.acquire() as connection, connection.transaction():
        assert await desk.keep_time._work(connection) == 1
        raise KilledError


async def test_a_restart_changes_nothing(hire: HireDesk) -> None:
    complaint_id = await open_at(one := await hire())
    await one.leap(timedelta(days=60))
    await one.let_time_pass()
    assert await (await hire()).let_time_pass() == 0
    assert await one.history(complaint_id) == ALL_OF_A_TICKET


async def test_deadlines_and_steps_follow_business_time_and_no_process_clock(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Crooked(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime(1999, 1, 1, tzinfo=UTC)

    for module in ("calendar", "sla", "timers", "usecases", "changes", "lifecycle"):
        monkeypatch.setattr(f"services.desk.{module}.datetime", Crooked)
    complaint_id = await open_at(desk)
    assert (await desk.ticket(complaint_id))["acknowledge_by"] == NOW + timedelta(days=1)
    await desk.set_clock(NOW + timedelta(days=1))
    await desk.let_time_pass()
    assert (await desk.history(complaint_id))[-1] == "breached:acknowledge"


async def test_a_wait_stops_the_clocks_and_a_reply_sets_them_going(desk: Desk) -> None:
    complaint_id = await open_at(desk)
    await desk.command(a_command("ask_reporter", complaint_id, text="Di mana?"))
    await desk.leap(timedelta(days=7))
    assert await desk.let_time_pass() == 0
    await desk.command(a_command("reply", complaint_id, kind="reporter", text="Di RT 3"))
    assert (await desk.clock(complaint_id, "respond"))["due_at"] >= NOW + timedelta(days=10)


async def test_a_hand_over_begins_a_new_run_and_the_old_one_is_kept_as_passed_on(desk: Desk) -> None:
    complaint_id = await open_at(desk)
    await desk.leap(timedelta(hours=2))
    await desk.command(a_command("hand_over", complaint_id, department="BPBD", reason="banjir"))
    runs = await desk.query("SELECT * FROM clocks WHERE clock = 'acknowledge' ORDER BY run")
    assert [(run["run"], run["department"], run["met_at"]) for run in runs] == [(1, "PUPR", None), (2, "BPBD", None)]
    assert runs[0]["passed_on_at"] >= NOW + timedelta(hours=2)
    assert runs[1]["due_at"] - runs[1]["started_at"] == timedelta(hours=7.5)  # BPBD works around the clock
    assert (await desk.clock(complaint_id, "resolve"))["department"] == "BPBD"
    assert (await desk.ticket(complaint_id))["resolve_by"] == (await desk.clock(complaint_id, "resolve"))["due_at"]


async def test_an_objection_in_time_opens_the_ticket_again_and_one_too_late_does_not(desk: Desk) -> None:
    early, late = [await open_at(desk) for _ in range(2)]
    await desk.command(*(a_command("resolve", i, text="Sudah.") for i in (early, late)))
    await desk.leap(timedelta(days=9))
    await desk.command(a_command("object", early, kind="reporter", text="Belum!"))
    await desk.leap(timedelta(days=2))
    await desk.command(a_command("object", late, kind="reporter", text="Belum!"))
    assert (await desk.ticket(early))["state"] == "in_progress"
    assert (await desk.ticket(late))["state"] == "resolved"
    assert (await desk.clock(early, "resolve"))["met_at"] is None
    await desk.let_time_pass()
    assert (await desk.history(late))[-1] == "closed:time"


async def test_keeping_time_goes_on_when_a_fault_in_the_rules_is_mended(desk: Desk) -> None:
    complaint_id = await open_at(desk)
    await desk.command(a_command("resolve", complaint_id, text="Sudah."))
    [window] = await desk.query("DELETE FROM windows WHERE name = 'objection' RETURNING *")
    await desk.leap(timedelta(days=60))
    desk.keep_time.every_seconds = 0.01
    task = asyncio.create_task(desk.keep_time.run())
    await asyncio.sleep(0.1)
    assert not task.done()
    await desk.query("INSERT INTO windows VALUES ($1, $2, $3, $4)", *window.values())
    async with asyncio.timeout(10):
        while (await desk.ticket(complaint_id))["state"] != "closed":
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    ("query", "arguments", "index"),
    [("due_tickets", (200,), "tickets_next_step"), ("outdated_tickets", (7, 200), "tickets_by_old_rules")],
)
async def test_what_is_to_be_done_is_found_by_an_index(
    desk: Desk, query: str, arguments: tuple[int, ...], index: str
) -> None:
    async with desk.runtime.database.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = await connection.fetch(f"EXPLAIN {load('services.desk')[query]}", *arguments)
    assert index in str(plan)
