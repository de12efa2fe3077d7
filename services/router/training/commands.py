"""`laksa train`, `laksa evaluate` and `laksa classify`: plain functions that the launcher registers with Typer."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import typer

from services.router.model.artifact import ModelError
from services.router.model.classifier import Classifier, Routing
from services.router.taxonomy.tables import DEFAULT_CITY, TaxonomyError, UnknownCity, load_departments
from services.router.training.dataset import DatasetError, load_labelled, load_texts
from services.router.training.evaluate import Answers, Evaluation, Scores
from services.router.training.evaluate import evaluate as compare
from services.router.training.fit import SEED, Settings, fit_examples, load_sources
from services.router.training.report import report_lines
from services.router.training.search import search

BATCH: Final = 500
"""Texts classified at a time."""
MODEL_VARIABLE: Final = "LAKSA_MODEL_FILE"
_DIGITS: Final = 6

DataOption = Annotated[list[Path], typer.Option("--data", help="CSV with columns text,department; may be repeated.")]
ModelOption = Annotated[Path | None, typer.Option("--model", help="Model file (.skops); the default model if absent.")]
CityOption = Annotated[str, typer.Option("--city", help="Whose topic table decides the department.")]
OwnersOption = Annotated[
    str, typer.Option("--city", help="Whose topic table gives the project's own corpus its departments.")
]
PrecisionOption = Annotated[
    float | None,
    typer.Option(
        "--precision", min=0.5, max=0.999, help="Wanted share of right automatic answers: 0.9, or 0.95 from 200 rows."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def default_model_file() -> Path:
    """`LAKSA_MODEL_FILE`, or `.laksa/models/default.skops` under the project's root."""
    named = os.environ.get(MODEL_VARIABLE)
    return Path(named) if named else Path(__file__).parents[3] / ".laksa" / "models" / "default.skops"


