"""A participant's own registration behind the link of their letters: see, change, cancel it, put it in a calendar.

The link is the right itself: no session is made of it, nothing else opens with it, and what is sent tells nobody of it.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.events import handlers
from services.events.certifying import certificate_of
from services.events.commands import AcceptOffer, CancelRegistration, ChangeMode
from services.events.domain.activity import OVER
from services.events.domain.registration import CANCELLED, CONFIRMED, Registration
from services.events.holdings import Holdings
from services.events.letters import entry
from services.events.passes import Passes, expired
from services.events.queries import activity as activities
from services.events.queries import registration as queries
from services.events.queries.activity import Found
from services.events.queries.certificate import Shown
from services.events.queries.certificate import shown as shown_certificate
from services.events.queries.registration import Registered
from shared import clock
from shared.contracts.refused import Refused
from shared.contracts.vocabulary import Mode
from shared.messages import letter
from shared.messages.calendar import ics
from shared.messages.letter import OUTBOX
from shared.mongo import Session, transaction
from shared.spine.origin import Origin
from shared.spine.store import GroupingStore
from shared.web.formats import speak_for
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.rights import Principal, public, require

from . import registration
from .activity import days
from .asked import ActivityPath, RegistrationPath, db_of, found, people_of, service_of
from .catalogue import words
from .door_codes import own_code

router = APIRouter(include_in_schema=False)
Anybody = Annotated[Principal | None, public()]


@dataclass(frozen=True, slots=True)
class Mine:
    """What the link opened."""

    one: Found
    id: str
    registration: Registration
    name: str
    here: str

    @property
    def over(self) -> bool:
        return self.one.state.status in OVER or self.registration.status == CANCELLED


def passes_of(request: Request) -> Passes:
    return Passes(db_of(request), service_of(request).settings)


async def opened(request: Request, token: str) -> Mine:
    """The registration that the link names; refused where it opens nothing (any more)."""
    db, passes = db_of(request), passes_of(request)
    named = await passes.read(token)
    network = await queries.network_of(db, named.activity)
    one = await activities.activity(db, network, named.activity) if network else None
    own = one.state.registrations.get(named.registration) if one else None
    contact = await people_of(request).contact(own.person) if own else None
    if one is None or own is None or contact is None:
        raise expired()
    speak_for(request.scope, one.network)
    passes.demand_recent(one.state.ends_on, clock.now().date())
    return Mine(one, named.registration, own, contact[0], f"/events/mine/{token}")


@router.get("/events/mine/{token}")
async def mine_page(request: Request, token: str, principal: Anybody) -> Response:
    mine = await opened(request, token)
    return await _page(request, mine, Form.of(mode=mine.registration.mode), 200)


async def _page(request: Request, mine: Mine, form: Form, status: int) -> Response:
    one = mine.one
    told = await queries.attendance(db_of(request), one.network, one.row.id)
    line = queries.registrations(one.state, told, person=mine.registration.person)
    shown: Registered = next(each for each in line if each.id == mine.id)
    others = [
        (room.mode, _(Mode(room.mode).label))
        for room in one.row.rooms
        if room.mode == mine.registration.mode or (room.free and not room.waiting)
    ]
    response = render(
        request, "events/mine.html", status=status, mine=mine, one=one, row=one.row, shown=shown, days=days(one.row),
        modes=others if len(others) > 1 else [], form=form, certificates=await _certificates(request, mine),
        door=own_code(request, one.row.id, mine.id) if shown.status == CONFIRMED and not mine.over else {},
        coming=Form.of(out="0"), **words(),
    )  # fmt: skip
    return unseen(response)


async def _certificates(request: Request, mine: Mine) -> list[tuple[Shown, str]]:
    """The one of this registration, with the link that opens it."""
    id = certificate_of(mine.one.network, mine.one.row.id, mine.id)
    one = await shown_certificate(db_of(request), mine.one.network, id)
    return [(one, Holdings(service_of(request).settings).path(id))] if one else []


def unseen(response: Response) -> Response:
    """No cache keeps it, and no other site is told the address; with `no-referrer` a form would name no origin."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def store_of_link(request: Request, mine: Mine, command_id: str) -> GroupingStore:
    """On behalf of the person whose link it is."""
    origin = Origin(mine.one.network, actor=mine.registration.person, source="link", command_id=command_id or None)
    return GroupingStore(service_of(request).grouping, origin)


