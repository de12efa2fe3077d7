"""Commands move tickets; each is answered once, however often it comes."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import orjson

from shared.events import CommandAnswered, TicketAssigned, TicketChanged
from shared.events.tickets import ActorKind
from shared.events.topics import DEAD_LETTER, TICKETS_ASSIGNED, TICKETS_EVENTS, TICKETS_REPLIES
from tests.factories_tickets import a_command
from tests.integration.desk.conftest import Desk, HireDesk


async def replies(desk: Desk) -> list[CommandAnswered]:
    return await desk.events(TICKETS_REPLIES, CommandAnswered)


async def changes(desk: Desk) -> list[TicketChanged]:
    return await desk.events(TICKETS_EVENTS, TicketChanged)


async def history(desk: Desk, complaint_id: UUID) -> list[tuple[int, str]]:
    rows = await desk.query("SELECT version, type FROM history WHERE complaint_id = $1 ORDER BY version", complaint_id)
    return [(row["version"], row["type"]) for row in rows]


async def test_a_command_moves_the_ticket_and_is_answered_with_its_version(desk: Desk) -> None:
    complaint_id = await desk.open_ticket()
    command = a_command("start", complaint_id, kind="officer", expected_version=1)
    await desk.command(command)
    [reply] = await replies(desk)
    assert (reply.command_id, reply.outcome, reply.reason, reply.version) == (command.event_id, "done", None, 2)
    change = (await changes(desk))[-1]
    assert (change.type, change.state, change.cause, change.actor) == (
        "started", "in_progress", command.event_id, command.actor,
    )  # fmt: skip
    assert (await desk.ticket(complaint_id))["state"] == "in_progress"


async def test_a_refused_command_is_answered_and_changes_nothing(desk: Desk) -> None:
    complaint_id = await desk.open_ticket()
    await desk.command(a_command("close", complaint_id))
    [reply] = await replies(desk)
    assert (reply.outcome, reply.reason, reply.version) == ("refused", "not_allowed", 1)
    assert await history(desk, complaint_id) == [(1, "opened")]


async def test_a_command_on_a_complaint_without_a_ticket_is_answered_without_a_version(desk: Desk) -> None:
    await desk.command(a_command("start", uuid4()))
    [reply] = await replies(desk)
    assert (reply.outcome, reply.reason, reply.version) == ("refused", "unknown_complaint", None)


async def test_commands_of_one_batch_build_on_each_other_in_their_order(desk: Desk) -> None:
    complaint_id = await desk.open_ticket()
    names = ("acknowledge", "start", "answer", "resolve", "confirm")
    kinds: dict[str, ActorKind] = {"confirm": "reporter"}
    await desk.command(
        *(a_command(name, complaint_id, kind=kinds.get(name, "operator"), text="Sudah.") for name in names)
    )
    assert [reply.version for reply in await replies(desk)] == [2, 3, 4, 5, 6]
    assert [change.version for change in await changes(desk)] == [1, 2, 3, 4, 5, 6]
    assert (await desk.ticket(complaint_id))["state"] == "closed"


async def test_the_second_of_two_that_expect_the_same_version_is_stale(desk: Desk) -> None:
    complaint_id = await desk.open_ticket()
    await desk.command(*(a_command("escalate", complaint_id, expected_version=1) for _ in range(2)))
    assert [reply.reason for reply in await replies(desk)] == [None, "stale_version"]


async def test_a_repeated_command_gets_the_same_answer_and_has_no_second_effect(desk: Desk) -> None:
    complaint_id = await desk.open_ticket()
    command = a_command("escalate", complaint_id)
    await desk.command(command)
    await desk.command(a_command("start", complaint_id))
    await desk.command(command)
    first, _, again = await replies(desk)
    assert again == first
    assert await history(desk, complaint_id) == [(1, "opened"), (2, "escalated"), (3, "started")]


async def test_a_refusal_stands_when_the_command_is_repeated_after_the_ticket_was_opened(desk: Desk) -> None:
    command = a_command("start", complaint_id := uuid4())
    await desk.command(command)
    await desk.open_ticket(complaint_id=complaint_id)
    await desk.command(command)
    first, again = await replies(desk)
    assert (first, first.reason) == (again, "unknown_complaint")


async def test_a_command_twice_in_one_batch_has_one_effect_and_one_answer(desk: Desk) -> None:
    complaint_id = await desk.open_ticket()
    command = a_command("escalate", complaint_id)
    await desk.command(command, command)
    assert len({reply.event_id for reply in await replies(desk)}) == 1
    assert await history(desk, complaint_id) == [(1, "opened"), (2, "escalated")]


async def test_a_command_has_one_effect_when_two_workers_judge_it_at_once(hire: HireDesk) -> None:
    one, other, third = await hire(), await hire(), await hire()
    complaint_id = await one.open_ticket()
    command = a_command("escalate", complaint_id)
    async with third.runtime.database.acquire() as connection, connection.transaction():
        await connection.execute("SELECT 1 FROM tickets WHERE complaint_id = $1 FOR UPDATE", complaint_id)
        judging = asyncio.gather(one.command(command), other.command(command))
        await until_waiting(third, workers=2)
    await judging
    first, again = await replies(one)
    assert first == again
    assert await history(one, complaint_id) == [(1, "opened"), (2, "escalated")]


async def test_two_commands_on_one_ticket_both_happen_when_two_workers_judge_them_at_once(hire: HireDesk) -> None:
    one, other, third = await hire(), await hire(), await hire()
    complaint_id = await one.open_ticket()
    async with third.runtime.database.acquire() as connection, connection.transaction():
        await connection.execute("SELECT 1 FROM tickets WHERE complaint_id = $1 FOR UPDATE", complaint_id)
        commands = [worker.command(a_command("escalate", complaint_id)) for worker in (one, other)]
        judging = asyncio.gather(*commands)
        await until_waiting(third, workers=2)
    await judging
    assert sorted(reply.version or 0 for reply in await replies(one)) == [2, 3]
    assert [version for version, _ in await history(one, complaint_id)] == [1, 2, 3]


async def test_the_loser_gets_the_winners_answer_when_it_reads_again_a_command_that_two_judged_at_once(
    hire: HireDesk,
) -> None:
    workers = [await hire(), await hire()]
    command = a_command("start", uuid4())
    outcomes = await asyncio.gather(*(worker.command(command) for worker in workers), return_exceptions=True)
    for worker, outcome in zip(workers, outcomes, strict=True):
        if outcome is not None:
            await worker.command(command)
    first, again = await replies(workers[0])
    assert first == again


async def test_workers_whose_batches_share_tickets_in_opposite_order_do_not_block_each_other(hire: HireDesk) -> None:
    one, other = await hire(), await hire()
    complaint_ids = [await one.open_ticket() for _ in range(10)]
    await asyncio.gather(
        one.command(*(a_command("escalate", i) for i in complaint_ids)),
        other.command(*(a_command("escalate", i) for i in reversed(complaint_ids))),
    )
    versions = await one.query("SELECT DISTINCT version FROM tickets")
    assert versions == [{"version": 3}]


async def test_an_undecodable_command_becomes_a_dead_letter_and_its_neighbours_are_obeyed(desk: Desk) -> None:
    complaint_id = await desk.open_ticket()
    without_actor = orjson.dumps({"event_id": str(uuid4()), "command": "start"})
    await desk.command(a_command("start", complaint_id), without_actor, a_command("answer", complaint_id, text="Ya"))
    [letter] = await desk.said(DEAD_LETTER)
    assert (letter["service"], letter["reason"]) == ("desk", "schema")
    assert [reply.outcome for reply in await replies(desk)] == ["done", "done"]


async def test_a_hand_over_tells_the_new_department_whose_ticket_it_was_and_why(desk: Desk) -> None:
    complaint_id = await desk.open_ticket()
    await desk.command(
        a_command("hand_over", complaint_id, kind="officer", department="DLH", reason="sampah, bukan jalan")
    )
    _, assigned = await desk.events(TICKETS_ASSIGNED, TicketAssigned)
    assert (assigned.department, assigned.previous_department, assigned.hand_over_reason) == (
        "DLH", "PUPR", "sampah, bukan jalan",
    )  # fmt: skip
    assert assigned.version == 2
    assert desk.figure("laksa_hand_overs_total", department="PUPR") == 1


async def test_a_confidential_ticket_keeps_its_messages_and_its_text_from_everybody(desk: Desk) -> None:
    complaint_id = await desk.open_ticket(confidential=True)
    await desk.command(
        a_command("ask_reporter", complaint_id, text="Siapa nama pejabatnya?"),
        a_command("reply", complaint_id, kind="reporter", text="Pak Lurah"),
        a_command("hand_over", complaint_id, department="DLH", reason="bukan kami"),
    )
    assert [change.message for change in await changes(desk)] == [None] * 4
    assigned = await desk.events(TICKETS_ASSIGNED, TicketAssigned)
    assert [(event.text_masked, event.location) for event in assigned] == [(None, None)] * 2


async def test_personal_numbers_in_commands_are_masked_wherever_they_go(desk: Desk) -> None:
    complaint_id = await desk.open_ticket()
    words = "Hubungi 0812-3456-7890, budi@example.com, NIK 3671012512900001"
    await desk.command(
        a_command("ask_reporter", complaint_id, text=words, reason=words),
        a_command("reply", complaint_id, kind="reporter", text=words),
        a_command("hand_over", complaint_id, department="DLH", reason=words),
        a_command("assign", complaint_id, department="BPBD", reason=words, text=words),
        a_command("reject", complaint_id, reason=words),
    )
    kept = [str(row) for table in ("tickets", "history", "commands", "outbox") for row in await table_of(desk, table)]
    assert not [row for row in kept if "0812" in row or "@example" in row or "36710125" in row]
    assert (await changes(desk))[1].message == "Hubungi [TELP], [EMAIL], NIK [NIK]"
    assert (await desk.said(TICKETS_ASSIGNED))[1]["hand_over_reason"] == "Hubungi [TELP], [EMAIL], NIK [NIK]"


async def test_waiting_for_the_reporter_stops_the_clocks_of_the_ticket(desk: Desk) -> None:
    complaint_id = await desk.open_ticket()
    await desk.command(a_command("ask_reporter", complaint_id, text="Di RT berapa?"))
    [asked] = await desk.query("UPDATE tickets SET waiting_since = waiting_since - interval '7 days' RETURNING *")
    await desk.command(a_command("reply", complaint_id, kind="reporter", text="RT 03"))
    after = await desk.ticket(complaint_id)
    assert after["resolve_by"] - asked["resolve_by"] >= timedelta(days=7)
    assert (after["acknowledge_by"], after["waiting_since"]) == (asked["acknowledge_by"], None)


async def table_of(desk: Desk, name: str) -> list[dict[str, object]]:
    return await desk.query(f"SELECT * FROM {name}")  # noqa: S608


async def until_waiting(desk: Desk, *, workers: int) -> None:
    """Return when so many sessions of this database wait for a lock."""
    sql = "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while (await desk.query(sql))[0]["n"] < workers:
        pass
