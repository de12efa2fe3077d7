"""Figures about tickets are what Postgres says at the moment of the scrape, whichever process answers."""

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from services.desk.calendar import JAKARTA
from services.desk.domain import CLOCKS, OPEN_STATES
from services.desk.metrics import TIME_BOUNDS
from services.desk.records import Records
from shared.events.departments import DEPARTMENTS, REVIEW
from tests.factories_tickets import LIMITS, a_command
from tests.integration.desk.conftest import Desk, HireDesk

ALL_DEPARTMENTS = (*DEPARTMENTS, REVIEW)


TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=JAKARTA)
"""Working time, with no day off in the three weeks after it."""


async def scrape(desk: Desk) -> None:
    await desk.metrics.collect(desk.runtime.database)


def on_time(desk: Desk, department: str, clock: str) -> tuple[float, float]:
    """The share met on time, and of how many."""
    labels = {"department": department, "clock": clock}
    return desk.figure("laksa_tickets_on_time_ratio", **labels), desk.figure("laksa_tickets_judged", **labels)


def breaches(desk: Desk, department: str) -> tuple[float, ...]:
    return tuple(desk.figure("laksa_sla_breaches_total", department=department, clock=clock) for clock in CLOCKS)


def times(desk: Desk, clock: str, department: str = "PUPR") -> tuple[float, float]:
    """How many times a clock was met, and how long that took together."""
    family = f"laksa_ticket_{clock}_seconds"
    return desk.figure(f"{family}_count", department=department), desk.figure(f"{family}_sum", department=department)


async def make_late(desk: Desk, clock: str, *complaint_ids: UUID) -> None:
    """Put the deadlines of these tickets' clocks behind us."""
    late = "UPDATE clocks SET due_at = clock.now() - interval '1 s' WHERE clock = $1 AND complaint_id = ANY ($2)"
    await desk.query(late, clock, list(complaint_ids))


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


async def test_where_no_clock_was_judged_no_promise_was_broken(desk: Desk) -> None:
    await desk.open_ticket()
    await scrape(desk)
    for department in ALL_DEPARTMENTS:
        assert {on_time(desk, department, clock) for clock in CLOCKS} == {(1, 0)}


async def test_the_ratio_counts_met_missed_and_what_is_overdue_and_still_open(desk: Desk) -> None:
    met, late, overdue, waiting, *_ = [await desk.open_ticket() for _ in range(6)]
    await make_late(desk, "acknowledge", late, overdue)
    await make_late(desk, "respond", waiting)
    await desk.command(
        a_command("acknowledge", met),
        a_command("acknowledge", late),
        a_command("ask_reporter", waiting, text="Di mana?"),
    )
    await scrape(desk)
    assert on_time(desk, "PUPR", "acknowledge") == (2 / 4, 4)
    assert on_time(desk, "PUPR", "respond") == (0, 1)


async def test_who_passes_a_ticket_on_too_late_has_missed_and_who_does_in_time_is_not_judged(desk: Desk) -> None:
    late, in_time = [await desk.open_ticket() for _ in range(2)]
    await make_late(desk, "acknowledge", late)
    await desk.command(
        *(a_command("hand_over", ticket, department="DLH", reason="salah") for ticket in (late, in_time))
    )
    await scrape(desk)
    assert on_time(desk, "PUPR", "acknowledge") == (0, 1)
    assert on_time(desk, "DLH", "acknowledge") == (1, 0)


async def test_the_ratio_speaks_of_the_last_thirty_days_and_of_all_that_is_still_overdue(desk: Desk) -> None:
    met, overdue = [await desk.open_ticket() for _ in range(2)]
    await desk.command(a_command("acknowledge", met))
    await make_late(desk, "acknowledge", overdue)
    await desk.leap(timedelta(days=31))
    await scrape(desk)
    assert on_time(desk, "PUPR", "acknowledge") == (0, 1)


async def test_a_breach_stays_with_the_department_that_missed_it(desk: Desk) -> None:
    await desk.set_clock(TUESDAY)
    complaint_id = await desk.open_ticket(accepted_at=TUESDAY)
    await desk.leap(timedelta(days=7))
    await desk.let_time_pass()
    await desk.command(a_command("hand_over", complaint_id, department="DLH", reason="salah alamat"))
    await scrape(desk)
    assert (breaches(desk, "PUPR"), breaches(desk, "DLH")) == ((1, 1, 0), (0, 0, 0))


