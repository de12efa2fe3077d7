"""Gauges about tickets are what Postgres says at the moment of the scrape."""

from datetime import timedelta

from services.desk.domain import CLOCKS, OPEN_STATES
from shared.events.departments import DEPARTMENTS, REVIEW
from tests.factories_tickets import LIMITS, a_command
from tests.integration.desk.conftest import Desk

ALL_DEPARTMENTS = (*DEPARTMENTS, REVIEW)


async def scrape(desk: Desk) -> None:
    await desk.metrics.collect(desk.runtime.database)


def overdue(desk: Desk, department: str) -> tuple[float, ...]:
    return tuple(desk.figure("laksa_tickets_overdue", department=department, clock=clock) for clock in CLOCKS)


def open_tickets(desk: Desk) -> dict[tuple[str, str], float]:
    figures = {
        (department, state): desk.figure("laksa_tickets_open", department=department, state=state)
        for department in ALL_DEPARTMENTS
        for state in OPEN_STATES
    }
    return {labels: figure for labels, figure in figures.items() if figure}


async def move_deadlines(desk: Desk, by: timedelta, *clocks: str) -> None:
    """Put these clocks' deadlines at so long from now."""
    columns = ", ".join(f"{clock}_by = now() + $1::interval" for clock in clocks)
    await desk.query(f"UPDATE tickets SET {columns}", by)  # noqa: S608


async def test_every_series_exists_at_nought_before_the_first_ticket(desk: Desk) -> None:
    await scrape(desk)
    assert open_tickets(desk) == {}
    for department in ALL_DEPARTMENTS:
        assert overdue(desk, department) == (0, 0, 0)
        assert desk.figure("laksa_ticket_oldest_open_age_seconds", department=department) == 0


async def test_open_tickets_are_counted_by_department_and_state_and_done_ones_are_not(desk: Desk) -> None:
    ids = [await desk.open_ticket() for _ in range(4)]
    await desk.open_ticket(department="DLH")
    await desk.open_ticket(decision="review")
    await desk.command(a_command("start", ids[0]), a_command("resolve", ids[1]), a_command("reject", ids[2]))
    await desk.command(a_command("reject", ids[2], reason="duplicate"))
    await scrape(desk)
    assert open_tickets(desk) == {
        ("PUPR", "assigned"): 1, ("PUPR", "in_progress"): 1, ("DLH", "assigned"): 1, (REVIEW, "in_review"): 1,
    }  # fmt: skip


async def test_a_count_falls_back_to_nought_when_the_last_ticket_is_done(desk: Desk) -> None:
    complaint_id = await desk.open_ticket()
    await scrape(desk)
    await desk.command(a_command("resolve", complaint_id))
    await scrape(desk)
    assert open_tickets(desk) == {}
    assert desk.figure("laksa_ticket_oldest_open_age_seconds", department="PUPR") == 0


async def test_a_ticket_is_overdue_on_each_clock_whose_deadline_has_passed(desk: Desk) -> None:
    await desk.open_ticket()
    await move_deadlines(desk, timedelta(hours=1), *CLOCKS)
    await scrape(desk)
    assert overdue(desk, "PUPR") == (0, 0, 0)
    await move_deadlines(desk, -timedelta(seconds=1), "acknowledge", "respond")
    await scrape(desk)
    assert overdue(desk, "PUPR") == (1, 1, 0)
    await move_deadlines(desk, -timedelta(seconds=1), "resolve")
    await scrape(desk)
    assert overdue(desk, "PUPR") == (1, 1, 1)


async def test_a_ticket_in_review_is_overdue_at_the_live_room(desk: Desk) -> None:
    await desk.open_ticket(decision="review")
    await move_deadlines(desk, -timedelta(seconds=1), *CLOCKS)
    await scrape(desk)
    assert (overdue(desk, REVIEW), overdue(desk, "PUPR")) == ((1, 1, 1), (0, 0, 0))


async def test_clocks_that_were_met_or_stand_still_are_not_overdue(desk: Desk) -> None:
    acknowledged, answered, waiting, resolved = [await desk.open_ticket() for _ in range(4)]
    await desk.command(
        a_command("acknowledge", acknowledged),
        a_command("answer", answered, text="Segera kami perbaiki."),
        a_command("ask_reporter", waiting, text="Di mana?"),
        a_command("resolve", resolved),
    )
    await move_deadlines(desk, -timedelta(seconds=1), *CLOCKS)
    await scrape(desk)
    assert overdue(desk, "PUPR") == (0, 1, 2)


async def test_the_oldest_open_ticket_gives_its_department_its_age(desk: Desk) -> None:
    for hours, changes in ((2, {}), (5, {}), (9, {"department": "DLH"}), (30, {"decision": "review"})):
        complaint_id = await desk.open_ticket(**changes)
        age = "UPDATE tickets SET accepted_at = now() - $1::interval WHERE complaint_id = $2"
        await desk.query(age, timedelta(hours=hours), complaint_id)
    await scrape(desk)
    ages = {
        department: desk.figure("laksa_ticket_oldest_open_age_seconds", department=department) // 3600
        for department in ("PUPR", "DLH", REVIEW, "BPBD")
    }
    assert ages == {"PUPR": 5, "DLH": 9, REVIEW: 30, "BPBD": 0}


async def test_ages_and_deadlines_follow_business_time_when_the_clock_is_bent(desk: Desk) -> None:
    await desk.open_ticket()
    await move_deadlines(desk, timedelta(hours=1), *CLOCKS)
    await desk.query("INSERT INTO clock.settings VALUES (true, now(), now() + interval '2 hours', 1)")
    await scrape(desk)
    assert overdue(desk, "PUPR") == (1, 1, 1)


async def test_the_promises_in_force_are_shown_in_seconds_of_working_time(desk: Desk) -> None:
    await scrape(desk)
    for complaint_class, limits in LIMITS.items():
        for clock, limit in zip(CLOCKS, limits, strict=True):
            shown = desk.figure("laksa_sla_target_seconds", **{"class": complaint_class, "clock": clock})
            assert shown == limit.total_seconds()


async def test_a_new_promise_holds_from_its_day_on(desk: Desk) -> None:
    await desk.query(
        """INSERT INTO sla_policies VALUES ('complaint', 'respond', 27000, 'perwal', now() - interval '1 day'),
                                           ('complaint', 'resolve', 27000, 'perwal', now() + interval '1 day')"""
    )
    await scrape(desk)
    shown = [desk.figure("laksa_sla_target_seconds", **{"class": "complaint", "clock": clock}) for clock in CLOCKS]
    assert shown == [27000, 27000, 14 * 27000]
