"""From held-out scores to numbers that may be believed: temperatures, and thresholds for a wanted precision."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from services.router.model.artifact import Calibration
from services.router.model.evidence import LeafMap, weigh

FEWEST: Final = 15
"""Held-out answers that a department needs for a threshold of its own."""
_ROUNDED: Final = 0.5e-7
_SMALL: Final = 1e-9
_TOPICS_START: Final = (17.0, -11.0)
_DEPARTMENTS_START: Final = (1.3, 0.6)
"""Steepness and offset before any text is seen; they count as much as one text."""
_DISAGREEMENT: Final = (2.0, 20.0)
"""What is believed of disagreement before any text is seen (a beta distribution): texts that are all easy would drive
it to nothing otherwise."""


def fit_calibration(
    leaf_map: LeafMap, scores: NDArray[np.float32], labels: Sequence[str], *, temperature: float, breadth: float
) -> Calibration:
    """The numbers under which held-out `scores` (texts x leaves) make `labels` most probable.

    Maximum a posteriori by the simplex of Nelder and Mead from a fixed start.
    """
    evidence = leaf_map.evidence(scores, temperature, breadth)
    columns = np.array([leaf_map.departments.index(label) for label in labels])
    rows = np.arange(len(columns))
    start = _TOPICS_START if evidence.beside is None else _DEPARTMENTS_START

    def loss(logs: NDArray[np.float64]) -> float:
        found = _calibration(logs, temperature, breadth)
        probabilities = weigh(evidence, found)[rows, columns]
        return float(-np.log(probabilities + _SMALL).sum() + _surprise(found, start)) / len(rows)

    options = {"maxfev": 400, "xatol": 0.002, "fatol": 1e-5}
    first = np.array([np.log(start[0]), start[1], np.log(0.5), np.log(0.05)])
    return _calibration(minimize(loss, first, method="Nelder-Mead", options=options).x, temperature, breadth)


def _calibration(logs: NDArray[np.float64], temperature: float, breadth: float) -> Calibration:
    steepness, offset, topic_weight, odds = logs.tolist()
    odds = math.exp(min(odds, 10.0))
    return Calibration(
        temperature=temperature,
        breadth=breadth,
        steepness=math.exp(steepness),
        offset=offset,
        topic_weight=math.exp(topic_weight),
        disagreement=odds / (1 + odds),
    )


def _surprise(found: Calibration, start: tuple[float, float]) -> float:
    """How unlikely the numbers were before any text was seen (minus a logarithm)."""
    steepness, offset = start
    distance = (
        math.log(found.steepness / steepness) ** 2 + (found.offset - offset) ** 2 + math.log(found.topic_weight) ** 2
    )
    agreed, disagreed = _DISAGREEMENT[1] - 1, _DISAGREEMENT[0] - 1
    share = min(max(found.disagreement, _SMALL), 1 - _SMALL)
    return distance / 2 - disagreed * math.log(share) - agreed * math.log(1 - share)


@dataclass(frozen=True, slots=True)
class Threshold:
    """The confidence from which a department's answers are automatic, and what that gave on held-out texts.

    `coverage` is the share of the department's answers that is automatic, `precision` the share of those that is
    right (1 where there are none).
    """

    confidence: float
    coverage: float
    precision: float


def fit_thresholds(
    departments: Sequence[str],
    probabilities: NDArray[np.float64],
    labels: Sequence[str],
    *,
    precision: float,
) -> dict[str, Threshold]:
    """For each department the lowest confidence from which `precision` of its held-out answers are right.

    A department with fewer than `FEWEST` answers takes the threshold of all together;
    one that never reaches the precision has none.
    """
    best = np.array(departments)[probabilities.argmax(axis=1)]
    right, confidence = best == np.array(labels), probabilities.max(axis=1)
    together = lowest_threshold(confidence, right, precision)
    thresholds: dict[str, Threshold] = {}
    for code in departments:
        own = best == code
        enough = int(own.sum()) >= FEWEST
        lowest = lowest_threshold(confidence[own], right[own], precision) if enough else together
        if lowest is not None:
            thresholds[code] = _measured(round(lowest - _ROUNDED, 7), confidence[own], right[own])
    return thresholds


def _measured(threshold: float, confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> Threshold:
    auto = confidence >= threshold
    coverage = float(auto.mean()) if len(auto) else 0.0
    return Threshold(threshold, round(coverage, 4), round(float(right[auto].mean()), 4) if auto.any() else 1.0)


def lowest_threshold(confidence: NDArray[np.float64], right: NDArray[np.bool_], precision: float) -> float | None:
    """The lowest confidence from which `precision` of the answers are right; None if there is none."""
    order = np.argsort(-confidence, kind="stable")
    shares = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    reached = np.flatnonzero(shares >= precision)
    return float(confidence[order][reached[-1]]) if len(reached) else None