async def test_a_time_that_equals_a_limit_is_within_it(desk: Desk) -> None:
    """Exactly one working day to acknowledge: the bucket of that limit holds it, the one below does not."""
    await desk.set_clock(TUESDAY)
    complaint_id = await desk.open_ticket(accepted_at=TUESDAY)
    await desk.command(a_command("acknowledge", complaint_id))
    await desk.query("UPDATE times_taken SET worked_seconds = 27000")
    await scrape(desk)
    held = [
        desk.figure("laksa_ticket_acknowledge_seconds_bucket", department="PUPR", le=str(float(bound)))
        for bound in TIME_BOUNDS
    ]
    assert held == [float(bound >= 27_000) for bound in TIME_BOUNDS]
    assert times(desk, "acknowledge") == (1, 27_000)


async def test_a_reopened_ticket_takes_no_time_back_and_its_second_end_is_counted_too(desk: Desk) -> None:
    complaint_id = await desk.open_ticket()
    await desk.command(a_command("resolve", complaint_id, text="Sudah diperbaiki."))
    await desk.command(a_command("reopen", complaint_id, reason="belum selesai"))
    await scrape(desk)
    assert times(desk, "resolve")[0] == 1
    await desk.command(a_command("resolve", complaint_id, text="Sekarang sudah."))
    await scrape(desk)
    assert (times(desk, "resolve")[0], times(desk, "acknowledge")[0]) == (2, 1)


async def test_another_process_shows_the_same_and_before_postgres_answered_nothing(desk: Desk, hire: HireDesk) -> None:
    """What a process that was killed had counted is in the rows; its successor never shows less."""
    met, _ = [await desk.open_ticket() for _ in range(2)]
    await desk.command(a_command("acknowledge", met), a_command("resolve", met, text="Selesai."))
    await desk.leap(timedelta(days=60))
    await desk.let_time_pass()
    await scrape(desk)
    successor = await hire()
    assert successor.runtime.registry.get_sample_value(
        "laksa_sla_breaches_total", {"department": "PUPR", "clock": "respond"}
    ) is None  # fmt: skip
    await scrape(successor)
    assert breaches(successor, "PUPR") == breaches(desk, "PUPR") == (1, 1, 1)
    for clock in CLOCKS:
        assert times(successor, clock) == times(desk, clock)
        assert times(desk, clock)[0] == 1
    [told] = await desk.query("SELECT count(*) FROM clocks WHERE breached_at IS NOT NULL")
    [taken] = await desk.query("SELECT sum(worked_seconds)::float8 FROM clocks WHERE clock = 'resolve'")
    assert (told["count"], taken["sum"]) == (sum(breaches(desk, "PUPR")), times(desk, "resolve")[1])


async def test_the_calendar_says_until_when_it_knows_the_days_off(desk: Desk) -> None:
    await scrape(desk)
    until = datetime.fromtimestamp(desk.figure("laksa_calendar_covers_until_seconds"), JAKARTA)
    assert until == datetime(2028, 1, 1, tzinfo=JAKARTA)


async def test_the_shares_agree_with_what_is_computed_run_by_run(desk: Desk) -> None:
    """Two computations, one in SQL and one in Python, of tickets in every state."""
    tickets = [await desk.open_ticket() for _ in range(9)]
    await make_late(desk, "acknowledge", *tickets[:4])
    await make_late(desk, "respond", *tickets[2:6])
    await make_late(desk, "resolve", *tickets[5:8])
    await desk.command(
        a_command("acknowledge", tickets[0]),
        a_command("hand_over", tickets[1], department="DLH", reason="salah"),
        a_command("answer", tickets[2], text="Segera."),
        a_command("ask_reporter", tickets[3], text="Di mana?"),
        a_command("resolve", tickets[5], text="Selesai."),
        a_command("reject", tickets[6], reason="duplicate"),
        a_command("resolve", tickets[8], text="Selesai."),
    )
    await scrape(desk)
    async with desk.runtime.database.acquire() as connection:
        runs = await Records(connection).runs(TUESDAY - timedelta(days=3650))
    for department in ("PUPR", "DLH"):
        for clock in CLOCKS:
            verdicts = Counter(run.verdict for run in runs if (run.department, run.clock) == (department, clock))
            judged = verdicts["met"] + verdicts["missed"] + verdicts["overdue"]
            assert on_time(desk, department, clock) == (verdicts["met"] / judged if judged else 1, judged)
