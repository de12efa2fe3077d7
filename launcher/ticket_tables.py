"""The desk's tables as pages: which moves there are, by whom and by time, and what is promised."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from services.desk.domain import RUNNING
from services.desk.lifecycle import MOVES, Move
from services.desk.timers import AUTOMATIC

_PROMISE = re.compile(
    r"\('(?P<complaint_class>\w+)',\s+'(?P<clock>acknowledge|respond|resolve)',\s+(?P<count>\d+) \* (?P<unit>\d+),\s+"
    r"'(?P<source>[^']*)',\s+'(?P<since>\d{4}-\d\d-\d\d)[^']*'(?:, '(?P<topic>[^']*)', '(?P<urgency>[^']*)')?\)"
)
_WINDOW = re.compile(
    r"\('(?P<name>\w+)',\s+(?P<count>\d+) \* (?P<unit>\d+),\s+(?P<working>true|false),\s+'(?P<source>[^']*)'\)"
)
_UNITS = {27_000: "working days", 3_600: "working hours", 86_400: "days"}


@dataclass(frozen=True, slots=True)
class Seed:
    """A row that the migrations put into a table, with its limit in seconds and in words."""

    key: tuple[str, ...]
    seconds: int
    words: str
    source: str


def _migrations() -> str:
    folder = files("services.desk").joinpath("migrations")
    return "\n".join(file.read_text("utf-8") for file in sorted(folder.iterdir(), key=lambda file: file.name))


def seeded_promises() -> list[Seed]:
    """The promises that a fresh database has; key: class, clock, topic, urgency, first day."""
    found = _PROMISE.finditer(_migrations())
    return [
        _seed((m["complaint_class"], m["clock"], m["topic"] or "*", m["urgency"] or "*", m["since"]), m) for m in found
    ]


def seeded_windows() -> list[Seed]:
    """The windows that a fresh database has; key: name, whether it is working time."""
    return [_seed((m["name"], m["working"]), m) for m in _WINDOW.finditer(_migrations())]


def _seed(key: tuple[str, ...], match: re.Match[str]) -> Seed:
    count, unit = int(match["count"]), int(match["unit"])
    words = f"{count} {_UNITS[unit]}" if count > 1 else f"1 {_UNITS[unit].removesuffix('s')}"
    return Seed(key, count * unit, words, match["source"])


def moves_page(note: str) -> str:
    """What people may ask for and what time does by itself."""
    return "\n".join(
        [
            f"<!-- {note} -->",
            "# Moves of a ticket",
            "",
            "Asked for by a command. An officer moves tickets of his own department only; supporting departments read.",
            "",
            "| command | by | from | to | told as | needs | what it does |",
            "|---|---|---|---|---|---|---|",
            *map(_move, MOVES.values()),
            "",
            "Made by time, with the actor `system`; the desk looks every second.",
            "",
            "| step | from | to | told as | when | reason |",
            "|---|---|---|---|---|---|",
            *_automatic(),
            "",
            "Clocks that run in each state, until they are met:",
            "",
            "| state | clocks |",
            "|---|---|",
            *(f"| {state} | {', '.join(clocks) or 'none'} |" for state, clocks in RUNNING.items()),
            "",
        ]
    )


def _move(move: Move) -> str:
    within = f"; within the window `{move.within}`" if move.within else ""
    return (
        f"| `{move.command}` | {', '.join(move.actors)} | {', '.join(move.sources)} | {move.target or 'stays'} "
        f"| `{move.event_type}` | {', '.join(move.needs)} | {(move.effect + within).removeprefix('; ')} |"
    )


def _automatic() -> Iterator[str]:
    for move in AUTOMATIC.values():
        yield (
            f"| {move.step} | {', '.join(move.sources)} | {move.target or 'stays'} | `{move.event_type}` "
            f"| {move.when} | {move.reason} |"
        )


def promises_page(note: str) -> str:
    """What a fresh database promises."""
    return "\n".join(
        [
            f"<!-- {note} -->",
            "# Promises",
            "",
            "What a fresh database promises; `desk.sla_policies` and `desk.windows` are the truth. `*` is any. The",
            "more particular promise stands above the more general one, the later above the earlier. The promise of",
            "the day of acceptance holds. A working day is 7 h 30 min of working time, also where work never rests.",
            "",
            "| class | clock | topic | urgency | limit | source | since |",
            "|---|---|---|---|---|---|---|",
            *(_promise_row(seed) for seed in seeded_promises()),
            "",
            "| window | length | source |",
            "|---|---|---|",
            *(f"| {seed.key[0]} | {seed.words} | {seed.source} |" for seed in seeded_windows()),
            "",
        ]
    )


def _promise_row(seed: Seed) -> str:
    complaint_class, clock, topic, urgency, since = seed.key
    return f"| {complaint_class} | {clock} | {topic} | {urgency} | {seed.words} | {seed.source} | {since} |"
