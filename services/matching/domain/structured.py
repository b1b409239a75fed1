"""Large markets: a network flow for each price of the budget, its bound over all candidates, and a choice made of it.

Only promising arcs enter a flow; arcs that beat its prices come in for the next one. The bound holds for all of them.
Everything counts rounds, not seconds: the same market gives the same answer.
"""

from dataclasses import dataclass

import numpy as np

from services.matching.domain.candidates import Field
from services.matching.domain.ledger import Ledger
from services.matching.domain.market import Aim, Level, Market
from services.matching.domain.network import Ints, Network, Prices, arcs_of

FINE = 1 << 22
"""About what the best arc is worth in a flow: whole prices are fine enough beside it."""
FIRST, MORE = 6, 3
"""Arcs of an interest in the first flow, and those that may come in after each."""
ROUNDS = 6
NEAR = 0.997
"""A flow that spends this share of the budget has the right price; only arcs are missing."""
SPARED = 0.99
"""How much of the budget a flow may spend where the choice made of it has to find other ways for some."""
ENOUGH = 0.0008
"""Where the gap is below this, a level is left."""

PLAIN = {
    Level.EXCHANGES, Level.KEPT, Level.OFFICIALS, Level.OPPORTUNITIES, Level.WISHES, Level.INSPECTIONS, Level.COST,
    Level.AGREED,
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
        self._held: list[tuple[Ints, int]] = []
        """The levels before, and what the choice must keep of them."""
        if not len(self._arcs.pair):
            return
        self._network = Network(market, field, self._arcs)
        calendar = field.calendar
        places = [{calendar.bit(week): free for week, free in one.free.items()} for one in market.hosts]
        self._ledger = Ledger(market, self._arcs, places)
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
            self._held.append((worth, self._value(worth)))
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
        if level is Level.WISHES:
            wish = np.array([one.wish for one in self._field.pairs], dtype=np.int64)
            return wish[arcs.pair]
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
        """Make the choice better on this level, with at least as many exchanges; the level's bound."""
        budget = self._market.budget_left
        self._keep = np.union1d(self._keep, self._promising(worth))
        low, high = 0, None
        scale = _scale(worth)
        # From the start a little: among what is equal, the cheaper is taken.
        aimed = int((budget or 0) * (SPARED if self._pushes else 1))
        price = 0
        if budget is not None:
            price = max(1, self._guess(worth, least, None, self._everybody(), aimed) if least else 0)
        bound: int | None = None
        self._improve(worth, least)
        for _ in range(ROUNDS):
            profit = scale * _steps(worth) - price * self._arcs.cost
            found = self._network.flow(self._keep, profit, least)
            if found is None:
                break
            chosen, prices = found
            scaled, gain = self._network.bound(prices, profit, least)
            value = (scaled + price * (budget or 0)) * _step(worth) // scale
            bound = value if bound is None else min(bound, value)
            self._try(chosen, profit, worth, least)
            if bound - self._value(worth) <= ENOUGH * max(1, abs(bound)):
                break
            before, last = len(self._keep), price
            self._keep = np.union1d(self._keep, self._beating(gain))
            spent = int(self._arcs.cost[chosen].sum())
            if budget is not None and not NEAR * aimed <= spent <= aimed and (price > 1 or spent > aimed):
                low, high = (price, high) if spent > aimed else (low, price)
                price = self._between(self._guess(worth, least, prices, chosen, aimed), low, high)
            if len(self._keep) == before and price == last:
                break
        return self._value(worth) if bound is None else max(bound, self._value(worth))

    def _everybody(self) -> Ints:
        arcs = self._arcs
        return arcs.first[:-1][np.diff(arcs.first) > 0]

    def _guess(self, worth: Ints, least: int, prices: Prices | None, chosen: Ints, aimed: int) -> int:
        """The budget's price at which those who were chosen would just spend it, were all other prices to stay."""
        if not len(chosen):
            return 0
        arcs, profit = self._arcs, _scale(worth) * _steps(worth)
        gain = profit if prices is None else self._network.bound(prices, profit, least)[1]
        asked = np.zeros(len(self._market.seekers), dtype=bool)
        asked[arcs.seeker[chosen]] = True
        share = min(1.0, least / max(1, int(asked.sum()))) if least and prices is None else 1.0
        among = np.flatnonzero(asked[arcs.seeker])
        gain, cost, seeker = gain[among], arcs.cost[among], arcs.seeker[among]
        begins = np.flatnonzero(np.r_[True, seeker[1:] != seeker[:-1]])
        low, high = 0, 2 * int(gain.max()) // max(1, int(cost[cost > 0].min(initial=1))) + 2
        length = np.diff(np.r_[begins, len(among)])
        while low < high:
            price = (low + high) // 2
            left = gain - price * cost
            best = np.maximum.reduceat(left, begins)
            paid = np.minimum.reduceat(np.where(left == np.repeat(best, length), cost, np.iinfo(np.int64).max), begins)
            spent = paid.sum() if least else paid[best >= 0].sum()
            low, high = (price + 1, high) if spent * share > aimed else (low, price)
        return low

    @staticmethod
    def _between(guess: int, low: int, high: int | None) -> int:
        """The guess, where it lies within what is known; otherwise the middle."""
        if high is None:
            return max(guess, low + 1, low * 5 // 4)
        return guess if low < guess < high else (low + high) // 2

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
        kept = all(int(held[chosen].sum()) >= value for held, value in self._held)
        if kept and len(chosen) >= least and (not self._chosen or int(worth[chosen].sum()) > self._value(worth)):
            self._chosen = chosen

    def _with_held(self, worth: Ints) -> Ints:
        """The level, behind those before it."""
        total, weight = worth.copy(), 1
        for held, _ in reversed(self._held):
            weight *= 2 * int(np.abs(worth).max()) + 1 if weight == 1 else 1_000
            total += weight * held
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
