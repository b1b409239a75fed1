"""The JSON API's changes and take-backs: each may name the version that its sender saw (`If-Match`)."""

from functools import partial

from fastapi import APIRouter, Request, Response

from services.matching import handlers
from services.matching.commands import ChangeCall, ChangeInterest, ChangeOffer, ReopenCall, TakeBackProposal
from services.matching.domain import call, exchange, interest, offer
from services.matching.web import call_forms, interests, models, offers
from services.matching.web.api import Key, Name, call_view
from services.matching.web.changing import put
from services.matching.web.common import CallOpener, InterestFiler, OfferMaker, Proposer, api_store, found
from services.matching.web.views import CallView, ExchangeView, InterestView, OfferView
from shared.web.on_behalf import OnBehalfOf, asked_for
from shared.web.stale import IfMatch

router = APIRouter(prefix="/matching/api/v1", tags=["matching"])


@router.put("/calls/{call_id}")
async def change_call(
    call_id: Name,
    body: models.CallTerms,
    request: Request,
    response: Response,
    *,
    principal: CallOpener,
    if_match: IfMatch = None,
    _key: Key = None,
) -> CallView:
    """Give an open call other terms."""
    one = await found(request, principal, call_id, call.Call)
    command = ChangeCall(call=one.id, **body.model_dump())
    await put(
        request, principal, response, (one.id, call.Call), partial(handlers.change_call, command),
        store=api_store(request, principal), if_match=if_match, minds=call_forms.MINDS,
    )  # fmt: skip
    return await call_view(request, principal, one.id)


@router.post("/calls/{call_id}/reopen")
async def reopen_call(
    call_id: Name, body: models.ReasonBody, request: Request, principal: CallOpener, _key: Key = None
) -> CallView:
    """Open a closed call again."""
    one = await found(request, principal, call_id, call.Call)
    command = ReopenCall(call=one.id, reason=body.reason, happened_at=body.happened_at)
    await handlers.reopen_call(command, api_store(request, principal))
    return await call_view(request, principal, one.id)


@router.put("/interests/{interest_id}")
async def change_interest(
    interest_id: Name,
    body: models.InterestTerms,
    request: Request,
    response: Response,
    *,
    principal: InterestFiler,
    if_match: IfMatch = None,
    _key: Key = None,
    on_behalf_of: OnBehalfOf = None,
) -> InterestView:
    """Wish for something else, while no proposal holds it."""
    one = await found(request, principal, interest_id, interest.Interest)
    command = ChangeInterest(interest=one.id, **body.model_dump())
    store = await asked_for(request, principal, api_store(request, principal), on_behalf_of, one.state.member)
    now = await put(
        request, principal, response, (one.id, interest.Interest), partial(handlers.change_interest, command),
        store=store, if_match=if_match, minds=interests.MINDS,
    )  # fmt: skip
    return InterestView.of(now)


@router.put("/offers/{offer_id}")
async def change_offer(
    offer_id: Name,
    body: models.OfferTerms,
    request: Request,
    response: Response,
    *,
    principal: OfferMaker,
    if_match: IfMatch = None,
    _key: Key = None,
    on_behalf_of: OnBehalfOf = None,
) -> OfferView:
    """Offer something else; weeks that exchanges hold keep at least their places."""
    one = await found(request, principal, offer_id, offer.Offer)
    command = ChangeOffer(offer=one.id, **body.model_dump())
    store = await asked_for(request, principal, api_store(request, principal), on_behalf_of, one.state.member)
    now = await put(
        request, principal, response, (one.id, offer.Offer), partial(handlers.change_offer, command),
        store=store, if_match=if_match, minds=offers.MINDS,
    )  # fmt: skip
    return OfferView.of(now)


@router.post("/exchanges/{exchange_id}/take-back")
async def take_back(
    exchange_id: Name, body: models.ReasonBody, request: Request, principal: Proposer, _key: Key = None
) -> ExchangeView:
    """Take a proposal back while it is not agreed: the places and the interest are free again."""
    one = await found(request, principal, exchange_id, exchange.Exchange)
    command = TakeBackProposal(exchange=one.id, reason=body.reason, happened_at=body.happened_at)
    await handlers.take_back_proposal(command, api_store(request, principal))
    return ExchangeView.of(await found(request, principal, exchange_id, exchange.Exchange))
