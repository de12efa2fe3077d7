"""What a complaint's text and place decide: department, confidence, the next best, class, topic, office, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from services.router.model import artifact
from services.router.model.artifact import Manifest, Weights
from services.router.model.evidence import LeafMap
from services.router.model.features import Counted, Document
from services.router.model.place import Place
from services.router.model.support import supporting
from services.router.taxonomy.rules import ComplaintClass, Emergency, Rules, load_rules_of_texts
from services.router.taxonomy.tables import DEFAULT_CITY, TopicTable, load_courtesy, load_topics
from services.router.taxonomy.territory import Territory, load_territory

ALTERNATIVES: Final = 3
REASONS: Final = 5
TERRITORY: Final = "WILAYAH"
RESCUE: Final = "BPBD"
"""Where emergencies go, whatever the model says."""
_FAMILIAR_SHARE: Final = 0.4
"""Share of a text's words that the model must know; below it the text is as good as unread."""
_FEWEST_WORDS: Final = 2
"""How many different words about the matter, courtesy left out, a text needs for a decision without a person."""

_DELICATE_FROM: Final = 0.5

Decision = Literal["auto", "review", "emergency"]
Urgency = Literal["emergency", "high", "normal"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of the most probable departments; `probability` is calibrated, 0 to 1."""

    department: str
    probability: float


@dataclass(frozen=True, slots=True)
class Term:
    """A word or pair of words of the text and how much it speaks for the chosen department (log-odds, positive).

    The words that made a rule decide have weight 1.
    """

    term: str
    weight: float


@dataclass(frozen=True, slots=True)
class Routing:
    """What the text and the place decide. `confidence` is the calibrated probability of `department`, 0 to 1.

    `alternatives` are three, best first, `department` among them; `why` is strongest first, at most five.
    `office` is a kecamatan or kelurahan, for territory only; `needs_location` says that one could not be found.
    `responsible_body` is outside the city. `sensitive` reports are to be treated as confidential.
    """

    decision: Decision
    department: str
    office: str | None
    needs_location: bool
    supporting_departments: tuple[str, ...]
    confidence: float
    alternatives: tuple[Alternative, ...]
    complaint_class: ComplaintClass
    topic: str | None
    urgency: Urgency
    responsible_body: str | None
    sensitive: bool
    why: tuple[Term, ...]
    model_version: str


@dataclass(frozen=True, slots=True)
class City:
    """Everything about a city that is data: who owns which topic, its offices, and the rules."""

    table: TopicTable
    territory: Territory
    rules: Rules


def load_city(name: str = DEFAULT_CITY, on: date | None = None) -> City:
    """A city's tables in force `on` a day (default: today). Raises `tables.TaxonomyError`."""
    table = load_topics(name, on or date.today())
    return City(table, load_territory(name), load_rules_of_texts())


@dataclass(frozen=True, slots=True)
class _Read:
    """One text as the model reads it: its words, departments' probabilities, strongest topic, reasons, and helpers."""

    document: Document
    place: Place
    probabilities: NDArray[np.float64]
    best: Sequence[int]
    familiar: bool
    topic: str | None
    why: tuple[Term, ...]
    supporting: tuple[int, ...]


class Classifier:
    """A loaded model for one city. Keeps no state between calls but remembered n-grams; one thread at a time."""

    def __init__(self, weights: Weights, manifest: Manifest, city: City) -> None:
        self.weights = weights
        self.manifest = manifest
        self._city = city
        self._leaf_map = LeafMap(weights.topics, weights.departments, city.table)
        self._courtesy = load_courtesy()

    @classmethod
    def load(cls, path: Path, *, city: str = DEFAULT_CITY, on: date | None = None) -> "Classifier":
        """Reads a model and the city's tables in force `on` a day (default: today).

        Raises `artifact.ModelError` or `tables.TaxonomyError`.
        """
        weights, manifest = artifact.load(path)
        return cls(weights, manifest, load_city(city, on))

    @property
    def departments(self) -> tuple[str, ...]:
        """The codes that this model can answer, in the order of `probabilities`' columns."""
        return self._leaf_map.departments

    def classify(self, texts: Sequence[str], places: Sequence[Place | None] | None = None) -> list[Routing]:
        """One answer a text, in order. Any text gets one: what says nothing gets low confidence and `review`.

        `places` are where the texts' complaints are, None where that is not known. Raises ValueError when there are
        not as many places as texts.
        """
        if not texts:
            return []
        documents = [self.weights.normaliser.words(text) for text in texts]
        where = [place or Place() for place in places] if places is not None else [Place()] * len(texts)
        counted = self.weights.features.count(documents)
        scores, familiar = self._scores(counted), counted.known >= _FAMILIAR_SHARE
        probabilities = self._probabilities(scores, familiar)
        topics = self._leaf_map.best_topics(scores, probabilities)
        reasons = self._reasons(counted, topics, self._leaf_map.department_leaves(probabilities))
        names = [self.weights.topics[topic] if topic >= 0 else None for topic in topics.tolist()]
        helpers = supporting(texts, probabilities, self.probabilities, self._territory_columns())
        best = np.argsort(-probabilities, axis=1, kind="stable")[:, :ALTERNATIVES].tolist()
        reads = zip(documents, where, probabilities, best, familiar.tolist(), names, reasons, helpers, strict=True)
        return [self._routing(_Read(*read)) for read in reads]

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Texts x `departments`, calibrated; all the same for a text of unknown words. Rules are not applied."""
        counted = self.weights.features.count([self.weights.normaliser.words(text) for text in texts])
        return self._probabilities(self._scores(counted), counted.known >= _FAMILIAR_SHARE)

    def _scores(self, counted: Counted) -> NDArray[np.float32]:
        scores: NDArray[np.float32] = counted.matrix @ self.weights.coefficients + self.weights.intercepts
        return scores

    def _territory_columns(self) -> list[int]:
        return [column for column, code in enumerate(self.departments) if code == TERRITORY]

    def _probabilities(self, scores: NDArray[np.float32], familiar: NDArray[np.bool_]) -> NDArray[np.float64]:
        probabilities = self._leaf_map.probabilities(scores, self.manifest.calibration)
        probabilities[~familiar] = 1 / len(self.departments)
        return probabilities

    def _reasons(
        self, counted: Counted, topics: NDArray[np.intp], departments: NDArray[np.intp]
    ) -> list[tuple[Term, ...]]:
        """Each term's weight for the chosen department: its own, and that of its character n-grams."""
        if not len(counted.term_start):
            return [() for _ in counted.terms]
        calibration = self.manifest.calibration
        if self.weights.departments:
            cells = self._slopes(counted, departments, calibration.steepness)
            cells += self._slopes(counted, topics, calibration.topic_weight)
        else:
            cells = self._slopes(counted, topics, 1 / calibration.temperature)
        met = cells[counted.occurrence_cell] * counted.occurrence_share
        weights = np.add.reduceat(met, counted.term_start).tolist()
        reasons, start = [], 0
        for terms in counted.terms:
            reasons.append(_strongest(terms, weights[start : start + len(terms)]))
            start += len(terms)
        return reasons

    def _slopes(self, counted: Counted, leaves: NDArray[np.intp], factor: float) -> NDArray[np.float32]:
        """What each cell of the matrix adds to the score of its text's leaf (-1: no leaf)."""
        matrix = counted.matrix
        cells = np.diff(matrix.indptr)
        factors = np.repeat(np.where(leaves >= 0, factor, 0.0).astype(np.float32), cells)
        slopes = self.weights.coefficients[matrix.indices, np.repeat(leaves, cells)]
        result: NDArray[np.float32] = matrix.data * slopes * factors
        return result

    def _routing(self, read: _Read) -> Routing:
        findings = self._city.rules.read(read.document)
        if findings.emergency is not None:
            return self._emergency(read, findings.emergency, findings.sensitive)
        alternatives = self._alternatives(read)
        first = alternatives[0]
        office = self._office(read) if first.department == TERRITORY else None
        needs_location = first.department == TERRITORY and office is None
        sensitive = findings.sensitive or self._is_delicate(read.topic, first)
        says_little = len(set(read.document) - self._courtesy) < _FEWEST_WORDS
        held = needs_location or findings.responsible_body is not None or not read.familiar or says_little
        return Routing(
            decision="review" if held or not self._is_sure(first) else "auto",
            department=first.department,
            office=office,
            needs_location=needs_location,
            supporting_departments=tuple(self.departments[column] for column in read.supporting),
            confidence=first.probability,
            alternatives=alternatives,
            complaint_class=findings.complaint_class,
            topic=read.topic,
            urgency="high" if sensitive or findings.urgent else "normal",
            responsible_body=findings.responsible_body,
            sensitive=sensitive,
            why=read.why if read.familiar else (),
            model_version=self.manifest.model_version,
        )

    def _emergency(self, read: _Read, emergency: Emergency, sensitive: bool) -> Routing:
        """Rescue at once. The class is a complaint: whoever asks for help in a question is not after information."""
        alternatives = self._alternatives(read, RESCUE)
        return Routing(
            decision="emergency",
            department=RESCUE,
            office=None,
            needs_location=False,
            supporting_departments=(),
            confidence=next(one.probability for one in alternatives if one.department == RESCUE),
            alternatives=alternatives,
            complaint_class="complaint",
            topic=emergency.topic,
            urgency="emergency",
            responsible_body=None,
            sensitive=sensitive,
            why=(Term(emergency.trigger, 1.0),),
            model_version=self.manifest.model_version,
        )

    def _alternatives(self, read: _Read, chosen: str | None = None) -> tuple[Alternative, ...]:
        """The three most probable, `chosen` among them whatever its probability, best first."""
        probabilities = read.probabilities
        best = [Alternative(self.departments[column], float(probabilities[column])) for column in read.best]
        if chosen is None or any(one.department == chosen for one in best):
            return tuple(best)
        known = chosen in self.departments
        own = Alternative(chosen, float(probabilities[self.departments.index(chosen)]) if known else 0.0)
        return (*best[: ALTERNATIVES - 1], own)

    def _office(self, read: _Read) -> str | None:
        place = read.place
        return self._city.territory.office(read.topic, place.kecamatan, place.kelurahan, read.document)

    def _is_delicate(self, topic: str | None, first: Alternative) -> bool:
        """Whether the topic alone makes the report sensitive: half a chance is enough, since hiding costs little."""
        return topic in self._city.rules.sensitive_topics and first.probability >= _DELICATE_FROM

    def _is_sure(self, first: Alternative) -> bool:
        threshold = self.manifest.thresholds.get(first.department)
        return threshold is not None and first.probability >= threshold


def _strongest(terms: tuple[str, ...], weights: Sequence[float]) -> tuple[Term, ...]:
    total: dict[str, float] = {}
    for term, weight in zip(terms, weights, strict=True):
        total[term] = total.get(term, 0.0) + weight
    ranked = sorted([(-weight, term) for term, weight in total.items() if weight > 0])
    return tuple(Term(term, round(-weight, 3)) for weight, term in ranked[:REASONS])
