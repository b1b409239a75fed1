"""What a change could bring at most, told from the prices of what stands: where no more can come of it, nothing is
solved.

The prices are those of the level that counts exchanges, in whole numbers. For new candidates of one interest, and for
more places, they bound what any choice of the changed market has.
"""

from collections.abc import Iterable
from math import inf

from services.matching.domain.candidates import Calendar, Pair, bits, candidates_of
from services.matching.domain.market import Aim, Level, Market
from services.matching.domain.program import Program
from services.matching.domain.relaxation import SCALE, Goal, Held, Relaxation
from services.matching.domain.solution import Solution
from services.matching.week import stay

BLIND = frozenset(Level) - {Level.AGREED, Level.MINIMUM, Level.MEMBERS, Level.EXCHANGES}
"""Levels that count more than helpers: where one comes before the exchanges, the prices do not tell."""


class Estimate:
    """The market must be sorted, and solved by this solution."""

    def __init__(self, market: Market, solution: Solution) -> None:
        self.market = market
        program = Program(market, candidates_of(market))
        values = {one.level: one.value for one in solution.levels}
        held: list[Held] = []
        blind = not program.candidates
        for aim in program.levels():
            if Level.EXCHANGES in aim.weights:
                break
            blind |= bool(BLIND & aim.weights.keys()) or aim.level not in values
            if not blind:
                held.append(Held(Goal.of(program.objective(aim)), values[aim.level]))
        self._prices: dict[tuple[object, ...], float] = {}
        self._most = inf
        if blind:
            return
        goal = Goal.of(program.objective(Aim({Level.EXCHANGES: 1})))
        bound = Relaxation(program, [0] * len(program.upper), program.upper, held).bound(goal)
        self._most = bound.scaled / SCALE
        for seeker, price in zip(program.of_seeker, bound.prices, strict=False):
            self._prices["once", seeker] = price / SCALE
        for row, price in zip(program.rows, bound.prices[len(program.once) :], strict=False):
            if price:
                self._prices[row.of] = self._prices.get(row.of, 0.0) + price / SCALE

    @property
    def scarce(self) -> bool:
        """Whether more money would bring more exchanges."""
        return self._most == inf or self._price("budget") > 0

    def with_pairs(self, pairs: Iterable[Pair], calendar: Calendar) -> float:
        """Exchanges that there are at most if one interest had these pairs."""
        gains = (self._gain(pair, calendar.week(start)) for pair in pairs for start in bits(pair.starts))
        return self._most + max(gains, default=0.0)

    def with_places(self, pair: Pair, start: str, more: int) -> float:
        """The same, with places more at the host in every week of this stay, and a visit."""
        weeks = stay(start, self.market.seekers[pair.seeker].duration)
        places = sum(more * self._price("places", pair.host, week) for week in weeks)
        return self._most + self._gain(pair, start) + places + self._price("visits", pair.host)

    def with_cap(self, member: str) -> float:
        return self._most + self._price("cap", member)

    def _gain(self, pair: Pair, start: str) -> float:
        """What an exchange brings beyond what it takes from others."""
        seeker, host = self.market.seekers[pair.seeker], pair.host
        if seeker.group:
            return inf
        takes = seeker.officials * sum(self._price("places", host, week) for week in stay(start, seeker.duration))
        takes += self._price("visits", host) + self._price("cap", seeker.member) + self._price("once", pair.seeker)
        takes += pair.cost * self._price("budget")
        gives = self._price("sends", seeker.sends_for) + self._price("focus", pair.focus)
        return max(0.0, 1 - takes + gives)

    def _price(self, *of: object) -> float:
        return self._prices.get(of, 0.0)
