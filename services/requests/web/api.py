"""The JSON API: `/requests/api/v1`."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from services.requests import calls, handlers, queries
from services.requests.commands import (
    DeclineRequest,
    DeferRequest,
    PlanRequest,
    ReopenRequest,
    SubmitRequest,
    WithdrawRequest,
)
from services.requests.queries import Filter
from shared.contracts.requests import RequestSubmitted
from shared.spine.draft import Receipt
from shared.spine.store import GroupingStore
from shared.web.on_behalf import OnBehalfOf, asked_for
from shared.web.rights import Principal
from shared.web.stale import IfMatch, guarded, seen_version, tell_version

from . import inside
from .api_bodies import (
    Body,
    DeclineBody,
    DeferBody,
    Key,
    Narrowed,
    PlanBody,
    ReopenBody,
    RequestBody,
    RequestPath,
    RequestsView,
    RequestView,
)
from .common import (
    DECISIONS,
    Asker,
    Decider,
    Reader,
    Withdrawer,
    api_store,
    db_of,
    findable,
    found,
    member_for,
)

router = APIRouter(prefix="/requests/api/v1", tags=["requests"])


@router.post("/requests", status_code=201)
async def submit(
    body: RequestBody,
    request: Request,
    response: Response,
    principal: Asker,
    *,
    idempotency_key: Key = None,
    on_behalf_of: OnBehalfOf = None,
) -> RequestView:
    """Send a request for one's own member; a coordinator sends it on behalf of `member`."""
    wish = body.model_dump(exclude={"member"})
    in_call = await calls.open_call(db_of(request), principal.network) is not None
    command = SubmitRequest(**wish, member=member_for(principal, body.member), via="api")
    await inside.check(db_of(request), principal, command.inside)
    store = await asked_for(request, principal, api_store(request, principal), on_behalf_of, command.member)
    receipt = await handlers.submit_request(command, store, call_open=in_call)
    sent = receipt.first(RequestSubmitted)
    assert sent is not None
    response.headers["Location"] = f"/requests/api/v1/requests/{sent.stream}"
    return await view(request, principal, sent.stream)


@router.get("/requests")
async def requests(request: Request, principal: Reader, asked: Annotated[Narrowed, Query()]) -> RequestsView:
    """Requests, the newest first: one's own member's, or the network's."""
    own = principal.own_member
    if own == "" or (own is not None and asked.member not in (None, own)):
        return RequestsView(total=0, page=asked.page, per_page=asked.per_page, items=[])
    status = asked.status.value if asked.status else ""
    only = Filter(own or asked.member, asked.kind, status, asked.year, findable(asked.q))
    skip = (asked.page - 1) * asked.per_page
    rows, total = await queries.listed(db_of(request), principal.network, only, skip=skip, limit=asked.per_page)
    items = [RequestView.of(row) for row in rows]
    return RequestsView(total=total, page=asked.page, per_page=asked.per_page, items=items)


@router.get("/requests/{request_id}")
async def one(request_id: RequestPath, request: Request, response: Response, principal: Reader) -> RequestView:
    """Its version is the answer's ETag, for `If-Match`."""
    shown = await found(request, principal, request_id)
    tell_version(response, shown.version)
    return RequestView.of(shown)


@router.post("/requests/{request_id}/plan")
async def plan(
    request_id: RequestPath,
    body: PlanBody,
    request: Request,
    principal: Decider,
    *,
    idempotency_key: Key = None,
    if_match: IfMatch = None,
) -> RequestView:
    """Put it on a line and into a quarter; `activity` is what `events` will schedule."""
    await found(request, principal, request_id)
    command = PlanRequest(request=request_id, **body.model_dump())
    await decided(request, principal, request_id, if_match, lambda now: handlers.plan_request(command, now))
    return await view(request, principal, request_id)


@router.post("/requests/{request_id}/defer")
async def defer(
    request_id: RequestPath,
    body: DeferBody,
    request: Request,
    principal: Decider,
    *,
    idempotency_key: Key = None,
    if_match: IfMatch = None,
) -> RequestView:
    await found(request, principal, request_id)
    command = DeferRequest(request=request_id, **body.model_dump())
    await decided(request, principal, request_id, if_match, lambda now: handlers.defer_request(command, now))
    return await view(request, principal, request_id)


@router.post("/requests/{request_id}/decline")
async def decline(
    request_id: RequestPath,
    body: DeclineBody,
    request: Request,
    principal: Decider,
    *,
    idempotency_key: Key = None,
    if_match: IfMatch = None,
) -> RequestView:
    await found(request, principal, request_id)
    command = DeclineRequest(request=request_id, **body.model_dump())
    await decided(request, principal, request_id, if_match, lambda now: handlers.decline_request(command, now))
    return await view(request, principal, request_id)


@router.post("/requests/{request_id}/withdraw")
async def withdraw(
    request_id: RequestPath,
    request: Request,
    principal: Withdrawer,
    *,
    body: Body | None = None,
    idempotency_key: Key = None,
    if_match: IfMatch = None,
    on_behalf_of: OnBehalfOf = None,
) -> RequestView:
    shown = await found(request, principal, request_id)
    command = WithdrawRequest(request=request_id, **(body or Body()).model_dump())
    store = await asked_for(request, principal, api_store(request, principal), on_behalf_of, shown.member)
    await guarded(
        request, store, request_id, lambda now: handlers.withdraw_request(command, now),
        seen=seen_version(if_match), minds=DECISIONS,
    )  # fmt: skip
    return await view(request, principal, request_id)


@router.post("/requests/{request_id}/reopen")
async def reopen(
    request_id: RequestPath,
    body: ReopenBody,
    request: Request,
    principal: Decider,
    *,
    idempotency_key: Key = None,
    if_match: IfMatch = None,
) -> RequestView:
    """Take the last decision back; a planned one only while its activity has no date."""
    shown = await found(request, principal, request_id)
    command = ReopenRequest(request=request_id, **body.model_dump())
    await decided(
        request, principal, request_id, if_match, lambda now: handlers.reopen_request(command, now, shown.activity)
    )
    return await view(request, principal, request_id)


async def decided(
    request: Request,
    principal: Principal,
    request_id: str,
    if_match: str | None,
    do: Callable[[GroupingStore], Awaitable[Receipt]],
) -> None:
    await guarded(request, api_store(request, principal), request_id, do, seen=seen_version(if_match), minds=DECISIONS)


async def view(request: Request, principal: Any, request_id: str) -> RequestView:
    return RequestView.of(await found(request, principal, request_id))
