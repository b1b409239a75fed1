"""The JSON API of calls, interests and offers: `/matching/api/v1`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request

from services.matching import handlers, queries
from services.matching.commands import (
    CloseCall,
    FileInterest,
    MakeOffer,
    OpenCall,
    WithdrawInterest,
    WithdrawOffer,
)
from services.matching.domain import call, interest, offer
from services.matching.web import models
from services.matching.web.common import (
    CallOpener,
    InterestFiler,
    OfferMaker,
    Reader,
    Withdrawer,
    api_store,
    db_of,
    endorses,
    found,
    member_for,
    next_number,
)
from services.matching.web.views import (
    Asked,
    CallView,
    InterestView,
    OfferView,
    PageOf,
)
from shared.contracts.base import Event
from shared.contracts.matching import CallOpened, InterestFiled, OfferMade
from shared.spine.draft import Receipt
from shared.web.on_behalf import OnBehalfOf, asked_for
from shared.web.rights import Principal

router = APIRouter(prefix="/matching/api/v1", tags=["matching"])

Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", max_length=200, description="The same key and content: the same answer, once."),
]
Name = Annotated[str, Path(max_length=100)]


Part = Annotated[Asked, Depends()]


@router.post("/calls", status_code=201)
async def open_call(body: models.CallBody, request: Request, principal: CallOpener, _key: Key = None) -> CallView:
    command = OpenCall(**body.model_dump())
    number = await next_number(request, principal, command)
    receipt = await handlers.open_call(command, api_store(request, principal), number)
    return await call_view(request, principal, _stream(receipt, CallOpened))


@router.get("/calls")
async def list_calls(
    request: Request,
    principal: Reader,
    asked: Part,
    status: Annotated[call.Status | None, Query()] = None,
) -> PageOf[CallView]:
    db, network = db_of(request), principal.network
    drafts = principal.may("matching.open-call")
    rows, total = await queries.calls(db, network, status=status or "", drafts=drafts, **asked.part)
    counts = await queries.counts(db, network, [one.id for one in rows])
    return asked.of([CallView.of(one, counts[one.id]) for one in rows], total)


@router.get("/calls/{call_id}")
async def get_call(call_id: Name, request: Request, principal: Reader) -> CallView:
    return await call_view(request, principal, call_id)


@router.post("/calls/{call_id}/close")
async def close_call(
    call_id: Name, request: Request, principal: CallOpener, body: models.Body | None = None, _key: Key = None
) -> CallView:
    one = await found(request, principal, call_id, call.Call)
    command = CloseCall(call=one.id, happened_at=body and body.happened_at)
    await handlers.close_call(command, api_store(request, principal))
    return await call_view(request, principal, call_id)


@router.post("/interests", status_code=201)
async def file_interest(
    body: models.InterestBody,
    request: Request,
    principal: InterestFiler,
    _key: Key = None,
    on_behalf_of: OnBehalfOf = None,
) -> InterestView:
    member = member_for(principal, body.member)
    command = FileInterest(**{**body.model_dump(), "member": member})
    store = await asked_for(request, principal, api_store(request, principal), on_behalf_of, member)
    receipt = await handlers.file_interest(command, store, endorsed=endorses(principal, member))
    return await _interest(request, principal, _stream(receipt, InterestFiled))


@router.get("/interests")
async def list_interests(
    request: Request,
    principal: Reader,
    asked: Part,
    status: Annotated[interest.Status | None, Query()] = None,
) -> PageOf[InterestView]:
    """Those that the reader may see."""
    own = principal.own_member
    rows, total = await queries.interests(
        db_of(request), principal.network, call=asked.call, own=own, status=status or "", **asked.part
    )
    return asked.of([InterestView.of(one) for one in rows], total)


@router.get("/interests/{interest_id}")
async def get_interest(interest_id: Name, request: Request, principal: Reader) -> InterestView:
    return await _interest(request, principal, interest_id)


@router.post("/interests/{interest_id}/withdraw")
async def withdraw_interest(
    interest_id: Name,
    request: Request,
    principal: Withdrawer,
    *,
    body: models.Body | None = None,
    _key: Key = None,
    on_behalf_of: OnBehalfOf = None,
) -> InterestView:
    one = await found(request, principal, interest_id, interest.Interest)
    command = WithdrawInterest(interest=one.id, happened_at=body and body.happened_at)
    store = await asked_for(request, principal, api_store(request, principal), on_behalf_of, one.state.member)
    await handlers.withdraw_interest(command, store)
    return await _interest(request, principal, interest_id)


@router.post("/offers", status_code=201)
async def make_offer(
    body: models.OfferBody,
    request: Request,
    principal: OfferMaker,
    _key: Key = None,
    on_behalf_of: OnBehalfOf = None,
) -> OfferView:
    member = member_for(principal, body.member)
    command = MakeOffer(**{**body.model_dump(), "member": member})
    store = await asked_for(request, principal, api_store(request, principal), on_behalf_of, member)
    receipt = await handlers.make_offer(command, store)
    return await _offer(request, principal, _stream(receipt, OfferMade))


@router.get("/offers")
async def list_offers(
    request: Request,
    principal: Reader,
    asked: Part,
    status: Annotated[offer.Status | None, Query()] = None,
) -> PageOf[OfferView]:
    """Those that the reader may see."""
    own = principal.own_member
    rows, total = await queries.offers(
        db_of(request), principal.network, call=asked.call, own=own, status=status or "", **asked.part
    )
    return asked.of([OfferView.of(one) for one in rows], total)


@router.get("/offers/{offer_id}")
async def get_offer(offer_id: Name, request: Request, principal: Reader) -> OfferView:
    return await _offer(request, principal, offer_id)


@router.post("/offers/{offer_id}/withdraw")
async def withdraw_offer(
    offer_id: Name,
    request: Request,
    principal: Withdrawer,
    *,
    body: models.Body | None = None,
    _key: Key = None,
    on_behalf_of: OnBehalfOf = None,
) -> OfferView:
    one = await found(request, principal, offer_id, offer.Offer)
    command = WithdrawOffer(offer=one.id, happened_at=body and body.happened_at)
    store = await asked_for(request, principal, api_store(request, principal), on_behalf_of, one.state.member)
    await handlers.withdraw_offer(command, store)
    return await _offer(request, principal, offer_id)


async def call_view(request: Request, principal: Principal, name: str) -> CallView:
    one = await found(request, principal, name, call.Call)
    counts = await queries.counts(db_of(request), principal.network, [one.id])
    return CallView.of(one, counts[one.id])


async def _interest(request: Request, principal: Principal, name: str) -> InterestView:
    return InterestView.of(await found(request, principal, name, interest.Interest))


async def _offer(request: Request, principal: Principal, name: str) -> OfferView:
    return OfferView.of(await found(request, principal, name, offer.Offer))


def _stream(receipt: Receipt, kind: type[Event]) -> str:
    made = receipt.first(kind)
    assert made is not None
    return made.stream
