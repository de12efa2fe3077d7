"""What tables of rules say of a text: its class, an emergency, a sensitive report, a body outside the city.

Rules see normalised words only and know nothing of the model. How patterns are written: `patterns.py`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from services.router.taxonomy.patterns import Book, Pattern, PatternError, alternatives
from services.router.taxonomy.tables import TaxonomyError, rows_of

ComplaintClass = Literal["complaint", "information", "aspiration"]

CLASSES: Final[tuple[ComplaintClass, ...]] = ("complaint", "information", "aspiration")


@dataclass(frozen=True, slots=True)
class Emergency:
    """A life may be at risk now. `topic` is the topic it has, `trigger` the words of the text that say so."""

    kind: str
    topic: str
    trigger: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What the rules say of one text. `urgent`: dangerous, though no life is at risk now."""

    complaint_class: ComplaintClass
    emergency: Emergency | None
    urgent: bool
    sensitive: bool
    responsible_body: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: what it is called, its topic if it has one, and the patterns that forbid it."""

    name: str
    topic: str
    unless: tuple[Pattern, ...]

    def allowed(self, text: str) -> bool:
        """Whether none of the forbidding patterns is found."""
        return all(pattern.found(text) is None for pattern in self.unless)


@dataclass(frozen=True, slots=True)
class EmergencyRules:
    """Triggers, read after `harmless` phrases were struck; `never` forbids all of them, unless `now` is found."""

    triggers: Book[Row]
    harmless: Book[Row]
    never: Book[Row]
    now: Book[Row]

    def find(self, words: frozenset[str], text: str) -> Emergency | None:
        """The first trigger that holds."""
        candidates = self.triggers.candidates(words)
        if not candidates:
            return None
        for pattern, _ in self.harmless.candidates(words):
            text = pattern.strike(text)
        for pattern, row in candidates:
            trigger = pattern.found(text)
            if trigger is not None and row.allowed(text):
                return None if self._not_now(words, text) else Emergency(row.name, row.topic, trigger)
        return None

    def _not_now(self, words: frozenset[str], text: str) -> bool:
        forbidden = any(row.allowed(text) for _, row in self.never.matches(words, text))
        return forbidden and next(self.now.matches(words, text), None) is None


@dataclass(frozen=True, slots=True)
class ClassRules:
    """Cue phrases in order of precedence: the first that is found decides, `complaint` when none is.

    Only those that begin with a word of the text are looked for.
    """

    rules: tuple[tuple[re.Pattern[str], ComplaintClass], ...]
    numbers: Mapping[str, tuple[int, ...]]

    def classify(self, words: frozenset[str], text: str) -> ComplaintClass:
        """The class of a text given as its normalised words, and as one string of them."""
        numbers = {number for word in words & self.numbers.keys() for number in self.numbers[word]}
        for number in sorted(numbers):
            pattern, complaint_class = self.rules[number]
            if pattern.search(text):
                return complaint_class
        return "complaint"


@dataclass(frozen=True, slots=True)
class Rules:
    """All tables together."""

    classes: ClassRules
    emergencies: EmergencyRules
    urgent: Book[Row]
    sensitive: Book[Row]
    sensitive_topics: frozenset[str]
    bodies: Book[Row]

    def read(self, document: Sequence[str]) -> Findings:
        """What the tables say of a text, given as its normalised words."""
        words, text = frozenset(document), " ".join(document)
        sensitive = _first(self.sensitive, words, text) is not None
        return Findings(
            complaint_class=self.classes.classify(words, text),
            emergency=self.emergencies.find(words, text),
            urgent=sensitive or _first(self.urgent, words, text) is not None,
            sensitive=sensitive,
            responsible_body=_first(self.bodies, words, text),
        )


def _first(book: Book[Row], words: frozenset[str], text: str) -> str | None:
    return next((row.name for _, row in book.matches(words, text) if row.allowed(text)), None)


def load_rules_of_texts() -> Rules:
    """The tables of this folder. Raises `TaxonomyError`."""
    emergencies, sensitive = rows_of("emergencies.csv"), rows_of("sensitive.csv")
    asides = ("now", "never", "harmless", "high")
    now, never, harmless, high = (_book("emergencies.csv", emergencies, _named(kind)) for kind in asides)
    triggers = _book("emergencies.csv", emergencies, lambda row: row["kind"] not in asides)
    return Rules(
        classes=load_class_rules(),
        emergencies=EmergencyRules(triggers, harmless, never, now),
        urgent=high,
        sensitive=_book("sensitive.csv", sensitive, lambda row: row["pattern"] != ""),
        sensitive_topics=frozenset(row["topic"] for row in sensitive if row["topic"]),
        bodies=_book("bodies.csv", rows_of("bodies.csv"), name="body"),
    )


def load_class_rules() -> ClassRules:
    """The cue phrases, lowest precedence number first."""
    rows = sorted(rows_of("classes.csv"), key=lambda row: int(row["precedence"]))
    numbers: dict[str, tuple[int, ...]] = {}
    for number, row in enumerate(rows):
        for word in row["first"].split():
            numbers[word] = (*numbers.get(word, ()), number)
    return ClassRules(tuple((re.compile(row["pattern"]), _complaint_class(row["class"])) for row in rows), numbers)


def _named(kind: str) -> Callable[[Mapping[str, str]], bool]:
    return lambda row: row["kind"] == kind


def _book(
    table: str,
    rows: Sequence[Mapping[str, str]],
    chosen: Callable[[Mapping[str, str]], bool] = lambda row: True,
    *,
    name: str = "kind",
) -> Book[Row]:
    entries: list[tuple[Pattern, Row]] = []
    for row in filter(chosen, rows):
        try:
            meaning = Row(row[name], row.get("topic", ""), tuple(alternatives(row["unless"])))
            entries.extend((pattern, meaning) for pattern in alternatives(row["pattern"]))
        except PatternError as error:
            raise TaxonomyError(f"{table}: {error}") from error
    return Book(entries)


def _complaint_class(name: str) -> ComplaintClass:
    if name not in CLASSES:
        raise TaxonomyError(f"classes.csv: {name!r} is no class")
    return name
