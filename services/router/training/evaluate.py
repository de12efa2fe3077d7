"""How good the answers are: against labels, with and without the rows that belong to a kecamatan or kelurahan."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.router.model.classifier import ALTERNATIVES, TERRITORY, Routing

BINS: Final = 15


@dataclass(frozen=True, slots=True)
class Scores:
    """Shares from 0 to 1 over `rows` texts.

    `macro_f1` averages over the departments that are labelled or answered. `top3` is the share whose department is
    among the three most probable. `calibration_error` is the expected calibration error of the confidence, in 15 bins
    of equal width. `coverage` is the share that is automatic, `precision` the share of those that is right (None:
    nothing is automatic).
    """

    rows: int
    accuracy: float
    macro_f1: float
    top3: float
    calibration_error: float
    coverage: float
    precision: float | None


@dataclass(frozen=True, slots=True)
class DepartmentScores:
    """One department: `rows` labelled with it, `answered` with it, and of those `automatic`; shares from 0 to 1."""

    rows: int
    answered: int
    recall: float | None
    precision: float | None
    f1: float
    automatic: int
    automatic_precision: float | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`all` is the headline: rows of territory count as errors when they are missed."""

    all: Scores
    without_territory: Scores
    departments: Mapping[str, DepartmentScores]

    def as_dict(self) -> dict[str, Any]:
        """Plain dictionaries for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Answers:
    """One answer a text: `best` department, its `confidence`, the three most probable (texts x 3), and `automatic`.

    Automatic is what no person looks at before it is sent, emergencies included.
    """

    best: NDArray[np.str_]
    confidence: NDArray[np.float64]
    top3: NDArray[np.str_]
    automatic: NDArray[np.bool_]

    @classmethod
    def of_probabilities(
        cls, departments: Sequence[str], probabilities: NDArray[np.float64], thresholds: Mapping[str, float]
    ) -> "Answers":
        """What the probabilities (texts x `departments`) alone would decide, without rules."""
        codes = np.array(departments)
        order = np.argsort(-probabilities, axis=1, kind="stable")[:, :ALTERNATIVES]
        sure = automatic(departments, probabilities, thresholds)
        return cls(codes[order[:, 0]], probabilities.max(axis=1), codes[order], sure)

    @classmethod
    def of_routings(cls, routings: Sequence[Routing]) -> "Answers":
        """What was decided, rules included."""
        return cls(
            np.array([one.department for one in routings]),
            np.array([one.confidence for one in routings]),
            np.array([[alternative.department for alternative in one.alternatives] for one in routings]),
            np.array([one.decision != "review" for one in routings]),
        )

    def of(self, chosen: NDArray[np.bool_]) -> "Answers":
        """The answers of some texts only."""
        return Answers(self.best[chosen], self.confidence[chosen], self.top3[chosen], self.automatic[chosen])


def automatic(
    departments: Sequence[str], probabilities: NDArray[np.float64], thresholds: Mapping[str, float]
) -> NDArray[np.bool_]:
    """Whether each text's confidence reaches its department's threshold (no threshold: never)."""
    limits = np.array([thresholds.get(code, np.inf) for code in departments])
    best = probabilities.argmax(axis=1)
    result: NDArray[np.bool_] = probabilities.max(axis=1) >= limits[best]
    return result


def evaluate(answers: Answers, labels: Sequence[str]) -> Evaluation:
    """Compares answers with labels, row by row. Raises ValueError for no rows or unequal lengths."""
    truth = np.array(labels, dtype=np.str_)
    if not len(truth) or len(truth) != len(answers.best):
        raise ValueError(f"{len(truth)} labels for {len(answers.best)} answers")
    codes = sorted({*truth.tolist(), *answers.best.tolist()})
    return Evaluation(
        all=_scores(answers, truth, np.ones(len(truth), dtype=np.bool_)),
        without_territory=_scores(answers, truth, truth != TERRITORY),
        departments={code: _department(answers, truth, code) for code in codes},
    )


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Expected calibration error (Naeini et al. 2015): mean gap of confidence and accuracy, weighted by bin size."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, weights=confidence - right, minlength=BINS)
    return float(np.abs(gaps).sum() / max(1, len(confidence)))


def _scores(answers: Answers, truth: NDArray[np.str_], chosen: NDArray[np.bool_]) -> Scores:
    given, labels = answers.of(chosen), truth[chosen]
    if not len(labels):
        return Scores(0, 0.0, 0.0, 0.0, 0.0, 0.0, None)
    right = given.best == labels
    f1 = [_f1(given.best, labels, code) for code in sorted({*labels.tolist(), *given.best.tolist()})]
    return Scores(
        rows=len(labels),
        accuracy=_share(right),
        macro_f1=round(float(np.mean(f1)), 4),
        top3=_share((given.top3 == labels[:, np.newaxis]).any(axis=1)),
        calibration_error=round(calibration_error(given.confidence, right), 4),
        coverage=_share(given.automatic),
        precision=_share(right[given.automatic]) if given.automatic.any() else None,
    )


def _department(answers: Answers, truth: NDArray[np.str_], code: str) -> DepartmentScores:
    best = answers.best
    labelled, answered = truth == code, best == code
    auto = answered & answers.automatic
    return DepartmentScores(
        rows=int(labelled.sum()),
        answered=int(answered.sum()),
        recall=_share(answered[labelled]) if labelled.any() else None,
        precision=_share(labelled[answered]) if answered.any() else None,
        f1=round(_f1(best, truth, code), 4),
        automatic=int(auto.sum()),
        automatic_precision=_share(labelled[auto]) if auto.any() else None,
    )


def _f1(best: NDArray[np.str_], labels: NDArray[np.str_], code: str) -> float:
    labelled, answered = labels == code, best == code
    total = int(labelled.sum() + answered.sum())
    return 2 * int((labelled & answered).sum()) / total if total else 0.0


def _share(values: NDArray[np.bool_]) -> float:
    return round(float(values.mean()), 4)