@router.get("/events/mine/{token}/cancel")
async def cancel_page(request: Request, token: str, principal: Anybody) -> Response:
    mine = await opened(request, token)
    if mine.over:
        return unseen(see_other(request, mine.here))
    asked = registration.asking(mine.one, mine.registration)
    response = render(
        request,
        "events/registration_cancel.html",
        action=f"{mine.here}/cancel",
        back=mine.here,
        who=mine.name,
        **asked,
    )
    return unseen(response)


@router.post("/events/mine/{token}/cancel")
async def cancel(request: Request, token: str, principal: Anybody) -> Response:
    mine, form = await opened(request, token), await read_form(request)
    command = CancelRegistration(activity=mine.one.row.id, registration=mine.id)
    try:
        await handlers.change_activity(command, mine.one.row.id, store_of_link(request, mine, form.command_id))
    except Refused as refusal:
        return await _page(request, mine, form, form.refuse(refusal))
    return unseen(see_other(request, mine.here, done=_("Your registration is cancelled.")))


@router.post("/events/mine/{token}/accept")
async def accept(request: Request, token: str, principal: Anybody) -> Response:
    """Take the place that is offered."""
    mine, form = await opened(request, token), await read_form(request)
    command = AcceptOffer(activity=mine.one.row.id, registration=mine.id)
    try:
        await handlers.change_activity(command, mine.one.row.id, store_of_link(request, mine, form.command_id))
    except Refused as refusal:
        return await _page(request, mine, form, form.refuse(refusal))
    return unseen(see_other(request, mine.here, done=_("A place is yours.")))


@router.post("/events/mine/{token}/mode")
async def change_mode(request: Request, token: str, principal: Anybody) -> Response:
    mine, form = await opened(request, token), await read_form(request)
    command = form.build(ChangeMode, activity=mine.one.row.id, registration=mine.id)
    status = 422
    if command is not None:
        try:
            await handlers.change_activity(command, mine.one.row.id, store_of_link(request, mine, form.command_id))
            return unseen(see_other(request, mine.here, done=_("It is changed.")))
        except Refused as refusal:
            status = form.refuse(refusal, "mode")
    return await _page(request, mine, form, status)


@router.post("/events/mine/{token}/link")
async def replace_link(request: Request, token: str, principal: Anybody) -> Response:
    """The participant believes that others have the link: it opens nothing any more, and a new one is sent."""
    mine, form = await opened(request, token), await read_form(request)
    await send_new_link(request, mine.one, mine.id, mine.registration, form.command_id)
    return unseen(render(request, "events/mine_replaced.html", status=200))


@router.get("/events/mine/{token}/activity.ics")
async def calendar(request: Request, token: str, principal: Anybody) -> Response:
    mine = await opened(request, token)
    settings = service_of(request).settings
    cancelled = mine.over and mine.one.state.status != "held"
    own = entry(mine.one, settings, mine.registration, "CANCEL" if cancelled else "PUBLISH")
    if own is None:
        raise Refused("not-scheduled", "It has no date yet.", status=404)
    file = ics(own, organiser=settings.mail_address)
    headers = {"Content-Disposition": 'attachment; filename="activity.ics"'}
    return unseen(Response(file, media_type="text/calendar; charset=utf-8", headers=headers))


@router.post("/events/{activity:activity}/registrations/{registration:registration}/link")
async def send_link(
    request: Request,
    activity: ActivityPath,
    registration: RegistrationPath,
    principal: Annotated[Principal, require("events.organise")],
) -> Response:
    """The organiser replaces a participant's link: it was lost, or came into the wrong hands."""
    form = await read_form(request)
    one = await found(request, principal, activity)
    own = one.state.registrations.get(registration)
    if own is None or own.status == CANCELLED:
        raise Refused("is-cancelled", "This registration is cancelled already.")
    await send_new_link(request, one, registration, own, form.command_id)
    done = _("A new link is on its way; the earlier ones open nothing any more.")
    return see_other(request, f"/events/{activity}/desk#registrations", done=done)


async def send_new_link(request: Request, one: Found, id: str, own: Registration, key: str) -> None:
    """Replace the link and write the letter that brings the new one: both or neither, once for a form."""
    service, passes = service_of(request), passes_of(request)
    data = {"activity": one.row.id, "registration": id}
    put = letter("registration-link", own.person, one.network, data, f"{id}/{key}")

    async def body(session: Session) -> None:
        write = {"$setOnInsert": dict(put.document)}
        written = await service.db[OUTBOX].update_one({"_id": put.id}, write, upsert=True, session=session)
        if written.upserted_id is not None:
            await passes.renew(id, one.network, session)

    await transaction(service.client, body)
