"""What a figure may come to: numbers drawn at random from a stated model, the same every time for the same figures.

Two models, both with numpy's generator (PCG64):

* `held`: of things that are due, each comes about with the probability that such things had so far. The probability
  is not known but drawn from its Beta posterior (Jeffreys' prior), so that little experience gives a wide interval.
* `paced`: what comes in goes on as it did: blocks of four consecutive weeks are drawn from the last year and put one
  after the other (the moving-block bootstrap of Künsch, 1989), so that busy weeks that follow each other stay together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS, SEED, BLOCK_WEEKS, FEWEST_WEEKS = 4_000, 20240101, 4, 8
LOW, HIGH = 10, 90
"""Percentiles: four times of five the outcome shall lie between."""
Draws = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Chance:
    """`due` things of a sort of which `came` of `of` came about so far."""

    due: int
    came: int
    of: int


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    middle: float
    high: float

    def holds(self, value: float) -> bool:
        return self.low - 1e-9 <= value <= self.high + 1e-9


def generator() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(SEED))


def held(chances: Sequence[Chance], random: np.random.Generator) -> Draws:
    """How many of what is due come about."""
    total = np.zeros(DRAWS)
    for one in chances:
        if one.due:
            chance = random.beta(one.came + 0.5, one.of - one.came + 0.5, DRAWS)
            total += random.binomial(one.due, chance)
    return total


def paced(weeks: Sequence[int], left: int, random: np.random.Generator) -> Draws | None:
    """What `left` more weeks bring after these; None where too few are known to tell."""
    if len(weeks) < FEWEST_WEEKS:
        return None
    if left <= 0:
        return np.zeros(DRAWS)
    known = np.asarray(weeks, dtype=np.float64)
    blocks = -(-left // BLOCK_WEEKS)
    first = random.integers(0, len(known) - BLOCK_WEEKS + 1, (DRAWS, blocks))
    drawn = known[first[:, :, None] + np.arange(BLOCK_WEEKS)]
    return np.asarray(drawn.reshape(DRAWS, -1)[:, :left].sum(axis=1))


def interval(draws: Draws) -> Interval:
    """The median, and between what four outcomes of five lie."""
    low, middle, high = np.percentile(draws, (LOW, 50, HIGH), method="inverted_cdf")
    return Interval(float(low), float(middle), float(high))
