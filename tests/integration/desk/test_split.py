"""One text, two problems: two tickets that know each other."""

from uuid import UUID

from shared.events import TicketAssigned, TicketChanged, TicketCommand
from shared.events.topics import TICKETS_ASSIGNED, TICKETS_EVENTS, TICKETS_REPLIES
from tests.factories_tickets import a_command
from tests.integration.desk.conftest import Desk


def split(complaint_id: UUID, **changes: object) -> TicketCommand:
    facts = {"department": "DLH", "text": "Sampah menumpuk di sebelahnya", "topic": "sampah"}
    return a_command("split", complaint_id, **facts | changes)


async def part_of(desk: Desk, complaint_id: UUID) -> UUID:
    [row] = await desk.query("SELECT complaint_id FROM tickets WHERE parent = $1", complaint_id)
    part: UUID = row["complaint_id"]
    return part


async def test_both_tickets_tell_of_each_other(desk: Desk) -> None:
    complaint_id = await desk.open_ticket()
    await desk.command(split(complaint_id))
    part = await part_of(desk, complaint_id)
    _, parent_event, part_event = await desk.events(TICKETS_EVENTS, TicketChanged)
    assert (parent_event.type, parent_event.version, parent_event.part, parent_event.part_number) == (
        "split", 2, part, "LKS-0123-4567-2",
    )  # fmt: skip
    assert (part_event.type, part_event.version, part_event.parent, part_event.ticket_number) == (
        "opened", 1, complaint_id, "LKS-0123-4567-2",
    )  # fmt: skip
    assert part_event.actor == parent_event.actor


async def test_the_parts_department_receives_what_was_cut_out_for_it(desk: Desk) -> None:
    complaint_id = await desk.open_ticket()
    await desk.command(split(complaint_id))
    _, assigned = await desk.events(TICKETS_ASSIGNED, TicketAssigned)
    assert (assigned.department, assigned.text_masked, assigned.topic, assigned.assigned_by) == (
        "DLH", "Sampah menumpuk di sebelahnya", "sampah", "operator",
    )  # fmt: skip


async def test_a_part_without_department_is_in_review(desk: Desk) -> None:
    complaint_id = await desk.open_ticket()
    await desk.command(split(complaint_id, department=None))
    assert (await desk.ticket(await part_of(desk, complaint_id)))["state"] == "in_review"
    assert len(await desk.said(TICKETS_ASSIGNED)) == 1


async def test_a_confidential_part_keeps_its_text_from_everybody(desk: Desk) -> None:
    complaint_id = await desk.open_ticket(confidential=True)
    await desk.command(split(complaint_id))
    assert (await desk.ticket(await part_of(desk, complaint_id)))["text_masked"] is None
    assert [event["text_masked"] for event in await desk.said(TICKETS_ASSIGNED)] == [None, None]
    assert [event["message"] for event in await desk.said(TICKETS_EVENTS)] == [None, None, None]


async def test_a_split_commanded_again_opens_no_second_part(desk: Desk) -> None:
    command = split(await desk.open_ticket())
    await desk.command(command)
    await desk.command(command, command)
    assert len(await desk.query("SELECT 1 FROM tickets")) == 2


async def test_a_part_is_worked_like_any_ticket_even_in_the_batch_that_made_it(desk: Desk) -> None:
    complaint_id = await desk.open_ticket()
    await desk.command(first := split(complaint_id))
    known = await part_of(desk, complaint_id)
    await desk.forget()
    await desk.open_ticket(complaint_id=complaint_id)
    await desk.command(first, a_command("start", known), split(complaint_id), a_command("resolve", known, text="Ya"))
    assert [reply["outcome"] for reply in await desk.said(TICKETS_REPLIES)] == ["done"] * 4
    assert await desk.history(known) == ["opened", "started", "resolved"]
    numbers = await desk.query("SELECT ticket_number FROM tickets ORDER BY ticket_number")
    assert [row["ticket_number"] for row in numbers] == ["LKS-0123-4567", "LKS-0123-4567-2", "LKS-0123-4567-3"]
