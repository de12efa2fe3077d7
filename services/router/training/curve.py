"""How much a city's own corrections teach: the corpus with 0, 50, 200 and 1,000 labelled rows of a city added.

`python -m services.router.training.curve FOLDER PICTURE`: FOLDER has `CITY.._train.csv` and `CITY.._dev.csv`. Rows are
drawn at random, or those of which the shipped model is least sure come first, as the review queue would give them.
"""

import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer

from services.router.model.classifier import Classifier
from services.router.training.commands import answer, default_model_file
from services.router.training.dataset import DatasetError, LabelledRow
from services.router.training.evaluate import Scores
from services.router.training.evaluate import evaluate as compare
from services.router.training.fit import SEED, train
from services.router.training.folder import labelled_files
from services.router.training.plots import draw_curve

COUNTS: Final = (50, 200, 1_000)
RANDOM: Final = "at random"
LEAST_SURE: Final = "least sure first"


def orders(rows: Sequence[LabelledRow], confidence: Sequence[float]) -> dict[str, list[int]]:
    """Both orders of the row numbers."""
    return {
        RANDOM: np.random.default_rng(SEED).permutation(len(rows)).tolist(),
        LEAST_SURE: np.argsort(np.array(confidence), kind="stable").tolist(),
    }


def score(model: Path, city: str, rows: Sequence[LabelledRow]) -> Scores:
    """A model on a city's labelled rows."""
    given = answer(Classifier.load(model, city=city), [row.text for row in rows])
    return compare(given, [row.department for row in rows]).all


def trained_on(rows: Sequence[LabelledRow], city: str, folder: Path) -> Path:
    """The corpus and `rows`, trained as `laksa train --data --city` does."""
    data, out = folder / "rows.csv", folder / "model.skops"
    with data.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "department"), *((row.text, row.department) for row in rows)])
    train([data], authored=True, out=out, city=city)
    return out


def main(
    folder: Path,
    picture: Path,
    city: Annotated[str, typer.Option("--city")] = "surabaya",
    counts: Annotated[list[int] | None, typer.Option("--rows")] = None,
) -> None:
    """Print the curve of one city as a table and draw it."""
    known, wanted = (_of_city(folder, city, ending) for ending in ("_train.csv", "_dev.csv"))
    shipped = default_model_file()
    confidence = answer(Classifier.load(shipped, city=city), [row.text for row in known]).confidence
    start = score(shipped, city, wanted)
    typer.echo("| rows added | chosen | accuracy | macro-F1 | top-3 | ECE | automatic | right |")
    typer.echo("|---" * 8 + "|")
    typer.echo(_row(0, "-", start))
    curves = {name: [(0, start.accuracy)] for name in (RANDOM, LEAST_SURE)}
    for name, order in orders(known, confidence.tolist()).items():
        for count in counts or COUNTS:
            with tempfile.TemporaryDirectory() as scratch:
                reached = score(trained_on([known[i] for i in order[:count]], city, Path(scratch)), city, wanted)
            typer.echo(_row(count, name, reached))
            curves[name].append((count, reached.accuracy))
    draw_curve(curves, picture)


def _of_city(folder: Path, city: str, ending: str) -> tuple[LabelledRow, ...]:
    for _, owner, rows in labelled_files(folder, ending):
        if owner == city:
            return rows
    raise DatasetError(f"{folder}: no file *{ending} of {city}")


def _row(count: int, name: str, scores: Scores) -> str:
    right = "-" if scores.precision is None else f"{scores.precision:.3f}"
    return (
        f"| {count} | {name} | {scores.accuracy:.3f} | {scores.macro_f1:.3f} | {scores.top3:.3f} "
        f"| {scores.calibration_error:.3f} | {scores.coverage:.3f} | {right} |"
    )


if __name__ == "__main__":
    typer.run(main)
