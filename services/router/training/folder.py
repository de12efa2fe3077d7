"""Measures a model on a folder of labelled complaints that the project does not own.

`python -m services.router.training.folder FOLDER`: each `*_dev.csv` with columns text,department whose name begins with
that of a city (`kabbandung_..` is `kab_bandung`), under this city's topic table. Other files are passed over.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import typer

from services.router.model.artifact import ModelError
from services.router.model.classifier import Classifier
from services.router.taxonomy.tables import cities, load_departments
from services.router.training.commands import answer, as_json_values, default_model_file
from services.router.training.dataset import DatasetError, LabelledRow, load_labelled
from services.router.training.evaluate import Answers, Evaluation, Scores
from services.router.training.evaluate import evaluate as compare

POOLED: Final = "all files"


@dataclass(frozen=True, slots=True)
class Measured:
    """One file, or all together; `city` is whose topic table was used (empty for all together)."""

    name: str
    city: str
    result: Evaluation


def city_of(path: Path) -> str | None:
    """The city that a file's name begins with."""
    name = path.name.replace("_", "")
    return next((city for city in cities() if name.startswith(city.replace("_", ""))), None)


def labelled_files(folder: Path, ending: str) -> list[tuple[Path, str, tuple[LabelledRow, ...]]]:
    """The files that end in `ending`, their city, and their rows with a department. Raises `DatasetError`."""
    codes = [department.code for department in load_departments()]
    cities_of = [(path, city_of(path)) for path in sorted(folder.glob(f"*{ending}"))]
    found = [(path, city, load_labelled(path, codes).rows) for path, city in cities_of if city is not None]
    found = [one for one in found if one[2]]
    if not found:
        raise DatasetError(f"{folder}: no file CITY..{ending} with a labelled row; cities: {', '.join(cities())}")
    return found


def measure_folder(folder: Path, model: Path) -> list[Measured]:
    """One result a file, and one for all. Raises `DatasetError` and `artifact.ModelError`."""
    answers: list[Answers] = []
    labels: list[str] = []
    measured: list[Measured] = []
    for path, city, rows in labelled_files(folder, "_dev.csv"):
        given, own = (
            answer(Classifier.load(model, city=city), [row.text for row in rows]),
            [row.department for row in rows],
        )
        answers.append(given)
        labels.extend(own)
        measured.append(Measured(path.stem, city, compare(given, own)))
    return [*measured, Measured(POOLED, "", compare(_joined(answers), labels))]


def table(measured: Sequence[Measured]) -> Iterator[str]:
    """A Markdown table, a line at a time."""
    yield "| file | table | rows | accuracy | macro-F1 | top-3 | ECE | automatic | right |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for one in measured:
        yield _row(one.name, one.city, one.result.all)
        yield _row(f"{one.name}, without WILAYAH", one.city, one.result.without_territory)


def main(
    folder: Path,
    model: Annotated[Path | None, typer.Option("--model")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write the figures here as well.")] = None,
) -> None:
    """Print the table of a folder."""
    try:
        measured = measure_folder(folder, model or default_model_file())
    except (DatasetError, ModelError) as error:
        typer.echo(f"laksa: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo("\n".join(table(measured)))
    if as_json is not None:
        as_json.parent.mkdir(parents=True, exist_ok=True)
        as_json.write_text(json.dumps(_values(measured), indent=2) + "\n", encoding="utf-8")


def _values(measured: Sequence[Measured]) -> Mapping[str, Any]:
    return {one.name: {"city": one.city} | as_json_values(one.result) for one in measured}


def _joined(answers: Sequence[Answers]) -> Answers:
    return Answers(
        best=np.concatenate([one.best for one in answers]),
        confidence=np.concatenate([one.confidence for one in answers]),
        top3=np.concatenate([one.top3 for one in answers]),
        automatic=np.concatenate([one.automatic for one in answers]),
    )


def _row(name: str, city: str, scores: Scores) -> str:
    right = "-" if scores.precision is None else f"{scores.precision:.3f}"
    return (
        f"| {name} | {city or '-'} | {scores.rows} | {scores.accuracy:.3f} | {scores.macro_f1:.3f} | {scores.top3:.3f} "
        f"| {scores.calibration_error:.3f} | {scores.coverage:.3f} | {right} |"
    )


if __name__ == "__main__":
    typer.run(main)
