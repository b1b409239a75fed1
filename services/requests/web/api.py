"""The JSON API: `/requests/api/v1`."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated, Any, Self

from fastapi import APIRouter, Header, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.requests import calls, commands, handlers, queries
from services.requests.commands import (
    DeclineRequest,
    DeferRequest,
    Id,
    Moment,
    PlanRequest,
    QuarterText,
    Reason,
    ReopenRequest,
    SubmitRequest,
    WithdrawRequest,
)
from services.requests.domain.state import Status as Fate
from services.requests.queries import Filter, Shown
from shared.contracts.requests import RequestSubmitted
from shared.spine.draft import Receipt
from shared.spine.store import GroupingStore
from shared.web.on_behalf import OnBehalfOf, asked_for
from shared.web.rights import Principal
from shared.web.stale import IfMatch, guarded, seen_version, tell_version

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

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", max_length=200, description="The same key and content: the same answer, done once."
    ),
]
RequestPath = Annotated[str, Path(alias="request_id", max_length=100, examples=["request-0192…"])]
YearPath = Annotated[int, Path(ge=2000, le=2099)]


class Status(StrEnum):
    """As published: one that is merged has that of the request which it shares its fate with."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PLANNED = "planned"
    DEFERRED = "deferred"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    FULFILLED = "fulfilled"

    @classmethod
    def of(cls, shown: Shown) -> "Status":
        """A request in a call of exchanges reads as planned."""
        if shown.status is Fate.MERGED:
            return cls.of(shown.lead) if shown.lead else cls.SUBMITTED
        return cls.PLANNED if shown.status is Fate.ACCEPTED else cls(shown.status.value)


class RequestBody(commands.Wish):
    member: Id | None = None
    """For a coordinator who asks on a member's behalf; else one's own."""


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Reason = ""
    happened_at: Moment | None = None


class PlanBody(Body):
    line: Id
    quarter: QuarterText


class DeferBody(Body):
    quarter: QuarterText
    reason: Annotated[Reason, StringConstraints(min_length=1)]


class DeclineBody(Body):
    reason: Annotated[Reason, StringConstraints(min_length=1)]


class Narrowed(BaseModel):
    """What a list is narrowed to, and which page of it."""

    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=200)] = 25
    member: Annotated[str | None, Field(max_length=64)] = None
    kind: Annotated[str, Field(max_length=64)] = ""
    status: Status | None = None
    year: Annotated[int | None, Field(ge=2000, le=2099)] = None
    q: Annotated[str, Field(max_length=200, description="Part of the title.")] = ""


class ReopenBody(Body):
    reason: Annotated[Reason, StringConstraints(min_length=1)]


class RequestView(BaseModel):
    id: str
    version: int
    """For `If-Match`: a decision on an older one is answered with 409 and what changed."""
    status: Status
    kind: str
    member: str
    title: str
    description: str = ""
    audience: str = ""
    topic: str | None = None
    target_groups: list[str] = Field(default_factory=list)
    language: str | None = None
    participants: int | None = None
    quarter_wished: str | None = None
    year: int
    submitted_on: str
    via: str
    line: str | None = None
    quarter: str | None = None
    activity: str | None = None
    reason: str = ""
    """That of the last decision."""
    cause: str = ""
    """Why it waits again, where a decision was taken back: `undone`, `activity-cancelled`,
    `exchange-cancelled`, `joined-withdrawn`."""
    fate: str = ""
    """As `status`, and `merged` or `accepted` (for a call of exchanges) where it is that."""
    merged_into: str | None = None
    """The request that it is answered together with; its member's and the coordinators' to see."""
    call: str | None = None
    exchange: str | None = None
    """The one in `matching` that both sides agreed to for it."""
    host: str | None = None
    week: str | None = None
    """In which the exchange begins: `2024-W38`."""
    question: str = ""
    """What a coordinator asks, until its sender has answered."""

    @classmethod
    def of(cls, shown: Shown) -> Self:
        state: dict[str, Any] = dict(shown.state)
        words = {name: shown.words.get(name, "") for name in ("title", "description", "audience")}
        about = {"id": shown.id, "version": shown.version, "reason": shown.reason, "question": shown.question}
        fate = {"status": Status.of(shown), "fate": shown.status.value, "merged_into": state["into"]}
        return cls.model_validate({**state, **words, **about, **fate})


class RequestsView(BaseModel):
    total: int
    page: int
    per_page: int
    items: list[RequestView]


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
