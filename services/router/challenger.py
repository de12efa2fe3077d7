"""A model that learned from people's corrections, and whether it is better than the one that decides. Offline."""

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from services.router.domain import FEWEST_HELD_OUT, Gate, Label, hold_out, judge
from services.router.model.classifier import Classifier
from services.router.store import Entry
from services.router.training.fit import Fitted, fit_model
from shared.errors import LaksaError

MOST_LABELS: Final = 10_000
"""The newest labels that are learned from and judged by; more would make training slow and old ones weigh too much."""
_AT_ONCE: Final = 500


class TooFewCorrections(LaksaError):
    """There is not enough to learn from and to judge by."""


class NothingLearned(LaksaError):
    """The challenger is the model that decides already."""


@dataclass(frozen=True, slots=True)
class Challenger:
    """A trained model in the models folder, and the gate's figures."""

    entry: Entry
    gate: Gate


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What a challenger is made of, beside the labels: the city's CSVs and whether the authored corpus is in it."""

    data: tuple[Path, ...] = ()
    authored: bool = True


def train_challenger(
    labels: Sequence[Label], champion: Classifier, folder: Path, city: str, ingredients: Ingredients
) -> Challenger:
    """Learns from the older labels, writes the model into `folder` and judges it by the newest. `labels` oldest first.

    The judged model is the one that is kept: it never learns from what it was judged by. Raises `TooFewCorrections`,
    `NothingLearned`, and `DatasetError` for a CSV that cannot be used.
    """
    held_out = hold_out(labels)
    corrections = sum(label.corrected for label in labels)
    if corrections < FEWEST_HELD_OUT or not held_out.older:
        raise TooFewCorrections(
            f"{corrections} corrections have a text; {FEWEST_HELD_OUT} are held out, and older ones are to learn from"
        )
    fitted = _fit(held_out.older, ingredients)
    if fitted.manifest.model_version == champion.manifest.model_version:
        raise NothingLearned(
            f"what there is to learn from gives {fitted.manifest.model_version}, which decides already"
        )
    path = folder / f"{fitted.manifest.model_version}.skops"
    manifest = fitted.save(path)
    challenger = Classifier.load(path, city=city)
    texts = [label.text for label in held_out.newest]
    gate = judge(
        champion.manifest.model_version,
        held_out.newest,
        _departments(champion, texts),
        _departments(challenger, texts),
    )
    return Challenger(Entry(manifest.model_version, path.name, manifest.file_sha256, asdict(manifest)), gate)


def _fit(labels: Sequence[Label], ingredients: Ingredients) -> Fitted:
    with TemporaryDirectory(prefix="laksa-corrections-") as folder:
        file = Path(folder) / "corrections.csv"
        with file.open("w", encoding="utf-8", newline="") as opened:
            rows = csv.writer(opened)
            rows.writerow(["text", "department"])
            rows.writerows([label.text, label.department] for label in labels)
        return fit_model((*ingredients.data, file), authored=ingredients.authored)


def _departments(classifier: Classifier, texts: Sequence[str]) -> list[str]:
    return [
        routing.department
        for start in range(0, len(texts), _AT_ONCE)
        for routing in classifier.classify(texts[start : start + _AT_ONCE])
    ]
