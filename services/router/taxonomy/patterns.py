"""The small language in which the tables of this folder say which texts they mean.

A phrase is words in order, each with or without `-nya`: `|` between words that do as well as each other, `*` for any
ending, `?` after a word that may be absent, `..` for up to five words of any kind. ` & ` joins phrases that must all
be found, in any order; ` ; ` joins patterns of which one is enough: `kabel .. putus & air|banjir ; setrum`.
Texts are normalised words, joined by spaces.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

Meaning = TypeVar("Meaning")

_GAP: Final = ".."
_ANYTHING: Final = r"(?: \S+){0,5}"
_SUFFIX: Final = "(?:nya|nye)?"
_TOKEN: Final = re.compile(r"[a-z<>]+\*?(?:\|[a-z<>]+\*?)*\??")


class PatternError(ValueError):
    """A pattern is not written in this module's language. The message says which and what is wrong."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Phrases that must all be found. A text without a word of each set of `needs` cannot match."""

    needs: tuple[frozenset[str], ...]
    phrases: tuple[re.Pattern[str], ...]

    def may_match(self, words: frozenset[str]) -> bool:
        """Whether a text of these words is worth reading."""
        return not any(words.isdisjoint(need) for need in self.needs)

    def found(self, text: str) -> str | None:
        """The pattern's own words as the text has them (never the words in its gaps); None when it does not match."""
        words: list[str] = []
        for phrase in self.phrases:
            match = phrase.search(text)
            if match is None:
                return None
            words.extend(word for word in match.groups() if word)
        return " ".join(words)

    def strike(self, text: str) -> str:
        """The text with every place where the (only) phrase is found made meaningless."""
        return self.phrases[0].sub("<>", text)


class Book(Generic[Meaning]):
    """Patterns and what each means, in order. A text is compared only with those whose words it has."""

    def __init__(self, entries: Sequence[tuple[Pattern, Meaning]]) -> None:
        self._entries = tuple(entries)
        self._numbers: dict[str, list[int]] = defaultdict(list)
        for number, (pattern, _) in enumerate(self._entries):
            for word in pattern.needs[0]:
                self._numbers[word].append(number)

    def candidates(self, words: frozenset[str]) -> list[tuple[Pattern, Meaning]]:
        """The entries that may match a text of these words, in order."""
        numbers = {number for word in words & self._numbers.keys() for number in self._numbers[word]}
        entries = (self._entries[number] for number in sorted(numbers))
        return [entry for entry in entries if entry[0].may_match(words)]

    def matches(self, words: frozenset[str], text: str) -> Iterator[tuple[str, Meaning]]:
        """The words found and the meaning of each matching entry, in order."""
        for pattern, meaning in self.candidates(words):
            found = pattern.found(text)
            if found is not None:
                yield found, meaning


def alternatives(written: str) -> list[Pattern]:
    """The patterns of one cell, none for an empty one. Raises `PatternError`."""
    return [compile_pattern(one) for one in written.split(" ; ")] if written else []


def compile_pattern(written: str) -> Pattern:
    """One pattern, without ` ; `. Raises `PatternError`."""
    phrases = [phrase.split() for phrase in written.split(" & ")]
    tokens = [token for phrase in phrases for token in phrase if token != _GAP]
    for token in tokens:
        if not _TOKEN.fullmatch(token):
            raise PatternError(f"{written!r}: cannot read {token!r}")
    sure = [token for token in tokens if not token.endswith("?") and "*" not in token]
    if not sure or any(phrase[0] == _GAP or phrase[0].endswith("?") for phrase in phrases):
        raise PatternError(f"{written!r}: a phrase begins with a word, and one word of the pattern has no * and no ?")
    needs = (
        frozenset(word + ending for word in token.split("|") for ending in ("", "nya", "nye"))
        for token in sorted(sure, key=lambda token: token.count("|"))
    )
    return Pattern(tuple(needs), tuple(re.compile(_phrase(phrase)) for phrase in phrases))


def _phrase(tokens: Sequence[str]) -> str:
    parts = [_ANYTHING if token == _GAP else _word(token, first=not index) for index, token in enumerate(tokens)]
    return rf"(?<!\S){''.join(parts)}(?!\S)"


def _word(token: str, *, first: bool) -> str:
    words = f"({token.rstrip('?').replace('*', '[a-z]*')}){_SUFFIX}"
    spaced = words if first else f" {words}"
    return f"(?:{spaced})?" if token.endswith("?") else spaced
