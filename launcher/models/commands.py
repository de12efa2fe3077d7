"""`laksa train` and `laksa model list | promote | activate | rollback | shadow`."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from launcher.database import Dsn, dsn_of, in_transaction
from launcher.paths import Paths
from services.router.model.artifact import ModelError, load_manifest
from services.router.store import ModelStore, RouterStore
from services.router.succession import Registered, Succession
from shared.errors import LaksaError
from shared.postgres import Connection

T = TypeVar("T")

app = typer.Typer(
    help="Models in turn: which decides, which is asked as well. Running routers follow within two seconds.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ModelFile = Annotated[
    Path | None,
    typer.Option("--model", envvar="LAKSA_MODEL_FILE", help="The model that routers are started with."),
]
Folder = Annotated[
    Path | None,
    typer.Option("--models", envvar="LAKSA_MODELS_FOLDER", help="The models folder; where that model is if absent."),
]
Version = Annotated[str, typer.Argument(help="A version that `laksa model list` shows.")]


def train(
    out: Annotated[Path | None, typer.Option("--out", help="Where to write the model; its manifest beside it.")] = None,
    data: Annotated[
        list[Path] | None, typer.Option("--data", help="CSV with columns text,department; may be repeated.")
    ] = None,
    authored: Annotated[bool, typer.Option(help="Include the project's own corpus.")] = True,
    precision: Annotated[
        float | None, typer.Option(min=0.5, max=0.999, help="How often an automatic decision is to be right.")
    ] = None,
    city: Annotated[str, typer.Option(help="Whose topic table the corpus is read by.")] = "tangerang",
    report: Annotated[
        bool, typer.Option("--report", help="Compare settings; print this, the calibration and the thresholds.")
    ] = False,
    corrections: Annotated[
        bool, typer.Option("--corrections", help="Learn from corrections too, and judge the model by the newest.")
    ] = False,
    model: ModelFile = None,
    models: Folder = None,
    dsn: Dsn = None,
    as_json: AsJson = False,
) -> None:
    """Train a model on the project's own corpus, a city's labelled complaints, people's corrections, or all."""
    from services.router.training.commands import train as train_plainly

    if corrections == (out is not None):
        raise typer.BadParameter("name a file; with --corrections the model goes to the models folder instead",
                                 param_hint="--out")  # fmt: skip
    if out is not None:
        train_plainly(
            out=out, data=data, authored=authored, precision=precision, city=city, report=report, as_json=as_json
        )
        return
    shipped = _shipped(model)
    _train_challenger(dsn_of(dsn), shipped, models or shipped.parent, tuple(data or ()), authored, as_json)


def _train_challenger(
    dsn: str, shipped: Path, folder: Path, data: tuple[Path, ...], authored: bool, as_json: bool
) -> None:
    from services.router.challenger import MOST_LABELS, Ingredients, train_challenger
    from services.router.model.classifier import Classifier
    from services.router.taxonomy.tables import DEFAULT_CITY
    from services.router.training.dataset import DatasetError

    labels, active = asyncio.run(in_transaction(dsn, lambda c: _labels_and_active(c, MOST_LABELS), read_only=True))
    try:
        champion = Classifier.load(folder / active.file_name if active else shipped, city=DEFAULT_CITY)
        made = train_challenger(labels, champion, folder, DEFAULT_CITY, Ingredients(data, authored))
    except (ModelError, DatasetError, OSError) as error:
        raise LaksaError(str(error)) from error
    asyncio.run(in_transaction(dsn, lambda connection: ModelStore(connection).register(made.entry, asdict(made.gate))))
    if as_json:
        typer.echo(json.dumps({"version": made.entry.version, "passed": made.gate.passed, "gate": asdict(made.gate)}))
        return
    typer.echo(f"{made.entry.version} is a candidate in {folder}")
    for line in _gate_lines(asdict(made.gate)):
        typer.echo(line)


