"""Texts with two owners: which other department has a problem of its own in the text.

A department supports when the whole text makes it likely enough, and one clause, read alone, is clearly its problem.
The first alone would name the second guess of every unclear text.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

LIKELY: Final = 0.25
"""Probability that a supporting department has from the whole text."""
CLEAR: Final = 0.9
"""Probability that it has from one clause."""
MOST: Final = 2
_CLAUSE_WORDS: Final = 3
_BOUNDARY: Final = re.compile(
    r"[.;!?\n]+\s*|,\s+|\b(?:dan|juga|serta|selain itu|sementara|pun|lalu|terus|tetapi|tapi)\b", re.IGNORECASE
)

Probabilities = Callable[[Sequence[str]], NDArray[np.float64]]


def clauses(text: str) -> list[str]:
    """The parts of a text that may each be a problem of their own; none if it has only one."""
    parts = [part for part in _BOUNDARY.split(text) if len(part.split()) >= _CLAUSE_WORDS]
    return parts if len(parts) > 1 else []


def supporting(
    texts: Sequence[str], probabilities: NDArray[np.float64], read: Probabilities, but: Sequence[int]
) -> list[tuple[int, ...]]:
    """Columns of supporting departments of each text, likeliest first, at most two.

    `probabilities` are of the whole texts, `read` gives those of clauses; columns of `but` never support.
    """
    likely = probabilities >= LIKELY
    likely[np.arange(len(texts)), probabilities.argmax(axis=1)] = False
    likely[:, list(but)] = False
    several = np.flatnonzero(likely.any(axis=1)).tolist()
    parts = [(number, part) for number in several for part in clauses(texts[number])]
    clear = np.zeros_like(likely)
    if parts:
        alone = read([part for _, part in parts])
        best = alone.argmax(axis=1)
        sure = alone.max(axis=1) >= CLEAR
        clear[np.array([number for number, _ in parts])[sure], best[sure]] = True
    chosen = likely & clear
    found: list[tuple[int, ...]] = [()] * len(texts)
    for row in np.flatnonzero(chosen.any(axis=1)).tolist():
        order = np.argsort(-probabilities[row], kind="stable").tolist()
        found[row] = tuple(column for column in order if chosen[row, column])[:MOST]
    return found
