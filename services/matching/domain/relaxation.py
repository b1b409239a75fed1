"""What no choice can exceed: the program without whole numbers, and what its prices rule out.

The linear solver only suggests prices. The bound is worked out from them in whole numbers, so that rounding inside the
linear solver can make it weaker, never wrong: for any prices, no choice is worth more than what the rows' bounds cost
plus what each column gains beyond its price.
"""

from dataclasses import dataclass, field
from math import gcd
from typing import Any

from ortools.linear_solver import pywraplp

from services.matching.domain.program import Program

SCALE = 1 << 20
SLACK = 0.01
"""How much less than a held level the linear solver may use, in the level's steps: it works with rounded numbers."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A level's objective by column, and the step in which its values go."""

    terms: dict[int, int]
    step: int

    @classmethod
    def of(cls, terms: dict[int, int]) -> "Goal":
        return cls(terms, gcd(*terms.values()) or 1)

    def at_most(self, scaled: int) -> int:
        """The highest value the level can have under a bound (times SCALE)."""
        return scaled // (SCALE * self.step) * self.step


@dataclass(frozen=True, slots=True)
class Held:
    goal: Goal
    least: int


@dataclass(frozen=True, slots=True)
class Bound:
    scaled: int
    gains: list[int]
    """What each column gains beyond its price, times SCALE."""
    shares: list[float]
    """How much of each column the linear solver would take."""
    prices: list[int] = field(default_factory=list)
    """Of `once`, then of the rows, then of what is held; times SCALE, and for one step of the goal."""


class Relaxation:
    """The linear program with what is held and ruled out so far; `low` and `high` are the columns' bounds."""

    def __init__(self, program: Program, low: list[int], high: list[int], held: list[Held]) -> None:
        self._rows = [([(column, 1) for column in columns], 1) for columns in program.once]
        self._rows += [(row.terms, row.most) for row in program.rows]
        self.low, self.high = list(low), list(high)
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        infinity = self._solver.infinity()
        self._columns = [self._solver.NumVar(a, b, "") for a, b in zip(low, high, strict=True)]
        self._lines: list[Any] = []
        for terms, most in self._rows:
            line = self._solver.Constraint(-infinity, most)
            for column, factor in terms:
                line.SetCoefficient(self._columns[column], factor)
            self._lines.append(line)
        for one in held:
            self.hold(one)

    def hold(self, held: Held) -> None:
        """From now on a choice must reach at least this much."""
        step = held.goal.step
        line = self._solver.Constraint(-self._solver.infinity(), -held.least / step + SLACK)
        for column, value in held.goal.terms.items():
            line.SetCoefficient(self._columns[column], -value / step)
        self._lines.append(line)
        self._rows.append(
            ([(column, -(value // step)) for column, value in held.goal.terms.items()], -held.least // step)
        )

    def bound(self, goal: Goal) -> Bound:
        objective = self._solver.Objective()
        objective.Clear()
        objective.SetMaximization()
        for column, value in goal.terms.items():
            objective.SetCoefficient(self._columns[column], value / goal.step)
        solved = self._solver.Solve() in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE)
        prices = [max(0, round(line.dual_value() * SCALE)) if solved else 0 for line in self._lines]
        gains = [0] * len(self._columns)
        for column, value in goal.terms.items():
            gains[column] = value // goal.step * SCALE
        total = 0
        for price, (terms, most) in zip(prices, self._rows, strict=True):
            if price:
                total += price * most
                for column, factor in terms:
                    gains[column] -= price * factor
        for gain, low, high in zip(gains, self.low, self.high, strict=True):
            total += gain * (high if gain > 0 else low)
        shares = [one.solution_value() for one in self._columns] if solved else [0.0] * len(self._columns)
        return Bound(total * goal.step, [gain * goal.step for gain in gains], shares, prices)

    def rule_out(self, bound: Bound, least: int) -> None:
        """Fix every column that no choice worth at least `least` can have otherwise."""
        low, high = ruled_out(bound, least, self.low, self.high)
        for column, ends in enumerate(zip(low, high, strict=True)):
            if ends != (self.low[column], self.high[column]):
                self._columns[column].SetBounds(*ends)
        self.low, self.high = low, high


def ruled_out(bound: Bound, least: int, low: list[int], high: list[int]) -> tuple[list[int], list[int]]:
    """The columns' bounds in every choice that is worth at least `least`; they must lie within those of the bound."""
    low, high = list(low), list(high)
    spare = max(0, bound.scaled - least * SCALE)
    for column, gain in enumerate(bound.gains):
        if low[column] < high[column] and abs(gain) * (high[column] - low[column]) > spare:
            away = spare // abs(gain)
            if gain < 0:
                high[column] = low[column] + away
            else:
                low[column] = high[column] - away
    return low, high
