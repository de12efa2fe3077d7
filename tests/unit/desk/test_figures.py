"""Honest figures: worked out by hand, and what must hold whatever the rows are."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.desk.figures import HandOver, Run, figures, median

NOW = datetime(2026, 3, 9, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def run(department: str = "DISHUB", **facts: Any) -> Run:
    """A run that is owed and not due yet."""
    usual = {"clock": "respond", "due_at": NOW + HOUR, "seen_at": NOW, "taken_seconds": 60.0}
    return Run(department, **usual | facts)


def met(on_time: bool = True, **facts: Any) -> Run:
    """A run that was met."""
    return run(due_at=NOW, met_at=NOW if on_time else NOW + HOUR, **facts)


@pytest.mark.parametrize(
    ("one", "verdict"),
    [
        (met(), "met"),
        (met(on_time=False), "missed"),
        (run(due_at=NOW - HOUR), "overdue"),
        (run(), "pending"),
        (run(passed_on_at=NOW), "passed_on"),
        (run(passed_on_at=NOW, due_at=NOW - HOUR), "missed"),
        (run(due_at=NOW - HOUR, stands_since=NOW - 2 * HOUR), "pending"),
        (run(due_at=NOW - 2 * HOUR, stands_since=NOW - HOUR), "overdue"),
    ],
)
def test_a_run_has_one_verdict(one: Run, verdict: str) -> None:
    assert one.verdict == verdict


def test_what_is_overdue_and_open_counts_against_the_department() -> None:
    [found] = figures([met(), met(), met(on_time=False), run(due_at=NOW - HOUR), run()])
    respond = found.clocks["respond"]
    assert (respond.met, respond.missed, respond.overdue, respond.pending) == (2, 1, 1, 1)
    assert respond.on_time_ratio == 0.5


def test_a_department_without_anything_judged_has_no_ratio() -> None:
    [found] = figures([run()])
    assert found.clocks["respond"].on_time_ratio is None


@pytest.mark.parametrize(
    ("times", "half"),
    [
        ([], None),
        ([(5, True)], 5),
        ([(1, True), (2, True), (3, True), (4, True)], 2),
        ([(1, False), (2, False)], None),
        # 1 - 1/4 = 0.75; two at risk at 3: 0.375.
        ([(1, True), (2, False), (3, True), (4, True)], 3),
        # 1 - 1/3 = 0.667; what is censored at 2 was at risk at 2: 0.667 * 1/2 = 0.333.
        ([(1, True), (2, True), (2, False)], 2),
        # Half of what has ended took at most 1; of all, three in five go on and nobody knows how long.
        ([(1, True), (1, True), (9, False), (9, False), (9, False)], None),
        # The leukaemia patients on 6-MP of Freireich 1963, the textbooks' example: 23 weeks.
        ([(t, True) for t in (6, 6, 6, 7, 10, 13, 16, 22, 23)]
         + [(t, False) for t in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)], 23),
    ],
)  # fmt: skip
def test_the_median_counts_what_has_not_ended(times: Sequence[tuple[float, bool]], half: float | None) -> None:
    assert median(times) == half


TIMES = st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=40)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_the_median_is_the_ordinary_lower_one_when_all_have_ended(times: list[int]) -> None:
    assert median((time, True) for time in times) == sorted(times)[(len(times) - 1) // 2]


@given(TIMES, st.integers(1, 20))
def test_tickets_left_lying_never_make_the_median_better(times: list[tuple[int, bool]], lying: int) -> None:
    before, after = median(times), median([*times, *[(60, False)] * lying])
    assert after is None or (before is not None and after >= before)


@given(TIMES)
def test_the_order_of_the_rows_does_not_matter(times: list[tuple[int, bool]]) -> None:
    assert median(times) == median(reversed(times))


def test_a_department_is_ranked_only_on_enough_cases() -> None:
    runs = [met(department="DISHUB") for _ in range(20)] + [met(department="DLH") for _ in range(19)]
    ranks = {one.department: one.clocks["respond"].rank for one in figures(runs)}
    assert ranks == {"DISHUB": 1, "DLH": None}


def test_departments_are_ranked_by_what_they_kept_and_equal_ones_alike() -> None:
    ratios = {"A": (2, 0), "B": (1, 1), "C": (1, 1), "D": (0, 2)}
    runs = [
        met(on_time, department=d) for d, (kept, late) in ratios.items() for on_time in [True] * kept + [False] * late
    ]
    ranks = {one.department: one.clocks["respond"].rank for one in figures(runs, minimum_sample=2)}
    assert ranks == {"A": 1, "B": 2, "C": 2, "D": 4}


def test_a_hand_over_is_counted_for_who_gave_with_the_hours_it_cost() -> None:
    found = figures([run("DLH")], [HandOver("SATPOLPP", 3600), HandOver("SATPOLPP", 3 * 3600)])
    lost = {one.department: (one.hand_overs, one.hours_lost_per_hand_over) for one in found}
    assert lost == {"DLH": (0, None), "SATPOLPP": (2, 2.0)}
