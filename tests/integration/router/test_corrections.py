"""What people decide otherwise is kept once, with the model that was wrong and how sure it had been."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from services.router.store import RouterStore
from shared.events import Actor, ComplaintRouted, TicketChanged
from shared.events.topics import DEAD_LETTER
from tests.factories_tickets import a_change, a_registered
from tests.integration.router.conftest import NOTHING, ROAD, HireRouter, Router
from tests.integration.shared.wire import Wire, until

OPERATOR = Actor(kind="operator", ref="u-1")


def a_step(routed: ComplaintRouted, event_type: str, version: int, **changes: Any) -> TicketChanged:
    """One change of a complaint's ticket."""
    facts = {"complaint_id": routed.complaint_id, "version": version, "department": None, "actor": OPERATOR}
    return a_change(event_type, **facts | changes)


async def corrections(router: Router) -> list[dict[str, Any]]:
    return await router.query("SELECT * FROM corrections ORDER BY complaint_id, version")


async def ways(router: Router) -> list[tuple[str, str, str | None]]:
    return [(row["kind"], row["from_department"], row["to_department"]) for row in await corrections(router)]


def overrides(router: Router, department: str) -> float | None:
    return router.figure("laksa_routing_overrides_total", department=department)


async def test_a_hand_over_corrects_the_department_that_gave_the_ticket_away(router: Router) -> None:
    routed = await router.decide(ROAD)
    await router.hand_over(routed, "DLH")
    [row] = await corrections(router)
    assert (row["kind"], row["from_department"], row["to_department"]) == ("department", "PUPR", "DLH")
    assert (row["reason"], row["decision"]) == ("bukan kewenangan kami", "auto")
    assert (row["model_version"], row["confidence"]) == (routed.model_version, routed.confidence)
    assert overrides(router, "PUPR") == 1


async def test_an_operators_choice_in_review_corrects_the_models_best_guess(router: Router) -> None:
    routed = await router.decide(NOTHING)
    another = next(a.department for a in routed.alternatives if a.department != routed.department)
    await router.change(a_step(routed, "assigned", 2, department=another))
    assert await ways(router) == [("department", routed.department, another)]


async def test_an_operator_who_chooses_the_models_best_guess_corrects_nothing(router: Router) -> None:
    routed = await router.decide(NOTHING)
    await router.change(a_step(routed, "assigned", 2, department=routed.department))
    assert await ways(router) == []


async def test_a_ticket_taken_back_and_assigned_elsewhere_corrects_the_department_it_was_taken_from(
    router: Router,
) -> None:
    routed = await router.decide(ROAD)
    await router.change(a_step(routed, "taken_back", 2, reason="keliru"))
    assert await ways(router) == []
    await router.change(a_step(routed, "assigned", 3, department="DISHUB"))
    assert await ways(router) == [("department", "PUPR", "DISHUB")]


async def test_a_ticket_taken_back_and_assigned_to_the_same_department_corrects_nothing(router: Router) -> None:
    routed = await router.decide(ROAD)
    await router.change(a_step(routed, "taken_back", 2), a_step(routed, "assigned", 3, department="PUPR"))
    assert await ways(router) == []


async def test_each_hand_over_of_a_chain_corrects_the_department_before_it(router: Router) -> None:
    routed = await router.decide(ROAD)
    await router.hand_over(routed, "DLH", 2)
    await router.hand_over(routed, "DISHUB", 3)
    assert await ways(router) == [("department", "PUPR", "DLH"), ("department", "DLH", "DISHUB")]


async def test_a_rejection_for_want_of_authority_corrects_the_department_and_names_none(router: Router) -> None:
    routed = await router.decide(ROAD)
    await router.change(a_step(routed, "rejected", 2, department="PUPR", reason="not_our_authority"))
    assert await ways(router) == [("not_our_authority", "PUPR", None)]
    assert overrides(router, "PUPR") == 1


async def test_a_rejection_that_the_model_had_announced_corrects_nothing(router: Router) -> None:
    routed = await router.decide("Listrik PLN padam di rumah saya, meteran PLN rusak")
    assert routed.responsible_body
    await router.change(a_step(routed, "rejected", 2, reason="not_our_authority"))
    assert await ways(router) == []


@pytest.mark.parametrize("reason", ["duplicate", "incomplete", "abusive"])
async def test_a_rejection_for_another_reason_says_nothing_of_the_department(router: Router, reason: str) -> None:
    routed = await router.decide(ROAD)
    await router.change(a_step(routed, "rejected", 2, department="PUPR", reason=reason))
    assert await ways(router) == []


