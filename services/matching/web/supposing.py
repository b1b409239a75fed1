"""What if: the call as it stands, with more places at a host or another budget, solved and not kept."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.matching import queries
from services.matching.domain.call import Call
from services.matching.domain.market import Host, Market
from services.matching.domain.solution import Match, Solution
from services.matching.queries.market import market_of
from services.matching.web.common import Runner, db_of, found, profile_of, solve_in
from services.matching.web.levels import level_words
from shared.web.formats import member_name
from shared.web.forms import Form
from shared.web.i18n import _, ngettext
from shared.web.pages import Listing, render

router = APIRouter()


@router.get("/matching/calls/{call_id}/what-if")
async def what_if(
    request: Request,
    call_id: str,
    principal: Runner,
    *,
    offer: Annotated[str, Query(max_length=100)] = "",
    places: Annotated[int, Query(ge=0, le=100)] = 0,
    budget: Annotated[int, Query(ge=0, le=100_000_000)] = 0,
) -> Response:
    """`places` more in each week of one offer, `budget` more euros; nothing changes by looking."""
    call = await found(request, principal, call_id, Call)
    market = await market_of(db_of(request), principal.network, call.id)
    asked = bool((offer and places) or budget)
    now: Solution | None = None
    then: Solution | None = None
    if asked:
        solve = solve_in(request)
        now, then = await solve(market), await solve(supposed(market, offer, places, budget))
    offers, _total = await queries.offers(db_of(request), principal.network, call=call.id, status="made", limit=500)
    hosts = [(one.id, f"{one.state.member} {member_name(one.state.member, principal.network)}") for one in offers]
    gained = gains(now, then) if now and then else []
    return render(
        request,
        "what_if.html",
        title=_title(now, then),
        call=call,
        hosts=hosts,
        asked=asked,
        form=Form.of(offer=offer, places=places or 1, budget=budget or None),
        levels=_levels(now, then) if now and then else [],
        listing=Listing(gained, len(gained), per_page=500),
        profile=profile_of(principal),
    )


def supposed(market: Market, offer: str, places: int, budget: int) -> Market:
    """The market as it would be."""
    hosts = tuple(_with_places(one, places) if one.id == offer else one for one in market.hosts)
    terms = market.terms
    if budget and terms.budget is not None:
        terms = replace(terms, budget=terms.budget + budget)
    return replace(market, hosts=hosts, terms=terms)


def _with_places(host: Host, places: int) -> Host:
    free = {week: left + places for week, left in host.free.items()}
    return replace(host, free=free, offered={week: number + places for week, number in host.offered.items()})


def gains(now: Solution, then: Solution) -> list[Match]:
    """Exchanges that there would be, of interests that go without one as things stand."""
    have = {one.interest for one in now.matches}
    return [one for one in then.matches if one.interest not in have]


def _levels(now: Solution, then: Solution) -> list[tuple[str, str, str]]:
    after = dict(level_words(one) for one in then.levels)
    return [(name, words, after.get(name, "")) for name, words in map(level_words, now.levels)]


def _title(now: Solution | None, then: Solution | None) -> str:
    if now is None or then is None:
        return _("What if a host had more places, or the call more money?")
    more = len(then.matches) - len(now.matches)
    if more <= 0:
        return _("That would bring no more exchanges")
    return ngettext("That would bring one more exchange", "That would bring %(num)s more exchanges", more)
