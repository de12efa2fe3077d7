"""What `laksa train --report` prints: settings compared, calibration, and thresholds, all out of fold."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from services.router.training.fit import Answered, Fitted
from services.router.training.search import Tried

BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Texts of a similar confidence: their number, mean confidence, and the share that is right."""

    texts: int
    confidence: float
    right: float


def reliability(answered: Answered) -> list[Bin]:
    """Confidence against truth in ten bins of equal width, without empty ones."""
    best = np.array(answered.departments)[answered.probabilities.argmax(axis=1)]
    right, confidence = best == np.array(answered.labels), answered.probabilities.max(axis=1)
    places = np.minimum((confidence * BINS).astype(int), BINS - 1)
    members = (places == place for place in range(BINS))
    return [
        Bin(int(own.sum()), float(confidence[own].mean()), float(right[own].mean())) for own in members if own.any()
    ]


def report_lines(fitted: Fitted, tried: Sequence[Tried]) -> list[str]:
    """The report, line by line."""
    return [*_search(tried), "", *_calibration(fitted), "", *_thresholds(fitted)]


def _search(tried: Sequence[Tried]) -> Iterator[str]:
    yield "settings compared on held-out texts (the shipped ones are marked; differences under 0.01 are noise)"
    yield "   ridge  key phrases  breadth  cost  balance  authored | accuracy  macro-F1  top-3   ECE  auto   right"
    for one in tried:
        settings, scores = one.settings, one.scores
        yield (
            f" {'*' if one.shipped else ' '} {settings.ridge:5} {settings.keyword_weight:12} {settings.breadth:8}"
            f" {settings.cost:5} {settings.balance:8} {settings.authored_weight:9} |   {scores.accuracy:.3f}"
            f"     {scores.macro_f1:.3f}  {scores.top3:.3f}  {scores.calibration_error:.3f}"
            f"  {scores.coverage:.3f}  {scores.precision or 0:.3f}"
        )


def _calibration(fitted: Fitted) -> Iterator[str]:
    numbers = ", ".join(f"{name} {value:.3f}" for name, value in asdict(fitted.manifest.calibration).items())
    yield f"calibration: {numbers}"
    yield "texts  mean confidence  right"
    for one in reliability(fitted.answered):
        yield f"{one.texts:5} {one.confidence:16.3f} {one.right:6.3f}"


def _thresholds(fitted: Fitted) -> Iterator[str]:
    manifest = fitted.manifest
    yield f"automatic answers, wanted precision {manifest.precision}"
    yield "department    from  automatic  right"
    for code in manifest.departments:
        if code in manifest.thresholds:
            measured = manifest.measured[code]
            shares = f"{measured['coverage']:10.3f} {measured['precision']:6.3f}"
            yield f"{code:12} {manifest.thresholds[code]:.3f} {shares}"
        else:
            yield f"{code:12} never: it does not reach the precision"
