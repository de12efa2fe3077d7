"""From leaf scores to probabilities of departments, by one city's topic table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.router.model.artifact import Calibration
from services.router.taxonomy.tables import TaxonomyError, TopicTable

_FLOOR: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Evidence:
    """Texts x departments: the logarithm of the topics' summed probability, and scores of departments' own leaves."""

    topics: NDArray[np.float64]
    departments: NDArray[np.float64]


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

    def evidence(self, scores: NDArray[np.float32], temperature: float) -> Evidence:
        """Splits texts x leaves scores into what the topics say and what the departments' own leaves say."""
        shape = (len(scores), len(self.departments))
        topics, departments = np.zeros(shape), np.zeros(shape)
        if self._topics:
            topics = np.log(softmax(scores[:, : self._topics] / temperature) @ self._membership() + _FLOOR)
        departments[:, self.owner[self._topics :]] = scores[:, self._topics :]
        return Evidence(topics, departments)

    def probabilities(self, scores: NDArray[np.float32], calibration: Calibration) -> NDArray[np.float64]:
        """Texts x leaves scores to texts x departments probabilities, each row summing to 1."""
        return weigh(self.evidence(scores, calibration.temperature), calibration)

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

    def _membership(self) -> NDArray[np.float64]:
        """Topics x departments, 1 where the topic belongs to the department."""
        owners = self.owner[: self._topics]
        member: NDArray[np.bool_] = owners[:, np.newaxis] == np.arange(len(self.departments))
        return member.astype(np.float64)


def weigh(evidence: Evidence, calibration: Calibration) -> NDArray[np.float64]:
    """Texts x departments probabilities, each row summing to 1."""
    odds = calibration.topic_weight * evidence.topics + calibration.department_weight * evidence.departments
    agreed = softmax(odds / calibration.shift)
    mixed: NDArray[np.float64] = (1 - calibration.disagreement) * agreed + calibration.disagreement / odds.shape[1]
    return mixed


def softmax(scores: NDArray[Any]) -> NDArray[np.float64]:
    """Row-wise; rows sum to 1."""
    powers = np.exp(scores.astype(np.float64) - scores.max(axis=1, keepdims=True))
    result: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return result
