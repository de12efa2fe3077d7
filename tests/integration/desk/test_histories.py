"""Whatever is commanded, in whatever order and however often, and however much time passes in between: the history is
whole, and everybody is told the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import zip_longest
from typing import get_args
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.desk.lifecycle import MOVES
from shared.events import Actor, TicketChanged, TicketCommand
from shared.events.tickets import ActorKind
from shared.events.topics import TICKETS_ASSIGNED, TICKETS_EVENTS, TICKETS_REPLIES
from tests.factories_tickets import a_command
from tests.integration.desk.conftest import Desk

DEPARTMENTS = st.sampled_from(["PUPR", "DLH", "BPBD", None])


@dataclass(frozen=True)
class Again:
    """The command given so many commands ago, word for word."""

    steps_back: int


def commands() -> st.SearchStrategy[TicketCommand]:
    """Mostly sensible commands, so that series come far; some that nobody may give."""
    actors = st.one_of(
        st.just(Actor(kind="operator", ref="tlr-1")),
        st.just(Actor(kind="reporter", ref="r1-abc")),
        st.builds(Actor, kind=st.sampled_from(get_args(ActorKind)), department=DEPARTMENTS, ref=st.just("u-1")),
    )
    return st.builds(
        a_command,
        st.sampled_from(list(MOVES)),
        event_id=st.uuids(version=4),
        actor=actors,
        department=DEPARTMENTS,
        reason=st.sampled_from(["duplicate", "salah alamat", None]),
        text=st.sampled_from(["Baik, terima kasih", None]),
        topic=st.sampled_from(["lampu jalan", None]),
        complaint_class=st.sampled_from(["information", None]),
        expected_version=st.sampled_from([None, None, None, 1, 2, 3]),
    )


STEPS = st.one_of(commands(), commands(), commands(), st.builds(Again, st.integers(1, 5)))
PAUSES = st.lists(st.sampled_from([0, 0, 0, 1, 5, 20, 60]), max_size=5)
"""Days that pass after each batch, of which time makes moves of its own."""
SERIES = st.lists(st.lists(STEPS, min_size=1, max_size=8), min_size=1, max_size=5)


def resolved(series: list[list[TicketCommand | Again]], complaint_id: UUID) -> Iterator[list[TicketCommand]]:
    """The batches, with repeats in the place of what they repeat."""
    given_so_far: list[TicketCommand] = []
    for batch in series:
        size_before = len(given_so_far)
        for step in batch:
            if isinstance(step, TicketCommand):
                given_so_far.append(step.model_copy(update={"complaint_id": complaint_id}))
            elif given_so_far:
                given_so_far.append(given_so_far[-min(step.steps_back, len(given_so_far))])
        yield given_so_far[size_before:]


@given(series=SERIES, pauses=PAUSES, decision=st.sampled_from(["auto", "review"]))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_history_is_whole_and_told_as_it_is_after_any_series_of_commands(
    desk: Desk, series: list[list[TicketCommand | Again]], pauses: list[int], decision: str
) -> None:
    await desk.forget()
    complaint_id = await desk.open_ticket(decision=decision)
    batches = list(resolved(series, complaint_id))
    for batch, days in zip_longest(batches, pauses[: len(batches)], fillvalue=0):
        await desk.command(*batch)
        await desk.leap(timedelta(days=days))
        await desk.let_time_pass()
    await histories_are_whole(desk)
    await events_tell_the_histories(desk)
    await every_command_has_one_answer(desk, complaint_id, [command for batch in batches for command in batch])
    await departments_received_what_they_were_given(desk)
    await parts_are_as_many_as_their_ticket_says(desk)


async def histories_are_whole(desk: Desk) -> None:
    for ticket in await desk.query("SELECT * FROM tickets"):
        history = await desk.query(
            "SELECT * FROM history WHERE complaint_id = $1 ORDER BY version", ticket["complaint_id"]
        )
        assert [row["version"] for row in history] == list(range(1, len(history) + 1))
        for column in ("version", "state", "department"):
            assert ticket[column] == history[-1][column]


async def events_tell_the_histories(desk: Desk) -> None:
    history = await desk.query("SELECT * FROM history ORDER BY complaint_id, version")
    told = sorted(await desk.events(TICKETS_EVENTS, TicketChanged), key=lambda e: (e.complaint_id, e.version))
    assert [(e.version, e.event_id, e.type, e.state, e.department, e.cause, e.occurred_at) for e in told] == [
        (h["version"], h["event_id"], h["type"], h["state"], h["department"], h["cause"], h["at"]) for h in history
    ]


async def every_command_has_one_answer(desk: Desk, complaint_id: UUID, commands: list[TicketCommand]) -> None:
    replies = await desk.said(TICKETS_REPLIES)
    assert [reply["command_id"] for reply in replies] == [str(command.event_id) for command in commands]
    distinct = {reply["event_id"]: reply for reply in replies}
    assert all(reply == distinct[reply["event_id"]] for reply in replies)
    assert len(distinct) == len({command.event_id for command in commands})
    done = [reply["version"] for reply in distinct.values() if reply["outcome"] == "done"]
    by_command = "SELECT version FROM history WHERE complaint_id = $1 AND actor_kind <> 'system' ORDER BY version"
    assert done == [row["version"] for row in await desk.query(by_command, complaint_id)]


async def departments_received_what_they_were_given(desk: Desk) -> None:
    given_away = await desk.query(
        """SELECT complaint_id, version, department FROM history
           WHERE type IN ('assigned', 'handed_over') OR type = 'opened' AND state = 'assigned'"""
    )
    received = await desk.said(TICKETS_ASSIGNED)
    assert sorted((r["complaint_id"], r["version"], r["department"]) for r in received) == sorted(
        (str(g["complaint_id"]), g["version"], g["department"]) for g in given_away
    )


async def parts_are_as_many_as_their_ticket_says(desk: Desk) -> None:
    [counted] = await desk.query("SELECT max(parts) AS parts, count(*) AS tickets FROM tickets")
    assert counted["parts"] == counted["tickets"]
