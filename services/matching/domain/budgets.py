"""How much more a budget would have to be for one more interest, and one more: the call solved with more and more.

Money goes to whom the levels give it, not to whom one asks for: so a few amounts are solved once, and each interest
reads from them with which one it is matched.
"""

from services.matching.domain.candidates import candidates_of
from services.matching.domain.market import Market
from services.matching.domain.solution import Solution
from services.matching.domain.solver import solve
from services.matching.domain.whatif import with_budget

RUNGS = 6
"""Amounts that are solved for, from what the cheapest exchange lacks to what all of them lack."""


class Ladder:
    """The market must be sorted, and solved by this solution."""

    def __init__(self, market: Market, solution: Solution) -> None:
        self._market, self._solution = market, solution
        self._solved: dict[int, Solution] = {}
        self._lacks: dict[str, int] | None = None

    def amount(self, interest: str) -> int | None:
        """The least of the amounts with which the interest is matched."""
        lacks = self._lacking()
        if interest not in lacks:
            return None
        for amount in self._amounts():
            if amount >= lacks[interest] and interest in {one.interest for one in self.solved(amount).matches}:
                return amount
        return None

    def solved(self, amount: int) -> Solution:
        """The market with so much more."""
        found = self._solved.get(amount)
        if found is None:
            found = self._solved[amount] = solve(with_budget(self._market, amount))
        return found

    def _lacking(self) -> dict[str, int]:
        """By interest that goes away empty: what its cheapest exchange lacks, as things stand."""
        if self._lacks is None:
            left = (self._market.budget_left or 0) - sum(one.cost for one in self._solution.matches)
            matched = {one.interest for one in self._solution.matches}
            self._lacks = {}
            for pair in candidates_of(self._market).pairs:
                seeker = self._market.seekers[pair.seeker].id
                if seeker not in matched:
                    lacking = max(1, pair.cost - left)
                    self._lacks[seeker] = min(lacking, self._lacks.get(seeker, lacking))
        return self._lacks

    def _amounts(self) -> list[int]:
        """From the least to all, each more than the one before by the same factor; in tens, as people say it."""
        lacking = self._lacking().values()
        least, most = min(lacking), sum(lacking)
        factor = (most / least) ** (1 / max(1, RUNGS - 1))
        return sorted({-(-round(least * factor**rung) // 10) * 10 for rung in range(RUNGS)})
