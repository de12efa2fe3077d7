"""How many texts a second one core routes, beside plain scikit-learn with the same words and weights.

`python -m services.router.training.speed`; the texts are the corpus with places and noise added, all distinct, seeded.
The peer gives probabilities only; ours gives reasons, class, office and rules as well, and both figures are shown.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import typer
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from services.router.model.classifier import Classifier, load_city
from services.router.model.evidence import LeafMap
from services.router.taxonomy.tables import rows_of
from services.router.training.commands import BATCH, default_model_file
from services.router.training.dataset import load_corpus

SEED: Final = 2024
TEXTS: Final = 5 * BATCH
ROUNDS: Final = 3
"""The fastest counts: other work on the machine only ever slows."""
SINGLES: Final = 300


@dataclass(frozen=True, slots=True)
class Speed:
    """Texts a second of CPU time, one at a time and in batches; `difference` is the largest between probabilities."""

    single: float
    batch: float
    peer_single: float
    peer_batch: float
    probabilities_batch: float
    difference: float


class ScikitLearn:
    """The same vocabulary, weights and calibration with scikit-learn's own vectorizers."""

    def __init__(self, classifier: Classifier) -> None:
        weights = classifier.weights
        self._weights, self._calibration = weights, classifier.manifest.calibration
        self._leaf_map = LeafMap(weights.topics, weights.departments, load_city().table)
        size = len(weights.features.words)
        words = TfidfVectorizer(
            vocabulary=_columns(weights.features.words),
            tokenizer=str.split,
            token_pattern=None,
            ngram_range=(1, 2),
            sublinear_tf=True,
        )
        chars = TfidfVectorizer(
            vocabulary=_columns(weights.features.chars),
            preprocessor=_without_masks,
            analyzer="char_wb",
            ngram_range=(2, 5),
            sublinear_tf=True,
        )
        words.idf_, chars.idf_ = weights.features.idf[:size], weights.features.idf[size:]
        self._union = FeatureUnion([("words", words), ("chars", chars)])

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Texts x departments."""
        documents = [" ".join(self._weights.normaliser.words(text)) for text in texts]
        matrix: Any = self._union.transform(documents).astype(np.float32)
        scores = matrix @ self._weights.coefficients + self._weights.intercepts
        return self._leaf_map.probabilities(scores, self._calibration)


def distinct_texts(count: int = TEXTS, seed: int = SEED) -> list[str]:
    """Corpus texts, each with a place, a number and a misspelt word of its own."""
    drawn = np.random.default_rng(seed)
    rows, places = load_corpus(), [row["name"] for row in rows_of("territory/tangerang.csv")]
    texts = []
    for number in range(count):
        text = rows[int(drawn.integers(len(rows)))].text.split()
        place = int(drawn.integers(len(text)))
        text[place] = _misspelt(text[place], int(drawn.integers(1 << 16)))
        texts.append(f"{' '.join(text)} {places[int(drawn.integers(len(places)))]} no {number}")
    return texts


def measure(classifier: Classifier, texts: Sequence[str]) -> Speed:
    """Times both on the same texts; `difference` is over texts of known words, the others being left to a person."""
    peer = ScikitLearn(classifier)
    ours, theirs = classifier.probabilities(texts), peer.probabilities(texts)
    known = ours.max(axis=1) > ours.min(axis=1)
    return Speed(
        single=_single(lambda text: classifier.classify([text]), texts),
        batch=_batches(classifier.classify, texts),
        peer_single=_single(lambda text: peer.probabilities([text]), texts),
        peer_batch=_batches(peer.probabilities, texts),
        probabilities_batch=_batches(classifier.probabilities, texts),
        difference=float(np.abs(ours - theirs)[known].max()),
    )


def main(model: Path | None = None) -> None:
    """Print the table."""
    speed = measure(Classifier.load(model or default_model_file()), distinct_texts())
    typer.echo(f"texts a second, one core, {TEXTS} distinct texts      single  batch of {BATCH}")
    typer.echo(f"laksa: department, reasons, rules, office        {speed.single:9.0f} {speed.batch:13.0f}")
    typer.echo(f"laksa: probabilities only                                  {speed.probabilities_batch:13.0f}")
    typer.echo(f"scikit-learn: probabilities only                 {speed.peer_single:9.0f} {speed.peer_batch:13.0f}")
    typer.echo(f"largest difference of a probability: {speed.difference:.1e}")


def _columns(terms: Sequence[str]) -> dict[str, int]:
    return {term: column for column, term in enumerate(terms)}


def _without_masks(text: str) -> str:
    return " ".join(word for word in text.split() if not word.startswith("<"))


def _misspelt(word: str, drawn: int) -> str:
    place = drawn % max(1, len(word))
    return word[:place] + "abcdefghijklmnopqrstuvwxyz"[drawn % 26] + word[place + 1 :]


def _single(answer: Callable[[str], object], texts: Sequence[str]) -> float:
    return _fastest(lambda: [answer(text) for text in texts[:SINGLES]], min(SINGLES, len(texts)))


def _batches(answer: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    return _fastest(lambda: [answer(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)], len(texts))


def _fastest(work: Callable[[], object], texts: int) -> float:
    taken = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return texts / min(taken)


if __name__ == "__main__":
    typer.run(main)
