"""Activities by API: list, set up, schedule, open, close, hold, cancel."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.events import handlers
from services.events.commands import (
    CancelActivity,
    CloseRegistration,
    HoldActivity,
    Members,
    OpenRegistration,
    Schedule,
    ScheduleActivity,
    Words,
)
from services.events.domain.activity import Status
from services.events.queries import activity as queries
from services.events.queries.activity import Filters, Row
from services.events.web.asked import ActivityPath, db_of, found, links_of, profile_of
from services.events.web.desk import default_invited
from services.events.web.setting_up import NewActivity, announcement, set_schedule
from shared import clock
from shared.spine.http import store_for
from shared.web.rights import Principal, require
from shared.web.stale import IfMatch, seen_version, tell_version

from .parts import IdempotencyKey, Page, PageNumber, PerPage, Told

router = APIRouter(prefix="/events/api/v1", tags=["events"])
Reader = Annotated[Principal, require("events.read")]
Organiser = Annotated[Principal, require("events.organise")]


class SetUp(NewActivity, Told):
    """An activity beside the plan."""


class ScheduleBody(Schedule, Told):
    """Days, mode and places; words left out stay as they are."""


class OpenBody(Told):
    invited: Members = Field(
        default=(), description="Members invited; left open, those of the schedule, the one it is held for, or all."
    )


class CancelBody(Told):
    reason: Annotated[Words, Field(min_length=1)]


class Texts(BaseModel):
    title: str = ""
    place: str = ""
    description: str = ""


class Detail(BaseModel):
    """An activity with the words kept beside it; `reason` says why it was cancelled."""

    activity: Row
    words: Texts
    reason: str
    version: int


@router.get("/activities", summary="The activities of the network, by date")
async def activities(
    request: Request,
    principal: Reader,
    *,
    state: Annotated[Status | Literal["coming", "all"], Query()] = "all",
    quarter: Annotated[str, Query(pattern=r"^(\d{4}-Q[1-4])?$")] = "",
    kind: Annotated[str, Query(max_length=80)] = "",
    line: Annotated[str, Query(max_length=80)] = "",
    page: PageNumber = 1,
    per_page: PerPage = 50,
) -> Page[Row]:
    filters = Filters(state=str(state), quarter=quarter, kind=kind, line=line, today=clock.now().date())
    skip = (page - 1) * per_page
    rows, total = await queries.activities(db_of(request), principal.network, filters, skip=skip, limit=per_page)
    return Page(items=rows, total=total, page=page, per_page=per_page)


@router.get("/activities/{activity:activity}", summary="One activity")
async def activity(request: Request, response: Response, activity: ActivityPath, principal: Reader) -> Detail:
    """Its version is the answer's ETag, for `If-Match`."""
    one = await found(request, principal, activity)
    tell_version(response, one.version)
    return Detail(activity=one.row, words=Texts(**one.words), reason=one.reason, version=one.version)


async def _now(request: Request, principal: Principal, activity: str) -> Row:
    return (await found(request, principal, activity)).row


@router.post("/activities", status_code=201, summary="Set up an activity beside the plan")
async def set_up(request: Request, body: SetUp, principal: Organiser, idempotency_key: IdempotencyKey = None) -> Row:
    store = store_for(request, principal, source="api")
    command = announcement(body, profile_of(principal), store).model_copy(update={"happened_at": body.happened_at})
    await handlers.announce_activity(command, store)
    return await _now(request, principal, command.activity)


@router.post("/activities/{activity:activity}/schedule", summary="Set or change days, mode and places")
async def schedule(
    request: Request,
    activity: ActivityPath,
    body: ScheduleBody,
    *,
    principal: Organiser,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Row:
    await found(request, principal, activity)
    command = ScheduleActivity(activity=activity, **body.model_dump())
    store = store_for(request, principal, source="api")
    await set_schedule(request, command, store, seen_version(if_match))
    return await _now(request, principal, activity)


@router.post("/activities/{activity:activity}/open", summary="Invite members and open registration")
async def open_registration(
    request: Request,
    activity: ActivityPath,
    principal: Organiser,
    body: OpenBody | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Row:
    body = body or OpenBody()
    one = await found(request, principal, activity)
    invited = body.invited or (() if one.state.invited else tuple(default_invited(one, profile_of(principal))))
    command = OpenRegistration(activity=activity, invited=invited, happened_at=body.happened_at)
    own = profile_of(principal).registering
    await handlers.open_registration(command, store_for(request, principal, source="api"), own)
    return await _now(request, principal, activity)


@router.post("/activities/{activity:activity}/close", summary="Close registration")
async def close_registration(
    request: Request,
    activity: ActivityPath,
    principal: Organiser,
    body: Told | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Row:
    command = CloseRegistration(activity=activity, happened_at=body.happened_at if body else None)
    await handlers.change_activity(command, activity, store_for(request, principal, source="api"))
    return await _now(request, principal, activity)


@router.post("/activities/{activity:activity}/hold", summary="Say that it took place; opens its survey")
async def hold(
    request: Request,
    activity: ActivityPath,
    principal: Annotated[Principal, require("events.hold")],
    body: Told | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Row:
    command = HoldActivity(activity=activity, happened_at=body.happened_at if body else None)
    await handlers.hold_activity(command, store_for(request, principal, source="api"), links_of(request))
    return await _now(request, principal, activity)


@router.post("/activities/{activity:activity}/cancel", summary="Call it off, with the reason")
async def cancel(
    request: Request,
    activity: ActivityPath,
    body: CancelBody,
    principal: Organiser,
    idempotency_key: IdempotencyKey = None,
) -> Row:
    command = CancelActivity(activity=activity, reason=body.reason, happened_at=body.happened_at)
    await handlers.cancel_activity(command, store_for(request, principal, source="api"))
    return await _now(request, principal, activity)
