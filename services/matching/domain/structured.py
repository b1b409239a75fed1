"""Large markets: a network flow for each price of the budget, its bound over all candidates, and a choice made of it.

Only promising arcs enter a flow; arcs that beat its prices come in for the next one. The bound holds for all of them.
Everything counts rounds, not seconds: the same market gives the same answer.
"""

from dataclasses import dataclass

import numpy as np

from services.matching.domain.candidates import Candidate, Field
from services.matching.domain.candidates import worth as points
from services.matching.domain.ledger import Ledger
from services.matching.domain.linear import Bounded, Kept, Linear
from services.matching.domain.market import Aim, Level, Market
from services.matching.domain.money import Price
from services.matching.domain.network import Ints, Network, arcs_of

FINE = 1 << 22
"""About what the best arc is worth in a flow: whole prices are fine enough beside it."""
FIRST, MORE = 6, 3
"""Arcs of an interest in the first flow, and those that may come in after each."""
ROUNDS = 5
SHOWN = 1
"""Times that the linear program is shown more arcs."""
EVEN, SCATTER = 1 << 16, 100
"""Where money is not worth the same to all, it is worth up to a hundredth less."""
NEAR = 0.002
"""A flow that spends the budget but for this share is worth making a choice of."""
ENOUGH = 0.001
"""Where the gap is below this, a level is left."""

