"""A large market without whole numbers: what everything that is short is worth, and so what no choice can exceed.

PDLP suggests prices from the arcs it is shown. The bound is worked out from them in whole numbers over all arcs, so
that a coarse suggestion makes it weaker, never wrong. Every rule is in it but groups; leaving those out can only raise
it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import linear_solver_pb2
from ortools.pdlp import solvers_pb2
from ortools.pdlp.python import pdlp

from services.matching.domain.candidates import Field
from services.matching.domain.market import Market
from services.matching.domain.network import Arcs, Ints

Reals = NDArray[np.float64]
FINE = 1 << 36
"""What the best arc is worth in whole numbers."""
EXACT = 1e-4
"""How near to its best the linear program is solved, as a fraction."""
PASSES = 2_000
"""Passes over its rows after which it ends as it is."""
LIFTS = [2.0**power for power in range(10)]
"""By how much prices of the level before are raised to begin a level with."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A level before: what the choice must have of it at least."""

    worth: Ints
    least: int


@dataclass(frozen=True, slots=True)
class Bounded:
    most: int
    """No choice is worth more."""
    gain: Ints
    """How much each arc beats its prices."""
    money: float
    """What one of the budget's currency is worth."""


class Linear:
    def __init__(self, market: Market, field: Field, arcs: Arcs) -> None:
        self._arcs, self._seekers = arcs, len(market.seekers)
        self._officials = np.array([one.officials for one in market.seekers], dtype=np.int64)
        self._coefficients: list[tuple[Ints, Ints, Ints]] = []
        """Blocks of rows: arcs, their rows, and how much they take."""
        self._limits: list[Ints] = []
        self._rows = 0
        every = np.arange(len(arcs.pair))
        once = np.ones(len(every), dtype=np.int64)
        self._block(every, arcs.seeker, once, np.ones(self._seekers, dtype=np.int64))
        self._block(*self._weeks(market, field))
        most = [self._seekers if one.most is None else one.most for one in market.hosts]
        self._block(every, arcs.host, once, np.array(most, dtype=np.int64))
        members = sorted({one.member for one in market.seekers})
        place = {member: at for at, member in enumerate(members)}
        of_member = np.array([place[one.member] for one in market.seekers], dtype=np.int64)
        caps = [market.cap_left(one) for one in members]
        share = np.array([self._seekers if one is None else one for one in caps], dtype=np.int64)
        self._block(every, of_member[arcs.seeker], once, share)
        self._budget = self._rows
        if market.budget_left is not None:
            self._block(every, np.zeros_like(every), arcs.cost, np.array([max(0, market.budget_left)]))
        self._reciprocity(market)
        self._limit = np.concatenate(self._limits)
        self._take = tuple(np.concatenate(one) for one in zip(*self._coefficients, strict=True))
        self._primal: Reals = np.zeros(len(every) + self._organisations)
        self._dual: Reals = np.zeros(self._rows + 8)

    def bound(self, keep: Ints, worth: Ints, held: list[Kept]) -> Bounded:
        """Prices from the arcs in `keep`, and what they say about all."""
        step = int(np.gcd.reduce(worth)) or 1
        self._solve(keep, worth / step / _best(worth // step), held)
        return self._bounded(self._dual, worth, held)

    def begin(self, worth: Ints, held: list[Kept]) -> Bounded:
        """A level's prices from those of the level before it, which it has to keep; the next `bound` starts there.

        Where a level is kept at its best, nearly all that can be had goes into keeping it: its prices, lifted.
        """
        before = self._dual.copy()
        found: tuple[int, Reals] | None = None
        lifts, around = LIFTS, 2**0.5
        for _ in range(4):
            for lift in lifts:
                dual = before * lift
                dual[self._rows :] = 0
                dual[self._rows + len(held) - 1] = lift
                most = self._bounded(dual, worth, held).most
                if found is None or most < found[0]:
                    found, middle = (most, dual), lift
            lifts, around = [middle / around, middle * around], around**0.5
        assert found is not None
        self._dual = found[1]
        return self._bounded(self._dual, worth, held)

    def _bounded(self, dual: Reals, worth: Ints, held: list[Kept]) -> Bounded:
        step = int(np.gcd.reduce(worth)) or 1
        steps, best = worth // step, _best(worth // step)
        scale = max(1, FINE // best)
        prices = np.rint(np.maximum(0.0, dual) * best * scale).astype(np.int64)
        prices[: self._seekers] = 0  # whatever an arc gains beyond the other prices is its interest's
        gain = steps * scale
        arc, row, factor = self._take
        gain -= np.bincount(arc, prices[row] * factor, len(gain)).astype(np.int64)
        total = int(prices[: self._rows] @ self._limit)
        for at, one in enumerate(held):
            price = int(prices[self._rows + at]) // _best(one.worth)
            gain += price * one.worth
            total -= price * one.least
        sends = np.zeros(self._organisations, dtype=np.int64)
        np.add.at(sends, self._asking, prices[self._first_asked : self._first_asked + len(self._asking)])
        sends -= prices[self._first_sending : self._first_sending + self._organisations]
        total += int(np.maximum(0, sends).sum())
        of_seeker = np.zeros(self._seekers, dtype=np.int64)
        np.maximum.at(of_seeker, self._arcs.seeker, gain)
        money = float(prices[self._budget]) / scale * step if self._priced else 0.0
        return Bounded((total + int(of_seeker.sum())) // scale * step, gain, money)

    @property
    def share(self) -> Reals:
        """How much of each arc the linear program takes."""
        return self._primal[: len(self._arcs.pair)]

    def _block(self, arc: Ints, row: Ints, factor: Ints, limit: Ints) -> None:
        self._coefficients.append((arc, row + self._rows, factor))
        self._limits.append(limit)
        self._rows += len(limit)

    def _weeks(self, market: Market, field: Field) -> tuple[Ints, Ints, Ints, Ints]:
        """Arcs and the places they take, host by host and week by week of the stay."""
        arcs = self._arcs
        durations = np.array([one.duration for one in market.seekers], dtype=np.int64)[arcs.seeker]
        parts = [np.flatnonzero(durations > by) for by in range(int(durations.max()))]
        arc = np.concatenate(parts)
        week = np.concatenate([arcs.week[part] + by for by, part in enumerate(parts)])
        named, slot = np.unique(arcs.host[arc] * 4096 + week, return_inverse=True)
        host, bit = (named // 4096).tolist(), (named % 4096).tolist()
        weeks = {one: field.calendar.week(one) for one in set(bit)}
        places = [market.hosts[at].free[weeks[one]] for at, one in zip(host, bit, strict=True)]
        return arc, slot.astype(np.int64), self._officials[arcs.seeker[arc]], np.array(places, dtype=np.int64)

    def _reciprocity(self, market: Market) -> None:
        """An organisation sends, or none of its hosts that ask for it hosts: one helper each, and a row an interest."""
        standing = {one.organisation for one in market.held}
        asks = [one.hosts_for if one.only_if_sends and one.hosts_for not in standing else "" for one in market.hosts]
        place = {name: at for at, name in enumerate(sorted({one for one in asks if one}))}
        self._organisations = len(place)
        asked = np.array([place.get(one, -1) for one in asks], dtype=np.int64)[self._arcs.host]
        sends = np.array([place.get(one.sends_for, -1) for one in market.seekers], dtype=np.int64)[self._arcs.seeker]
        sending, asking = np.flatnonzero(sends >= 0), np.flatnonzero(asked >= 0)
        self._first_sending = self._rows
        none = np.zeros(self._organisations, dtype=np.int64)
        self._block(sending, sends[sending], -np.ones(len(sending), dtype=np.int64), none)
        named, row = np.unique(asked[asking] * self._seekers + self._arcs.seeker[asking], return_inverse=True)
        self._first_asked = self._rows
        self._asking = named // self._seekers
        one = np.ones(len(asking), dtype=np.int64)
        self._block(asking, row.astype(np.int64), one, np.zeros(len(named), dtype=np.int64))

    @property
    def _priced(self) -> bool:
        return self._first_sending > self._budget

    def _solve(self, keep: Ints, objective: Reals, held: list[Kept]) -> None:
        place = np.full(len(self._arcs.pair), -1, dtype=np.int64)
        place[keep] = np.arange(len(keep))
        arc, row, factor = self._take
        inside = place[arc] >= 0
        columns, rows, factors = [place[arc[inside]]], [row[inside]], [factor[inside].astype(np.float64)]
        helpers = len(keep) + np.arange(self._organisations)
        columns += [helpers, len(keep) + self._asking]
        rows += [self._first_sending + np.arange(self._organisations), self._first_asked + np.arange(len(self._asking))]
        factors += [np.ones(self._organisations), -np.ones(len(self._asking))]
        limit = np.concatenate([self._limit.astype(np.float64), np.zeros(len(held))])
        for at, one in enumerate(held):
            unit = _best(one.worth)
            worth = one.worth[keep] / unit
            some = np.flatnonzero(worth)
            columns.append(some)
            rows.append(np.full(len(some), self._rows + at))
            factors.append(-worth[some])
            limit[self._rows + at] = -one.least / unit
        column, at_row = np.concatenate(columns), np.concatenate(rows)
        value = np.concatenate(factors)
        highest = np.zeros(self._rows + len(held))
        np.add.at(highest, at_row, np.maximum(0.0, value))
        # What can never bind is left out, and rows of no arc with them.
        binding = highest > limit
        binding[self._rows :] = True
        asks = np.zeros(self._rows + len(held), dtype=bool)
        asks[at_row[column < len(keep)]] = True
        asks[self._first_sending : self._first_sending + self._organisations] = True
        stays = (binding & asks)[at_row]
        column, at_row, value = column[stays], at_row[stays], value[stays]
        order = np.argsort(at_row, kind="stable")
        column, at_row, value = column[order], at_row[order], value[order]
        shown, begins = np.unique(at_row, return_index=True)
        if not len(shown):  # nothing is short, and so nothing has a price
            self._primal[:] = 0
            self._dual[:] = 0
            return
        model = _columns(objective[keep], self._organisations)
        _add_rows(model, column, value, begins, limit[shown])
        start = pdlp.PrimalAndDualSolution()
        start.primal_solution = np.concatenate([self._primal[keep], self._primal[len(self._arcs.pair) :]])
        start.dual_solution = -self._dual[shown]
        program = pdlp.qp_from_mpmodel_proto(model, relax_integer_variables=False)
        found: Any = pdlp.primal_dual_hybrid_gradient(program, _parameters(), start)
        self._primal[:] = 0
        self._primal[keep] = found.primal_solution[: len(keep)]
        self._primal[len(self._arcs.pair) :] = found.primal_solution[len(keep) :]
        self._dual[:] = 0
        self._dual[shown] = np.maximum(0.0, -found.dual_solution)


def _best(worth: Ints) -> int:
    return max(1, int(np.abs(worth).max()))


def _columns(objective: Reals, helpers: int) -> Any:
    model = linear_solver_pb2.MPModelProto()
    for worth in (-objective).tolist():
        model.variable.add(lower_bound=0.0, upper_bound=1.0, objective_coefficient=worth)
    for _ in range(helpers):
        model.variable.add(lower_bound=0.0, upper_bound=1.0)
    return model


def _add_rows(model: Any, column: Ints, value: Reals, begins: Ints, limit: Reals) -> None:
    """A row begins where `begins` says."""
    columns, values = column.tolist(), value.tolist()
    ends = [*begins.tolist()[1:], len(columns)]
    for begin, end, most in zip(begins.tolist(), ends, limit.tolist(), strict=True):
        model.constraint.add(var_index=columns[begin:end], coefficient=values[begin:end], upper_bound=most)


def _parameters() -> Any:
    """One thread and counted passes: the same program gives the same prices."""
    parameters = solvers_pb2.PrimalDualHybridGradientParams()
    parameters.num_threads = 1
    ends = parameters.termination_criteria
    ends.simple_optimality_criteria.eps_optimal_relative = EXACT
    ends.simple_optimality_criteria.eps_optimal_absolute = EXACT
    ends.kkt_matrix_pass_limit = PASSES
    return parameters
