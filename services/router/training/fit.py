"""Trains a model: the project's own corpus gives topics, a city's labelled texts departments; out comes one file."""

import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from services.router.model import artifact
from services.router.model.artifact import Calibration, Manifest, Weights
from services.router.model.evidence import LeafMap
from services.router.model.features import Features
from services.router.model.text import Normaliser
from services.router.taxonomy.tables import (
    DEFAULT_CITY,
    TopicTable,
    load_abbreviations,
    load_departments,
    load_keywords,
    load_topics,
)
from services.router.training.calibration import Threshold, fit_calibration, fit_thresholds
from services.router.training.dataset import DatasetError, Labelled, corpus_sha256, load_corpus, load_labelled
from services.router.training.evaluate import Answers, Scores, evaluate
from services.router.training.heads import Head, MarginHead, RidgeHead

SEED: Final = 20_161_120
LOCAL_ROWS: Final = 200
"""Labelled rows from which a city's own held-out answers decide how sure to be, not the shipped shift."""
PRECISION: Final = 0.90
LOCAL_PRECISION: Final = 0.95
"""Wanted shares of right automatic answers: without local labels, and with enough of them."""
DATA_FOLDS: Final = 5


@dataclass(frozen=True, slots=True)
class Settings:
    """What training may choose; docs/architecture/routing.md says what was tried.

    `ridge` is the topics' penalty, `keyword_weight` that of a key phrase beside a full text, `temperature` that of the
    soft maximum over a department's topics and `breadth` the weight of their total. `cost` and `balance` are the
    departments' (`heads.MarginHead`), `authored_weight` that of an authored text beside a local one. `precision` is
    the wanted share of right automatic answers (None: `PRECISION`, or `LOCAL_PRECISION` where local labels carry it).
    """

    max_words: int = 15_000
    max_chars: int = 25_000
    ridge: float = 4.0
    keyword_weight: float = 0.5
    authored_weight: float = 0.3
    cost: float = 0.2
    balance: float = 0.4
    temperature: float = 0.09
    breadth: float = 0.35
    precision: float | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """One text to learn from. `topic` is None where only the department was labelled.

    Examples of a `fold` are held out together; those without are never held out. `weight` is relative.
    """

    text: str
    department: str
    topic: str | None
    fold: str | None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Answered:
    """Held-out texts: `probabilities` (texts x `departments`) and the right departments."""

    departments: tuple[str, ...]
    probabilities: NDArray[np.float64]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained model that is not on disk yet, and what it answered out of fold."""

    weights: Weights
    manifest: Manifest
    answered: Answered

    def save(self, out: Path) -> Manifest:
        """Writes the model and its manifest; returns the manifest with the file's hash."""
        return artifact.save(out, self.weights, self.manifest)


def train_default(out: Path) -> Manifest:
    """Trains on the authored corpus alone and writes the model that ships."""
    return train((), authored=True, out=out)


def train(data: Sequence[Path], authored: bool, out: Path, seed: int = SEED, city: str = DEFAULT_CITY) -> Manifest:
    """Trains on the CSVs of `data` (columns text,department), the authored corpus, or both, and writes the model.

    Raises `DatasetError` for a file that cannot be used, and when there is nothing to learn from.
    """
    return fit_model(data, authored=authored, seed=seed, city=city).save(out)


def fit_model(
    data: Sequence[Path],
    *,
    authored: bool = True,
    seed: int = SEED,
    settings: Settings | None = None,
    city: str = DEFAULT_CITY,
) -> Fitted:
    """As `train`, without writing anything."""
    settings = settings or Settings()
    sources = load_sources(data, authored=authored, seed=seed, settings=settings, city=city)
    return fit_examples(sources.examples, sources.table, settings, data_sha256=sources.data_sha256, seed=seed)


@dataclass(frozen=True, slots=True)
class Sources:
    """What a model learns from; `table` gives authored texts their departments."""

    examples: tuple[Example, ...]
    table: TopicTable
    data_sha256: tuple[str, ...]


def load_sources(
    data: Sequence[Path], *, authored: bool, seed: int, settings: Settings, city: str = DEFAULT_CITY
) -> Sources:
    """Reads the corpus and the key phrases, with the departments of `city`, and CSVs.

    Raises `DatasetError`, and `UnknownCity`.
    """
    table = load_topics(city, date.today())
    files = [load_labelled(path, [one.code for one in load_departments()]) for path in data]
    examples = [*(authored_examples(table, settings.keyword_weight) if authored else ()), *_local_examples(files, seed)]
    return Sources(tuple(examples), table, tuple(file.sha256 for file in files))


