"""Which cells a reader asks for: network by who asks, year, member and day of knowledge by the address."""

from datetime import date
from typing import Annotated

from fastapi import HTTPException, Request

from services.kpi.engine.figures import Indicator, Scope
from services.kpi.indicators import INDICATORS
from services.kpi.indicators.naming import indicators_of
from services.kpi.runtime import Runtime
from shared import clock
from shared.profiles import Profile
from shared.web.rights import Principal, require
from shared.web.wording import in_words

YEARS = range(2000, 2100)

Reader = Annotated[Principal, require("kpi.read")]
Opener = Annotated[Principal, require("kpi.events")]


def runtime_of(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.kpi
    return runtime


def scope_of(request: Request, principal: Principal) -> Scope:
    """Wrong values fall back: to this year, all members, what is known now."""
    query, profile = request.query_params, in_words(principal.network)
    text = query.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and int(text[:5]) in YEARS else clock.now().year
    member = query.get("member", "")
    return Scope(
        principal.network,
        year,
        member if member in profile.member_codes else "",
        known_day(query.get("known", "")),
    )


def known_day(text: str) -> str:
    """The day as ISO; nothing for today, for later, and for what is no day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return ""
    return day.isoformat() if day < clock.now().date() else ""


def indicator_of(id: str, profile: Profile) -> Indicator:
    """Raises 404 for what this network does not have."""
    one = INDICATORS.get(id)
    if one is None or one not in indicators_of(profile):
        raise HTTPException(404)
    return one


def query_of(scope: Scope) -> str:
    """The scope as an address carries it, from `?` on; the year always, so that a link keeps its meaning."""
    parts = [f"year={scope.year}"]
    parts += [f"member={scope.member}"] if scope.member else []
    parts += [f"known={scope.known}"] if scope.known else []
    return "?" + "&".join(parts)
