"""Writes the model card: what the model is, what it was measured on, and where it fails.

`python -m services.router.training.card FOLDER [--elsewhere FIGURES.json]` trains the shipped model anew (the figures
are of held-out texts, which a model file does not keep) and writes `model-card.md` and its pictures into FOLDER.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Annotated, Any, Final

import numpy as np
import typer
from numpy.typing import NDArray

from services.router.taxonomy.tables import load_keywords
from services.router.training.dataset import load_corpus
from services.router.training.fit import SEED, Answered, Fitted, fit_model
from services.router.training.plots import draw_calibration, draw_confusion
from services.router.training.report import reliability

RESAMPLES: Final = 1_000
NOT_MEASURED: Final = (
    "Not measured for this card: `make evaluate DATA=folder` measures a folder of labelled complaints."
)


@dataclass(frozen=True, slots=True)
class Interval:
    """A share and its 95% bootstrap interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """One department's figures on held-out texts."""

    code: str
    texts: int
    recall: Interval
    precision: Interval
    f1: Interval


def department_rows(answered: Answered, *, resamples: int = RESAMPLES, seed: int = SEED) -> list[DepartmentRow]:
    """Recall, precision and F1 of every department, with intervals over resampled rows."""
    truth, best = np.array(answered.labels), best_departments(answered)
    drawn = np.random.default_rng(seed).integers(len(truth), size=(resamples, len(truth)), dtype=np.int32)
    return [_department(code, truth == code, best == code, drawn) for code in sorted(set(answered.labels))]


def best_departments(answered: Answered) -> NDArray[np.str_]:
    """The most probable department of each held-out text."""
    best: NDArray[np.str_] = np.array(answered.departments)[answered.probabilities.argmax(axis=1)]
    return best


def render(fitted: Fitted, elsewhere: str) -> str:
    """The page."""
    manifest, corpus, phrases = fitted.manifest, load_corpus(), load_keywords()
    shares = {name: f"{manifest.scores[name]:.3f}" for name in ("accuracy", "macro_f1", "top3", "coverage")}
    template = (files("services.router.training") / "card_template.md").read_text(encoding="utf-8")
    return Template(template).substitute(
        shares,
        version=manifest.model_version,
        seed=manifest.seed,
        python=manifest.libraries["python"],
        sklearn=manifest.libraries["scikit-learn"],
        departments=len(manifest.departments),
        topics=len(manifest.topics),
        corpus_rows=f"{len(corpus):,}",
        voices=len({row.voice for row in corpus}),
        phrases=f"{len(phrases):,}",
        corpus_sha=manifest.corpus_sha256[:12],
        ece=f"{manifest.scores['calibration_error']:.3f}",
        precision=manifest.precision,
        right=f"{manifest.scores['precision']:.3f}",
        rows="\n".join(_rows(fitted)),
        elsewhere=elsewhere,
    )


def elsewhere_table(figures: dict[str, Any]) -> str:
    """The figures that `make evaluate DATA=.. JSON=..` wrote, as a table."""
    head = "| file | rows | accuracy | macro-F1 | top-3 | ECE | automatic | right |\n|---|---|---|---|---|---|---|---|"
    lines = [
        _figures(f"{name}{part}", values)
        for name, one in figures.items()
        for part, values in (("", one), (", without WILAYAH", one["without_wilayah"]))
    ]
    return "\n".join([head, *lines])


def main(
    folder: Path,
    elsewhere: Annotated[Path | None, typer.Option("--elsewhere", help="JSON of `make evaluate`.")] = None,
) -> None:
    """Write the card and its pictures."""
    fitted = fit_model(())
    table = elsewhere_table(json.loads(elsewhere.read_text(encoding="utf-8"))) if elsewhere else NOT_MEASURED
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model-card.md").write_text(render(fitted, table), encoding="utf-8")
    draw_calibration(reliability(fitted.answered), folder / "images" / "model-calibration.png")
    answers = best_departments(fitted.answered).tolist()
    draw_confusion(fitted.answered.labels, answers, folder / "images" / "model-confusion.png")
    typer.echo(f"{folder / 'model-card.md'}: {fitted.manifest.model_version}")


def _department(
    code: str, labelled: NDArray[np.bool_], answered: NDArray[np.bool_], drawn: NDArray[np.int32]
) -> DepartmentRow:
    def interval(share: Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]]) -> Interval:
        low, high = np.nanquantile(share(labelled[drawn], answered[drawn]), [0.025, 0.975]).tolist()
        return Interval(float(share(labelled[np.newaxis], answered[np.newaxis])[0]), low, high)

    return DepartmentRow(
        code=code,
        texts=int(labelled.sum()),
        recall=interval(lambda rows, given: _share((rows & given).sum(axis=1), rows.sum(axis=1))),
        precision=interval(lambda rows, given: _share((rows & given).sum(axis=1), given.sum(axis=1))),
        f1=interval(lambda rows, given: _share(2 * (rows & given).sum(axis=1), rows.sum(axis=1) + given.sum(axis=1))),
    )


def _share(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[Any]:
    shares: NDArray[Any] = part / np.maximum(1, whole)
    return shares


def _rows(fitted: Fitted) -> Iterator[str]:
    for one in department_rows(fitted.answered):
        threshold = fitted.manifest.thresholds.get(one.code)
        since = "never" if threshold is None else f"{threshold:.2f}"
        yield f"| {one.code} | {one.texts} | {one.recall} | {one.precision} | {one.f1} | {since} |"


def _figures(name: str, values: dict[str, Any]) -> str:
    right = "-" if values["precision"] is None else f"{values['precision']:.3f}"
    shares: Sequence[str] = [
        f"{values[field]:.3f}" for field in ("accuracy", "macro_f1", "top3", "calibration_error", "coverage")
    ]
    return f"| {name} | {values['rows']} | {' | '.join(shares)} | {right} |"


if __name__ == "__main__":
    typer.run(main)
