"""The JSON API of what else becomes of a request: merged, accepted for a call, asked about and answered."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import StringConstraints

from services.requests import calls
from services.requests.asking import answer_question, ask_sender
from services.requests.commands import AcceptForCall, AnswerQuestion, AskSender, MergeRequest, Reason, RequestId
from services.requests.merging import merge_request
from services.requests.similar import similar_to
from shared.web.stale import IfMatch

from .api import decided, view
from .api_bodies import Body, Key, RequestPath, RequestView
from .common import Asked, Decider, Reader, Sender, api_store, db_of, found

router = APIRouter(prefix="/requests/api/v1", tags=["requests"])


class MergeBody(Body):
    into: RequestId
    reason: Annotated[Reason, StringConstraints(min_length=1)]


class CallBody(Body):
    call: str


class QuestionBody(Body):
    question: Annotated[Reason, StringConstraints(min_length=1)]


class AnswerBody(Body):
    answer: Annotated[Reason, StringConstraints(min_length=1)]


@router.get("/requests/{request_id}/similar")
async def similar(request_id: RequestPath, request: Request, principal: Reader) -> list[RequestView]:
    """Requests that ask for much the same and are open or planned: those that its reader may see."""
    shown = await found(request, principal, request_id)
    alike = await similar_to(db_of(request), shown, member=principal.own_member)
    return [RequestView.of(one.shown) for one in alike]


@router.post("/requests/{request_id}/merge")
async def merge(
    request_id: RequestPath,
    body: MergeBody,
    request: Request,
    principal: Decider,
    *,
    idempotency_key: Key = None,
    if_match: IfMatch = None,
) -> RequestView:
    """Answer it together with another one, whose fate it shares; both senders are told."""
    await found(request, principal, request_id)
    command = MergeRequest(request=request_id, **body.model_dump())
    await decided(request, principal, request_id, if_match, lambda now: merge_request(command, now))
    return await view(request, principal, request_id)


@router.post("/requests/{request_id}/accept")
async def accept(
    request_id: RequestPath,
    body: CallBody,
    request: Request,
    principal: Decider,
    *,
    idempotency_key: Key = None,
    if_match: IfMatch = None,
) -> RequestView:
    """An exchange that was asked for without an open call joins this one."""
    shown = await found(request, principal, request_id)
    command = AcceptForCall(request=request_id, **body.model_dump())
    there = await calls.open_calls(db_of(request), principal.network)
    call = next((one for one in there if one["_id"] == body.call), None)
    words = shown.words
    await decided(
        request, principal, request_id, if_match, lambda now: calls.accept_for_call(command, now, call, words)
    )
    return await view(request, principal, request_id)


@router.post("/requests/{request_id}/ask")
async def ask(
    request_id: RequestPath, body: QuestionBody, request: Request, principal: Asked, idempotency_key: Key = None
) -> RequestView:
    """A question to its sender, who is told by mail."""
    await found(request, principal, request_id)
    facts = body.model_dump(include={"question", "happened_at"})
    await ask_sender(AskSender(request=request_id, **facts), api_store(request, principal))
    return await view(request, principal, request_id)


@router.post("/requests/{request_id}/answer")
async def answer(
    request_id: RequestPath, body: AnswerBody, request: Request, principal: Sender, idempotency_key: Key = None
) -> RequestView:
    await found(request, principal, request_id)
    facts = body.model_dump(include={"answer", "happened_at"})
    await answer_question(AnswerQuestion(request=request_id, **facts), api_store(request, principal))
    return await view(request, principal, request_id)
