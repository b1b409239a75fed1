"""The JSON API of a call's stages and of an exchange's life after its proposal."""

from typing import Any

from fastapi import APIRouter, Request

from services.matching import handlers
from services.matching.commands import (
    AskWeek,
    BeginCall,
    CancelExchange,
    DraftCall,
    EndorseInterest,
    PublishCall,
    RecordNoShow,
    ReportCall,
    ReportExchange,
    SetCosts,
)
from services.matching.domain import call, exchange, interest
from services.matching.web import models
from services.matching.web.api import Key, Name, call_view
from services.matching.web.common import (
    Answerer,
    CallOpener,
    Canceller,
    Endorser,
    Payer,
    Reporter,
    api_store,
    found,
    next_number,
    side_for,
    under_way,
)
from services.matching.web.views import CallView, ExchangeView, InterestView
from shared.contracts.matching import CallDrafted
from shared.web.rights import Principal

router = APIRouter(prefix="/matching/api/v1", tags=["matching"])


@router.post("/calls/drafts", status_code=201)
async def draft_call(body: models.CallBody, request: Request, principal: CallOpener, _key: Key = None) -> CallView:
    """Prepare a call; members do not see it until it is opened."""
    command = DraftCall(**body.model_dump())
    number = await next_number(request, principal, command)
    drafted = (await handlers.draft_call(command, api_store(request, principal), number)).first(CallDrafted)
    assert drafted is not None
    return await call_view(request, principal, drafted.stream)


@router.post("/calls/{call_id}/open")
async def publish_call(
    call_id: Name, request: Request, principal: CallOpener, body: models.Body | None = None, _key: Key = None
) -> CallView:
    """Open what was drafted."""
    one = await found(request, principal, call_id, call.Call)
    command = PublishCall(call=one.id, happened_at=body and body.happened_at)
    await handlers.publish_call(command, api_store(request, principal))
    return await call_view(request, principal, call_id)


@router.post("/calls/{call_id}/begin")
async def begin_call(
    call_id: Name, request: Request, principal: CallOpener, body: models.Body | None = None, _key: Key = None
) -> CallView:
    """Its exchanges take place from now on."""
    one = await found(request, principal, call_id, call.Call)
    command = BeginCall(call=one.id, happened_at=body and body.happened_at)
    await handlers.begin_call(command, api_store(request, principal))
    return await call_view(request, principal, call_id)


@router.post("/calls/{call_id}/report")
async def report_call(
    call_id: Name, request: Request, principal: CallOpener, body: models.Body | None = None, _key: Key = None
) -> CallView:
    """All its exchanges are over, and the call with them."""
    one = await found(request, principal, call_id, call.Call)
    command = ReportCall(call=one.id, happened_at=body and body.happened_at)
    open_ones = await under_way(request, principal, one.id)
    await handlers.report_call(command, api_store(request, principal), under_way=open_ones)
    return await call_view(request, principal, call_id)


@router.post("/interests/{interest_id}/endorse")
async def endorse_interest(
    interest_id: Name, request: Request, principal: Endorser, body: models.Body | None = None, _key: Key = None
) -> InterestView:
    """The member's liaison officer stands behind it."""
    one = await found(request, principal, interest_id, interest.Interest)
    command = EndorseInterest(interest=one.id, happened_at=body and body.happened_at)
    await handlers.endorse_interest(command, api_store(request, principal))
    return InterestView.of(await found(request, principal, interest_id, interest.Interest))


@router.post("/exchanges/{exchange_id}/week")
async def ask_week(
    exchange_id: Name, body: models.WeekBody, request: Request, principal: Answerer, _key: Key = None
) -> ExchangeView:
    """Ask for another week: the host's places move with it, and the other side answers anew."""
    one = await found(request, principal, exchange_id, exchange.Exchange)
    member = side_for(principal, one.state, body.member)
    command = AskWeek(exchange=one.id, member=member, **body.model_dump(exclude={"member"}))
    await handlers.ask_week(command, api_store(request, principal))
    return await _view(request, principal, exchange_id)


@router.post("/exchanges/{exchange_id}/cancel")
async def cancel_exchange(
    exchange_id: Name, body: models.ReasonBody, request: Request, principal: Canceller, _key: Key = None
) -> ExchangeView:
    """Call off what was agreed: both sides read why, and the places are free again."""
    one = await found(request, principal, exchange_id, exchange.Exchange)
    command = CancelExchange(exchange=one.id, **body.model_dump())
    await handlers.cancel_exchange(command, api_store(request, principal))
    return await _view(request, principal, exchange_id)


@router.post("/exchanges/{exchange_id}/no-show")
async def record_no_show(
    exchange_id: Name, body: models.NoShowBody, request: Request, principal: Canceller, _key: Key = None
) -> ExchangeView:
    """One side did not turn up; in the next call it counts as served."""
    one = await found(request, principal, exchange_id, exchange.Exchange)
    command = RecordNoShow(exchange=one.id, **body.model_dump())
    await handlers.record_no_show(command, api_store(request, principal))
    return await _view(request, principal, exchange_id)


@router.post("/exchanges/{exchange_id}/costs")
async def set_costs(
    exchange_id: Name, body: models.CostsBody, request: Request, principal: Payer, _key: Key = None
) -> ExchangeView:
    """What it costs, planned or paid; planned amounts must fit what is left of the call's budget."""
    one = await found(request, principal, exchange_id, exchange.Exchange)
    await handlers.set_costs(SetCosts(exchange=one.id, **body.model_dump()), api_store(request, principal))
    return await _view(request, principal, exchange_id)


@router.post("/exchanges/{exchange_id}/report")
async def report_exchange(
    exchange_id: Name, body: models.ReportBody, request: Request, principal: Reporter, _key: Key = None
) -> ExchangeView:
    """One side's report, once it was held; said again, the later one counts."""
    one = await found(request, principal, exchange_id, exchange.Exchange)
    told: dict[str, Any] = body.model_dump(exclude={"member"})
    command = ReportExchange(exchange=one.id, member=side_for(principal, one.state, body.member), **told)
    await handlers.report_exchange(command, api_store(request, principal))
    return await _view(request, principal, exchange_id)


async def _view(request: Request, principal: Principal, name: str) -> ExchangeView:
    return ExchangeView.of(await found(request, principal, name, exchange.Exchange))
