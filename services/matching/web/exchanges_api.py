"""The JSON API of exchanges: who sees which, and the answers of both sides."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from services.matching import handlers, queries
from services.matching.commands import AcceptExchange, DeclineExchange
from services.matching.domain import exchange
from services.matching.web import models
from services.matching.web.api import Key, Name, Part
from services.matching.web.common import Answerer, Reader, api_store, db_of, found, side_for
from services.matching.web.views import ExchangeView, PageOf

router = APIRouter(prefix="/matching/api/v1", tags=["matching"])


@router.get("/exchanges")
async def list_exchanges(
    request: Request,
    principal: Reader,
    asked: Part,
    status: Annotated[exchange.Status | None, Query()] = None,
) -> PageOf[ExchangeView]:
    """Those in which the reader's member sends or hosts; all for who sees the whole network."""
    own = principal.own_member
    rows, total = await queries.exchanges(
        db_of(request), principal.network, call=asked.call, own=own, status=status or "", **asked.part
    )
    return asked.of([ExchangeView.of(one) for one in rows], total)


@router.get("/exchanges/{exchange_id}")
async def get_exchange(exchange_id: Name, request: Request, principal: Reader) -> ExchangeView:
    return ExchangeView.of(await found(request, principal, exchange_id, exchange.Exchange))


@router.post("/exchanges/{exchange_id}/accept")
async def accept_exchange(
    exchange_id: Name, request: Request, principal: Answerer, body: models.AnswerBody | None = None, _key: Key = None
) -> ExchangeView:
    """With the second side's yes it is agreed."""
    one = await found(request, principal, exchange_id, exchange.Exchange)
    answer = body or models.AnswerBody()
    member = side_for(principal, one.state, answer.member)
    command = AcceptExchange(exchange=one.id, member=member, happened_at=answer.happened_at)
    await handlers.accept_exchange(command, api_store(request, principal))
    return ExchangeView.of(await found(request, principal, exchange_id, exchange.Exchange))


@router.post("/exchanges/{exchange_id}/decline")
async def decline_exchange(
    exchange_id: Name, request: Request, principal: Answerer, body: models.DeclineBody | None = None, _key: Key = None
) -> ExchangeView:
    """The host's places are free again, and the interest takes part in the next run."""
    one = await found(request, principal, exchange_id, exchange.Exchange)
    answer = body or models.DeclineBody()
    member = side_for(principal, one.state, answer.member)
    command = DeclineExchange(exchange=one.id, member=member, reason=answer.reason, happened_at=answer.happened_at)
    await handlers.decline_exchange(command, api_store(request, principal))
    return ExchangeView.of(await found(request, principal, exchange_id, exchange.Exchange))
