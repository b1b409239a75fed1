"""The reasons for one interest, when somebody asks: from the market as it was solved and its matches."""

from collections.abc import Sequence

from services.matching.domain.candidates import Calendar, Field, Pair, candidates_of_one, fallen, pair_of
from services.matching.domain.market import Market
from services.matching.domain.program import Program
from services.matching.domain.reasons import Explainer, Unmatched, Why
from services.matching.domain.solution import Match


def explain_one(market: Market, matches: Sequence[Match], interest: str) -> Why | Unmatched:
    """Why it was matched, or why not; the market in its order (`Market.sorted`). KeyError for an unknown interest."""
    places = {one.id: at for at, one in enumerate(market.seekers)}
    asked = places[interest]
    program, chosen = around(market, matches, asked)
    explainer = Explainer(program, chosen)
    own = explainer.standing.of_seeker.get(asked)
    return explainer.why_not(asked, fallen(market, asked)) if own is None else explainer.why(own)


def around(market: Market, matches: Sequence[Match], asked: int) -> tuple[Program, list[int]]:
    """A program of the matches and of every candidate of one interest, and the columns of the matches."""
    calendar = Calendar(market)
    places = {one.id: at for at, one in enumerate(market.seekers)}
    hosts = {one.id: at for at, one in enumerate(market.hosts)}
    pairs: list[Pair] = list(candidates_of_one(market, asked, calendar))
    taken: dict[int, tuple[int, int]] = {}
    for match in matches:
        place, at, week = places[match.interest], hosts[match.offer], calendar.bit(match.week)
        taken[place] = (at, week)
        if place != asked:
            pairs.append(pair_of(market, place, at, 1 << week))
    program = Program(market, Field(tuple(sorted(pairs, key=lambda pair: (pair.seeker, pair.host))), calendar))
    chosen = [column for column, one in enumerate(program.candidates) if taken.get(one.seeker) == (one.host, one.week)]
    return program, chosen
