"""A large market as a network: member's share -> interest -> host and week -> host. What flows through it is the bound.

Kept whole in the network: one exchange an interest, members' caps, places by host and week (an exchange takes at least
one), visits a host takes. The budget is priced in. Delegations, longer stays and reciprocity are left to the choice
itself (`ledger.py`); leaving them out can only raise the bound.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

from services.matching.domain.candidates import Field, bits
from services.matching.domain.market import Market

Ints = NDArray[np.int64]
ROUNDS = 400
"""Passes over the arcs to find prices; where they do not suffice, the bound is only weaker."""


@dataclass(frozen=True, slots=True)
class Arcs:
    """The candidates as columns of numbers, in the market's order."""

    pair: Ints
    seeker: Ints
    host: Ints
    week: Ints
    cost: Ints
    slot: Ints
    first: Ints
    """By interest: its first arc; one more at the end."""


def arcs_of(market: Market, field: Field, pairs: list[int]) -> Arcs:
    rows = [(place, field.pairs[place], week) for place in pairs for week in bits(field.pairs[place].starts)]
    pair = np.array([place for place, _, _ in rows], dtype=np.int64)
    seeker = np.array([one.seeker for _, one, _ in rows], dtype=np.int64)
    host = np.array([one.host for _, one, _ in rows], dtype=np.int64)
    week = np.array([week for _, _, week in rows], dtype=np.int64)
    cost = np.array([one.cost for _, one, _ in rows], dtype=np.int64)
    _, slot = np.unique(host * 4096 + week, return_inverse=True)
    first = np.searchsorted(seeker, np.arange(len(market.seekers) + 1))
    return Arcs(pair, seeker, host, week, cost, slot.astype(np.int64), first)


@dataclass(frozen=True, slots=True)
class Prices:
    """What a unit of each thing that is short is worth; any prices give a bound."""

    share: Ints
    slot: Ints
    host: Ints
    least: int
    """What one exchange less would save, where a number of them is asked for."""


class Network:
    def __init__(self, market: Market, field: Field, arcs: Arcs) -> None:
        self.arcs, seekers = arcs, len(market.seekers)
        members = sorted({one.member for one in market.seekers})
        place = {member: at for at, member in enumerate(members)}
        self.member = np.array([place[one.member] for one in market.seekers], dtype=np.int64)
        caps = [market.cap_left(one) for one in members]
        self.share = np.array([seekers if cap is None else min(cap, seekers) for cap in caps], dtype=np.int64)
        slots = int(arcs.slot.max()) + 1
        self.slot_host, self.places = np.zeros(slots, dtype=np.int64), np.zeros(slots, dtype=np.int64)
        self.slot_host[arcs.slot] = arcs.host
        _, shown = np.unique(arcs.slot, return_index=True)
        for at in shown.tolist():
            week = field.calendar.week(int(arcs.week[at]))
            self.places[arcs.slot[at]] = market.hosts[int(arcs.host[at])].free[week]
        most = [seekers if one.most is None else one.most for one in market.hosts]
        self.most = np.array(most, dtype=np.int64)
        self._seekers = seekers
        self._seeker0 = 1 + len(members)
        self._slot0 = self._seeker0 + seekers

    def flow(self, keep: Ints, profit: Ints, least: int) -> tuple[Ints, Prices] | None:
        """The most profitable choice among the arcs kept, of at least `least` exchanges, and the prices it leaves."""
        shut = np.bincount(self.arcs.slot[keep], minlength=len(self.places)) > self.places
        slots = np.flatnonzero(shut)  # where all who may come find a place, weeks are left out
        tail, head, room = self._edges(keep, least, shut, slots)
        cost = np.zeros(len(tail), dtype=np.int64)
        begin = len(self.share) + self._seekers
        cost[begin : begin + len(keep)] = -profit[keep]
        solver: Any = min_cost_flow.SimpleMinCostFlow()
        edges = solver.add_arcs_with_capacity_and_unit_cost(tail, head, room, cost)
        end = self._slot0 + len(self.most) + len(slots)
        solver.set_nodes_supplies(np.array([0, end]), np.array([self._seekers, -self._seekers]))
        if solver.solve() != solver.OPTIMAL:
            return None
        flows = solver.flows(edges)
        chosen = keep[flows[begin : begin + len(keep)] > 0]
        return chosen, self._prices(self._potentials(tail, head, cost, room, flows), slots)

    def bound(self, prices: Prices, profit: Ints, least: int) -> tuple[int, Ints]:
        """What no choice of at least `least` exchanges exceeds; and by how much each arc beats its prices."""
        gain = profit + prices.least - prices.share[self.member[self.arcs.seeker]]
        gain -= prices.slot[self.arcs.slot] + prices.host[self.arcs.host]
        best = np.zeros(self._seekers, dtype=np.int64)
        np.maximum.at(best, self.arcs.seeker, gain)
        held = int(prices.share @ self.share) + int(prices.slot @ self.places) + int(prices.host @ self.most)
        return int(best.sum()) + held - prices.least * least, gain

    def _edges(self, keep: Ints, least: int, shut: NDArray[np.bool_], slots: Ints) -> tuple[Ints, Ints, Ints]:
        members, many = len(self.share), len(slots)
        hosts = self._slot0 + np.arange(len(self.most))
        weeks = self._slot0 + len(self.most) + np.arange(many)
        place = np.zeros(len(self.places), dtype=np.int64)
        place[slots] = weeks
        seeker = self._seeker0 + np.arange(self._seekers)
        end = self._slot0 + len(self.most) + many
        slot = self.arcs.slot[keep]
        once = np.ones(self._seekers + len(keep), dtype=np.int64)
        tail = [_few(*[0] * members), 1 + self.member, seeker[self.arcs.seeker[keep]], weeks, hosts, _few(0)]
        into = np.where(shut[slot], place[slot], hosts[self.arcs.host[keep]])
        last = np.full(len(self.most), end)
        head = [1 + np.arange(members), seeker, into, hosts[self.slot_host[slots]], last, _few(end)]
        room = [self.share, once, self.places[slots], self.most, _few(self._seekers - least)]
        return np.concatenate(tail), np.concatenate(head), np.concatenate(room)

    def _potentials(self, tail: Ints, head: Ints, cost: Ints, room: Ints, flows: Ints) -> Ints:
        """Shortest ways in what the flow leaves open."""
        ahead, back = flows < room, flows > 0
        start = np.concatenate([tail[ahead], head[back]])
        stop = np.concatenate([head[ahead], tail[back]])
        way = np.concatenate([cost[ahead], -cost[back]])
        far = np.zeros(int(head.max()) + 1, dtype=np.int64)
        for _ in range(ROUNDS):
            nearer = far.copy()
            np.minimum.at(nearer, stop, far[start] + way)
            if np.array_equal(nearer, far):
                break
            far = nearer
        return far

    def _prices(self, far: Ints, slots: Ints) -> Prices:
        share = np.maximum(0, far[1 : self._seeker0] - far[0])
        weeks = self._slot0 + len(self.most)
        host, last = far[self._slot0 : weeks], far[-1]
        slot = np.zeros(len(self.places), dtype=np.int64)
        slot[slots] = np.maximum(0, host[self.slot_host[slots]] - far[weeks:-1])
        return Prices(share, slot, np.maximum(0, last - host), max(0, int(last - far[0])))


def _few(*values: int) -> Ints:
    return np.array(values, dtype=np.int64)
