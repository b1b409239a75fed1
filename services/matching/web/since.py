"""Whether what was worked out of a run still holds: a newer run, or interests and offers that say something else."""

from fastapi import Request

from services.matching import queries
from services.matching.domain.working import Since, Working, prints_of, since
from services.matching.queries.market import market_of
from services.matching.queries.workings import working
from services.matching.web.common import AnyCall, AnyInterest, db_of
from shared.web.rights import Principal


async def working_of(request: Request, principal: Principal, run: str) -> Working | None:
    """None for runs that were made before anything was worked out of them."""
    known = await working(db_of(request), principal.network, run)
    return known[1] if known else None


async def since_of(
    request: Request, principal: Principal, call: AnyCall, run: str, known: Working | None
) -> tuple[Since, bool]:
    """What came after the run, as far as that concerns the reader, and whether a newer run is there."""
    newer = bool(call.state.runs) and call.state.runs[-1] != run
    if newer or known is None or not known.prints:
        return Since(), newer
    db, network, own = db_of(request), principal.network, principal.own_member
    found = since(known.prints, await market_of(db, network, call.id), await queries.matched(db, network, call.id))
    if own is None:
        return found, newer
    mine = await queries.focus_of(db, network, found.interests, own=own)
    return Since(interests=tuple(one for one in found.interests if one in mine)), newer


async def changed_since(request: Request, principal: Principal, interest: AnyInterest, known: Working | None) -> bool:
    """Whether this interest says something else than when the run was made."""
    if known is None or interest.id not in known.prints:
        return False
    now = prints_of(await market_of(db_of(request), principal.network, interest.state.call))
    return interest.id in now and now[interest.id] != known.prints[interest.id]
