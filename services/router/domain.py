"""What people's corrections say about models: which labels judge them, when a challenger may take over, and drift."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, log, sqrt
from typing import Final, Literal

ModelStatus = Literal["candidate", "shadow", "active", "retired"]

TELLING: Final = ("assigned", "handed_over", "taken_back", "reclassified", "rejected", "closed")
"""Types of ticket events that say something about a decision."""

FEWEST_HELD_OUT: Final = 20
"""Corrections that a challenger is judged on, at least."""
SHARE_HELD_OUT: Final = 0.2
ONE_IN_TWENTY: Final = 1.645
"""Standard deviations that chance exceeds once in twenty times, to one side."""
STEPS: Final = 10
"""Into how many steps of confidence decisions are counted."""
FEWEST_FOR_DRIFT: Final = 200
"""Decisions on either side under which a difference is noise."""


@dataclass(frozen=True, slots=True)
class Label:
    """A text and the department that a person sent it to; `corrected` when the model had said another one."""

    text: str
    department: str
    labelled_at: datetime
    corrected: bool


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Labels parted by time: `older` to learn from, `newest` to judge by."""

    older: tuple[Label, ...]
    newest: tuple[Label, ...]


def hold_out(labels: Sequence[Label]) -> HeldOut:
    """Parts labels (oldest first) where the newest fifth of the corrections begins, at least 20 of them.

    Confirmations are parted at the same moment. A text that is learned from is never judged by.
    """
    corrections = [label.labelled_at for label in labels if label.corrected]
    count = min(len(corrections), max(FEWEST_HELD_OUT, ceil(len(corrections) * SHARE_HELD_OUT)))
    if not count:
        return HeldOut(tuple(labels), ())
    begins = corrections[-count]
    older = tuple(label for label in labels if label.labelled_at < begins)
    learned = {label.text for label in older}
    newest = tuple(label for label in labels if label.labelled_at >= begins and label.text not in learned)
    return HeldOut(older, newest)


@dataclass(frozen=True, slots=True)
class Floor:
    """One department's held-out labels: how many the champion finds, how many the challenger must find, and finds."""

    labels: int
    champion: int
    floor: int
    challenger: int


@dataclass(frozen=True, slots=True)
class Score:
    """How many of `labels` each model answers right."""

    labels: int
    champion: int
    challenger: int


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether a challenger may take the champion's place; `refusals` says in words why not, and is empty if it may."""

    champion_version: str
    corrections: Score
    every_label: Score
    floors: dict[str, Floor]
    refusals: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against the challenger."""
        return not self.refusals


def judge(champion_version: str, labels: Sequence[Label], champion: Sequence[str], challenger: Sequence[str]) -> Gate:
    """Compares two models' departments for held-out labels, row by row.

    The challenger has to be right more often on corrections, and no less often on all labels together. A department's
    floor is nine tenths, rounded down, of its labels that the champion finds, or less where chance may explain it: a
    one-sided sign test (McNemar 1947) on the texts that only one of both finds, at 5% in its normal approximation.
    """
    rows = list(zip(labels, champion, challenger, strict=True))
    corrections = _score([row for row in rows if row[0].corrected])
    every_label = _score(rows)
    floors = _floors(rows)
    return Gate(champion_version, corrections, every_label, floors, _refusals(corrections, every_label, floors))


def _score(rows: Sequence[tuple[Label, str, str]]) -> Score:
    champion = sum(first == label.department for label, first, _ in rows)
    return Score(len(rows), champion, sum(second == label.department for label, _, second in rows))


def _floors(rows: Sequence[tuple[Label, str, str]]) -> dict[str, Floor]:
    by_department: dict[str, list[tuple[bool, bool]]] = {}
    for label, first, second in rows:
        right = first == label.department, second == label.department
        by_department.setdefault(label.department, []).append(right)
    return {code: _floor(right) for code, right in sorted(by_department.items())}


def _floor(right: Sequence[tuple[bool, bool]]) -> Floor:
    champion = sum(first for first, _ in right)
    differing = sum(first != second for first, second in right)
    by_chance = ceil(champion - ONE_IN_TWENTY * sqrt(differing))
    floor = max(0, min(champion * 9 // 10, by_chance))
    return Floor(len(right), champion, floor, sum(second for _, second in right))


def _refusals(corrections: Score, every_label: Score, floors: dict[str, Floor]) -> tuple[str, ...]:
    refusals = []
    if corrections.labels < FEWEST_HELD_OUT:
        refusals.append(f"{corrections.labels} corrections are held out, {FEWEST_HELD_OUT} are needed")
    if corrections.challenger <= corrections.champion:
        refusals.append(_compared(corrections, "corrections"))
    if every_label.challenger < every_label.champion:
        refusals.append(_compared(every_label, "labels"))
    refusals += [
        f"{code}: finds {one.challenger} of {one.labels}, the floor is {one.floor}"
        for code, one in floors.items()
        if one.challenger < one.floor
    ]
    return tuple(refusals)


def _compared(score: Score, of: str) -> str:
    return f"right on {score.challenger} of {score.labels} held-out {of}, the champion on {score.champion}"


def drift(before: Sequence[int], lately: Sequence[int]) -> float | None:
    """Population stability index of two counts over the same steps; None when either is too few to tell.

    Under 0.1 is no change, over 0.25 a great one (Siddiqi 2006). An empty step counts as half a decision.
    """
    if min(sum(before), sum(lately)) < FEWEST_FOR_DRIFT:
        return None
    old, new = _shares(before), _shares(lately)
    return sum((b - a) * log(b / a) for a, b in zip(old, new, strict=True))


def _shares(counts: Sequence[int]) -> list[float]:
    filled = [max(count, 0.5) for count in counts]
    return [count / sum(filled) for count in filled]
