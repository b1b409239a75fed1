"""Check-in: a phone page that goes on without a network, codes typed in a form, and the code on the wall."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import FileResponse, Response

from services.events.commands.attendance import CheckIn
from services.events.commands.words import Id
from services.events.domain.activity import OVER, Status
from services.events.door import EVERY_S, typed
from services.events.handlers.attendance import check_in
from services.events.queries import registration as queries
from services.events.queries.activity import Found
from shared import clock
from shared.contracts.refused import Refused
from shared.people.reads import Purpose
from shared.spine.http import store_for
from shared.spine.store import GroupingStore
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.limits import Buckets, TooMany
from shared.web.pages import STATIC, render, see_other
from shared.web.rights import Principal, public, require

from .asked import ActivityPath, db_of, found, names_shown, person_of, service_of
from .door_codes import door_of, own_code, picture
from .mine import opened, store_of_link, unseen

router = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/events/api/v1/activities/{activity:activity}", tags=["events"])
CheckInRight = Annotated[Principal, require("events.check-in")]
LATEST = timedelta(days=7)
"""A phone that was without a network for longer is too late."""
_tries = Buckets(rate=1 / 20, burst=20)


def placed(one: Found) -> list[str]:
    return [id for id, registration in one.state.registrations.items() if registration.status == "confirmed"]


@router.get("/events/check-in-worker.js")
async def worker(principal: Annotated[Principal | None, public()]) -> Response:
    """Served from here, since a worker looks after addresses beside its own alone."""
    again = {"Cache-Control": "no-cache"}
    return FileResponse(STATIC / "check-in-worker.js", media_type="text/javascript", headers=again)


@router.get("/events/{activity:activity}/check-in")
async def check_in_page(request: Request, activity: ActivityPath, principal: CheckInRight) -> Response:
    form = Form.of(code=request.query_params.get("code"), out="")
    return await _page(request, principal, await found(request, principal, activity), form)


async def _page(request: Request, principal: Principal, one: Found, form: Form, status: int = 200) -> Response:
    told = await queries.attendance(db_of(request), principal.network, one.row.id)
    rows = queries.registrations(one.state, told, status="confirmed")
    names = await names_shown(request, principal, Purpose.ATTENDANCE, (row.person for row in rows))
    codes = {registration: code for code, registration in door_of(request).codes(row.id for row in rows).items()}
    data = {codes[row.id]: [names.get(row.person, _("Name erased")), row.present is True] for row in rows}
    return render(
        request, "events/check_in.html", status=status, one=one, row=one.row, form=form, data=data, total=len(rows),
        present=sum(row.present is True for row in rows), sync=f"/events/api/v1/activities/{one.row.id}/check-ins",
    )  # fmt: skip


@router.post("/events/{activity:activity}/check-in")
async def type_code(request: Request, activity: ActivityPath, principal: CheckInRight) -> Response:
    """One code, typed or read by the phone's own camera: works without scripts."""
    one, form = await found(request, principal, activity), await read_form(request)
    registration = door_of(request).codes(placed(one)).get(typed(form["code"]))
    if registration is None:
        form.fail("code", _("Nobody who has a place has this code; look at it again."))
        return await _page(request, principal, one, form, 422)
    command = CheckIn(activity=activity, registration=registration, out=form["out"] == "1", how="code")
    try:
        await check_in(command, store_for(request, principal, command_id=form.command_id))
    except Refused as refusal:
        return await _page(request, principal, one, form, form.refuse(refusal))
    person = one.state.registrations[registration].person
    who = (await names_shown(request, principal, Purpose.ATTENDANCE, [person])).get(person, _("Name erased"))
    said = _("%(name)s left.", name=who) if command.out else _("%(name)s is here.", name=who)
    return see_other(request, f"/events/{activity}/check-in", done=said)


class Scan(BaseModel):
    """`ago`: so many seconds before this was sent, by the phone's clock, which need not be right.

    Whatever a phone may have kept fits in here and is judged by itself: one wrong scan keeps none of the others back.
    """

    model_config = ConfigDict(extra="forbid")

    scan: Id = Field(description="The id that the phone gave it; told again it changes nothing.")
    code: Annotated[str, Field(max_length=10_000)]
    out: bool = False
    ago: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0


class Scans(BaseModel):
    model_config = ConfigDict(extra="forbid")

    scans: Annotated[list[Scan], Field(min_length=1, max_length=200)]


class Outcome(BaseModel):
    scan: str
    outcome: Literal["taken", "unknown", "refused"]
    sentence: str = ""


class Outcomes(BaseModel):
    outcomes: Sequence[Outcome]


