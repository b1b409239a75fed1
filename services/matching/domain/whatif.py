"""A market with one thing changed: what a coordinator asks before deciding, and what a verified change is made of."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from services.matching.domain.market import Host, Market, Seeker, Terms


def with_seeker(market: Market, interest: str, **changes: object) -> Market:
    """The interest with other facts."""

    def changed(one: Seeker) -> Seeker:
        return replace(one, **changes) if one.id == interest else one  # type: ignore[arg-type]

    return replace(market, seekers=tuple(changed(one) for one in market.seekers))


def with_places(market: Market, offers: Collection[str], more: int = 1, weeks: Iterable[str] | None = None) -> Market:
    """The offers with more places in these weeks, or in every week that they offer, and one visit more."""

    def changed(one: Host) -> Host:
        if one.id not in offers:
            return one
        which = tuple(one.offered if weeks is None else weeks)
        offered, free = dict(one.offered), dict(one.free)
        for week in which:
            offered[week] = offered.get(week, 0) + more
            free[week] = free.get(week, 0) + more
        return replace(one, offered=offered, free=free, most=None if one.most is None else one.most + 1)

    return replace(market, hosts=tuple(changed(one) for one in market.hosts))


def with_budget(market: Market, more: int) -> Market:
    if market.terms.budget is None:
        return market
    return _with_terms(market, budget=market.terms.budget + more)


def with_cap(market: Market, member: str) -> Market:
    """The member may send one exchange more."""
    cap = market.terms.caps.get(member, market.terms.cap)
    return market if cap is None else _with_terms(market, caps={**market.terms.caps, member: cap + 1})


def with_interpretation(market: Market) -> Market:
    return _with_terms(market, interpretation=True)


def _with_terms(market: Market, **changes: object) -> Market:
    terms: Terms = replace(market.terms, **changes)  # type: ignore[arg-type]
    return replace(market, terms=terms)
