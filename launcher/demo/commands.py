"""`laksa send`, `laksa watch` and `laksa demo`."""

import asyncio
import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from launcher.control import NotRunningError, ask
from launcher.demo.demonstration import Summary, demonstrate
from launcher.demo.posting import Acknowledged, connected, post
from launcher.demo.samples import Posting, from_file, sample_complaints
from launcher.demo.watch import watch as watch_complaints
from launcher.errors import LauncherError
from launcher.lifecycle import down, up
from launcher.paths import Paths
from launcher.setup import set_up
from launcher.simulation.run import simulate
from shared.errors import LaksaError

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Seed = Annotated[int, typer.Option(help="Which texts and people, and in which order.")]


def send(
    count: Annotated[int, typer.Option(min=1, help="How many of the sample complaints.")] = 1,
    file: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Complaints of your own: JSON lines, or a CSV with `text`."),
    ] = None,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Post complaints to the intake topic as the app does."""
    postings = from_file(file) if file else list(sample_complaints(count, seed))
    acknowledged = asyncio.run(_send(_bootstrap(), postings))
    if as_json:
        typer.echo(json.dumps({"acknowledged": [record.posting.complaint_id for record in acknowledged]}))
    else:
        typer.echo(f"Kafka acknowledged {len(acknowledged)} of {len(postings)} complaints")


async def _send(bootstrap: str, postings: list[Posting]) -> list[Acknowledged]:
    async with connected(bootstrap) as producer:
        return await post(producer, postings)


def watch(
    count: Annotated[int | None, typer.Option(min=1, help="Stop after so many.")] = None, as_json: AsJson = False
) -> None:
    """Show complaints as they come through, until Ctrl-C."""
    asyncio.run(watch_complaints(_bootstrap(), count=count, as_json=as_json))


def demo(
    count: Annotated[int, typer.Option(min=1, help="How many complaints.")] = 300,
    seed: Seed = 1,
    days: Annotated[
        int | None, typer.Option(min=1, max=90, help="Simulate so many days of the city, business time running fast.")
    ] = None,
    first: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="With --days: the first; by default before holidays.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="With --days: although there are other tickets.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start everything that is not running, post complaints, show them arrive, and make the counts meet."""
    paths, console = Paths.of_project(), Console(quiet=as_json)
    already_running = _is_running(paths)
    try:
        set_up(paths, console.print)
        status = up(paths, console.print)
        if days:
            _simulate(status, console, as_json, days=days, first=first.date() if first else None, seed=seed, yes=yes)
            return
        summary = asyncio.run(demonstrate(status, console, count=count, seed=seed))
    except BaseException:
        if not already_running:
            down(paths)
        raise
    _show(summary, status, console, as_json)
    if differences := summary.differences():
        raise LaksaError("The counts do not meet: " + "; ".join(differences))


def _simulate(status: dict[str, Any], console: Console, as_json: bool, **choices: Any) -> None:
    month = asyncio.run(simulate(status, tell=console.print, **choices))
    typer.echo(json.dumps(month.as_facts(), default=str) if as_json else "\n".join(month.as_lines()))
    if not month.agrees:
        raise LaksaError("The books of the month do not agree.")


def _is_running(paths: Paths) -> bool:
    try:
        ask(paths.control, "status")
    except NotRunningError:
        return False
    return True


def _bootstrap() -> str:
    """The broker of the running system."""
    try:
        status = ask(Paths.of_project().control, "status")
    except NotRunningError:
        raise LauncherError("LAKSA is not running.", remedy="start it with `laksa up`") from None
    return str(status["kafka"]["bootstrap"])


def _show(summary: Summary, status: dict[str, Any], console: Console, as_json: bool) -> None:
    urls = {name: service["url"] for name, service in status["services"].items()}
    urls |= {name: status[name]["url"] for name in ("prometheus", "alertmanager") if status[name]["url"]}
    if as_json:
        typer.echo(json.dumps({"summary": asdict(summary), "differences": summary.differences(), "urls": urls}))
        return
    console.print(_table(summary))
    for name, url in urls.items():
        console.print(f"  {name:<13}{url}", highlight=False)
    console.print("The system keeps running. `make down` stops it, `.venv/bin/laksa watch` looks on.", highlight=False)


def _table(summary: Summary) -> Table:
    table = Table(title="What became of every record", show_header=False, title_justify="left")
    table.add_column(justify="right")
    table.add_column()
    dead = ", ".join(f"{reason} {count}" for reason, count in summary.dead_letters.items())
    for figure, meaning in (
        (summary.posted, "records acknowledged by Kafka"),
        (summary.registered, "registered: numbered, masked, stored"),
        (summary.repeats, "repeats of one that stands (intake's counter)"),
        (sum(summary.dead_letters.values()), f"dead letters: {dead}"),
        (summary.routed, f"routed: {summary.automatic} automatically, {summary.in_review} to a person"),
        (summary.opened, "tickets opened, each with three deadlines"),
        (summary.told, "reporters told their number"),
    ):
        table.add_row(str(figure), meaning)
    verdict = "every record is accounted for" if not summary.differences() else "THE COUNTS DO NOT MEET"
    times = f"posted to opened: p50 {summary.opened_p50_seconds} s, p99 {summary.opened_p99_seconds} s"
    table.add_row("", f"{verdict}; {times}; {summary.seconds} s in all")
    return table