PLAIN = {
    Level.EXCHANGES, Level.KEPT, Level.OFFICIALS, Level.OPPORTUNITIES, Level.WISHES, Level.INSPECTIONS, Level.COST,
    Level.AGREED, Level.QUALITY, Level.LIKES,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Climbed:
    """The chosen candidates as (pair, week), and each level's bound as its objective has it."""

    chosen: list[tuple[int, int]]
    bounds: list[int | None]
    """None where a level is no plain sum: it is left as it comes out."""


class Structured:
    def __init__(self, market: Market, field: Field) -> None:
        self._market, self._field = market, field
        self._arcs = arcs_of(market, field, _reachable(market, field))
        self._chosen: list[int] = []
        self._held: list[Kept] = []
        """The levels before, and what the choice must keep of them."""
        if not len(self._arcs.pair):
            return
        self._network = Network(market, field, self._arcs)
        self._linear = Linear(market, field, self._arcs)
        self._ledger = Ledger(market, self._arcs, field.calendar)
        # In a network of single visitors for one week a flow leaves nobody out who could be pushed in.
        self._pushes = any(one.officials > 1 or one.duration > 1 for one in market.seekers)
        self._pushes |= any(one.only_if_sends for one in market.hosts)
        self._keep = np.zeros(0, dtype=np.int64)

    def climb(self, aims: list[Aim]) -> Climbed:
        bounds: list[int | None] = []
        least = 0
        for aim in aims:
            if not len(self._arcs.pair):
                bounds.append(0)
                continue
            if not set(aim.weights) <= PLAIN:
                bounds.append(None)
                continue
            worth = self._worth(aim)
            bounds.append(self._raise(worth, least))
            least = len(self._chosen)
            self._held.append(Kept(worth, self._value(worth)))
        arcs = [(int(self._arcs.pair[one]), int(self._arcs.week[one])) for one in self._chosen]
        return Climbed(arcs, bounds)

    def _worth(self, aim: Aim) -> Ints:
        total = np.zeros(len(self._arcs.pair), dtype=np.int64)
        for level, weight in aim.weights.items():
            total += weight * self._plain(level)
        return total

    def _plain(self, level: Level) -> Ints:
        arcs, market = self._arcs, self._market
        if level is Level.EXCHANGES:
            return np.ones(len(arcs.pair), dtype=np.int64)
        if level is Level.COST:
            return -arcs.cost
        if level in (Level.WISHES, Level.QUALITY, Level.LIKES):
            pairs = (Candidate(place, one.seeker, one.host, 0) for place, one in enumerate(self._field.pairs))
            return np.array([points(market, self._field, one, level) for one in pairs], dtype=np.int64)[arcs.pair]
        if level is Level.KEPT:
            return self._kept()
        of_seeker = {
            Level.OFFICIALS: [one.officials for one in market.seekers],
            Level.OPPORTUNITIES: [one.opportunities for one in market.seekers],
            Level.AGREED: [int(one.fixed) for one in market.seekers],
            Level.INSPECTIONS: [int(bool(one.inspection)) for one in market.seekers],
        }[level]
        values = np.array(of_seeker, dtype=np.int64)[arcs.seeker]
        if level is Level.INSPECTIONS:
            values *= np.array([int(bool(one.inspection)) for one in market.hosts], dtype=np.int64)[arcs.host]
        return values

    def _kept(self) -> Ints:
        host = {one.id: at for at, one in enumerate(self._market.hosts)}
        before = {}
        for place, one in enumerate(self._market.seekers):
            if one.before is not None and one.before[0] in host:
                before[place, host[one.before[0]], self._field.calendar.bit(one.before[1])] = 1
        arcs = zip(self._arcs.seeker.tolist(), self._arcs.host.tolist(), self._arcs.week.tolist(), strict=True)
        return np.array([before.get(one, 0) for one in arcs], dtype=np.int64)

    def _raise(self, worth: Ints, least: int) -> int:
        """Make the choice better on this level, keeping those before; the level's bound."""
        self._keep = np.union1d(self._keep, self._promising(worth))
        self._improve(worth, least)
        linear = self._linear_bound(worth)
        bound = linear.most
        if self._pushes or not self._held:
            self._rounded(worth, least, linear.gain)
        if not self._pushes and not self._near(bound, worth):
            bound = min(bound, self._flows(worth, least, linear.money, bound))
        return max(bound, self._value(worth))

    def _linear_bound(self, worth: Ints) -> Bounded:
        """Prices for the level, those of the level before it lifted, or of its own."""
        begun = self._held and self._linear.begin(worth, self._held)
        if begun:
            self._keep = np.union1d(self._keep, self._beating(begun.gain))
            if not self._pushes:  # flows find what is left to be found
                return begun
        best = found = self._linear.bound(self._keep, worth, self._held)
        for _ in range(SHOWN):
            before = len(self._keep)
            self._keep = np.union1d(self._keep, self._beating(found.gain))
            if len(self._keep) == before:
                break
            found = self._linear.bound(self._keep, worth, self._held)
            best = min(best, found, key=lambda one: one.most)
        return min(best, begun, key=lambda one: one.most) if begun else best

    def _flows(self, worth: Ints, least: int, money: float, bound: int) -> int:
        """Flows at prices ever nearer to the one that spends the budget, each made a choice; the bound."""
        budget, even = self._market.budget_left, np.full(len(self._market.seekers), EVEN)
        price = Price(budget, round(money / _step(worth) * _scale(worth)))
        bound = self._priced(worth, least, price, even, bound)
        if budget is None or self._near(bound, worth):
            return bound
        # Of many that are equal a flow moves all or none. Money that is worth a little less to one interest than to
        # another parts them, so that what is spent follows the price step by step.
        apart = EVEN - np.arange(len(even)) * 2654435761 % EVEN // SCATTER
        return self._priced(worth, least, Price(budget, price.now), apart, bound)

    def _priced(self, worth: Ints, least: int, price: Price, felt: Ints, bound: int) -> int:
        """`felt`: what money is worth to each interest, in parts of EVEN."""
        step, scale, cost = _step(worth), _scale(worth), self._arcs.cost
        for _ in range(ROUNDS):
            profit = scale * (worth // step) - price.now * cost
            found = self._network.flow(
                self._keep, scale * (worth // step) - price.now * felt[self._arcs.seeker] // EVEN * cost, least
            )
            if found is None:
                break
            chosen, duals = found
            scaled, gain = self._network.bound(duals, profit, least)
            bound = min(bound, (scaled + price.now * (price.budget or 0)) // scale * step)
            spent, before = int(cost[chosen].sum()), len(self._keep)
            self._keep = np.union1d(self._keep, self._beating(gain))
            if price.budget is None or abs(spent - price.budget) <= NEAR * price.budget:
                self._try(chosen, profit, worth, least)
            moved = price.move(int((worth[chosen] // step).sum()) * scale, spent)
            if self._near(bound, worth) or (not moved and len(self._keep) == before):
                break
        return bound

    def _near(self, bound: int, worth: Ints) -> bool:
        return bound - self._value(worth) <= ENOUGH * max(1, abs(bound))

    def _rounded(self, worth: Ints, least: int, gain: Ints) -> None:
        """A choice from what the linear program takes."""
        share = self._linear.share
        order = np.lexsort((-gain, -np.round(share, 3)))
        self._ledger.clear()
        self._ledger.take(order[share[order] > 0.01].tolist())
        by_gain = np.lexsort((self._arcs.cost, -gain, self._arcs.seeker))
        self._ledger.fill(by_gain)
        if self._pushes:
            self._ledger.push(by_gain)
        self._ledger.settle()
        if len(self._ledger.of_seeker) >= least:
            self._better(worth, least)

    def _promising(self, worth: Ints) -> Ints:
        """The first arcs of each interest: one week of each pair before the next, the best first.

        What is equal is spread by a fixed scramble.
        """
        arcs = self._arcs
        scramble = (np.arange(len(arcs.pair)) * 2654435761) % 4096
        by_pair = np.lexsort((scramble, arcs.pair))
        turn = np.zeros(len(by_pair), dtype=np.int64)
        turn[by_pair] = np.arange(len(by_pair)) - np.searchsorted(arcs.pair, arcs.pair[by_pair])
        order = np.lexsort((scramble, arcs.cost, -worth, turn, arcs.seeker))
        rank = np.arange(len(order)) - arcs.first[arcs.seeker[order]]
        return np.sort(order[rank < FIRST])

    def _beating(self, gain: Ints) -> Ints:
        """Of each interest the arcs outside the flow that gain most, where they gain more than those inside."""
        arcs = self._arcs
        inside = np.zeros(len(self._market.seekers), dtype=np.int64)
        np.maximum.at(inside, arcs.seeker[self._keep], gain[self._keep])
        beat = np.flatnonzero(gain > inside[arcs.seeker])
        order = beat[np.lexsort((beat, -gain[beat], arcs.seeker[beat]))]
        seeker = arcs.seeker[order]
        begins = np.flatnonzero(np.r_[True, seeker[1:] != seeker[:-1]]) if len(order) else np.zeros(0, dtype=np.int64)
        rank = np.arange(len(order)) - np.repeat(begins, np.diff(np.r_[begins, len(order)]))
        return np.sort(order[rank < MORE])

    def _try(self, chosen: Ints, profit: Ints, worth: Ints, least: int) -> None:
        """Make a choice of the flow that keeps every rule; it stays if it is better."""
        ledger = self._ledger
        ledger.clear()
        ledger.take(chosen[np.argsort(-profit[chosen], kind="stable")].tolist())
        order = np.lexsort((self._arcs.cost, -profit, self._arcs.seeker))
        ledger.fill(order)
        if self._pushes:
            ledger.push(order)
            ledger.settle()
        if len(ledger.of_seeker) >= least:
            self._better(worth, least)

    def _improve(self, worth: Ints, least: int) -> None:
        self._ledger.clear()
        self._ledger.take(self._chosen)
        self._better(worth, least)

    def _better(self, worth: Ints, least: int) -> None:
        ledger = self._ledger
        ledger.improve(self._with_held(worth))
        chosen = ledger.chosen()
        kept = all(int(one.worth[chosen].sum()) >= one.least for one in self._held)
        if kept and len(chosen) >= least and (not self._chosen or int(worth[chosen].sum()) > self._value(worth)):
            self._chosen = chosen

    def _with_held(self, worth: Ints) -> Ints:
        """The level, behind those before it."""
        total, weight = worth.copy(), 1
        for one in reversed(self._held):
            weight *= 2 * int(np.abs(worth).max()) + 1 if weight == 1 else 1_000
            total += weight * one.worth
        return total

    def _value(self, worth: Ints) -> int:
        return int(worth[self._chosen].sum()) if self._chosen else 0


def _step(worth: Ints) -> int:
    return int(np.gcd.reduce(worth)) or 1


def _scale(worth: Ints) -> int:
    return max(1, FINE // max(1, int(np.abs(_steps(worth)).max())))


def _steps(worth: Ints) -> Ints:
    return worth // _step(worth)


def _reachable(market: Market, field: Field) -> list[int]:
    """Without pairs at hosts that host only if they send, where nobody of theirs can be sent."""
    places = list(range(len(field.pairs)))
    standing = {one.organisation for one in market.held}
    while True:
        sending = standing | {market.seekers[field.pairs[place].seeker].sends_for for place in places}
        left = []
        for place in places:
            host = market.hosts[field.pairs[place].host]
            if not host.only_if_sends or host.hosts_for in sending:
                left.append(place)
        if len(left) == len(places):
            return places
        places = left