async def _labels_and_active(connection: Connection, limit: int) -> tuple[list[Any], Registered | None]:
    models = await Succession(connection).models()
    return await RouterStore(connection).labels(limit), next((m for m in models if m.status == "active"), None)


@app.command("list")
def list_models(model: ModelFile = None, dsn: Dsn = None, as_json: AsJson = False) -> None:
    """Show every registered model, its turn and what the gate said."""
    models = _with_succession(dsn, lambda succession: succession.models())
    shipped = _shipped_version(model)
    decides = next((m.version for m in models if m.status == "active"), shipped)
    if as_json:
        shown = {"decides": decides, "shipped": shipped, "models": [asdict(one) for one in models]}
        typer.echo(json.dumps(shown, default=str, indent=2))
        return
    typer.echo(f"{decides} decides; routers are started with {shipped}")
    for line in _model_lines(models):
        typer.echo(line)


@app.command()
def promote(
    version: Annotated[str | None, typer.Argument(help="The challenger; the newest if absent.")] = None,
    model: ModelFile = None,
    dsn: Dsn = None,
    as_json: AsJson = False,
) -> None:
    """Let a challenger decide that passed the gate against the model that decides now."""
    shipped = _shipped_version(model)
    _say_decides(_with_succession(dsn, lambda succession: succession.promote(version, shipped)), as_json)


@app.command()
def activate(
    version: Version,
    without_gate: Annotated[bool, typer.Option("--without-gate", help="Even if it did not pass the gate.")] = False,
    dsn: Dsn = None,
    as_json: AsJson = False,
) -> None:
    """Let a model decide that passed the gate, or decided before."""
    _with_succession(dsn, lambda succession: succession.activate(version, without_gate=without_gate))
    _say_decides(version, as_json)


@app.command()
def rollback(model: ModelFile = None, dsn: Dsn = None, as_json: AsJson = False) -> None:
    """Let the model before the present one decide again."""
    before = _with_succession(dsn, lambda succession: succession.roll_back())
    _say_decides(before or _shipped_version(model), as_json)


@app.command()
def shadow(
    version: Annotated[str | None, typer.Argument(help="A version that `laksa model list` shows.")] = None,
    off: Annotated[bool, typer.Option("--off", help="Ask no model beside the one that decides.")] = False,
    dsn: Dsn = None,
    as_json: AsJson = False,
) -> None:
    """Ask a model as well, without acting on what it says."""
    if off == (version is not None):
        raise typer.BadParameter("name a version, or --off", param_hint="VERSION")
    _with_succession(dsn, lambda succession: succession.shadow(version))
    typer.echo(json.dumps({"shadow": version}) if as_json else f"the shadow model is {version or 'no more'}")


def _with_succession(dsn: str | None, work: Callable[[Succession], Awaitable[T]]) -> T:
    return asyncio.run(in_transaction(dsn_of(dsn), lambda connection: work(Succession(connection))))


def _shipped(model: Path | None) -> Path:
    return model or Paths.of_project().default_model


def _shipped_version(model: Path | None) -> str:
    try:
        return load_manifest(_shipped(model)).model_version
    except ModelError as error:
        raise LaksaError(str(error)) from error


def _say_decides(version: str, as_json: bool) -> None:
    typer.echo(json.dumps({"decides": version}) if as_json else f"{version} decides from now on")


def _model_lines(models: list[Registered]) -> Iterator[str]:
    for one in models:
        yield f"{one.status:9} {one.version}  registered {one.registered_at:%Y-%m-%d %H:%M}  {one.file_name}"
        yield from (f"          {line}" for line in _gate_lines(one.gate) if one.gate)


def _gate_lines(gate: Any) -> Iterator[str]:
    if not gate:
        return
    yield f"judged against {gate['champion_version']}: {'passed' if not gate['refusals'] else 'refused'}"
    for name, score in (("corrections", gate["corrections"]), ("all labels", gate["every_label"])):
        yield f"{name}: right on {score['challenger']} of {score['labels']}, the champion on {score['champion']}"
    yield from gate["refusals"]
