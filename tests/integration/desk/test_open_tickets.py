"""A routed complaint becomes one ticket, however often it is delivered and whoever receives it."""

import asyncio
from datetime import UTC, datetime, timedelta

import orjson

from services.desk.domain import CLOCKS
from shared.events import ComplaintRouted, TicketAssigned, TicketChanged
from shared.events.topics import DEAD_LETTER, TICKETS_ASSIGNED, TICKETS_EVENTS
from tests.factories_tickets import NOW, a_command, a_routed, a_ticket
from tests.integration.desk.conftest import Desk, HireDesk


async def test_a_routed_complaint_opens_a_ticket_with_its_department(desk: Desk) -> None:
    routed = a_routed(office="Cipondoh", supporting_departments=["BPBD"])
    await desk.route(routed)
    ticket = await desk.ticket(routed.complaint_id)
    assert (ticket["version"], ticket["state"], ticket["department"], ticket["office"]) == (
        1, "assigned", "PUPR", "Cipondoh",
    )  # fmt: skip
    assert ticket["supporting_departments"] == ["BPBD"]
    assert ticket["text_masked"] == routed.text_masked


async def test_the_deadlines_count_from_acceptance_when_routing_was_late(desk: Desk) -> None:
    accepted_at = NOW - timedelta(days=5)
    complaint_id = await desk.open_ticket(accepted_at=accepted_at)
    ticket = await desk.ticket(complaint_id)
    promised = a_ticket(accepted_at=accepted_at).deadlines
    assert {f"{clock}_by": ticket[f"{clock}_by"] for clock in CLOCKS} == promised.model_dump()


async def test_opening_is_announced_as_version_one_and_to_the_department(desk: Desk) -> None:
    routed = a_routed()
    await desk.route(routed)
    [opened] = await desk.events(TICKETS_EVENTS, TicketChanged)
    [assigned] = await desk.events(TICKETS_ASSIGNED, TicketAssigned)
    assert (opened.version, opened.type, opened.state, opened.cause) == (1, "opened", "assigned", routed.event_id)
    assert (assigned.department, assigned.assigned_by, assigned.version) == ("PUPR", "model", 1)
    assert (assigned.text_masked, assigned.location, assigned.alternatives) == (
        routed.text_masked, routed.location, routed.alternatives,
    )  # fmt: skip
    assert assigned.deadlines == opened.deadlines
    keys = await desk.query("SELECT key, topic FROM outbox WHERE topic = $1", TICKETS_ASSIGNED.name)
    assert [row["key"] for row in keys] == ["PUPR"]


async def test_a_complaint_in_review_opens_without_department_and_nobody_is_assigned(desk: Desk) -> None:
    complaint_id = await desk.open_ticket(decision="review")
    [opened] = await desk.events(TICKETS_EVENTS, TicketChanged)
    assert (opened.state, opened.department, opened.public_status) == ("in_review", None, "menunggu")
    assert await desk.said(TICKETS_ASSIGNED) == []
    assert (await desk.ticket(complaint_id))["department"] is None


async def test_the_first_assignment_is_written_when_an_operator_ends_the_review(desk: Desk) -> None:
    complaint_id = await desk.open_ticket(decision="review")
    await desk.command(a_command("assign", complaint_id, department="DLH"))
    [assigned] = await desk.events(TICKETS_ASSIGNED, TicketAssigned)
    assert (assigned.department, assigned.assigned_by, assigned.version) == ("DLH", "operator", 2)
    assert assigned.previous_department is None
    assert assigned.deadlines == (await desk.events(TICKETS_EVENTS, TicketChanged))[0].deadlines
    [row] = await desk.query("SELECT key FROM outbox WHERE topic = $1", TICKETS_ASSIGNED.name)
    assert row["key"] == "DLH"


async def test_an_emergency_goes_to_its_department_like_a_sure_decision(desk: Desk) -> None:
    complaint_id = await desk.open_ticket(decision="emergency", urgency="emergency", department="BPBD")
    assert (await desk.ticket(complaint_id))["state"] == "assigned"
    assert (await desk.said(TICKETS_ASSIGNED))[0]["urgency"] == "emergency"


