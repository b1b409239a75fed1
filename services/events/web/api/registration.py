"""Registrations, attendance and feedback by API."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.events import handlers
from services.events.commands import (
    ATTENDANCE_AT_ONCE,
    PERSONS_AT_ONCE,
    Attended,
    CancelRegistration,
    RecordAttendance,
    RegisterPersons,
    RegistrationId,
    RestoreRegistration,
    TakeBackAttendance,
    Words,
)
from services.events.domain.survey import unknown_token
from services.events.intake import Named, registrants
from services.events.queries import registration as queries
from services.events.queries.registration import Registered
from services.events.streams import survey_of
from services.events.web.asked import (
    ActivityPath,
    IdempotencyKey,
    RegistrationPath,
    SurveyPath,
    db_of,
    found,
    links_of,
    names_shown,
    people_of,
    person_of,
    profile_of,
    service_of,
)
from services.events.web.feedback import Answer, answered, surveyed
from services.events.web.registration import may_cancel, myself, named_members, standing_of
from shared.contracts.events import AttendanceRecorded, RegistrationConfirmed, RegistrationWaitlisted
from shared.contracts.registering import RegistrationRequested
from shared.people.reads import Purpose
from shared.spine.draft import Receipt
from shared.spine.http import store_for
from shared.web.on_behalf import OnBehalfOf, asked_for
from shared.web.rights import Principal, public, require

from .parts import Page, PageNumber, PerPage, Told

router = APIRouter(prefix="/events/api/v1", tags=["events"])


class RegisterBody(Told):
    """Persons to be registered, all or none; left empty, the one who asks."""

    persons: Annotated[list[Named], Field(max_length=PERSONS_AT_ONCE)] = Field(default_factory=list)
    mode: Attended | None = Field(default=None, description="For the one who asks.")
    together: bool = Field(default=False, description="All of them come or none: they get their places at one time.")


class Place(BaseModel):
    registration: str
    person: str
    member: str
    mode: str
    status: Literal["confirmed", "waitlisted"]
    position: int | None = Field(default=None, description="Place in line, from 1.")
    pending: bool = Field(default=False, description="It waits to be endorsed or approved before it is in line.")


class Places(BaseModel):
    activity: str
    registrations: Sequence[Place]


class Cancelled(BaseModel):
    """`confirmed` are those who got a place by it."""

    registration: str
    confirmed: Sequence[Place]


class AttendanceBody(Told):
    present: Annotated[dict[RegistrationId, bool], Field(min_length=1, max_length=ATTENDANCE_AT_ONCE)]


class Recorded(BaseModel):
    changed: int
    present: int


class Listed(BaseModel):
    """`name` is left out where the person was erased."""

    registration: Registered
    name: str | None


class FeedbackLinks(BaseModel):
    """Addresses to send to those present who have not answered, in an order that tells nothing."""

    survey: str
    links: Sequence[str]


class FeedbackBody(Answer, Told):
    pass


def _places(receipt: Receipt) -> list[Place]:
    found: list[Place] = []
    for one in receipt.events:
        match one.event:
            case RegistrationRequested() as event:
                found.append(Place(**event.model_dump(), status="waitlisted", pending=True))
            case RegistrationWaitlisted() as event:
                found.append(Place(**event.model_dump(), status="waitlisted"))
            case RegistrationConfirmed() as event:
                found.append(Place(**event.model_dump(), status="confirmed"))
    return found


@router.post("/activities/{activity:activity}/registrations", status_code=201, summary="Register one or many persons")
async def register(
    request: Request,
    activity: ActivityPath,
    body: RegisterBody,
    principal: Annotated[Principal, require("events.register")],
    *,
    idempotency_key: IdempotencyKey = None,
    on_behalf_of: OnBehalfOf = None,
) -> Places:
    named_members(body.persons, principal, profile_of(principal))
    members = {one.member for one in body.persons}
    asked = members.pop() if len(members) == 1 else None
    store = await asked_for(request, principal, store_for(request, principal, source="api"), on_behalf_of, asked)
    if body.persons:
        persons = await registrants(body.persons, people_of(request), principal.network, form="api")
    else:
        persons = (await myself(request, principal, body.mode),)
    command = RegisterPersons(
        activity=activity,
        persons=persons,
        happened_at=body.happened_at,
        together=body.together,
        standing=standing_of(principal),
    )
    receipt = await handlers.change_activity(command, activity, store)
    return Places(activity=activity, registrations=_places(receipt))


@router.post(
    "/activities/{activity:activity}/registrations/{registration:registration}/cancel", summary="Give a place back"
)
async def cancel(
    request: Request,
    activity: ActivityPath,
    registration: RegistrationPath,
    principal: Annotated[Principal, require("events.cancel-registration")],
    *,
    body: Told | None = None,
    idempotency_key: IdempotencyKey = None,
    on_behalf_of: OnBehalfOf = None,
) -> Cancelled:
    one = await found(request, principal, activity)
    before = one.state.registrations.get(registration)
    if before is None or not may_cancel(principal, before, await person_of(request, principal)):
        raise HTTPException(404)
    happened_at = body.happened_at if body else None
    command = CancelRegistration(activity=activity, registration=registration, happened_at=happened_at)
    store = store_for(request, principal, source="api")
    store = await asked_for(request, principal, store, on_behalf_of, before.member)
    receipt = await handlers.change_activity(command, activity, store)
    return Cancelled(registration=registration, confirmed=_places(receipt))


class RestoreBody(Told):
    reason: Words = ""


@router.post(
    "/activities/{activity:activity}/registrations/{registration:registration}/restore",
    summary="Take a cancellation back, where the place is still free",
)
async def restore(
    request: Request,
    activity: ActivityPath,
    registration: RegistrationPath,
    principal: Annotated[Principal, require("events.cancel-registration")],
    *,
    body: RestoreBody | None = None,
    idempotency_key: IdempotencyKey = None,
    on_behalf_of: OnBehalfOf = None,
) -> Place:
    one = await found(request, principal, activity)
    before = one.state.registrations.get(registration)
    if before is None or not may_cancel(principal, before, await person_of(request, principal)):
        raise HTTPException(404)
    told = (body or RestoreBody()).model_dump()
    command = RestoreRegistration(activity=activity, registration=registration, **told)
    store = store_for(request, principal, source="api")
    await handlers.restore_registration(
        command, await asked_for(request, principal, store, on_behalf_of, before.member)
    )
    who = {"person": before.person, "member": before.member, "mode": before.mode}
    return Place(registration=registration, status="confirmed", **who)


class TakeBackBody(Told):
    registrations: Annotated[tuple[RegistrationId, ...], Field(min_length=1, max_length=ATTENDANCE_AT_ONCE)]
    reason: Annotated[Words, Field(min_length=1)]


@router.post(
    "/activities/{activity:activity}/attendance/take-back", summary="As if nothing had been told of these persons"
)
async def take_back_attendance(
    request: Request,
    activity: ActivityPath,
    body: TakeBackBody,
    principal: Annotated[Principal, require("events.check-in")],
    idempotency_key: IdempotencyKey = None,
) -> Recorded:
    command = TakeBackAttendance(activity=activity, **body.model_dump())
    receipt = await handlers.take_back_attendance(command, store_for(request, principal, source="api"))
    return Recorded(changed=len(receipt.events), present=0)


@router.get("/activities/{activity:activity}/registrations", summary="Who is registered")
async def registrations(
    request: Request,
    activity: ActivityPath,
    principal: Annotated[Principal, require("events.organise")],
    *,
    status: Literal["", "confirmed", "waitlisted", "offered", "requested", "endorsed", "cancelled"] = "",
    member: Annotated[str, Query(max_length=80)] = "",
    page: PageNumber = 1,
    per_page: PerPage = 50,
) -> Page[Listed]:
    one = await found(request, principal, activity)
    told = await queries.attendance(db_of(request), principal.network, activity)
    rows = queries.registrations(one.state, told, status=status, member=member or None)
    shown = rows[(page - 1) * per_page : page * per_page]
    names = await names_shown(request, principal, Purpose.REGISTRATIONS, (row.person for row in shown))
    items = [Listed(registration=row, name=names.get(row.person)) for row in shown]
    return Page(items=items, total=len(rows), page=page, per_page=per_page)


@router.post("/activities/{activity:activity}/attendance", summary="Tell who was present, or correct it")
async def attendance(
    request: Request,
    activity: ActivityPath,
    body: AttendanceBody,
    principal: Annotated[Principal, require("events.check-in")],
    idempotency_key: IdempotencyKey = None,
) -> Recorded:
    command = RecordAttendance(activity=activity, present=body.present, happened_at=body.happened_at)
    receipt = await handlers.record_attendance(command, store_for(request, principal, source="api"))
    told = [one.event for one in receipt.events if isinstance(one.event, AttendanceRecorded)]
    return Recorded(changed=len(told), present=sum(event.present for event in told))


@router.get("/activities/{activity:activity}/feedback-links", summary="One-time links to the survey, for a mailing")
async def feedback_links(
    request: Request, activity: ActivityPath, principal: Annotated[Principal, require("events.organise")]
) -> FeedbackLinks:
    await found(request, principal, activity)
    told = await queries.attendance(db_of(request), principal.network, activity)
    survey = await queries.survey(db_of(request), principal.network, activity)
    present = {registration for registration, one in told.present.items() if one.present}
    stream = survey_of(activity)
    tokens = await links_of(request).tokens(stream, present, set(survey.outstanding))
    base = service_of(request).settings.base_url.rstrip("/")
    return FeedbackLinks(survey=stream, links=[f"{base}/events/feedback/{stream}/{token}" for token in tokens])


@router.post("/feedback/{survey:survey}/{token}", status_code=204, summary="Give feedback without a name")
async def feedback(
    request: Request,
    survey: SurveyPath,
    token: str,
    body: FeedbackBody,
    principal: Annotated[Principal | None, public()],
) -> Response:
    asked = await surveyed(db_of(request), survey)
    if asked.state.follow_up:
        raise unknown_token()
    await answered(request, principal, asked, token=token, answer=body, at=body.happened_at)
    return Response(status_code=204)
