"""From held-out scores to numbers that may be believed: temperatures, and thresholds for a wanted precision."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from services.router.model.artifact import Calibration
from services.router.model.evidence import LeafMap, weigh

FEWEST: Final = 15
"""Held-out answers that a department needs for a threshold of its own."""
_SMALL: Final = 1e-9
_BOUNDS: Final = ((0.1, 10.0), (0.01, 1.0))
"""Of the weight and of the odds of disagreement: texts that are too easy would drive both to their ends."""


def fit_calibration(
    leaf_map: LeafMap, scores: NDArray[np.float32], labels: Sequence[str], *, topics: int, temperature: float
) -> Calibration:
    """The weight and disagreement under which held-out `scores` make `labels` most probable.

    The first `topics` columns of `scores` (texts x leaves) are topics. Without departments' own leaves the weight is
    the topics'; with them it is the departments', beside topics of weight 1. Maximum likelihood by the simplex of
    Nelder and Mead from a fixed start.
    """
    evidence = leaf_map.evidence(scores, temperature)
    columns = np.array([leaf_map.departments.index(label) for label in labels])
    rows = np.arange(len(columns))
    has_departments = scores.shape[1] > topics

    def calibration(logs: NDArray[np.float64]) -> Calibration:
        weight, odds = np.exp(logs).tolist()
        return Calibration(
            temperature=temperature,
            topic_weight=(1.0 if has_departments else weight) if topics else 0.0,
            department_weight=weight if has_departments else 0.0,
            shift=1.0,
            disagreement=odds / (1 + odds),
        )

    def loss(logs: NDArray[np.float64]) -> float:
        probabilities = weigh(evidence, calibration(logs))
        return float(-np.log(probabilities[rows, columns] + _SMALL).mean())

    options = {"maxfev": 100, "xatol": 0.01}
    found = minimize(loss, np.log([4.0, 0.1]), method="Nelder-Mead", bounds=np.log(_BOUNDS), options=options)
    return calibration(found.x)


def fit_thresholds(
    departments: Sequence[str],
    probabilities: NDArray[np.float64],
    labels: Sequence[str],
    *,
    precision: float,
    floor: float,
) -> dict[str, float]:
    """For each department the lowest confidence from which `precision` of its held-out answers are right.

    No threshold is under `floor`. A department with fewer than `FEWEST` answers takes the threshold of all together;
    one that never reaches the precision has none.
    """
    best = np.array(departments)[probabilities.argmax(axis=1)]
    right, confidence = best == np.array(labels), probabilities.max(axis=1)
    together = lowest_threshold(confidence, right, precision)
    thresholds: dict[str, float] = {}
    for code in departments:
        own = best == code
        enough = int(own.sum()) >= FEWEST
        threshold = lowest_threshold(confidence[own], right[own], precision) if enough else together
        if threshold is not None:
            thresholds[code] = round(max(threshold, floor), 4)
    return thresholds


def lowest_threshold(confidence: NDArray[np.float64], right: NDArray[np.bool_], precision: float) -> float | None:
    """The lowest confidence from which `precision` of the answers are right; None if there is none."""
    order = np.argsort(-confidence, kind="stable")
    shares = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    reached = np.flatnonzero(shares >= precision)
    return float(confidence[order][reached[-1]]) if len(reached) else None
