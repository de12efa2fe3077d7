"""Whatever is commanded, in whatever order and however often: the history is whole, and everybody is told the same."""

from collections.abc import Iterator
from dataclasses import dataclass
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
        st.sampled_from([*MOVES, "split"]),
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


@given(series=SERIES, decision=st.sampled_from(["auto", "review"]))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_history_is_whole_and_told_as_it_is_after_any_series_of_commands(
    desk: Desk, series: list[list[TicketCommand | Again]], decision: str
) -> None:
    await desk.forget()
    complaint_id = await desk.open_ticket(decision=decision)
    batches = list(resolved(series, complaint_id))
    for batch in batches:
        await desk.command(*batch)
    await history_is_whole(desk, complaint_id)
    await events_tell_the_history(desk)
    await every_command_has_one_answer(desk, [command for batch in batches for command in batch])
    await departments_received_what_they_were_given(desk)


async def history_is_whole(desk: Desk, complaint_id: UUID) -> None:
    history = await desk.query("SELECT * FROM history ORDER BY version")
    ticket = await desk.ticket(complaint_id)
    assert [row["version"] for row in history] == list(range(1, len(history) + 1))
    for column in ("version", "state", "department"):
        assert ticket[column] == history[-1][column]


async def events_tell_the_history(desk: Desk) -> None:
    history = await desk.query("SELECT * FROM history ORDER BY version")
    told = await desk.events(TICKETS_EVENTS, TicketChanged)
    assert [(e.version, e.event_id, e.type, e.state, e.department, e.cause, e.occurred_at) for e in told] == [
        (h["version"], h["event_id"], h["type"], h["state"], h["department"], h["cause"], h["at"]) for h in history
    ]


async def every_command_has_one_answer(desk: Desk, commands: list[TicketCommand]) -> None:
    replies = await desk.said(TICKETS_REPLIES)
    assert [reply["command_id"] for reply in replies] == [str(command.event_id) for command in commands]
    distinct = {reply["event_id"]: reply for reply in replies}
    assert all(reply == distinct[reply["event_id"]] for reply in replies)
    assert len(distinct) == len({command.event_id for command in commands})
    done = [reply["version"] for reply in distinct.values() if reply["outcome"] == "done"]
    assert done == list(range(2, len(done) + 2))


async def departments_received_what_they_were_given(desk: Desk) -> None:
    given_away = await desk.query(
        """SELECT version, department FROM history
           WHERE type IN ('assigned', 'handed_over') OR type = 'opened' AND state = 'assigned' ORDER BY version"""
    )
    received = await desk.said(TICKETS_ASSIGNED)
    assert [(r["version"], r["department"]) for r in received] == [(g["version"], g["department"]) for g in given_away]
