"""A call as the solver needs it: who seeks, who hosts, its terms, and what stands already."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from services.matching.domain.call import Call
from services.matching.domain.interest import Interest
from services.matching.domain.market import Aim, Costs, Held, Host, Level, Market, Seeker, Terms
from services.matching.domain.offer import Offer
from services.matching.queries import Found, latest_run, page
from shared.mongo import Database
from shared.profiles import load
from shared.profiles.markets import ORDINARY


async def market_of(db: Database, network: str, call: str) -> Market:
    """The call as it stands: interests that no proposal holds, offers with the places they have left."""
    base: dict[str, Any] = {"network": network, "state.call": call}
    filed = {**base, "aggregate": "interest", "state.status": "filed"}
    made = {**base, "aggregate": "offer", "state.status": "made"}
    matched = {**base, "aggregate": "interest", "state.status": "matched"}
    named = {"_id": call, "network": network, "aggregate": "call"}
    order = [("_id", 1)]
    interested, offered, served, (calls, _n), run = await asyncio.gather(
        page(db, filed, 0, 0, order),
        page(db, made, 0, 0, order),
        db.streams.distinct("state.member", matched),
        page(db, named, 0, 1),
        latest_run(db, network, call),
    )
    terms: Call = calls[0].state if calls else Call()
    before = {one.interest: (one.offer, one.week) for one in run.solution.matches} if run else {}
    absent = await _absent(db, network, call, terms)
    return Market(
        tuple(_seeker(one, before) for one in interested[0] if one.state.endorsed or not terms.endorsed_only),
        tuple(_host(one, terms) for one in offered[0]),
        tuple(sorted({*served, *absent})),
        _terms(terms, network),
        tuple(Held(one.sender, one.sender, one.focus, one.amount) for one in terms.counted.values()),
    )


async def _absent(db: Database, network: str, call: str, terms: Call) -> list[str]:
    """Members that did not turn up in an earlier call of this market, this year or the year before.

    In this call they count as served: others come first for a first exchange.
    """
    years = {"$in": [terms.year - 1, terms.year]}
    query = {"aggregate": "call", "network": network, "state.year": years, "_id": {"$lt": call}}
    earlier = await db.streams.find(query, {"state.market": 1}).to_list(None)
    ids = [one["_id"] for one in earlier if one["state"].get("market", "staff-exchange") == terms.market]
    missed = {"aggregate": "exchange", "network": network, "state.call": {"$in": ids}, "state.status": "missed"}
    return [str(one) for one in await db.streams.distinct("state.absent", missed)]


def _aims(levels: Sequence[Mapping[str, int]]) -> tuple[Aim, ...]:
    """A run changes as little as it can of the one before: wherever that is not placed, it comes behind the number."""
    found = [Aim({Level(name): weight for name, weight in one.items()}) for one in levels]
    if not any(Level.KEPT in one.weights for one in found):
        number = next((place for place, one in enumerate(found) if Level.EXCHANGES in one.weights), 0)
        found.insert(number + 1, Aim({Level.KEPT: 1}))
    return tuple(found)


def _terms(call: Call, network: str) -> Terms:
    market = load(network).markets.get(call.market) or ORDINARY.get(call.market, ORDINARY["staff-exchange"])
    return Terms(
        levels=_aims(call.levels or market.levels),
        effort=market.effort,
        eligible=call.eligible,
        cap=call.cap,
        minimum=call.focus_minimum,
        wanted=call.minimum,
        budget=call.budget,
        costs=Costs(call.travel, call.accommodation, call.interpretation),
        interpretation=call.interpreted,
    )


def _seeker(found: Found[Interest], before: dict[str, tuple[str, str]]) -> Seeker:
    state = found.state
    names = ("member", "focus", "languages", "weeks", "officials", "duration", "wishes")
    return Seeker(
        found.id,
        **{name: getattr(state, name) for name in names},
        excluded=state.turned_down,
        avoided=state.excluded,
        speaks=state.levels,
        inspection=True if state.joint_inspection else None,
        opportunities=state.fewer_opportunities,
        before=before.get(found.id),
    )


def _host(found: Found[Offer], call: Call) -> Host:
    state = found.state
    return Host(
        found.id,
        state.member,
        state.focus_areas,
        state.languages,
        state.places,
        state.free,
        asks=state.levels,
        inspection=True if state.joint_inspection else None,
        avoided=state.excluded,
        only_if_sends=state.only_if_sends or call.reciprocal,
    )
