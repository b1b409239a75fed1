"""The solve of a market that has no calls; the solver's process alone imports it."""

from services.matching.domain.candidates import candidates_of
from services.matching.domain.market import Market
from services.matching.domain.program import Program
from services.matching.domain.solution import Solution, put_together
from services.matching.domain.solver import EFFORT, Levels


def solve(market: Market, effort: float = EFFORT) -> Solution:
    """The best choice, whatever its size: these markets know limits by year, which the network for large ones lacks."""
    market = market.sorted()
    program = Program(market, candidates_of(market))
    levels, chosen = Levels(program, effort).climb()
    return put_together(program, levels, chosen)