async def test_a_confidential_ticket_carries_neither_text_nor_location_nor_photos(desk: Desk) -> None:
    await desk.open_ticket(confidential=True, attachments=[{"url": "https://foto.example/wajah.jpg"}])
    [assigned] = await desk.said(TICKETS_ASSIGNED)
    assert (assigned["text_masked"], assigned["location"], assigned["attachments"]) == (None, None, [])


async def test_one_ticket_is_opened_when_a_batch_holds_the_complaint_twice(desk: Desk) -> None:
    routed = a_routed()
    await desk.route(routed, a_routed(), routed)
    assert await opened_once(desk, routed)


async def test_one_ticket_is_opened_when_a_later_batch_repeats_the_complaint(desk: Desk) -> None:
    routed = a_routed()
    await desk.route(routed)
    await desk.route(a_routed(complaint_id=routed.complaint_id, department="DLH"), a_routed())
    assert await opened_once(desk, routed)
    assert (await desk.ticket(routed.complaint_id))["department"] == "PUPR"


async def test_one_ticket_is_opened_when_two_workers_open_it_at_once(hire: HireDesk) -> None:
    one, other = await hire(), await hire()
    complaints = [a_routed() for _ in range(20)]
    await asyncio.gather(one.route(*complaints), other.route(*reversed(complaints)))
    for routed in complaints:
        assert await opened_once(one, routed)


async def test_a_ticket_that_moved_on_stays_as_it_is_when_its_complaint_is_routed_again(desk: Desk) -> None:
    routed = a_routed()
    await desk.route(routed)
    await desk.command(a_command("start", routed.complaint_id))
    await desk.route(routed)
    assert (await desk.ticket(routed.complaint_id))["state"] == "in_progress"


async def test_garbage_becomes_a_dead_letter_and_its_neighbours_become_tickets(desk: Desk) -> None:
    before, after = a_routed(), a_routed()
    await desk.route(before, b"{not json", after)
    [letter] = await desk.said(DEAD_LETTER)
    assert (letter["service"], letter["reason"], letter["complaint_id"]) == ("desk", "not_json", None)
    assert await opened_once(desk, before)
    assert await opened_once(desk, after)
    assert desk.figure("laksa_dead_letters_total", service="desk", reason="not_json") == 1


async def test_a_records_odd_headers_cost_no_ticket(desk: Desk) -> None:
    routed = a_routed()
    await desk.route(routed, headers=(("traceparent", b"\x00\xff"), ("laksa_posted_at", b"yesterday")))
    await desk.route(a_routed(), headers=(("traceparent", b"00-\x00"), ("laksa_posted_at", b"9" * 14)))
    assert len(await desk.query("SELECT 1 FROM tickets")) == 2


async def test_the_trace_and_the_posting_time_pass_through(desk: Desk) -> None:
    trace = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await desk.route(a_routed(), headers=(("traceparent", trace), ("laksa_posted_at", b"1795486500000")))
    for row in await desk.query("SELECT traceparent, posted_at FROM outbox"):
        assert row == {"traceparent": trace.decode(), "posted_at": datetime.fromtimestamp(1795486500, UTC)}
    assert desk.figure("laksa_pipeline_latency_seconds_count", stage="opened") == 1


async def test_later_fields_of_the_router_are_ignored(desk: Desk) -> None:
    routed = a_routed()
    await desk.route(orjson.dumps(orjson.loads(routed.model_dump_json()) | {"mood": "angry", "class": "information"}))
    assert (await desk.ticket(routed.complaint_id))["complaint_class"] == "information"


async def opened_once(desk: Desk, routed: ComplaintRouted) -> bool:
    """Whether there is one ticket, one history row, one opening and one assignment."""
    [kept] = await desk.query(
        """SELECT (SELECT count(*) FROM tickets WHERE complaint_id = $1) AS tickets,
                  (SELECT count(*) FROM history WHERE complaint_id = $1) AS versions""",
        routed.complaint_id,
    )
    said = [value for topic in (TICKETS_EVENTS, TICKETS_ASSIGNED) for value in await desk.said(topic)]
    about_it = [value for value in said if value["complaint_id"] == str(routed.complaint_id)]
    return kept == {"tickets": 1, "versions": 1} and len(about_it) == 2