def fit_examples(
    examples: Sequence[Example],
    table: TopicTable,
    settings: Settings,
    *,
    data_sha256: Sequence[str] = (),
    seed: int = SEED,
) -> Fitted:
    """Fits any examples; `table` must have their topics. Raises `DatasetError` when there is nothing to learn from."""
    learned = _learn(prepare(examples, settings), table, settings)
    return Fitted(learned.weights, _manifest(learned, examples, table.city, data_sha256, seed), learned.answered)


def authored_examples(table: TopicTable, keyword_weight: float) -> list[Example]:
    """The corpus (a voice is held out together) and the key phrases, with the departments of `table`."""
    owner = table.department_of
    texts = [Example(row.text, owner[row.topic], row.topic, row.voice) for row in load_corpus()]
    return texts + [Example(phrase, owner[topic], topic, None, keyword_weight) for topic, phrase in load_keywords()]


@dataclass(frozen=True, slots=True)
class _Texts:
    """Examples as a matrix (rows as `examples`), and which rows are `authored` and which `local`."""

    examples: tuple[Example, ...]
    matrix: csr_matrix
    authored: NDArray[np.intp]
    local: NDArray[np.intp]

    @property
    def judged_locally(self) -> bool:
        """Whether the city's own rows say how sure to be: there are enough, or no others."""
        return len(self.local) >= LOCAL_ROWS or not len(self.authored)

    @property
    def judged(self) -> NDArray[np.intp]:
        """The rows that say how sure to be."""
        rows = self.local if self.judged_locally else self.authored
        return rows[[self.examples[row].fold is not None for row in rows]]

    def precision(self, settings: Settings) -> float:
        """What the city wants of automatic answers; more than `PRECISION` only where its own labels carry it."""
        carried = len(self.local) >= LOCAL_ROWS
        wanted = settings.precision or (LOCAL_PRECISION if carried else PRECISION)
        if wanted > PRECISION and not carried:
            raise DatasetError(f"a precision of {wanted} needs {LOCAL_ROWS} labelled rows of the city (--data)")
        return wanted

    def folds(self) -> list[NDArray[np.intp]]:
        """The judged rows, by fold."""
        names = np.array([self.examples[row].fold for row in self.judged])
        return [self.judged[names == name] for name in sorted(set(names.tolist()))]

    def departments(self, rows: NDArray[np.intp]) -> list[str]:
        return [self.examples[row].department for row in rows]


@dataclass(frozen=True, slots=True)
class _Learned:
    weights: Weights
    calibration: Calibration
    thresholds: Mapping[str, Threshold]
    precision: float
    scores: Scores
    answered: Answered

    def digest(self) -> str:
        """SHA-256 (hex) of everything that decides an answer."""
        numbers = [self.calibration, *sorted((code, one.confidence) for code, one in self.thresholds.items())]
        return hashlib.sha256(f"{self.weights.digest()} {numbers}".encode()).hexdigest()


_NO_HEAD: Final = Head((), np.zeros((0, 0), dtype=np.float32), np.zeros(0, dtype=np.float32))


@dataclass(frozen=True, slots=True)
class Prepared:
    """Examples turned into numbers, before any setting of a head matters."""

    normaliser: Normaliser
    features: Features
    texts: _Texts

    def weighed(self, keyword_weight: float) -> "Prepared":
        """The same with another weight of the key phrases, which alone are in no fold."""
        examples = [one if one.fold else replace(one, weight=keyword_weight) for one in self.texts.examples]
        return replace(self, texts=replace(self.texts, examples=tuple(examples)))


def prepare(examples: Sequence[Example], settings: Settings) -> Prepared:
    """Learns the vocabulary of `examples` and counts it. Raises `DatasetError` when there is nothing to learn from."""
    if len({example.department for example in examples}) < 2:
        raise DatasetError("nothing to learn from: texts of at least two departments are needed")
    normaliser = Normaliser(load_abbreviations())
    documents = [normaliser.words(example.text) for example in examples]
    features = Features.fit(documents, max_words=settings.max_words, max_chars=settings.max_chars)
    return Prepared(normaliser, features, _texts(examples, features.transform(documents)))


def judge(prepared: Prepared, table: TopicTable, settings: Settings) -> Scores:
    """What `settings` reach on texts that are held out."""
    return _learn(prepared, table, settings).scores


def _learn(prepared: Prepared, table: TopicTable, settings: Settings) -> _Learned:
    texts = prepared.texts
    precision = texts.precision(settings)
    (topics, topic_scores), (departments, department_scores) = _topics(texts, settings), _departments(texts, settings)
    leaf_map = LeafMap(topics.classes, departments.classes, table)
    scores, labels = np.hstack([topic_scores, department_scores]), texts.departments(texts.judged)
    calibration = fit_calibration(leaf_map, scores, labels, temperature=settings.temperature, breadth=settings.breadth)
    answered = Answered(leaf_map.departments, leaf_map.probabilities(scores, calibration), tuple(labels))
    thresholds = fit_thresholds(answered.departments, answered.probabilities, answered.labels, precision=precision)
    weights = _weights(prepared.normaliser, prepared.features, topics, departments)
    return _Learned(weights, calibration, thresholds, precision, _scores(answered, thresholds), answered)