def train(
    out: Annotated[Path, typer.Option("--out", help="Where to write the model; its manifest goes beside it.")],
    data: Annotated[
        list[Path] | None, typer.Option("--data", help="CSV with columns text,department; may be repeated.")
    ] = None,
    authored: Annotated[bool, typer.Option(help="Include the project's own corpus.")] = True,
    precision: PrecisionOption = None,
    city: OwnersOption = DEFAULT_CITY,
    report: Annotated[
        bool, typer.Option("--report", help="Compare settings; print this, the calibration and the thresholds.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Train a model on the project's own corpus, a city's labelled complaints, or both."""
    settings = Settings(precision=precision)
    try:
        sources = load_sources(tuple(data or ()), authored=authored, seed=SEED, settings=settings, city=city)
        fitted = fit_examples(sources.examples, sources.table, settings, data_sha256=sources.data_sha256)
        manifest = fitted.save(out)
        tried = search(sources, settings, seed=SEED) if report else []
    except UnknownCity as error:
        raise typer.BadParameter(str(error), param_hint="--city") from error
    except (DatasetError, TaxonomyError, OSError) as error:
        _fail(error)
    if as_json:
        searched = {"search": [asdict(one) for one in tried]} if report else {}
        typer.echo(json.dumps({"model": str(out), "manifest": asdict(manifest)} | searched))
        return
    if report:
        typer.echo("\n".join(report_lines(fitted, tried)))
    typer.echo(
        f"{out}: {manifest.model_version}, {_described(manifest.rows)}, out of fold {_described(manifest.scores)}"
    )


def evaluate(
    data: DataOption, model: ModelOption = None, city: CityOption = DEFAULT_CITY, as_json: JsonOption = False
) -> None:
    """Measure a model on labelled complaints: columns text,department."""
    classifier = _load(model, city)
    codes = [department.code for department in load_departments()]
    try:
        files = [load_labelled(path, codes) for path in data]
    except DatasetError as error:
        _fail(error)
    rows = [row for file in files for row in file.rows]
    if not rows:
        _fail("no labelled rows: the column department is empty everywhere")
    answers = answer(classifier, [row.text for row in rows])
    result = compare(answers, [row.department for row in rows])
    if as_json:
        head = {"model_version": classifier.manifest.model_version, "city": city, "rows": len(rows)}
        skipped = {"skipped": sum(file.skipped for file in files)}
        typer.echo(json.dumps(head | skipped | as_json_values(result), indent=2))
    else:
        _print_evaluation(result)


def classify(
    file: Annotated[Path, typer.Argument(help="CSV with a column text.")],
    json_lines: Annotated[bool, typer.Option("--json-lines", help="One JSON object a row.")] = False,
    model: ModelOption = None,
    city: CityOption = DEFAULT_CITY,
) -> None:
    """Classify the texts of a CSV, in order. Needs no running service."""
    classifier = _load(model, city)
    try:
        texts = load_texts(file)
    except DatasetError as error:
        _fail(error)
    for routing in _in_batches(classifier, texts):
        typer.echo(json.dumps(as_routed(routing), ensure_ascii=False) if json_lines else _line(routing))


def answer(classifier: Classifier, texts: list[str]) -> Answers:
    """What the classifier decides on all texts, rules included; their places are not known."""
    return Answers.of_routings(list(_in_batches(classifier, texts)))


def as_routed(routing: Routing) -> dict[str, Any]:
    """The fields of the `routed` event that the text decides, with their names there."""
    return {
        "decision": routing.decision,
        "department": routing.department,
        "office": routing.office,
        "needs_location": routing.needs_location,
        "supporting_departments": list(routing.supporting_departments),
        "confidence": round(routing.confidence, _DIGITS),
        "alternatives": [
            {"department": one.department, "probability": round(one.probability, _DIGITS)}
            for one in routing.alternatives
        ],
        "class": routing.complaint_class,
        "topic": routing.topic,
        "urgency": routing.urgency,
        "responsible_body": routing.responsible_body,
        "sensitive": routing.sensitive,
        "why": [asdict(term) for term in routing.why],
        "model_version": routing.model_version,
    }


def as_json_values(result: Evaluation) -> dict[str, Any]:
    """The evaluation under the names that `laksa evaluate --json` promises."""
    values = result.as_dict()
    headline: dict[str, Any] = values["all"]
    return headline | {"without_wilayah": values["without_territory"], "departments": values["departments"]}


def _load(model: Path | None, city: str) -> Classifier:
    try:
        return Classifier.load(model or default_model_file(), city=city)
    except UnknownCity as error:
        raise typer.BadParameter(str(error), param_hint="--city") from error
    except (ModelError, TaxonomyError) as error:
        _fail(error)


def _in_batches(classifier: Classifier, texts: list[str]) -> Iterator[Routing]:
    for start in range(0, len(texts), BATCH):
        yield from classifier.classify(texts[start : start + BATCH])


def _fail(reason: object) -> NoReturn:
    typer.echo(f"laksa: {reason}", err=True)
    raise typer.Exit(1)


def _described(values: Any) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _line(routing: Routing) -> str:
    why = ", ".join(f"{term.term} {term.weight:+.1f}" for term in routing.why)
    return f"{routing.decision:6} {routing.department:12} {routing.confidence:.2f} {routing.topic or '-'} ({why})"


def _print_evaluation(result: Evaluation) -> None:
    for name, scores in (("all", result.all), ("without WILAYAH", result.without_territory)):
        typer.echo(_scores_line(name, scores))
    for code, one in result.departments.items():
        shares = " ".join(
            f"{name} {'-' if value is None else format(value, '.3f')}"
            for name, value in (
                ("recall", one.recall),
                ("precision", one.precision),
                ("automatic", one.automatic_precision),
            )
        )
        typer.echo(f"{code:12} rows {one.rows:5} answered {one.answered:5} {shares}")


def _scores_line(name: str, scores: Scores) -> str:
    precision = "-" if scores.precision is None else f"{scores.precision:.3f}"
    return (
        f"{name}: rows {scores.rows}, accuracy {scores.accuracy:.3f}, macro-F1 {scores.macro_f1:.3f}, "
        f"top-3 {scores.top3:.3f}, ECE {scores.calibration_error:.3f}, "
        f"automatic {scores.coverage:.3f} at precision {precision}"
    )
