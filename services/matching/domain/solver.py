"""The choice over all candidates of a call at once, each level proven before the next is asked.

Levels: most exchanges; then most members that send somebody; then hosts wished for; then, among what is equal, the
earliest weeks and the interests filed first. The same market in any order gives the same answer: it is sorted, the
search is seeded and single-threaded, and its limit counts work, not seconds.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from ortools.sat.python import cp_model

from services.matching.domain.market import Candidate, Market, candidates_of
from services.matching.domain.reasons import Reasons, explain
from services.matching.domain.solution import Level, Match, Reached, Solution, wish_points
from services.matching.week import stay

EFFORT = 20.0
"""Deterministic time that each level may take; about as many seconds on a slow core."""


def solve(market: Market, effort: float = EFFORT) -> Solution:
    """The best choice for this market; within the effort, or the best found with its bound."""
    market = market.sorted()
    field = candidates_of(market)
    model = _Model(market, field.candidates)
    levels = tuple(model.reach(level, effort) for level in Level)
    chosen = tuple(one for one, taken in zip(field.candidates, model.taken, strict=True) if taken)
    reasons = explain(market, field, chosen)
    return Solution(
        levels=levels,
        matches=tuple(_match(market, one, reasons) for one in chosen),
        unmatched=reasons.unmatched,
        interests=len(market.seekers),
        offers=len(market.hosts),
        candidates=len(field.candidates),
    )


class _Model:
    """The market as constraints; `reach` maximises one level and holds it for the next."""

    def __init__(self, market: Market, candidates: tuple[Candidate, ...]) -> None:
        self.market, self.candidates = market, candidates
        self.model = cp_model.CpModel()
        self.chosen = [self.model.new_bool_var("") for _ in candidates]
        self.taken = [False] * len(candidates)
        self.members = self._members()
        self._once_an_interest()
        self._within_places()
        self._objectives: dict[Level, Callable[[], Any]] = {
            Level.EXCHANGES: lambda: sum(self.chosen),
            Level.MEMBERS: lambda: sum(self.members.values()),
            Level.WISHES: lambda: self._weighed(self._points()),
            Level.ORDER: lambda: self._weighed(self._order()),
        }

    def reach(self, level: Level, effort: float) -> Reached:
        if not self.candidates:
            return Reached(level, 0, 0, True)
        objective = self._objectives[level]()
        if isinstance(objective, int):  # nothing varies: no wish was made, every member is served already
            return Reached(level, objective, objective, True)
        if self._value(level) == self._most(level):  # it cannot be better: proven without a search
            return self._held(objective, Reached(level, self._most(level), self._most(level), True))
        self.model.maximize(objective)
        self._start_from_last()
        solver = _solver(effort)
        status = solver.solve(self.model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):  # the effort ended before the start was confirmed
            return self._held(objective, Reached(level, self._value(level), self._most(level), False))
        self.taken = [bool(solver.value(one)) for one in self.chosen]
        value, bound = round(solver.objective_value), round(solver.best_objective_bound)
        return self._held(objective, Reached(level, value, bound, status == cp_model.OPTIMAL))

    def _held(self, objective: Any, reached: Reached) -> Reached:
        self.model.add(objective >= reached.value)
        return reached

    def _start_from_last(self) -> None:
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        for one, taken in zip(self.chosen, self.taken, strict=True):
            self.model.add_hint(one, taken)

    def _members(self) -> dict[str, Any]:
        """Per member not served yet: whether one of its candidates is chosen."""
        sends: dict[str, list[Any]] = defaultdict(list)
        for one, chosen in zip(self.candidates, self.chosen, strict=True):
            member = self.market.seekers[one.seeker].member
            if member not in self.market.served:
                sends[member].append(chosen)
        found = {}
        for member, choices in sorted(sends.items()):
            found[member] = self.model.new_bool_var("")
            self.model.add(sum(choices) >= found[member])
        return found

    def _once_an_interest(self) -> None:
        of_one: dict[int, list[Any]] = defaultdict(list)
        for one, chosen in zip(self.candidates, self.chosen, strict=True):
            of_one[one.seeker].append(chosen)
        for choices in of_one.values():
            self.model.add_at_most_one(choices)

    def _within_places(self) -> None:
        load: dict[tuple[int, str], list[Any]] = defaultdict(list)
        for one, chosen in zip(self.candidates, self.chosen, strict=True):
            seeker = self.market.seekers[one.seeker]
            for week in stay(one.week, seeker.duration):
                load[one.host, week].append(seeker.officials * chosen)
        for (host, week), officials in load.items():
            self.model.add(sum(officials) <= self.market.hosts[host].free[week])

    def _weighed(self, weights: Iterable[int]) -> Any:
        return sum(weight * chosen for weight, chosen in zip(weights, self.chosen, strict=True) if weight)

    def _points(self) -> list[int]:
        market = self.market
        return [
            wish_points(market.seekers[one.seeker].wishes, market.hosts[one.host].member) for one in self.candidates
        ]

    def _order(self) -> list[int]:
        """An earlier interest outweighs nothing but a tie: one step a week, a fraction of it a place in the queue."""
        weeks = sorted({one.week for one in self.candidates})
        place = {week: len(weeks) - number for number, week in enumerate(weeks)}
        queue = len(self.market.seekers)
        return [place[one.week] * (queue + 1) + queue - one.seeker for one in self.candidates]

    def _most(self, level: Level) -> int:
        """What the level would be worth if no interest stood in another's way."""
        if level is Level.MEMBERS:
            return len(self.members)
        weights = {Level.EXCHANGES: self._ones, Level.WISHES: self._points, Level.ORDER: self._order}[level]()
        best: dict[int, int] = {}
        for one, weight in zip(self.candidates, weights, strict=True):
            best[one.seeker] = max(best.get(one.seeker, 0), weight)
        return sum(best.values())

    def _ones(self) -> list[int]:
        return [1] * len(self.candidates)

    def _value(self, level: Level) -> int:
        """What the level is worth as the choice stands."""
        taken = [one for one, is_taken in zip(self.candidates, self.taken, strict=True) if is_taken]
        if level is Level.EXCHANGES:
            return len(taken)
        if level is Level.MEMBERS:
            return len({self.market.seekers[one.seeker].member for one in taken} - set(self.market.served))
        weights = self._points() if level is Level.WISHES else self._order()
        return sum(weight for weight, is_taken in zip(weights, self.taken, strict=True) if is_taken)


def _solver(effort: float) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 7
    solver.parameters.max_deterministic_time = effort
    # These instances hold no symmetry worth finding; without the search for it they are solved in half the time.
    solver.parameters.symmetry_level = 0
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.max_presolve_iterations = 1
    return solver


def _match(market: Market, one: Candidate, reasons: Reasons) -> Match:
    seeker, host = market.seekers[one.seeker], market.hosts[one.host]
    why = reasons.matched[seeker.id]
    return Match(
        interest=seeker.id,
        offer=host.id,
        sender=seeker.member,
        host=host.member,
        focus=seeker.focus,
        week=one.week,
        duration=seeker.duration,
        officials=seeker.officials,
        language=why.language,
        why=why,
    )
