"""What runs in the solver's process: a call's match. What is worked out of it afterwards is in `domain/verify.py`."""

from services.matching.domain.market import Market
from services.matching.domain.solution import Solution
from services.matching.domain.solver import solve
from shared.solving import tell


def run(market: Market) -> Solution:
    """Solve it; while it goes on it tells how far it is."""
    return solve(market, told=tell)
