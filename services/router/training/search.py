"""An honest, seeded comparison of settings: every candidate is judged on texts that it has not seen.

Authored texts are judged a whole voice at a time, a city's own a fifth at a time. The best figure of many is a little
flattering; the table is there to show how flat the top is, and the shipped settings are in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np

from services.router.training.evaluate import Scores
from services.router.training.fit import Settings, Sources, judge, prepare

CANDIDATES: Final = 6
RIDGES: Final = (1.0, 2.0, 4.0, 8.0)
KEYWORD_WEIGHTS: Final = (0.25, 0.5, 1.0)
BREADTHS: Final = (0.0, 0.35, 0.7)
COSTS: Final = (0.1, 0.2, 0.4)
BALANCES: Final = (0.2, 0.4, 0.7)
AUTHORED_WEIGHTS: Final = (0.3, 0.6)


@dataclass(frozen=True, slots=True)
class Tried:
    """Settings and what they reached out of fold; `shipped` marks those that training uses."""

    settings: Settings
    scores: Scores
    shipped: bool


def search(sources: Sources, shipped: Settings, *, seed: int, candidates: int = CANDIDATES) -> list[Tried]:
    """The shipped settings and `candidates` drawn ones, best macro-F1 first."""
    grid = [one for one in _grid(shipped, any(one.topic is None for one in sources.examples)) if one != shipped]
    drawn = np.random.default_rng(seed).permutation(len(grid))[:candidates]
    prepared = prepare(sources.examples, shipped)
    tried = [
        Tried(one, judge(prepared.weighed(one.keyword_weight), sources.table, one), one == shipped)
        for one in (shipped, *(grid[number] for number in drawn.tolist()))
    ]
    return sorted(tried, key=lambda one: -one.scores.macro_f1)


def _grid(shipped: Settings, local: bool) -> Iterator[Settings]:
    if local:
        for cost, balance, weight in product(COSTS, BALANCES, AUTHORED_WEIGHTS):
            yield replace(shipped, cost=cost, balance=balance, authored_weight=weight)
    else:
        for ridge, weight, breadth in product(RIDGES, KEYWORD_WEIGHTS, BREADTHS):
            yield replace(shipped, ridge=ridge, keyword_weight=weight, breadth=breadth)
