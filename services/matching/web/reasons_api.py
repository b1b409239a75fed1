"""The JSON API of reasons: why an interest went without a match, and what spoke for an exchange."""

from fastapi import APIRouter, Request

from services.matching.domain import call, exchange, interest
from services.matching.web.api import Name
from services.matching.web.common import Reader, found, profile_of
from services.matching.web.reasons import why, why_not
from services.matching.web.reasons_views import ExchangeReasonsView, InterestReasonsView

router = APIRouter(prefix="/matching/api/v1", tags=["matching"])


@router.get("/interests/{interest_id}/reasons")
async def interest_reasons(interest_id: Name, request: Request, principal: Reader) -> InterestReasonsView:
    """Why the last run left it without a match, and a single change that would match it."""
    one = await found(request, principal, interest_id, interest.Interest)
    of = await found(request, principal, one.state.call, call.Call)
    reasons = await why_not(request, principal, one, of)
    return InterestReasonsView.of(one.id, reasons, profile_of(principal), principal.own_member)


@router.get("/exchanges/{exchange_id}/reasons")
async def exchange_reasons(exchange_id: Name, request: Request, principal: Reader) -> ExchangeReasonsView:
    """What spoke for it, level by level, and the next best."""
    one = await found(request, principal, exchange_id, exchange.Exchange)
    match, said = await why(request, principal, one)
    return ExchangeReasonsView.of(one.id, one.state.run, match, said, principal.own_member)
