"""Whatever a department's system writes into a command, the desk answers it and goes on."""

import json
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.desk.lifecycle import MOVES
from shared.events.topics import DEAD_LETTER, TICKETS_REPLIES
from tests.factories_tickets import NOW
from tests.integration.desk.conftest import Desk

WORDS = st.text(st.characters(exclude_categories=()), max_size=30)
ANYTHING = st.one_of(WORDS, st.none(), st.integers(), st.floats(), st.lists(WORDS, max_size=2), st.booleans())
ODD = st.fixed_dictionaries(
    {"command": st.one_of(st.sampled_from(list(MOVES)), WORDS)},
    optional={
        "actor": st.fixed_dictionaries(
            {"kind": st.sampled_from(["officer", "operator", "reporter", "system", "mayor"]), "ref": WORDS},
            optional={"department": WORDS},
        ),
        "expected_version": ANYTHING,
        "department": st.one_of(st.just("DLH"), WORDS),
        "office": ANYTHING,
        "reason": ANYTHING,
        "text": ANYTHING,
        "class": st.one_of(st.just("information"), ANYTHING),
        "topic": ANYTHING,
    },
)


@given(odd=st.lists(ODD, min_size=1, max_size=6))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_every_command_is_answered_or_a_dead_letter_whatever_it_says(
    desk: Desk, odd: list[dict[str, Any]]
) -> None:
    await desk.forget()
    complaint_id = await desk.open_ticket()
    facts = {"occurred_at": NOW.isoformat(), "complaint_id": str(complaint_id)}
    commands = [facts | {"event_id": str(uuid4()), "actor": {"kind": "operator", "ref": "x"}} | one for one in odd]
    await desk.command(*(json.dumps(command).encode() for command in commands))
    answered = {reply["command_id"] for reply in await desk.said(TICKETS_REPLIES)}
    assert len(answered) + len(await desk.said(DEAD_LETTER)) == len(commands)


async def test_a_value_of_the_greatest_size_is_obeyed(desk: Desk) -> None:
    complaint_id = await desk.open_ticket()
    words = "jalan rusak parah 🚧 " * 2000
    command = {
        "event_id": str(uuid4()), "occurred_at": NOW.isoformat(), "complaint_id": str(complaint_id),
        "command": "answer", "actor": {"kind": "operator", "ref": "u-1"}, "text": words,
    }  # fmt: skip
    await desk.command(json.dumps(command, ensure_ascii=False).encode())
    assert (await desk.said(TICKETS_REPLIES))[0]["outcome"] == "done"
