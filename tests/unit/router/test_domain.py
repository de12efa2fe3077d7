"""What judges a challenger: labels held out by time, the gate, and drift."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from services.router.domain import Gate, Label, drift, hold_out, judge

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


def a_label(number: int, department: str = "PUPR", *, corrected: bool = True) -> Label:
    """One label an hour."""
    return Label(f"text {number}", department, BEGIN + timedelta(hours=number), corrected)


def judged(departments: str, champion: str, challenger: str, *, corrected: str = "") -> Gate:
    """The gate for labels, one letter a department; `corrected` has an x for each correction, all if left out."""
    marks = corrected or "x" * len(departments)
    labels = [a_label(i, d, corrected=mark == "x") for i, (d, mark) in enumerate(zip(departments, marks, strict=True))]
    return judge("champion", labels, list(champion), list(challenger))


def test_a_challenger_that_finds_more_corrections_and_loses_no_department_passes() -> None:
    gate = judged("A" * 10 + "B" * 10, champion="A" * 10 + "C" * 10, challenger="A" * 10 + "B" * 2 + "C" * 8)
    assert gate.passed
    assert (gate.corrections.champion, gate.corrections.challenger) == (10, 12)


def test_a_challenger_that_is_as_good_as_the_champion_does_not_pass() -> None:
    gate = judged("A" * 20, champion="A" * 12 + "B" * 8, challenger="B" * 8 + "A" * 12)
    assert gate.refusals == ("right on 12 of 20 held-out corrections, the champion on 12",)


def test_nineteen_corrections_are_too_few_to_judge_by() -> None:
    gate = judged("A" * 19, champion="B" * 19, challenger="A" * 19)
    assert gate.refusals == ("19 corrections are held out, 20 are needed",)


def test_a_department_below_its_floor_stops_a_challenger_that_is_better_on_the_whole() -> None:
    gate = judged("A" * 20 + "B" * 10, champion="C" * 20 + "B" * 10, challenger="A" * 20 + "B" * 6 + "A" * 4)
    assert gate.floors["B"].floor == 7
    assert gate.refusals == ("B: finds 6 of 10, the floor is 7",)


def test_a_department_that_loses_as_many_as_chance_may_take_is_no_obstacle() -> None:
    """Lost 4 and won 2 of 12: a coin does that often. Lost 4 of 4 it does not."""
    by_chance = judged("A" * 20 + "B" * 12, "C" * 20 + "B" * 10 + "C" * 2, "A" * 20 + "B" * 6 + "C" * 4 + "B" * 2)
    assert by_chance.passed
    assert not judged("A" * 20 + "B" * 4, "C" * 20 + "B" * 4, "A" * 20 + "C" * 4).passed


def test_a_large_department_may_not_lose_a_tenth_whatever_the_others_win() -> None:
    gate = judged("A" * 50 + "B" * 100, "C" * 50 + "B" * 100, "A" * 50 + "B" * 80 + "C" * 20)
    assert gate.floors["B"].floor == 90
    assert not gate.passed


def test_a_department_of_few_labels_may_lose_one_of_them() -> None:
    gate = judged("A" * 20 + "B" * 3, champion="C" * 20 + "B" * 3, challenger="A" * 20 + "B" * 2 + "A")
    assert gate.floors["B"].floor == 2
    assert gate.passed


def test_a_challenger_that_learns_the_corrections_and_forgets_the_rest_does_not_pass() -> None:
    """The champion is wrong on its own corrections by definition: what people left as it was counts, too."""
    departments, marks = "A" * 20 + "B" * 50, "x" * 20 + "-" * 50
    gate = judged(departments, "C" * 20 + "B" * 50, "A" * 20 + "C" * 40 + "B" * 10, corrected=marks)
    assert [refusal.split()[0] for refusal in gate.refusals] == ["right", "B:"]


def test_the_newest_fifth_of_the_corrections_is_held_out_and_all_that_came_after_it() -> None:
    labels = [a_label(i, corrected=i % 2 == 0) for i in range(400)]
    held_out = hold_out(labels)
    assert sum(label.corrected for label in held_out.newest) == 40
    assert {label.corrected for label in held_out.newest} == {True, False}
    assert max(label.labelled_at for label in held_out.older) < min(label.labelled_at for label in held_out.newest)


@pytest.mark.parametrize(("corrections", "held_out"), [(0, 0), (12, 12), (30, 20), (100, 20), (150, 30)])
def test_at_least_twenty_corrections_are_held_out_where_there_are_so_many(corrections: int, held_out: int) -> None:
    parted = hold_out([a_label(i) for i in range(corrections)])
    assert (len(parted.older), len(parted.newest)) == (corrections - held_out, held_out)


def test_a_text_that_is_learned_from_is_not_judged_by() -> None:
    """People send the same words again: knowing them by heart is no merit."""
    labels = [a_label(i) for i in range(30)]
    again = Label(labels[0].text, "DLH", BEGIN + timedelta(days=9), corrected=True)
    held_out = hold_out([*labels, again])
    assert labels[0] in held_out.older
    assert again not in held_out.newest


def spread(*counts: int) -> Sequence[int]:
    return [*counts, *(0 for _ in range(10 - len(counts)))]


def test_drift_grows_with_the_difference() -> None:
    before = spread(100, 200, 300, 400)
    small, great = drift(before, spread(110, 210, 290, 390)), drift(before, spread(400, 300, 200, 100))
    assert small is not None
    assert great is not None
    assert drift(before, before) == 0
    assert small < 0.1 < 0.25 < great


def test_few_decisions_say_nothing_about_drift() -> None:
    assert drift(spread(199), spread(0, 1_000)) is None
    assert drift(spread(1_000), spread(0, 199)) is None
