"""What a complaint's text decides: department, confidence, the next best, class, topic, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from services.router.model import artifact
from services.router.model.artifact import Calibration, Manifest, Weights
from services.router.model.features import Counted, Document
from services.router.taxonomy.tables import (
    DEFAULT_CITY,
    ClassRules,
    ComplaintClass,
    TaxonomyError,
    TopicTable,
    load_class_rules,
    load_topics,
)

ALTERNATIVES: Final = 3
REASONS: Final = 5
_FLOOR: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of the most probable departments; `probability` is calibrated, 0 to 1."""

    department: str
    probability: float


@dataclass(frozen=True, slots=True)
class Term:
    """A word or pair of words of the text and how much it speaks for the chosen department (log-odds, positive)."""

    term: str
    weight: float


@dataclass(frozen=True, slots=True)
class Routing:
    """What the text decides. `confidence` is the calibrated probability of `department`, 0 to 1.

    `alternatives` are three, best first, `department` among them; `why` is strongest first, at most five.
    """

    decision: Literal["auto", "review"]
    department: str
    office: str | None
    supporting_departments: tuple[str, ...]
    confidence: float
    alternatives: tuple[Alternative, ...]
    complaint_class: ComplaintClass
    topic: str | None
    urgency: Literal["emergency", "high", "normal"]
    responsible_body: str | None
    why: tuple[Term, ...]
    model_version: str


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


class Classifier:
    """A loaded model for one city. Keeps no state between calls but remembered n-grams; one thread at a time."""

    def __init__(self, weights: Weights, manifest: Manifest, table: TopicTable, class_rules: ClassRules) -> None:
        self.weights = weights
        self.manifest = manifest
        self._leaf_map = LeafMap(weights.topics, weights.departments, table)
        self._class_rules = class_rules

    @classmethod
    def load(cls, path: Path, *, city: str = DEFAULT_CITY, on: date | None = None) -> "Classifier":
        """Reads a model and the city's topic table in force `on` a day (default: today).

        Raises `artifact.ModelError` or `tables.TaxonomyError`.
        """
        weights, manifest = artifact.load(path)
        return cls(weights, manifest, load_topics(city, on or date.today()), load_class_rules())

    @property
    def departments(self) -> tuple[str, ...]:
        """The codes that this model can answer, in the order of `probabilities`' columns."""
        return self._leaf_map.departments

    def classify(self, texts: Sequence[str]) -> list[Routing]:
        """One answer a text, in order. Any text gets one: what says nothing gets low confidence and `review`."""
        if not texts:
            return []
        documents = [self.weights.normaliser.words(text) for text in texts]
        counted = self.weights.features.count(documents)
        scores = self._scores(counted)
        probabilities = self._probabilities(scores)
        topics = self._leaf_map.best_topics(scores, probabilities)
        reasons = self._reasons(counted, topics, self._leaf_map.department_leaves(probabilities))
        return [
            self._routing(document, row, int(topic), why)
            for document, row, topic, why in zip(documents, probabilities, topics, reasons, strict=True)
        ]

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Texts x `departments`, calibrated."""
        documents = [self.weights.normaliser.words(text) for text in texts]
        return self._probabilities(self._scores(self.weights.features.count(documents)))

    def _scores(self, counted: Counted) -> NDArray[np.float32]:
        scores: NDArray[np.float32] = counted.matrix @ self.weights.coefficients + self.weights.intercepts
        return scores

    def _probabilities(self, scores: NDArray[np.float32]) -> NDArray[np.float64]:
        return self._leaf_map.probabilities(scores, self.manifest.calibration)

    def _reasons(
        self, counted: Counted, topics: NDArray[np.intp], departments: NDArray[np.intp]
    ) -> list[tuple[Term, ...]]:
        """Each term's weight for the chosen department: its own, and that of its character n-grams."""
        if not len(counted.term_start):
            return [() for _ in counted.terms]
        calibration = self.manifest.calibration
        topic_weight = calibration.topic_weight / calibration.temperature
        cells = self._slopes(counted, topics, topic_weight)
        cells += self._slopes(counted, departments, calibration.department_weight)
        met = cells[counted.occurrence_cell] * counted.occurrence_share / calibration.shift
        weights = np.add.reduceat(met, counted.term_start).tolist()
        reasons, start = [], 0
        for terms in counted.terms:
            reasons.append(_strongest(terms, weights[start : start + len(terms)]))
            start += len(terms)
        return reasons

    def _slopes(self, counted: Counted, leaves: NDArray[np.intp], factor: float) -> NDArray[np.float32]:
        """What each cell of the matrix adds to the score of its text's leaf (-1: no leaf)."""
        matrix = counted.matrix
        if not factor:
            return np.zeros(matrix.nnz, dtype=np.float32)
        leaf_of = np.repeat(leaves, np.diff(matrix.indptr))
        slopes = np.where(leaf_of >= 0, self.weights.coefficients[matrix.indices, leaf_of], 0.0)
        result: NDArray[np.float32] = matrix.data * slopes * np.float32(factor)
        return result

    def _routing(
        self, document: Document, probabilities: NDArray[np.float64], topic: int, why: tuple[Term, ...]
    ) -> Routing:
        order = np.argsort(-probabilities, kind="stable")[:ALTERNATIVES]
        alternatives = tuple(Alternative(self.departments[i], float(probabilities[i])) for i in order)
        first = alternatives[0]
        return Routing(
            decision="auto" if self._is_sure(first) else "review",
            department=first.department,
            office=None,
            supporting_departments=(),
            confidence=first.probability,
            alternatives=alternatives,
            complaint_class=self._class_rules.classify(" ".join(document)),
            topic=self.weights.topics[topic] if topic >= 0 else None,
            urgency="normal",
            responsible_body=None,
            why=why,
            model_version=self.manifest.model_version,
        )

    def _is_sure(self, first: Alternative) -> bool:
        threshold = self.manifest.thresholds.get(first.department)
        return threshold is not None and first.probability >= threshold


def _strongest(terms: tuple[str, ...], weights: Sequence[float]) -> tuple[Term, ...]:
    total: dict[str, float] = {}
    for term, weight in zip(terms, weights, strict=True):
        total[term] = total.get(term, 0.0) + weight
    ranked = sorted(total.items(), key=lambda entry: (-entry[1], entry[0]))[:REASONS]
    return tuple(Term(term, round(weight, 3)) for term, weight in ranked if weight > 0)
