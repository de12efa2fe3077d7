"""The table of allowed moves, row by row: who may, from where, to where, and why not."""

from datetime import timedelta
from itertools import product
from typing import Any, get_args
from uuid import uuid4

import pytest

from services.desk.domain import Standstill, Ticket
from services.desk.lifecycle import MOST_PARTS, MOVES, REJECT_REASONS, Move, Moved, NotMoved, decide
from shared.events import Actor, TicketCommand
from shared.events.tickets import ActorKind, State
from tests.factories_tickets import (
    ANOTHER_DEPARTMENT,
    DEPARTMENT,
    NOW,
    RULES,
    a_command,
    a_full_command,
    a_ticket,
    a_ticket_in,
)

STATES: tuple[State, ...] = get_args(State)
CONTRACT_COMMANDS = {
    "assign", "acknowledge", "start", "ask_reporter", "reply", "answer", "resolve", "reject", "hand_over", "take_back",
    "escalate", "reopen", "confirm", "object", "close", "add_support", "reclassify", "split",
}  # fmt: skip
ALLOWED = [(move, state) for move in MOVES.values() for state in move.sources]
NOT_ALLOWED = [(move, state) for move, state in product(MOVES.values(), STATES) if state not in move.sources]
STRANGERS = [(move, kind) for move, kind in product(MOVES.values(), get_args(ActorKind)) if kind not in move.actors]
NEEDS = [(move, need) for move in MOVES.values() for need in move.needs]


def name(value: object) -> str:
    return value.command if isinstance(value, Move) else str(value)


def judge(ticket: Ticket | None, command: TicketCommand) -> Moved | NotMoved:
    return decide(ticket, command, RULES, NOW)


def reason_of(outcome: Moved | NotMoved) -> str | None:
    return outcome.reason if isinstance(outcome, NotMoved) else None


def test_every_command_of_the_contract_has_a_row() -> None:
    assert set(MOVES) == CONTRACT_COMMANDS


@pytest.mark.parametrize(("move", "state"), ALLOWED, ids=name)
def test_a_move_leads_to_its_target_from_every_source(move: Move, state: State) -> None:
    ticket = a_ticket_in(state)
    outcome = judge(ticket, a_full_command(move, **_as_operator(move)))
    assert isinstance(outcome, Moved)
    assert outcome.ticket.state == (move.target or state)
    assert outcome.event_type == move.event_type
    assert outcome.ticket.version == ticket.version + 1


@pytest.mark.parametrize(("move", "state"), NOT_ALLOWED, ids=name)
def test_a_move_is_not_allowed_from_any_other_state(move: Move, state: State) -> None:
    ticket = a_ticket_in(state)
    assert reason_of(judge(ticket, a_full_command(move, **_as_operator(move)))) == "not_allowed"


@pytest.mark.parametrize(("move", "kind"), STRANGERS, ids=name)
def test_a_move_is_forbidden_to_whoever_its_row_does_not_list(move: Move, kind: ActorKind) -> None:
    assert reason_of(judge(a_ticket_in(move.sources[0]), a_full_command(move, kind=kind))) == "forbidden"


@pytest.mark.parametrize("move", [m for m in MOVES.values() if "officer" in m.actors], ids=name)
def test_a_move_is_forbidden_to_an_officer_of_another_department(move: Move) -> None:
    stranger = Actor(kind="officer", department=ANOTHER_DEPARTMENT, ref="u-18")
    assert reason_of(judge(a_ticket_in(move.sources[-1]), a_full_command(move, actor=stranger))) == "forbidden"


def test_an_officer_without_a_department_is_nobodys_even_when_the_ticket_has_none_either() -> None:
    homeless = Actor(kind="officer", department=None, ref="u-19")
    in_review = a_ticket(state="in_review")
    assert reason_of(judge(in_review, a_full_command(MOVES["reject"], actor=homeless))) == "forbidden"


@pytest.mark.parametrize("move", MOVES.values(), ids=name)
def test_a_move_is_stale_when_it_expects_another_version(move: Move) -> None:
    ticket = a_ticket_in(move.sources[0])
    command = a_full_command(move, expected_version=ticket.version - 1, **_as_operator(move))
    assert reason_of(judge(ticket, command)) == "stale_version"


