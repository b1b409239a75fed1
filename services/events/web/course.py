"""The course of an activity: registration opened and closed, held or called off."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.events import handlers
from services.events.commands import CancelActivity, CloseRegistration, HoldActivity, OpenRegistration
from services.events.domain.activity import Status
from services.events.queries import registration as queries
from shared.contracts.refused import Refused
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other

from .asked import ActivityPath, db_of, found, links_of, profile_of
from .desk import Organiser, desk_page, store_of

router = APIRouter()


@router.post("/events/{activity:activity}/open")
async def open_registration(request: Request, activity: ActivityPath, principal: Organiser) -> Response:
    form = await read_form(request)
    one = await found(request, principal, activity)
    command = form.build(OpenRegistration, activity=activity)
    status = 422
    if command is not None:
        try:
            await handlers.open_registration(
                command, store_of(request, principal, form), profile_of(principal).registering
            )
            return see_other(request, f"/events/{activity}/desk", done=_("Registration is open."))
        except Refused as refusal:
            status = form.refuse(refusal, "invited" if refusal.code == "nobody-invited" else "")
    return await desk_page(request, principal, one, opening=form, status=status)


@router.post("/events/{activity:activity}/close")
async def close_registration(request: Request, activity: ActivityPath, principal: Organiser) -> Response:
    form = await read_form(request)
    command = CloseRegistration(activity=activity)
    await handlers.change_activity(command, activity, store_of(request, principal, form))
    here = f"/events/{activity}/desk"
    return see_other(request, here, done=_("Registration is closed."), undo=f"{here}#opening")


@router.get("/events/{activity:activity}/hold")
async def hold_page(request: Request, activity: ActivityPath, principal: Organiser) -> Response:
    one = await found(request, principal, activity)
    told = await queries.attendance(db_of(request), principal.network, activity)
    present = sum(one.present for one in told.present.values())
    open_still = one.state.status == Status.OPEN
    return render(
        request, "events/hold.html", one=one, form=Form.of(), present=present, confirmed=one.row.taken,
        open_still=open_still,
    )  # fmt: skip


@router.post("/events/{activity:activity}/hold")
async def hold(request: Request, activity: ActivityPath, principal: Organiser) -> Response:
    form = await read_form(request)
    command = HoldActivity(activity=activity, closing=bool(form["closing"]))
    await handlers.hold_activity(command, store_of(request, principal, form), links_of(request))
    return see_other(request, f"/events/{activity}/desk", done=_("It is held; those present can give feedback now."))


@router.get("/events/{activity:activity}/cancel")
async def cancel_page(request: Request, activity: ActivityPath, principal: Organiser) -> Response:
    return render(request, "events/cancel.html", one=await found(request, principal, activity), form=Form.of())


@router.post("/events/{activity:activity}/cancel")
async def cancel(request: Request, activity: ActivityPath, principal: Organiser) -> Response:
    form = await read_form(request)
    one = await found(request, principal, activity)
    command = form.build(CancelActivity, activity=activity)
    status = 422
    if command is not None:
        try:
            await handlers.cancel_activity(command, store_of(request, principal, form))
            return see_other(request, f"/events/{activity}/desk", done=_("The activity is cancelled."))
        except Refused as refusal:
            status = form.refuse(refusal)
    return render(request, "events/cancel.html", status=status, one=one, form=form)
