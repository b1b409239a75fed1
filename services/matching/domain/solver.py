"""The choice over all candidates of a call at once, each level proven before the next.

The same market in any order gives the same answer: it is sorted, the search is seeded and single-threaded, and its
limit counts work, not seconds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.matching.domain.candidates import candidates_of
from services.matching.domain.greedy import greedy
from services.matching.domain.market import Aim, Market
from services.matching.domain.program import Program
from services.matching.domain.relaxation import SCALE, Bound, Goal, Held, Relaxation, ruled_out
from services.matching.domain.search import Search
from services.matching.domain.solution import Reached, Solution, put_together, reached

EFFORT = 20.0
"""Deterministic time that each search may take; about as many seconds on a slow core."""
LARGE = 60_000
"""Candidates from which on a market is solved as a network: near the best in seconds, instead of proven in hours."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a solve is: `step` of `steps` levels are done, and `found` is the number of exchanges chosen so far."""

    step: int
    steps: int
    found: int


Told = Callable[[Progress], None]


def solve(market: Market, effort: float | None = None, told: Told | None = None) -> Solution:
    """The best choice for this market; within the effort, or the best found with its bound.

    The effort is the call's (`Terms.effort`, else `EFFORT`) where none is given; `told` hears how far it is.
    """
    market = market.sorted()
    effort = effort or market.terms.effort or EFFORT
    field = candidates_of(market)
    if field.size > LARGE:
        from services.matching.domain.large import solve_large  # with it comes a library that small markets do without

        return solve_large(market, field)
    program = Program(market, field)
    levels, chosen = Levels(program, effort, told=told).climb()
    return put_together(program, levels, chosen)


@dataclass(frozen=True, slots=True)
class _Step:
    """A level as the relaxation sees it: what it can be worth at most, and what is left of the columns then."""

    goal: Goal
    bound: Bound
    held: Held
    low: list[int]
    high: list[int]


class Levels:
    """The levels of a program, one after the other.

    The relaxation's bounds are reached at nearly every level, and what they rule out leaves little to search. So all
    levels are bounded first and one search looks for a choice that reaches every bound: it is proven by them. Where
    there is none, the first level that cannot reach its bound is searched for its best, and the rest goes on from it.
    """

    def __init__(
        self,
        program: Program,
        effort: float,
        aims: Sequence[Aim] | None = None,
        begin: Sequence[int] = (),
        told: Told | None = None,
    ) -> None:
        """`aims`: the first of them only; `begin`: a choice that keeps every rule, to begin with."""
        self._told = told
        self._program, self._effort = program, effort
        self._aims = program.levels() if aims is None else aims
        self._goals = [Goal.of(program.objective(aim)) for aim in self._aims]
        self._low, self._high = [0] * len(program.upper), list(program.upper)
        self._held: list[Held] = []
        self._chosen = list(begin)
        self._reached: list[Reached] = []

    def climb(self) -> tuple[tuple[Reached, ...], list[int]]:
        """What each level came to, and the chosen candidates."""
        if not self._program.candidates:
            return tuple(reached(self._program, aim, [], 0) for aim in self._aims), []
        while len(self._reached) < len(self._aims):
            steps = self._bounded()
            if not self._reached and not self._chosen:
                self._chosen = greedy(self._program, _liked(steps))
            self._tell()
            done = self._together(steps)
            for step in steps[:done]:
                self._keep(step, step.held.least)
            if done < len(steps):
                self._best(steps[done])
        return tuple(self._reached), self._chosen

    def _bounded(self) -> list[_Step]:
        relaxation = Relaxation(self._program, self._low, self._high, self._held)
        steps: list[_Step] = []
        for goal in self._goals[len(self._reached) :]:
            bound = relaxation.bound(goal)
            held = Held(goal, goal.at_most(bound.scaled))
            relaxation.rule_out(bound, held.least)
            relaxation.hold(held)
            steps.append(_Step(goal, bound, held, list(relaxation.low), list(relaxation.high)))
        return steps

    def _together(self, steps: list[_Step]) -> int:
        """How many of the steps one choice reaches at once; it becomes the chosen one."""
        if self._reaches(steps):
            return len(steps)
        reached, failed = 0, len(steps)
        while failed - reached > 1:
            tried = (reached + failed) // 2
            if self._reaches(steps[:tried]):
                reached = tried
            else:
                failed = tried
        return reached

    def _reaches(self, steps: list[_Step]) -> bool:
        if all(self._worth(step.goal) >= step.held.least for step in steps):
            return True
        held = [*self._held, *(step.held for step in steps)]
        search = Search(self._program, steps[-1].low, steps[-1].high, held)
        found = search.reach(self._effort / 4, self._chosen)
        if found.chosen is None:
            return False
        self._chosen = found.chosen
        return True

    def _best(self, step: _Step) -> None:
        """The level cannot be had at its bound together with those before: the best of it.

        It is looked for near the bound first, where few columns are left; where there is nothing, farther away.
        """
        goal, most, away = step.goal, step.held.least, step.goal.step
        while self._worth(goal) < most:
            least = max(most - away, self._worth(goal))
            low, high = ruled_out(step.bound, least, self._low, self._high)
            search = Search(self._program, low, high, [*self._held, Held(goal, least)])
            found = search.best(goal, most, self._effort, self._chosen)
            if found.chosen is not None and self._worth(goal, found.chosen) >= self._worth(goal):
                self._chosen = found.chosen
            if found.impossible:
                most, away = max(self._worth(goal), least - goal.step), away * 8
                continue
            most = most if found.bound is None else min(most, goal.at_most(found.bound * SCALE))
            break
        self._keep(step, most)

    def _keep(self, step: _Step, bound: int) -> None:
        value = self._worth(step.goal)
        self._held.append(Held(step.goal, value))
        self._low, self._high = ruled_out(step.bound, value, self._low, self._high)
        self._reached.append(reached(self._program, self._aims[len(self._reached)], self._chosen, max(value, bound)))
        self._tell()

    def _tell(self) -> None:
        if self._told is not None:
            self._told(Progress(len(self._reached), len(self._aims), len(self._chosen)))

    def _worth(self, goal: Goal, chosen: list[int] | None = None) -> int:
        values = self._program.whole(self._chosen if chosen is None else chosen)
        return sum(value * values[column] for column, value in goal.terms.items())


def _liked(steps: list[_Step]) -> list[float]:
    """How much of each column the relaxation takes, over all levels."""
    return [sum(shares) for shares in zip(*(step.bound.shares for step in steps), strict=True)]
