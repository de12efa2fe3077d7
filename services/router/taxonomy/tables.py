"""Reads the tables of this folder into frozen types.

A re-organisation is a row with `valid_to` and a new row with `valid_from`; no code and no model changes.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

DEFAULT_CITY: Final = "tangerang"


class TaxonomyError(Exception):
    """A table of the taxonomy is wrong, or does not have what was asked for."""


class UnknownCity(TaxonomyError):
    """There is no topic table for this city."""


@dataclass(frozen=True, slots=True)
class Department:
    """`code` as in every event; `name` in Indonesian."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class TopicRule:
    """`topic` belongs to `department` from `valid_from` until `valid_to` (both days included; None: without end)."""

    topic: str
    department: str
    valid_from: date
    valid_to: date | None

    def holds_on(self, day: date) -> bool:
        """Whether the rule is in force on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class TopicTable:
    """One city's topics on one day."""

    city: str
    day: date
    department_of: Mapping[str, str]


def cities() -> tuple[str, ...]:
    """The cities that have a topic table."""
    return tuple(sorted(entry.name[:-4] for entry in _folder("cities").iterdir() if entry.name.endswith(".csv")))


def territories() -> tuple[str, ...]:
    """The cities whose kecamatan and kelurahan have a table."""
    return tuple(city for city in cities() if (_folder("territory") / f"{city}.csv").is_file())


def load_departments() -> tuple[Department, ...]:
    """All departments, by code."""
    rows = _rows(_folder("departments.csv"))
    return tuple(sorted((Department(row["department"], row["name"]) for row in rows), key=lambda one: one.code))


def load_rules(city: str) -> tuple[TopicRule, ...]:
    """Every rule of a city's table, past and future ones too. Raises `UnknownCity`."""
    if city not in cities():
        raise UnknownCity(f"no topic table for {city!r}; there are: {', '.join(cities())}")
    return tuple(_topic_rule(row) for row in _rows(_folder("cities") / f"{city}.csv"))


def load_topics(city: str, day: date) -> TopicTable:
    """The rules of `city` in force on `day`. Raises `UnknownCity`, and `TaxonomyError` when two rules overlap."""
    department_of: dict[str, str] = {}
    for rule in load_rules(city):
        if rule.holds_on(day) and department_of.setdefault(rule.topic, rule.department) != rule.department:
            raise TaxonomyError(f"{city}: two departments for {rule.topic!r} on {day.isoformat()}")
    return TopicTable(city, day, department_of)


def load_keywords() -> tuple[tuple[str, str], ...]:
    """(topic, key phrase) pairs: what citizens call the thing, from which training learns as from short texts."""
    return tuple((row["topic"], row["phrase"]) for row in _rows(_folder("keywords.csv")))


def load_abbreviations() -> dict[str, str]:
    """Abbreviation or slang word -> the words it stands for."""
    return {row["word"]: row["meaning"] for row in _rows(_folder("abbreviations.csv"))}


def load_courtesy() -> frozenset[str]:
    """Words of greeting, asking and filling in: whatever their number, they do not say what the matter is."""
    return frozenset(row["word"] for row in _rows(_folder("courtesy.csv")))


def rows_of(table: str) -> tuple[dict[str, str], ...]:
    """The rows of a CSV of this folder, by column."""
    return tuple(_rows(_folder(table)))


def _folder(name: str) -> Traversable:
    return files("services.router.taxonomy") / name


def _rows(table: Traversable) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"), newline=""))


def _topic_rule(row: Mapping[str, str]) -> TopicRule:
    end = date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
    return TopicRule(row["topic"], row["department"], date.fromisoformat(row["valid_from"]), end)
