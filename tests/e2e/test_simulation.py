"""A few simulated days, and their figures worked out a second time from what the topics say alone."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from tests.e2e.conftest import Stack
from tests.e2e.topics import Seen, read_until
from tests.e2e.working_time import JAKARTA, a_past_monday_outside_ramadan, between, later

DAYS = 4
DAY = timedelta(hours=7, minutes=30)
LIMITS = {
    "complaint": {"acknowledge": DAY, "respond": 3 * DAY},
    "information": {"acknowledge": DAY, "respond": 2 * DAY},
    "aspiration": {"acknowledge": 3 * DAY, "respond": 14 * DAY},
}
EMERGENCY = {"acknowledge": timedelta(hours=1), "respond": DAY}
ACKNOWLEDGING = {"acknowledged", "started", "asked_reporter", "answered", "resolved", "rejected"}
RESPONDING = {"answered", "resolved", "rejected"}
EVENTS = "laksa.tickets.events.v1"

Judged = Counter[tuple[str, str, str]]


def judge(seen: Seen, complaint_id: str, as_of: datetime) -> Iterator[tuple[str, str, str]]:
    """(department, clock, on time or late) of every run of a ticket that was judged."""
    [registered] = seen.distinct("laksa.complaints.registered.v1", complaint_id)
    [routed] = seen.distinct("laksa.complaints.routed.v1", complaint_id)
    limits = LIMITS[routed["class"]]
    if routed["urgency"] == "emergency" and routed["class"] == "complaint":
        limits = EMERGENCY
    history = [event for event in seen.distinct(EVENTS, complaint_id) if at(event) <= as_of]
    accepted = datetime.fromisoformat(registered["accepted_at"])
    yield from acknowledging(history, accepted, limits["acknowledge"], as_of)
    yield from responding(history, accepted, limits["respond"], as_of)


def at(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["occurred_at"])


def acknowledging(
    history: list[dict[str, Any]], accepted: datetime, limit: timedelta, as_of: datetime
) -> Iterator[tuple[str, str, str]]:
    holder, due, owed = history[0]["department"], later(accepted, limit, history[0]["department"]), True
    for event in history:
        if event["type"] == "handed_over":
            if owed and at(event) > due:
                yield holder or "TLR", "acknowledge", "late"
            due, owed = later(at(event), limit, event["department"]), True
        elif owed and event["type"] in ACKNOWLEDGING:
            owed = False
            yield event["department"] or "TLR", "acknowledge", "late" if at(event) > due else "on time"
        holder = event["department"]
    if owed and due < as_of:
        yield holder or "TLR", "acknowledge", "late"


def responding(
    history: list[dict[str, Any]], accepted: datetime, limit: timedelta, as_of: datetime
) -> Iterator[tuple[str, str, str]]:
    works_by, waited, asked = history[0]["department"], timedelta(), None
    for event in history:
        if event["type"] == "asked_reporter":
            asked = at(event)
        elif event["type"] == "reporter_replied" and asked:
            waited, asked = waited + between(asked, at(event), works_by), None
        elif event["type"] in RESPONDING:
            late = at(event) > later(accepted, limit + waited, works_by)
            yield event["department"] or "TLR", "respond", "late" if late else "on time"
            return
    if later(accepted, limit + waited, works_by) < (asked or as_of):
        yield history[-1]["department"] or "TLR", "respond", "late"


def counted(figures: list[dict[str, Any]]) -> Judged:
    found: Judged = Counter()
    for one in figures:
        for clock in ("acknowledge", "respond"):
            kept = one["clocks"][clock]
            found[one["department"], clock, "on time"] = kept["met"]
            found[one["department"], clock, "late"] = kept["missed"] + kept["overdue"]
    return +found


@pytest.fixture(scope="module")
def simulated(stack: Stack) -> dict[str, Any]:
    """What a simulation of a Monday to a Thursday, one of them of flood, says of itself."""
    first = a_past_monday_outside_ramadan(datetime.now(JAKARTA).date())
    ended = stack.laksa("demo", "--days", str(DAYS), "--first", str(first), "--yes", "--json", timeout=120)
    assert ended.returncode == 0, ended.stderr + ended.stdout
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


async def test_the_figures_of_simulated_days_are_what_the_topics_say(stack: Stack, simulated: dict[str, Any]) -> None:
    bootstrap = stack.status()["kafka"]["bootstrap"]
    seen = await read_until(bootstrap, lambda _: False, timeout=8)
    ours = [i for i in seen.records["laksa.complaints.registered.v1"] if i[14] == "8"]
    as_of = datetime.fromisoformat(simulated["as_of"])

    expected = Counter(judgement for i in ours for judgement in judge(seen, i, as_of))

    assert len(ours) == simulated["received"] > 200
    assert counted(simulated["figures"]) == expected
    assert expected.total() > 300
    assert any(verdict == "late" for _, _, verdict in expected)


async def test_what_was_told_of_is_what_is_on_the_topic(stack: Stack, simulated: dict[str, Any]) -> None:
    seen = await read_until(stack.status()["kafka"]["bootstrap"], lambda _: False, timeout=8)
    as_of = datetime.fromisoformat(simulated["as_of"])
    breaches = Counter(
        event["department"] or "TLR"
        for i in seen.records["laksa.complaints.registered.v1"]
        if i[14] == "8"
        for event in seen.distinct(EVENTS, i)
        if event["type"] == "breached" and at(event) <= as_of
    )
    assert {name: told["breaches"] for name, told in simulated["told"].items() if told["breaches"]} == breaches


async def test_business_time_is_real_time_again_afterwards(stack: Stack, simulated: dict[str, Any]) -> None:
    connection = await asyncpg.connect(stack.status()["postgres"]["dsn"])
    try:
        assert await connection.fetchval("SELECT abs(extract(epoch FROM clock.now() - now())) < 1")
    finally:
        await connection.close()


def test_the_city_is_not_simulated_over_other_peoples_tickets(stack: Stack) -> None:
    assert stack.laksa("send").returncode == 0
    stack.laksa("reconcile")
    refused = stack.laksa("demo", "--days", "1")
    assert refused.returncode == 1
    assert "--yes" in refused.stderr