@api.post("/check-ins", summary="Scans of codes at the door, as often as it takes")
async def sync(request: Request, activity: ActivityPath, body: Scans, principal: CheckInRight) -> Outcomes:
    """Each scan is taken once, by its id and the moment it was made, however often it is sent."""
    one = await found(request, principal, activity)
    codes = door_of(request).codes(placed(one))
    store = store_for(request, principal, source="scan", command_id="")
    store = replace(store, origin=replace(store.origin, command_id=None, history=True))
    return Outcomes(outcomes=[await _taken(one, scan, codes.get(typed(scan.code)), store) for scan in body.scans])


async def _taken(one: Found, scan: Scan, registration: str | None, store: GroupingStore) -> Outcome:
    if registration is None:
        sentence = _("Nobody who has a place has this code; look at it again.")
        return Outcome(scan=scan.scan, outcome="unknown", sentence=sentence)
    if scan.ago > LATEST.total_seconds():
        sentence = _("This was scanned more than %(days)s days ago; tell of it in the attendance.", days=LATEST.days)
        return Outcome(scan=scan.scan, outcome="refused", sentence=sentence)
    moment = clock.now() - timedelta(seconds=scan.ago)
    command = CheckIn(
        activity=one.row.id, registration=registration, out=scan.out, scan=scan.scan, how="scan", happened_at=moment
    )
    try:
        await check_in(command, store)
    except Refused as refusal:
        if refusal.status >= 500:
            raise
        return Outcome(scan=scan.scan, outcome="refused", sentence=_(refusal.sentence))
    return Outcome(scan=scan.scan, outcome="taken")


@router.get("/events/{activity:activity}/wall")
async def wall(request: Request, activity: ActivityPath, principal: CheckInRight) -> Response:
    """For a screen in the room: the page asks for itself again, and shows the code of the minute."""
    one = await found(request, principal, activity)
    code = door_of(request).on_the_wall(activity)
    base = service_of(request).settings.base_url.rstrip("/")
    address = f"{base}/events/{activity}/here?code={code}"
    return render(
        request, "events/wall.html", one=one, row=one.row, code=code, qr=picture(address), again=EVERY_S // 3,
        over=one.state.status in OVER,
    )  # fmt: skip


@router.get("/events/{activity:activity}/here")
async def here_page(
    request: Request, activity: ActivityPath, principal: Annotated[Principal, require("events.read")]
) -> Response:
    one = await found(request, principal, activity)
    mine = one.state.people.get(await person_of(request, principal) or "")
    form = Form.of(code=request.query_params.get("code"))
    return _here(request, one, mine, form)


def _here(request: Request, one: Found, mine: str | None, form: Form, status: int = 200) -> Response:
    own = one.state.registrations.get(mine) if mine else None
    has_place = own is not None and own.status == "confirmed" and one.state.status != Status.CANCELLED
    door = own_code(request, one.row.id, mine) if mine and has_place else {}
    return render(
        request, "events/here.html", status=status, one=one, row=one.row, form=form, has_place=has_place, door=door,
    )  # fmt: skip


@router.post("/events/{activity:activity}/here")
async def here(
    request: Request, activity: ActivityPath, principal: Annotated[Principal, require("events.register")]
) -> Response:
    one, form = await found(request, principal, activity), await read_form(request)
    mine = one.state.people.get(await person_of(request, principal) or "")
    if mine is None:
        raise Refused("no-place", "You have no place here; nothing is recorded.")
    store = store_for(request, principal, command_id=form.command_id)
    if failed := await _came(request, activity, mine, form, store):
        return _here(request, one, mine, form, failed)
    return see_other(request, f"/events/{activity}/here", done=_said(form))


@router.post("/events/mine/{token}/here")
async def here_by_link(request: Request, token: str, principal: Annotated[Principal | None, public()]) -> Response:
    mine, form = await opened(request, token), await read_form(request)
    failed = await _came(request, mine.one.row.id, mine.id, form, store_of_link(request, mine, form.command_id))
    if failed:
        return unseen(see_other(request, mine.here, done=next(iter(form.errors.values())), kind="error"))
    return unseen(see_other(request, mine.here, done=_said(form)))


def _said(form: Form) -> str:
    return _("You left; come again.") if form["out"] == "1" else _("You are here; welcome.")


async def _came(request: Request, activity: str, registration: str, form: Form, store: GroupingStore) -> int:
    """The person's own check-in with the code on the wall; the status of what went wrong, else 0."""
    if wait := _tries.take(registration):
        raise TooMany(wait)
    if not door_of(request).seen_on_the_wall(activity, form["code"]):
        form.fail("code", _("This is not the code on the wall now; type the one that stands there."))
        return 422
    command = CheckIn(activity=activity, registration=registration, out=form["out"] == "1", how="self")
    try:
        await check_in(command, store)
    except Refused as refusal:
        return form.refuse(refusal)
    return 0


router.include_router(api)
