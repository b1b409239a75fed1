"""A large market's solution: the choice from the network, its reasons in short; more is explained when asked."""

from collections import defaultdict
from dataclasses import replace

from services.matching.domain.candidates import Field
from services.matching.domain.market import Aim, Level, Market
from services.matching.domain.program import Program
from services.matching.domain.reasons import Explainer, Reasons, Unmatched, Why
from services.matching.domain.solution import Reached, Solution, put_together, reached
from services.matching.domain.structured import Structured


def solve_large(market: Market, field: Field) -> Solution:
    """The best found, with a bound on each level from the same run."""
    levels = [aim for aim in Program(market, Field((), field.calendar)).levels() if aim.level is not Level.ORDER]
    climbed = Structured(market, field).climb(levels)
    program, chosen = thin(market, field, climbed.chosen)
    bounds = [_reached(program, aim, chosen, bound) for aim, bound in zip(levels, climbed.bounds, strict=True)]
    solution = put_together(program, tuple(bounds), chosen, _reasons(market, field, program, chosen))
    return replace(solution, candidates=field.size, explained=False)


def thin(market: Market, field: Field, chosen: list[tuple[int, int]]) -> tuple[Program, list[int]]:
    """A program of nothing but the chosen pairs and weeks, and its columns."""
    pairs = tuple(field.pairs[pair]._replace(starts=1 << week) for pair, week in sorted(chosen))
    return Program(market, Field(pairs, field.calendar)), list(range(len(pairs)))


def _reached(program: Program, aim: Aim, chosen: list[int], bound: int | None) -> Reached:
    """Where the network has no bound for a level: what it would be worth if all could be had."""
    if bound is None:
        most = {Level.MEMBERS: len({one.member for one in program.market.seekers} - set(program.market.served))}
        most[Level.GROUPS] = len({one.group for one in program.market.seekers if one.group})
        most[Level.MINIMUM] = sum(program.market.minimum_left().values())
        bound = sum(weight * most.get(level, 0) for level, weight in aim.weights.items())
    return reached(program, aim, chosen, bound)


def _reasons(market: Market, field: Field, program: Program, chosen: list[int]) -> Reasons:
    of_seeker: dict[int, list[int]] = defaultdict(list)
    for place, pair in enumerate(field.pairs):
        of_seeker[pair.seeker].append(place)
    explainer = Explainer(program, chosen)
    matched: dict[str, Why] = {}
    for column in chosen:
        one = program.candidates[column]
        places = of_seeker[one.seeker]
        starts = next(field.pairs[place].starts for place in places if field.pairs[place].host == one.host)
        matched[market.seekers[one.seeker].id] = replace(
            explainer.why(column),
            offers=len(places),
            starts=starts.bit_count(),
            earlier_starts=(starts & ((1 << one.week) - 1)).bit_count(),
        )
    unmatched = tuple(
        Unmatched(
            seeker.id, seeker.member, (), sum(field.pairs[one].starts.bit_count() for one in of_seeker[place]), ()
        )
        for place, seeker in enumerate(market.seekers)
        if seeker.id not in matched
    )
    return Reasons(matched, unmatched)
