"""What is said about one registration: a place accepted, endorsed, approved, declined, somebody else sent."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from services.events import handlers
from services.events.commands import (
    AcceptOffer,
    ApproveRegistration,
    DeclineRegistration,
    EndorseRegistration,
    SubstitutePerson,
)
from services.events.domain.booking import REQUESTED, Registration
from services.events.intake import Named, registrants
from services.events.queries.activity import Found
from shared.contracts.events import RegistrationConfirmed
from shared.contracts.refused import Refused
from shared.people.reads import Purpose
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.rights import Principal, require

from .asked import ActivityPath, RegistrationPath, found, names_shown, people_of, person_of
from .desk import Organiser, store_of
from .registration import may_cancel

router = APIRouter()
Own = Annotated[Principal, require("events.cancel-registration")]
Nominator = Annotated[Principal, require("events.nominate")]


async def own(request: Request, principal: Principal, one: Found, registration: str) -> Registration:
    """The registration, where it is the sender's to answer for; else 404."""
    before = one.state.registrations.get(registration)
    if before is None or not may_cancel(principal, before, await person_of(request, principal)):
        raise HTTPException(404)
    return before


@router.post("/events/{activity:activity}/registrations/{registration:registration}/accept")
async def accept(request: Request, activity: ActivityPath, registration: RegistrationPath, principal: Own) -> Response:
    form = await read_form(request)
    await own(request, principal, await found(request, principal, activity), registration)
    command = AcceptOffer(activity=activity, registration=registration)
    await handlers.change_activity(command, activity, store_of(request, principal, form))
    return see_other(request, f"/events/{activity}", done=_("A place is yours."))


@router.post("/events/{activity:activity}/registrations/{registration:registration}/endorse")
async def endorse(
    request: Request, activity: ActivityPath, registration: RegistrationPath, principal: Nominator
) -> Response:
    form = await read_form(request)
    await own(request, principal, await found(request, principal, activity), registration)
    command = EndorseRegistration(activity=activity, registration=registration)
    await handlers.change_activity(command, activity, store_of(request, principal, form))
    return see_other(request, _back(form, activity), done=_("Endorsed; the organiser decides."))


@router.post("/events/{activity:activity}/registrations/{registration:registration}/approve")
async def approve(
    request: Request, activity: ActivityPath, registration: RegistrationPath, principal: Organiser
) -> Response:
    form = await read_form(request)
    await own(request, principal, await found(request, principal, activity), registration)
    command = ApproveRegistration(activity=activity, registration=registration)
    receipt = await handlers.change_activity(command, activity, store_of(request, principal, form))
    placed = receipt.first(RegistrationConfirmed)
    done = _("Approved: a place is theirs.") if placed else _("Approved: they wait in line for a place.")
    return see_other(request, f"/events/{activity}/desk", done=done)


@router.post("/events/{activity:activity}/registrations/{registration:registration}/decline")
async def decline(
    request: Request, activity: ActivityPath, registration: RegistrationPath, principal: Nominator
) -> Response:
    form = await read_form(request)
    before = await own(request, principal, await found(request, principal, activity), registration)
    if not principal.may("events.organise") and before.status != REQUESTED:
        raise Refused("is-endorsed", "It is endorsed already: cancel it instead.")
    command = DeclineRegistration(activity=activity, registration=registration)
    await handlers.change_activity(command, activity, store_of(request, principal, form))
    return see_other(request, _back(form, activity), done=_("Declined; they are told."))


def _back(form: Form, activity: str) -> str:
    return f"/events/{activity}/desk" if form["_from"] == "desk" else f"/events/{activity}"


@router.get("/events/{activity:activity}/registrations/{registration:registration}/substitute")
async def substitute_page(
    request: Request, activity: ActivityPath, registration: RegistrationPath, principal: Nominator
) -> Response:
    one = await found(request, principal, activity)
    before = await own(request, principal, one, registration)
    return await _substitute_page(request, principal, one, registration, before, form=Form.of())


async def _substitute_page(
    request: Request, principal: Principal, one: Found, id: str, before: Registration, *, form: Form, status: int = 200
) -> Response:
    names = await names_shown(request, principal, Purpose.REGISTRATIONS, [before.person])
    return render(
        request, "events/substitute.html", status=status, one=one, row=one.row, id=id, before=before, form=form,
        who=names.get(before.person, ""),
    )  # fmt: skip


@router.post("/events/{activity:activity}/registrations/{registration:registration}/substitute")
async def substitute(
    request: Request, activity: ActivityPath, registration: RegistrationPath, principal: Nominator
) -> Response:
    form = await read_form(request)
    one = await found(request, principal, activity)
    before = await own(request, principal, one, registration)
    named, status = form.build(Named, member=before.member, mode=None), 422
    if named is not None:
        try:
            (who,) = await registrants([named], people_of(request), principal.network, form="events.substitute")
            command = SubstitutePerson(activity=activity, registration=registration, person=who.person)
            await handlers.change_activity(command, activity, store_of(request, principal, form))
            return see_other(request, f"/events/{activity}", done=_("Replaced; both are told."))
        except Refused as refusal:
            status = form.refuse(refusal)
    return await _substitute_page(request, principal, one, registration, before, form=form, status=status)