@pytest.mark.parametrize("move", MOVES.values(), ids=name)
def test_a_move_is_made_when_it_expects_the_tickets_version(move: Move) -> None:
    ticket = a_ticket_in(move.sources[0])
    command = a_full_command(move, expected_version=ticket.version, **_as_operator(move))
    assert isinstance(judge(ticket, command), Moved)


@pytest.mark.parametrize(("move", "need"), NEEDS, ids=name)
@pytest.mark.parametrize("nothing", [None, ""])
def test_a_move_is_invalid_without_what_it_needs(move: Move, need: str, nothing: str | None) -> None:
    changes = _as_operator(move) | {need: nothing}
    assert reason_of(judge(a_ticket_in(move.sources[0]), a_full_command(move, **changes))) == "invalid"


@pytest.mark.parametrize("command", ["explode", "", "ASSIGN"])
def test_a_command_that_is_not_in_the_table_is_invalid(command: str) -> None:
    assert reason_of(judge(a_ticket(), a_command(command))) == "invalid"
    assert reason_of(judge(None, a_command(command))) == "invalid"


@pytest.mark.parametrize("move", MOVES.values(), ids=name)
def test_a_move_without_a_ticket_concerns_an_unknown_complaint(move: Move) -> None:
    assert reason_of(judge(None, a_full_command(move))) == "unknown_complaint"


def _as_operator(move: Move) -> dict[str, Any]:
    return {"kind": "operator"} if "operator" in move.actors else {}


def test_an_officer_of_the_tickets_department_may_do_what_his_row_lists() -> None:
    assert isinstance(judge(a_ticket(), a_command("start", kind="officer")), Moved)


class TestParticulars:
    """What single commands ask for beyond their row."""

    @pytest.mark.parametrize("command", ["assign", "hand_over", "add_support"])
    def test_a_department_that_does_not_exist_is_invalid(self, command: str) -> None:
        assert reason_of(judge(a_ticket(), a_full_command(MOVES[command], department="DINAS SIHIR"))) == "invalid"

    @pytest.mark.parametrize("command", ["assign", "hand_over", "add_support"])
    def test_giving_a_ticket_to_the_department_that_has_it_is_not_allowed(self, command: str) -> None:
        assert reason_of(judge(a_ticket(), a_full_command(MOVES[command], department=DEPARTMENT))) == "not_allowed"

    def test_adding_a_department_that_supports_already_is_not_allowed(self) -> None:
        ticket = a_ticket(supporting_departments=(ANOTHER_DEPARTMENT,))
        assert reason_of(judge(ticket, a_full_command(MOVES["add_support"]))) == "not_allowed"

    def test_acknowledging_twice_is_not_allowed(self) -> None:
        assert reason_of(judge(a_ticket(acknowledged_at=NOW), a_command("acknowledge"))) == "not_allowed"

    @pytest.mark.parametrize("reason", REJECT_REASONS)
    def test_a_ticket_is_rejected_for_one_of_the_contracts_reasons(self, reason: str) -> None:
        assert isinstance(judge(a_ticket(), a_command("reject", reason=reason)), Moved)

    def test_rejecting_for_any_other_reason_is_invalid(self) -> None:
        assert reason_of(judge(a_ticket(), a_command("reject", reason="malas"))) == "invalid"

    def test_reclassifying_without_class_and_topic_is_invalid(self) -> None:
        assert reason_of(judge(a_ticket(), a_command("reclassify"))) == "invalid"


