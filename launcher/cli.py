"""The console script `laksa`: one command, one call. Exit code 0 done, 1 failed, 2 wrong usage.

A command of a few lines stands here and imports what it needs inside, so that `laksa --help` and `laksa status` answer
at once. A longer one is a Typer function in a module of its own, named in `ELSEWHERE`.
"""

import json
import logging
from enum import StrEnum
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from launcher.lazy import LazyCommand
from shared.errors import LaksaError

ELSEWHERE = (
    LazyCommand("demo", "launcher.demo.commands:demo", "Start, post complaints, show them arrive, count."),
    LazyCommand("send", "launcher.demo.commands:send", "Post complaints to the intake topic."),
    LazyCommand("watch", "launcher.demo.commands:watch", "Show complaints as they come through."),
    LazyCommand("calendar", "launcher.calendar.commands:app", "Look at and change working time."),
    LazyCommand("reconcile", "launcher.reconcile.commands:reconcile", "Prove that intake, router and desk agree."),
    LazyCommand("figures", "launcher.figures:figures", "Show who keeps the promises, open tickets counted."),
    LazyCommand("docs", "launcher.docs:docs", "Write the generated documents anew (for developers)."),
    LazyCommand("train", "launcher.models.commands:train", "Train a model on labelled complaints and corrections."),
    LazyCommand("model", "launcher.models.commands:app", "Show models and choose which of them decides."),
    LazyCommand("evaluate", "services.router.training.commands:evaluate", "Score a model on labelled complaints."),
    LazyCommand("classify", "services.router.training.commands:classify", "Classify the texts of a CSV file."),
)


class ServiceName(StrEnum):
    """What `laksa run` takes."""

    INTAKE = "intake"
    ROUTER = "router"
    DESK = "desk"
    NOTIFIER = "notifier"


class Commands(TyperGroup):
    """All commands, near and far. An error that was meant for the user is told in words and ends with 1."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *(str(command.name) for command in ELSEWHERE)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        far = {command.name: command for command in ELSEWHERE}
        return far.get(cmd_name) or super().get_command(ctx, cmd_name)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except LaksaError as error:
            typer.secho(str(error), err=True, fg=typer.colors.RED)
            raise typer.Exit(1) from error


app = typer.Typer(
    cls=Commands,
    help="LAKSA on this machine: start it, look at it, talk to it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def configure() -> None:
    """Every command."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")


@app.command()
def setup() -> None:
    """Bring what is missing: Kafka's jars, Postgres, the default model."""
    from launcher.paths import Paths
    from launcher.setup import set_up

    set_up(Paths.of_project(), typer.echo)


@app.command()
def up(
    foreground: Annotated[bool, typer.Option("--foreground", help="Stay here; Ctrl-C stops everything.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start the whole system on this machine and return when everything serves."""
    from launcher.lifecycle import up as bring_up
    from launcher.paths import Paths
    from launcher.setup import set_up

    paths = Paths.of_project()
    say = _nothing if as_json else typer.echo
    set_up(paths, say)
    if foreground:
        from launcher.supervisor import supervise

        logging.getLogger("launcher").setLevel(logging.INFO)
        supervise(paths)
    else:
        _show(bring_up(paths, say), as_json)


@app.command()
def down() -> None:
    """Stop the system and return when nothing of it runs. Data are kept."""
    from launcher.lifecycle import down as bring_down
    from launcher.paths import Paths

    typer.echo("stopped" if bring_down(Paths.of_project()) else "nothing was running")


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show every part with its address, process and state."""
    from launcher.control import NotRunningError, ask
    from launcher.paths import Paths

    try:
        answer = ask(Paths.of_project().control, "status")
    except NotRunningError:
        typer.echo(json.dumps({"phase": "stopped"}) if as_json else "not running: start it with `laksa up`")
        raise typer.Exit(1) from None
    _show(answer, as_json)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Look at what the system needs on this machine and say what to do about what is missing."""
    from dataclasses import asdict

    from launcher.doctor import examine_machine
    from launcher.paths import Paths

    findings = examine_machine(Paths.of_project())
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            typer.echo(finding.line)
    if any(finding.needed and not finding.well for finding in findings):
        raise typer.Exit(1)


@app.command()
def run(service: Annotated[ServiceName, typer.Argument()]) -> None:
    """Run one service in this process, with its settings from LAKSA_* variables."""
    from launcher.run import run_service

    raise typer.Exit(run_service(service.value))


@app.command()
def migrate(
    dsn: Annotated[str, typer.Option(envvar="LAKSA_POSTGRES_DSN", help="The database.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Bring a database up to date and print the migrations that were applied now."""
    import asyncio

    from launcher.migrate import migrate as apply_missing

    applied = asyncio.run(apply_missing(dsn))
    typer.echo(json.dumps(applied) if as_json else "\n".join(applied) or "up to date")


def _show(answer: dict[str, Any], as_json: bool) -> None:
    from launcher.summary import as_lines

    for line in [json.dumps(answer, indent=2)] if as_json else as_lines(answer):
        typer.echo(line)


def _nothing(_: str) -> None:
    """Progress is not for those who read JSON."""


if __name__ == "__main__":
    app()
