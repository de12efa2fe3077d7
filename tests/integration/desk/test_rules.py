"""Calendars, promises and windows are rows; a change of them moves what is still owed, and says so once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from launcher.calendar.days_off import days_off
from launcher.ticket_tables import seeded_promises, seeded_windows
from services.desk.calendar import CLOSED, JAKARTA, WORKING_DAY
from services.desk.rulebook import Almanac, Rulebook, SpecialDay
from services.desk.sla import Rules
from shared.events import TicketChanged
from shared.events.departments import DEPARTMENTS
from shared.events.topics import TICKETS_EVENTS
from tests.factories_tickets import NOW, a_command
from tests.integration.desk.conftest import Desk, HireDesk

THURSDAY = date(2026, 11, 26)
CLOSED_THURSDAY = SpecialDay(THURSDAY, "closed", "Pilkada", "Perwal 1/2026")


@pytest_asyncio.fixture(autouse=True)
async def at_that_time(desk: Desk) -> None:
    """Business time begins when the tickets of these tests are accepted, whatever day it really is."""
    await desk.set_clock(NOW)


async def change(desk: Desk, special: SpecialDay = CLOSED_THURSDAY) -> bool:
    async with desk.runtime.database.acquire() as connection:
        return await Almanac(connection).put(special)


async def rules(desk: Desk) -> Rules:
    async with desk.runtime.database.acquire() as connection:
        return await Rulebook().current(connection)


async def moves(desk: Desk) -> list[TicketChanged]:
    return [event for event in await desk.events(TICKETS_EVENTS, TicketChanged) if event.type == "deadline_moved"]


class TestSeed:
    """What a fresh database knows, without a network."""

    async def test_days_off_are_those_of_the_library(self, desk: Desk) -> None:
        known = await desk.query("SELECT day, kind, name, certain FROM calendar_days ORDER BY day")
        assert known == [
            {"day": s.day, "kind": s.kind, "name": s.name, "certain": s.certain}
            for year in (2026, 2027)
            for s in days_off(year)
        ]

    async def test_a_department_without_its_own_calendar_keeps_the_citys(self, desk: Desk) -> None:
        calendars = (await rules(desk)).calendars
        assert {code for code in DEPARTMENTS if calendars.of(code) is not calendars.city} == {"BPBD"}
        assert calendars.of("BPBD").hours_on(date(2026, 3, 21)) == ((0, 86400),)
        assert calendars.of(None).hours_on(date(2026, 3, 21)) == CLOSED

    @pytest.mark.parametrize(
        ("start", "end", "hours"),
        [
            ("2026-02-27 15:30", "2026-03-02 15:00", 6.5),  # after a Friday in Ramadan, all of Monday
            ("2026-03-17 15:00", "2026-03-25 16:00", 7.5),  # over Nyepi and Idul Fitri with their leave
            ("2026-11-27 19:00", "2026-11-30 16:00", 7.5),  # a Friday evening
            ("2026-12-31 16:00", "2027-01-04 16:00", 7.5),  # New Year's Eve
        ],
    )
    async def test_real_weeks_have_their_hours(self, desk: Desk, start: str, end: str, hours: float) -> None:
        city = (await rules(desk)).calendars.city
        begins, ends = (datetime.fromisoformat(text).replace(tzinfo=JAKARTA) for text in (start, end))
        assert city.between(begins, ends) == timedelta(hours=hours)
        assert city.add(begins, timedelta(hours=hours)) == ends

    async def test_promises_and_windows_are_those_of_the_docs(self, desk: Desk) -> None:
        promises = await desk.query(
            "SELECT *, (valid_from AT TIME ZONE 'Asia/Jakarta')::date AS since FROM sla_policies"
        )
        key = ("complaint_class", "clock", "topic", "urgency", "since")
        kept = {tuple(str(row[name]) for name in key): (row["limit_seconds"], row["source"]) for row in promises}
        assert {seed.key: (seed.seconds, seed.source) for seed in seeded_promises()} == kept
        windows = await desk.query("SELECT * FROM windows")
        lengths = {(row["name"], str(row["working"]).lower()): row["seconds"] for row in windows}
        assert {seed.key: seed.seconds for seed in seeded_windows()} == lengths

    async def test_days_off_are_known_until_the_end_of_2027(self, desk: Desk) -> None:
        async with desk.runtime.database.acquire() as connection:
            assert await Almanac(connection).covers_until() == date(2027, 12, 31)


class TestChange:
    """A change of the rules."""

    async def test_a_new_day_off_moves_owed_deadlines_as_an_event_and_leaves_met_ones(self, desk: Desk) -> None:
        owed, met = await desk.open_ticket(), await desk.open_ticket()
        await desk.command(a_command("resolve", met, text="Sudah."))
        before = await desk.ticket(met)
        assert await change(desk)
        await desk.let_time_pass()
        [told] = await moves(desk)
        assert (told.complaint_id, told.reason, told.version, told.actor.ref) == (owed, "later", 2, "calendar")
        assert told.deadlines.respond_by == NOW + timedelta(days=6)
        assert (await desk.ticket(owed))["respond_by"] == told.deadlines.respond_by
        after = await desk.ticket(met)
        assert [after[f"{c}_by"] for c in ("respond", "resolve")] == [before[f"{c}_by"] for c in ("respond", "resolve")]

    async def test_the_same_day_entered_again_is_no_change(self, desk: Desk) -> None:
        assert await change(desk)
        version = (await rules(desk)).version
        assert not await change(desk)
        assert (await rules(desk)).version == version

    async def test_a_day_taken_back_moves_deadlines_back(self, desk: Desk) -> None:
        complaint_id = await desk.open_ticket()
        await change(desk)
        await desk.let_time_pass()
        async with desk.runtime.database.acquire() as connection:
            assert await Almanac(connection).remove(THURSDAY)
        await desk.let_time_pass()
        assert await desk.history(complaint_id) == ["opened", "deadline_moved:later", "deadline_moved:earlier"]

    async def test_a_deadline_moves_before_anybody_is_told_that_it_was_missed(self, desk: Desk) -> None:
        complaint_id = await desk.open_ticket()
        await desk.command(a_command("acknowledge", complaint_id))
        await desk.leap(timedelta(days=3))  # Friday, as respond falls due
        await change(desk)
        await desk.let_time_pass()
        assert "breached:respond" not in await desk.history(complaint_id)

    async def test_workers_that_run_already_take_new_rules_over(self, hire: HireDesk) -> None:
        one, other = await hire(), await hire()
        await one.open_ticket()
        await other.open_ticket()
        await change(one)
        later = [await one.ticket(await worker.open_ticket()) for worker in (one, other)]
        assert {ticket["respond_by"] for ticket in later} == {NOW + timedelta(days=6)}
        assert len({ticket["rules_version"] for ticket in later}) == 1

    async def test_a_ticket_opened_by_old_rules_while_they_changed_is_brought_up_to_date(self, desk: Desk) -> None:
        complaint_id = await desk.open_ticket()
        await change(desk)
        await desk.query("UPDATE tickets SET rules_version = 1")
        await desk.let_time_pass()
        assert (await desk.ticket(complaint_id))["rules_version"] == (await rules(desk)).version
        assert await desk.let_time_pass() == 0

    async def test_a_new_promise_for_the_past_moves_deadlines_and_one_for_the_future_does_not(self, desk: Desk) -> None:
        complaint_id = await desk.open_ticket()
        insert = "INSERT INTO sla_policies VALUES ('complaint', 'resolve', 27000, 'perwal', $1)"
        await desk.query(insert, NOW + timedelta(days=1))
        await desk.let_time_pass()
        assert await moves(desk) == []
        await desk.query(insert, NOW - timedelta(days=1))
        await desk.let_time_pass()
        assert (await desk.ticket(complaint_id))["resolve_by"] == NOW + timedelta(days=1)

    async def test_a_topics_own_promise_holds_for_its_tickets_alone(self, desk: Desk) -> None:
        await desk.query(
            """INSERT INTO sla_policies (complaint_class, clock, limit_seconds, source, valid_from, topic)
               VALUES ('complaint', 'resolve', 54000, 'perwal', '2020-01-01+07', 'lampu jalan')"""
        )
        lamp, road = await desk.open_ticket(topic="lampu jalan"), await desk.open_ticket(topic="jalan rusak")
        assert (await desk.ticket(lamp))["resolve_by"] == NOW + timedelta(days=2)
        assert (await desk.ticket(road))["resolve_by"] > NOW + timedelta(days=14)

    async def test_an_emergency_is_acknowledged_within_the_hour_also_at_night(self, desk: Desk) -> None:
        midnight = datetime(2026, 11, 28, 17, tzinfo=UTC)
        complaint_id = await desk.open_ticket(
            decision="emergency", urgency="emergency", department="BPBD", accepted_at=midnight
        )
        assert (await desk.ticket(complaint_id))["acknowledge_by"] == midnight + timedelta(hours=1)


class TestOverrides:
    """What the city says of a day stands above what the nation says."""

    async def hours(self, desk: Desk, day: date, department: str | None = None) -> Any:
        return (await rules(desk)).calendars.of(department).hours_on(day)

    async def test_a_holiday_is_open_when_the_city_opens_it(self, desk: Desk) -> None:
        christmas = date(2026, 12, 25)
        await change(desk, SpecialDay(christmas, "open", "Piket", "perwal", hours="08:00-12:00"))
        assert await self.hours(desk, christmas) == ((28800, 43200),)

    async def test_one_calendars_override_stands_above_that_of_all(self, desk: Desk) -> None:
        await change(desk)
        await change(desk, SpecialDay(THURSDAY, "open", "Piket", "x", hours="08:00-12:00", calendar="city"))
        assert await self.hours(desk, THURSDAY) == ((28800, 43200),)

    async def test_a_post_manned_day_and_night_is_closed_by_its_own_override_only(self, desk: Desk) -> None:
        await change(desk)
        assert await self.hours(desk, THURSDAY, "BPBD") == ((0, 86400),)
        await change(desk, SpecialDay(THURSDAY, "closed", "Pindah", "x", calendar="always"))
        assert await self.hours(desk, THURSDAY, "BPBD") == CLOSED

    @pytest.mark.parametrize("hours", ["", "8-12", "12:00-08:00", "08:00-12:00 11:00-13:00", "25:00-26:00"])
    async def test_hours_that_are_none_are_refused_by_the_table(self, desk: Desk, hours: str) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            await change(desk, SpecialDay(THURSDAY, "open", "Piket", "x", hours=hours))

    async def test_a_department_is_given_a_calendar_of_its_own(self, desk: Desk) -> None:
        async with desk.runtime.database.acquire() as connection:
            almanac = Almanac(connection)
            await almanac.put_week("shifts", ["06:00-22:00"] * 7, keeps_days_off=False, source="perwal")
            await almanac.give("DISHUB", "shifts")
        complaint_id = await desk.open_ticket(department="DISHUB")
        assert (await desk.ticket(complaint_id))["acknowledge_by"] == NOW + WORKING_DAY

    async def test_a_years_days_off_are_replaced_and_overrides_stay(self, desk: Desk) -> None:
        await change(desk)
        async with desk.runtime.database.acquire() as connection:
            almanac = Almanac(connection)
            assert await almanac.replace_days_off(2026, days_off(2026)) == (0, 0)
            moved = SpecialDay(date(2026, 12, 28), "collective_leave", "Cuti Bersama", "SKB")
            assert await almanac.replace_days_off(2026, [*days_off(2026)[1:], moved]) == (1, 1)
        assert await self.hours(desk, date(2026, 1, 1)) != CLOSED
        assert await self.hours(desk, THURSDAY) == CLOSED

    async def test_a_ramadan_takes_the_place_of_the_one_that_was_expected(self, desk: Desk) -> None:
        async with desk.runtime.database.acquire() as connection:
            await Almanac(connection).put_ramadan(date(2027, 2, 9), date(2027, 3, 9), certain=True, source="isbat")
        known = await desk.query("SELECT begins, certain FROM ramadans ORDER BY begins")
        assert known[1:] == [{"begins": date(2027, 2, 9), "certain": True}]
