"""The best set of requests by CP-SAT. It runs in the solver's process: nothing of the service imports it.

The same problem in any order gives the same answer: it is sorted, the search is seeded and single-threaded, and its
limit counts work, not seconds. With the linear relaxation (`linearization_level=2`) 500 requests in four quarters come
within 0.3 % of the best in about 0.3 s of one core; the first answer stops there, the proof goes on.
"""

from typing import Any

from ortools.sat.python import cp_model

from .triage import Chosen, Problem, Proposal, Search, filled, fits, worth


def choose(search: Search) -> Proposal:
    """The best set that the effort finds, with the bound on every other; what still fits is always in it."""
    problem = search.problem
    items = sorted((item for item in problem.items if item.points), key=lambda one: one.id)
    if not items:
        return Proposal({}, 0, 0, True)
    known = dict(search.begin_with)
    begin = filled(problem, known if _still(problem, known) else {})
    model = _Model(problem, items, known)
    chosen, bound, proven = model.search(begin, search)
    best = max((begin, filled(problem, chosen)), key=lambda one: worth(problem, one))
    if not fits(problem, best):
        raise AssertionError("the solver proposed a set that does not fit")
    value = worth(problem, best)
    bound = max(value, bound if search.known_bound is None else min(bound, search.known_bound))
    return Proposal(dict(sorted(best.items())), value, bound, proven or value == bound)


def _still(problem: Problem, known: Chosen) -> bool:
    return set(known) <= {item.id for item in problem.items} and fits(problem, known)


class _Model:
    def __init__(self, problem: Problem, items: list[Any], near: Chosen) -> None:
        self.model = model = cp_model.CpModel()
        self.at = {(item.id, quarter): model.new_bool_var("") for item in items for quarter, _ in item.points}
        for item in items:
            model.add_at_most_one(self.at[item.id, quarter] for quarter, _ in item.points)
        self._resources(problem, items)
        self._caps(problem, items)
        # One more than all that can be gained by staying near: it breaks ties and never outweighs a point.
        self.scale = len(near) + 1
        terms = [
            (points * self.scale + (near.get(item.id) == quarter), self.at[item.id, quarter])
            for item in items
            for quarter, points in item.points
        ]
        self.firsts: dict[str, Any] = {}
        for member in sorted(problem.first & {item.member for item in items}):
            self.firsts[member] = reached = model.new_bool_var("")
            its = [self.at[one.id, quarter] for one in items if one.member == member for quarter, _ in one.points]
            model.add_bool_or([*its, reached.negated()])
            terms.append((problem.first_points * self.scale, reached))
        model.maximize(_sum(terms))

    def _resources(self, problem: Problem, items: list[Any]) -> None:
        for quarter, left in sorted(problem.free.items()):
            its = [item for item in items if quarter in dict(item.points)]
            for place, amount in enumerate(left):
                terms = [(item.cost[place], self.at[item.id, quarter]) for item in its if item.cost[place]]
                if amount is not None and terms:
                    self.model.add(_sum(terms) <= amount)

    def _caps(self, problem: Problem, items: list[Any]) -> None:
        for kind, cap in sorted(problem.caps.items()):
            self._at_most([item for item in items if item.kind == kind], cap)
        if problem.most_a_member is not None:
            for member in sorted({item.member for item in items}):
                self._at_most([item for item in items if item.member == member], problem.most_a_member)

    def _at_most(self, items: list[Any], cap: int) -> None:
        terms = [(1, self.at[item.id, quarter]) for item in items for quarter, _ in item.points]
        if terms:
            self.model.add(_sum(terms) <= cap)

    def search(self, begin: Chosen, search: Search) -> tuple[dict[str, str], int, bool]:
        members = {item.id: item.member for item in search.problem.items}
        for (item, quarter), column in self.at.items():
            self.model.add_hint(column, begin.get(item) == quarter)
        for member, column in self.firsts.items():
            self.model.add_hint(column, any(members[one] == member for one in begin))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.linearization_level = 2
        solver.parameters.cp_model_probing_level = 0  # these took half of the first answer's time, for nothing
        solver.parameters.symmetry_level = 0
        solver.parameters.max_presolve_iterations = 1
        solver.parameters.max_deterministic_time = search.effort
        solver.parameters.relative_gap_limit = search.near
        status = solver.solve(self.model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            points = sum(max(p for _q, p in item.points) for item in search.problem.items if item.points)
            return {}, points + search.problem.first_points * len(self.firsts), False
        chosen = {item: quarter for (item, quarter), column in self.at.items() if solver.boolean_value(column)}
        # The tie-break is below one point: whole points of the bound are what no set exceeds.
        bound = int(solver.best_objective_bound + 1e-6) // self.scale
        return chosen, bound, status == cp_model.OPTIMAL and search.near == 0


def _sum(terms: list[tuple[int, Any]]) -> Any:
    return cp_model.LinearExpr.weighted_sum([column for _factor, column in terms], [factor for factor, _ in terms])