async def test_a_new_class_or_topic_is_kept_and_is_no_override_of_the_department(router: Router) -> None:
    routed = await router.decide(ROAD)
    await router.change(a_step(routed, "reclassified", 2, department="PUPR"))
    assert await ways(router) == [("reclassified", "PUPR", "PUPR")]
    assert overrides(router, "PUPR") == 0


async def test_a_correction_delivered_again_counts_once(router: Router) -> None:
    change = a_step(await router.decide(ROAD), "handed_over", 2, department="DLH")
    await router.change(change, change)
    await router.change(change)
    assert len(await corrections(router)) == 1
    assert overrides(router, "PUPR") == 1


async def test_a_correction_read_by_two_workers_at_once_counts_once(hire: HireRouter) -> None:
    one, other = await hire(), await hire()
    steps = [a_step(await one.decide(ROAD), "handed_over", 2, department="DLH") for _ in range(10)]
    await asyncio.gather(one.change(*steps), other.change(*reversed(steps)))
    assert len(await corrections(one)) == 10
    assert (overrides(one, "PUPR") or 0) + (overrides(other, "PUPR") or 0) == 10


async def test_a_correction_that_comes_before_its_decision_waits_for_it(router: Router) -> None:
    registered = a_registered(text_masked=ROAD)
    change = a_change("handed_over", complaint_id=registered.complaint_id, version=2, department="DLH")
    await router.change(change)
    await router.learn.catch_up()
    assert await corrections(router) == []
    await router.register(registered)
    await router.learn.catch_up()
    await router.learn.catch_up()
    assert await ways(router) == [("department", "PUPR", "DLH")]
    assert overrides(router, "PUPR") == 1


async def test_changes_that_say_nothing_of_a_decision_are_not_kept(router: Router) -> None:
    routed = await router.decide(ROAD)
    await router.change(
        *(a_step(routed, name, 2 + i) for i, name in enumerate(["acknowledged", "due_soon", "breached"]))
    )
    assert await router.query("SELECT 1 FROM ticket_changes") == []


async def test_the_ticket_of_a_second_problem_has_no_decision_and_corrects_none(router: Router) -> None:
    await router.change(a_change("handed_over", complaint_id=uuid4(), version=2, department="DLH"))
    await router.learn.catch_up()
    assert await corrections(router) == []


async def test_garbage_among_ticket_events_becomes_a_dead_letter(router: Router) -> None:
    routed = await router.decide(ROAD)
    await router.change(b"\xff", a_step(routed, "handed_over", 2, department="DLH"), b"{}")
    assert len(await corrections(router)) == 1
    assert len(await router.query("SELECT 1 FROM outbox WHERE topic = $1", DEAD_LETTER.name)) == 2


async def labels(router: Router) -> list[tuple[str, str, bool]]:
    async with router.runtime.database.acquire() as connection:
        return [(label.text, label.department, label.corrected) for label in await RouterStore(connection).labels(100)]


async def test_where_the_last_correction_sent_a_ticket_is_what_there_is_to_learn(router: Router) -> None:
    routed = await router.decide(ROAD)
    await router.hand_over(routed, "DLH", 2)
    await router.hand_over(routed, "DISHUB", 3)
    await router.change(a_step(routed, "closed", 4, department="DISHUB"))
    assert await labels(router) == [(ROAD, "DISHUB", True)]


async def test_a_ticket_closed_where_the_model_sent_it_confirms_the_model(router: Router) -> None:
    routed = await router.decide(ROAD)
    await router.change(a_step(routed, "resolved", 2, department="PUPR"))
    assert await labels(router) == []
    await router.change(a_step(routed, "closed", 3, department="PUPR"))
    assert await labels(router) == [(ROAD, "PUPR", False)]


async def test_there_is_no_department_to_learn_outside_the_citys_authority(router: Router) -> None:
    routed = await router.decide(ROAD)
    await router.change(a_step(routed, "rejected", 2, department="PUPR", reason="not_our_authority"))
    assert await labels(router) == []


async def test_nothing_is_learned_from_the_text_of_a_confidential_complaint(router: Router) -> None:
    routed = await router.decide(ROAD, confidential=True)
    await router.hand_over(routed, "DLH")
    assert len(await corrections(router)) == 1
    assert await labels(router) == []


async def test_corrections_come_over_kafka(router: Router, wire: Wire) -> None:
    routed, topic = await router.decide(ROAD), await wire.make_topic()
    step = a_step(routed, "handed_over", 2, department="DLH").model_dump_json().encode()
    await wire.post(topic, step, b"garbage", step)
    async with wire.consuming(topic, router.on_ticket_events):
        await until(lambda: corrections(router))
    assert await ways(router) == [("department", "PUPR", "DLH")]
    assert overrides(router, "PUPR") == 1