def _texts(examples: Sequence[Example], matrix: csr_matrix) -> _Texts:
    authored = np.array([example.topic is not None for example in examples], dtype=np.bool_)
    return _Texts(tuple(examples), matrix, np.flatnonzero(authored), np.flatnonzero(~authored))


def _topics(texts: _Texts, settings: Settings) -> tuple[Head, NDArray[np.float32]]:
    """The topics' head, and its scores of the judged rows, held out where it was trained on them."""
    chosen = [texts.examples[row] for row in texts.authored]
    if not chosen:
        return _NO_HEAD, np.zeros((len(texts.judged), 0), dtype=np.float32)
    weights = np.array([example.weight for example in chosen])
    ridge = RidgeHead(
        texts.matrix[texts.authored], [example.topic or "" for example in chosen], weights, settings.ridge
    )
    head = ridge.fitted()
    if texts.judged_locally:
        return head, head.scores(texts.matrix[texts.judged])
    held_out = ridge.held_out([np.searchsorted(texts.authored, rows) for rows in texts.folds()])
    return head, held_out[np.searchsorted(texts.authored, texts.judged)]


def _departments(texts: _Texts, settings: Settings) -> tuple[Head, NDArray[np.float32]]:
    """The departments' head, only with local rows, and its scores of the judged rows, held out."""
    if not len(texts.local):
        return _NO_HEAD, np.zeros((len(texts.judged), 0), dtype=np.float32)
    labels = texts.departments(np.arange(len(texts.examples)))
    weights = np.array([example.weight for example in texts.examples])
    weights[texts.authored] *= settings.authored_weight
    margin = MarginHead(texts.matrix, labels, weights, settings.cost, settings.balance)
    return margin.fitted(), margin.held_out(texts.folds())[texts.judged]


def _weights(normaliser: Normaliser, features: Features, topics: Head, departments: Head) -> Weights:
    heads = [head for head in (topics, departments) if head.classes]
    return Weights(
        normaliser=normaliser,
        features=features,
        topics=topics.classes,
        departments=departments.classes,
        coefficients=np.hstack([head.coefficients for head in heads]).astype(np.float16).astype(np.float32),
        intercepts=np.hstack([head.intercepts for head in heads]),
    )


def _scores(answered: Answered, thresholds: Mapping[str, Threshold]) -> Scores:
    confidences = {code: one.confidence for code, one in thresholds.items()}
    given = Answers.of_probabilities(answered.departments, answered.probabilities, confidences)
    return evaluate(given, answered.labels).all


def _manifest(
    learned: _Learned, examples: Sequence[Example], city: str, data_sha256: Sequence[str], seed: int
) -> Manifest:
    authored = sum(example.topic is not None for example in examples)
    local = len(examples) - authored
    kind = "+".join(name for name, count in (("authored", authored), ("local", local)) if count)
    return Manifest(
        model_version=f"{kind}-{learned.digest()[:12]}",
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        seed=seed,
        city=city,
        rows={"authored": authored, "local": local},
        topics=learned.weights.topics,
        departments=tuple(sorted({example.department for example in examples})),
        calibration=learned.calibration,
        thresholds={code: one.confidence for code, one in learned.thresholds.items()},
        measured={
            code: {"coverage": one.coverage, "precision": one.precision} for code, one in learned.thresholds.items()
        },
        precision=learned.precision,
        scores={name: value for name, value in asdict(learned.scores).items() if value is not None},
        corpus_sha256=corpus_sha256() if authored else "",
        data_sha256=tuple(data_sha256),
        libraries=_libraries(),
    )


def _libraries() -> dict[str, str]:
    names = ("numpy", "scipy", "scikit-learn", "skops")
    return {"python": platform.python_version()} | {name: version(name) for name in names}


def _local_examples(files: Sequence[Labelled], seed: int) -> list[Example]:
    """A city's rows in seeded folds; the same text always falls into the same fold."""
    rows = [row for file in files for row in file.rows]
    texts = sorted({row.text for row in rows})
    drawn = np.random.default_rng(seed).permutation(len(texts)) % DATA_FOLDS
    fold_of = dict(zip(texts, drawn.tolist(), strict=True))
    return [Example(row.text, row.department, None, f"local {fold_of[row.text]}") for row in rows]