class TestEffects:
    """What a move does to the ticket and its clocks."""

    def test_assigning_out_of_review_keeps_the_deadlines_since_review_is_not_hidden(self) -> None:
        before = a_ticket(state="in_review")
        after = moved(before, a_full_command(MOVES["assign"], office="Cipondoh"))
        assert (after.department, after.office) == (ANOTHER_DEPARTMENT, "Cipondoh")
        assert after.deadlines == before.deadlines

    @pytest.mark.parametrize("command", ["assign", "hand_over"])
    def test_another_department_gets_its_own_time_to_acknowledge_and_the_citizens_clocks_run_on(
        self, command: str
    ) -> None:
        before = a_ticket(acknowledged_at=NOW - timedelta(hours=1))
        after = moved(before, a_full_command(MOVES[command]))
        assert after.acknowledged_at is None
        assert after.deadlines.acknowledge_by == NOW + timedelta(days=1)
        assert (after.deadlines.respond_by, after.deadlines.resolve_by) == (
            before.deadlines.respond_by, before.deadlines.resolve_by,
        )  # fmt: skip

    @pytest.mark.parametrize("command", ["acknowledge", "start", "ask_reporter", "answer", "resolve", "reject"])
    def test_whatever_a_department_does_acknowledges_the_ticket(self, command: str) -> None:
        assert moved(a_ticket(), a_full_command(MOVES[command])).acknowledged_at == NOW

    @pytest.mark.parametrize("command", ["start", "ask_reporter", "answer", "resolve", "reject"])
    def test_the_first_acknowledgement_stands_when_more_is_done(self, command: str) -> None:
        earlier = NOW - timedelta(hours=3)
        assert moved(a_ticket(acknowledged_at=earlier), a_full_command(MOVES[command])).acknowledged_at == earlier

    def test_asking_stops_the_clocks_now(self) -> None:
        assert moved(a_ticket(), a_full_command(MOVES["ask_reporter"])).waiting_since == NOW

    def test_a_reply_moves_the_deadlines_by_the_working_time_of_the_wait(self) -> None:
        before = a_ticket(state="waiting_reporter", waiting_since=NOW - timedelta(hours=1))
        after = moved(before, a_full_command(MOVES["reply"]))
        assert after.waiting_since is None
        assert after.deadlines.respond_by == before.deadlines.respond_by + timedelta(hours=1)
        assert after.deadlines.resolve_by == before.deadlines.resolve_by + timedelta(hours=1)

    @pytest.mark.parametrize("command", ["answer", "resolve", "reject"])
    def test_the_first_answer_stamps_the_response(self, command: str) -> None:
        assert moved(a_ticket(), a_full_command(MOVES[command])).responded_at == NOW
        earlier = NOW - timedelta(hours=2)
        assert moved(a_ticket(responded_at=earlier), a_full_command(MOVES[command])).responded_at == earlier

    @pytest.mark.parametrize("command", ["resolve", "reject"])
    def test_an_ending_stamps_the_resolution(self, command: str) -> None:
        assert moved(a_ticket(), a_full_command(MOVES[command])).resolved_at == NOW

    def test_taking_back_leaves_no_department_and_no_acknowledgement(self) -> None:
        after = moved(a_ticket(office="Cipondoh", acknowledged_at=NOW), a_full_command(MOVES["take_back"]))
        assert (after.state, after.department, after.office, after.acknowledged_at) == ("in_review", None, None, None)

    @pytest.mark.parametrize("command", ["reopen", "object"])
    def test_a_reopened_ticket_has_the_working_time_that_it_had_left(self, command: str) -> None:
        before = a_ticket(state="resolved", resolved_at=NOW - timedelta(days=7))
        after = moved(before, a_full_command(MOVES[command]))
        assert after.resolved_at is None
        assert after.deadlines.resolve_by == before.deadlines.resolve_by + timedelta(days=7)

    def test_a_reply_remembers_the_wait(self) -> None:
        since = NOW - timedelta(hours=1)
        after = moved(a_ticket(state="waiting_reporter", waiting_since=since), a_full_command(MOVES["reply"]))
        assert after.stood_still == (Standstill("waiting", since, NOW),)

    def test_taking_back_begins_a_new_time_to_acknowledge_for_the_live_room(self) -> None:
        after = moved(a_ticket(acknowledged_at=NOW), a_full_command(MOVES["take_back"]))
        assert after.deadlines.acknowledge_by == NOW + timedelta(days=1)

    def test_a_ticket_rejected_in_review_goes_back_to_review_when_it_is_reopened(self) -> None:
        rejected = a_ticket(state="rejected", department=None, resolved_at=NOW)
        assert moved(rejected, a_full_command(MOVES["reopen"])).state == "in_review"

    def test_support_is_added_behind_those_who_support_already(self) -> None:
        after = moved(a_ticket(supporting_departments=("BPBD",)), a_full_command(MOVES["add_support"]))
        assert after.supporting_departments == ("BPBD", ANOTHER_DEPARTMENT)

    def test_another_class_brings_its_own_promises_counted_from_acceptance(self) -> None:
        before = a_ticket()
        after = moved(before, a_command("reclassify", complaint_class="information"))
        assert after.complaint_class == "information"
        assert after.deadlines == a_ticket(complaint_class="information").deadlines

    def test_another_topic_alone_moves_no_deadline(self) -> None:
        before = a_ticket()
        after = moved(before, a_command("reclassify", topic="trotoar"))
        assert (after.topic, after.complaint_class, after.deadlines) == ("trotoar", "complaint", before.deadlines)


