"""From leaf scores to probabilities of departments, by one city's topic table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.router.model.artifact import Calibration
from services.router.taxonomy.tables import TaxonomyError, TopicTable

_ABSENT: Final = -1.0
"""Score of a department that has no leaf: that of a text which is certainly not its."""
_MOST: Final = 30.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Texts x departments scores, as `Calibration` weighs them; `beside` is None where topics lead."""

    leading: NDArray[np.float64]
    beside: NDArray[np.float64] | None


class LeafMap:
    """Turns leaf scores into probabilities of the departments of one city's table."""

    def __init__(self, topics: Sequence[str], departments: Sequence[str], table: TopicTable) -> None:
        missing = [topic for topic in topics if topic not in table.department_of]
        if missing:
            raise TaxonomyError(f"{table.city}: no department on {table.day.isoformat()} for {', '.join(missing)}")
        owners = [table.department_of[topic] for topic in topics]
        self.departments: tuple[str, ...] = tuple(sorted({*owners, *departments}))
        columns = {code: column for column, code in enumerate(self.departments)}
        self.owner: NDArray[np.intp] = np.array([columns[code] for code in [*owners, *departments]], dtype=np.intp)
        self._topics = len(topics)
        topic_owners = self.owner[: self._topics]
        self._by_owner = np.argsort(topic_owners, kind="stable")
        self._owning, self._starts = np.unique(topic_owners[self._by_owner], return_index=True)

    def evidence(self, scores: NDArray[np.float32], temperature: float, breadth: float) -> Evidence:
        """Splits texts x leaves scores into what the topics say and what the departments' own leaves say."""
        own = scores[:, : self._topics].astype(np.float64)
        topics = self._soft_maxima(own, temperature) + breadth * (self._totals(own + 1) - 1)
        if self._topics == len(self.owner):
            return Evidence(topics, None)
        departments = np.full((len(scores), len(self.departments)), _ABSENT)
        departments[:, self.owner[self._topics :]] = scores[:, self._topics :]
        return Evidence(departments, topics)

    def probabilities(self, scores: NDArray[np.float32], calibration: Calibration) -> NDArray[np.float64]:
        """Texts x leaves scores to texts x departments probabilities, each row summing to 1."""
        return weigh(self.evidence(scores, calibration.temperature, calibration.breadth), calibration)

    def best_topics(self, scores: NDArray[np.float32], probabilities: NDArray[np.float64]) -> NDArray[np.intp]:
        """The strongest topic of each text's most probable department, -1 where that has none."""
        owned = self.owner[np.newaxis, : self._topics] == probabilities.argmax(axis=1)[:, np.newaxis]
        if not self._topics:
            return np.full(len(scores), -1)
        best = np.where(owned, scores[:, : self._topics], -np.inf).argmax(axis=1)
        return np.where(owned.any(axis=1), best, -1)

    def department_leaves(self, probabilities: NDArray[np.float64]) -> NDArray[np.intp]:
        """The leaf learned for each text's most probable department, -1 where there is none."""
        leaf_of = np.full(len(self.departments), -1)
        leaf_of[self.owner[self._topics :]] = np.arange(self._topics, len(self.owner))
        chosen: NDArray[np.intp] = leaf_of[probabilities.argmax(axis=1)]
        return chosen

    def _soft_maxima(self, scores: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
        """Of each department's topics, in the topics' own units."""
        powers = self._totals(np.exp((scores - 1) / temperature))
        maxima: NDArray[np.float64] = 1 + temperature * np.log(powers + np.exp((_ABSENT - 1) / temperature))
        return maxima

    def _totals(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Texts x topics to texts x departments sums. Not a matrix product: its threads would cost more than it."""
        totals = np.zeros((len(values), len(self.departments)))
        if self._topics:
            totals[:, self._owning] = np.add.reduceat(values[:, self._by_owner], self._starts, axis=1)
        return totals


def weigh(evidence: Evidence, calibration: Calibration) -> NDArray[np.float64]:
    """Texts x departments probabilities, each row summing to 1."""
    odds = -np.exp(np.clip(calibration.offset - calibration.steepness * evidence.leading, -_MOST, _MOST))
    if evidence.beside is not None:
        odds += calibration.topic_weight * evidence.beside
    share = calibration.disagreement
    mixed: NDArray[np.float64] = (1 - share) * softmax(odds) + share / odds.shape[1]
    return mixed


def softmax(scores: NDArray[Any]) -> NDArray[np.float64]:
    """Row-wise; rows sum to 1."""
    powers = np.exp(scores.astype(np.float64) - scores.max(axis=1, keepdims=True))
    result: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return result
