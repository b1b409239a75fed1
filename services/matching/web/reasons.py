"""The reasons for one interest or one exchange, as its page and the API give them.

Of a large market they are worked out when somebody asks, from the market as it was solved.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fastapi import Request

from services.matching import queries
from services.matching.domain.explain import explain_one
from services.matching.domain.market import Market
from services.matching.domain.reasons import Unmatched, Why
from services.matching.domain.solution import Match
from services.matching.domain.working import Working
from services.matching.queries import Run
from services.matching.queries.workings import market_of_run
from services.matching.web.change_words import smallest
from services.matching.web.common import AnyCall, AnyExchange, AnyInterest, db_of, profile_of
from services.matching.web.sentences import why_matched, why_unmatched
from services.matching.web.since import changed_since, working_of
from shared.web.i18n import _
from shared.web.rights import Principal

_AT_HAND = 2
_known: OrderedDict[str, tuple[Market, Sequence[Match]]] = OrderedDict()
"""Large runs: reading one again for each question would take longer than the answer."""


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why the last run left an interest without a match, what would have matched it, and what came since."""

    run: Run
    working: Working | None
    sentences: list[str]
    change: str
    stale: list[str]


async def why_not(request: Request, principal: Principal, interest: AnyInterest, call: AnyCall) -> WhyNot | None:
    """None where it is not without a match: no run saw it, or it was matched."""
    if not call.state.runs:
        return None
    db, network, own = db_of(request), principal.network, principal.own_member
    run = await queries.of_interest(db, network, call.state.runs[-1], interest.id)
    found = next(iter(run.solution.unmatched), None) if run else None
    if run is None or found is None:
        return None
    if not run.solution.explained:
        asked = await _asked(request, principal, run, interest.id)
        found = asked if isinstance(asked, Unmatched) else found
    profile, known = profile_of(principal), await working_of(request, principal, run.id)
    changed = await changed_since(request, principal, interest, known)
    return WhyNot(
        run,
        known,
        why_unmatched(found, interest.state.focus, run.solution.offers, profile, own),
        smallest(known, interest.id, profile, own),
        [_("This interest says something else since: run the match again.")] if changed else [],
    )


async def why(request: Request, principal: Principal, exchange: AnyExchange) -> tuple[Match | None, list[str]]:
    """The match that an exchange came of, and what spoke for it; nothing where no run made it."""
    state = exchange.state
    if not state.run:
        return None, []
    run = await queries.of_interest(db_of(request), principal.network, state.run, state.interest)
    match = next(iter(run.solution.matches), None) if run else None
    if run is None or match is None or match.offer != state.offer:
        return None, []
    if not run.solution.explained:
        asked = await _asked(request, principal, run, state.interest)
        match = replace(match, why=asked) if isinstance(asked, Why) else match
    return match, why_matched(match, profile_of(principal), principal.own_member)


async def _asked(request: Request, principal: Principal, run: Run, interest: str) -> Why | Unmatched | None:
    """None where the market is not there any more."""
    known = _known.get(run.id)
    if known is None:
        market = await market_of_run(db_of(request), principal.network, run.id)
        whole = await queries.run(db_of(request), principal.network, run.id)
        if market is None or whole is None:
            return None
        known = _known[run.id] = (market, whole.solution.matches)
        while len(_known) > _AT_HAND:
            _known.popitem(last=False)
    return await asyncio.to_thread(explain_one, *known, interest)