class TestWindows:
    """What is possible for a time only."""

    @pytest.mark.parametrize(("command", "days"), [("object", 10), ("reopen", 90)])
    def test_a_window_is_open_to_its_last_moment_and_then_shut(self, command: str, days: int) -> None:
        for late, reason in ((timedelta(), None), (timedelta(microseconds=1), "not_allowed")):
            ended = a_ticket(state="resolved", resolved_at=NOW - timedelta(days=days) - late)
            assert reason_of(judge(ended, a_full_command(MOVES[command]))) == reason


class TestSplit:
    """One text, two problems, two tickets."""

    def test_the_part_has_an_id_and_a_number_of_its_own_that_come_out_the_same_again(self) -> None:
        ticket, command = a_ticket(), a_full_command(MOVES["split"], department=ANOTHER_DEPARTMENT)
        part = part_of(ticket, command)
        assert part == part_of(ticket, command)
        assert part.complaint_id != ticket.complaint_id
        assert (part.ticket_number, part.parent, part.version) == ("LKS-0123-4567-2", ticket.complaint_id, 1)

    def test_a_second_part_is_another_ticket(self) -> None:
        first = moved(a_ticket(), a_full_command(MOVES["split"]))
        assert part_of(first, a_full_command(MOVES["split"])).ticket_number == "LKS-0123-4567-3"

    def test_a_number_of_the_greatest_length_stays_one(self) -> None:
        split = moved(a_ticket(ticket_number="L" * 37, parts=9), a_full_command(MOVES["split"]))
        assert split.parts == MOST_PARTS
        assert len("L" * 37 + f"-{split.parts}") <= 40

    def test_the_part_is_with_its_department_or_in_review(self) -> None:
        with_department = part_of(a_ticket(), a_full_command(MOVES["split"], department=ANOTHER_DEPARTMENT))
        in_review = part_of(a_ticket(), a_full_command(MOVES["split"], department=None))
        assert (with_department.state, with_department.department) == ("assigned", ANOTHER_DEPARTMENT)
        assert (in_review.state, in_review.department) == ("in_review", None)

    def test_the_citizens_clocks_are_as_old_as_the_complaint_and_the_department_begins_now(self) -> None:
        ticket = a_ticket(acknowledged_at=NOW, responded_at=NOW)
        part = part_of(ticket, a_full_command(MOVES["split"], department=ANOTHER_DEPARTMENT))
        assert (part.clocks.respond.started_at, part.clocks.acknowledge.started_at) == (ticket.accepted_at, NOW)
        assert (part.acknowledged_at, part.responded_at) == (None, None)

    def test_a_part_is_not_split_and_a_ticket_not_into_more_parts_than_ten(self) -> None:
        for ticket in (a_ticket(parent=uuid4()), a_ticket(parts=MOST_PARTS)):
            assert reason_of(judge(ticket, a_full_command(MOVES["split"]))) == "not_allowed"

    def test_a_part_for_a_department_that_does_not_exist_is_invalid(self) -> None:
        assert reason_of(judge(a_ticket(), a_full_command(MOVES["split"], department="DINAS SIHIR"))) == "invalid"


def test_a_supporting_department_moves_nothing() -> None:
    supported = a_ticket(supporting_departments=(ANOTHER_DEPARTMENT,))
    officer = Actor(kind="officer", department=ANOTHER_DEPARTMENT, ref="u-20")
    for move in MOVES.values():
        if "officer" in move.actors:
            assert reason_of(judge(supported, a_full_command(move, actor=officer))) == "forbidden"


def part_of(ticket: Ticket, command: TicketCommand) -> Ticket:
    outcome = judge(ticket, command)
    assert isinstance(outcome, Moved), outcome
    assert outcome.part is not None
    return outcome.part


def moved(ticket: Ticket, command: TicketCommand) -> Ticket:
    outcome = judge(ticket, command)
    assert isinstance(outcome, Moved), outcome
    return outcome.ticket
