"""Whole choices by CP-SAT: one that reaches what is asked, or the best there is within the effort."""

from dataclasses import dataclass
from typing import Any

from ortools.sat.python import cp_model

from services.matching.domain.program import Program, Row
from services.matching.domain.relaxation import Goal, Held


@dataclass(frozen=True, slots=True)
class Found:
    chosen: list[int] | None
    """The chosen candidates; none where the effort ended, or nothing can reach what was asked."""
    impossible: bool = False
    bound: int | None = None
    """For `best`: no choice has more."""


class Search:
    """The program with its columns' bounds and what is held."""

    def __init__(self, program: Program, low: list[int], high: list[int], held: list[Held]) -> None:
        self._program = program
        self._model = cp_model.CpModel()
        self._low, self._free = low, {}
        for column, (a, b) in enumerate(zip(low, high, strict=True)):
            if a < b:
                self._free[column] = self._model.new_int_var(a, b, "")
        for columns in program.once:
            self._add(Row([(column, 1) for column in columns], 1))
        for row in program.rows:
            self._add(row)
        for one in held:
            self._add(Row([(column, -value) for column, value in one.goal.terms.items()], -one.least))

    def reach(self, effort: float, hint: list[int] | None) -> Found:
        """A choice within all that is held."""
        return self._solve(effort, hint)

    def best(self, goal: Goal, most: int, effort: float, hint: list[int] | None) -> Found:
        """The best choice for a goal that cannot be worth more than `most`."""
        fixed = sum(value * self._low[column] for column, value in goal.terms.items() if column not in self._free)
        terms = {column: value for column, value in goal.terms.items() if column in self._free}
        worth = cp_model.LinearExpr.weighted_sum([self._free[one] for one in terms], list(terms.values()))
        self._model.add(worth <= most - fixed)
        self._model.maximize(worth)
        found = self._solve(effort, hint)
        return Found(found.chosen, found.impossible, None if found.bound is None else min(most, found.bound + fixed))

    def _add(self, row: Row) -> None:
        most, columns, factors, highest = row.most, [], [], 0
        for column, factor in row.terms:
            free = self._free.get(column)
            if free is None:
                most -= factor * self._low[column]
            else:
                columns.append(free)
                factors.append(factor)
                highest += max(0, factor)
        if columns:
            if most == 1 and all(factor == 1 for factor in factors):
                if len(factors) > 1:
                    self._model.add(cp_model.LinearExpr.sum(columns) <= 1)
            elif min(factors) < 0 or highest > most:
                self._model.add(cp_model.LinearExpr.weighted_sum(columns, factors) <= most)
        elif most < 0:
            self._model.add_bool_or([])

    def _solve(self, effort: float, hint: list[int] | None) -> Found:
        if hint is not None:
            whole = self._program.whole(hint)
            for column, variable in self._free.items():
                self._model.add_hint(variable, whole[column])
        solver = _solver(effort)
        status = solver.solve(self._model)
        if status == cp_model.INFEASIBLE:
            return Found(None, impossible=True)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):  # the effort ended first, and what it bounds is unknown
            return Found(None)
        bound = round(solver.best_objective_bound) if self._model.has_objective() else None
        return Found(
            [column for column in range(len(self._program.candidates)) if self._value(solver, column)], bound=bound
        )

    def _value(self, solver: Any, column: int) -> int:
        free = self._free.get(column)
        return self._low[column] if free is None else int(solver.value(free))


def _solver(effort: float) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 7
    solver.parameters.max_deterministic_time = effort
    # Places, caps and budget are sums: with the linear relaxation in the search a real call is proven in seconds,
    # without it not in minutes. These instances hold no symmetry worth finding.
    solver.parameters.linearization_level = 2
    solver.parameters.symmetry_level = 0
    solver.parameters.cp_model_probing_level = 0
    return solver
