"""Registering: oneself, a delegation, anybody; and giving a place back."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Request
from pydantic import ValidationError
from starlette.responses import Response

from services.events import handlers
from services.events.commands import (
    PERSONS_AT_ONCE,
    Asked,
    CancelRegistration,
    RegisterPersons,
    Registrant,
    RestoreRegistration,
)
from services.events.domain.registration import CANCELLED, WAITLISTED, Registration
from services.events.intake import Named, member_code, registrants
from services.events.queries import questions as questions_of
from services.events.queries.activity import Found
from shared.contracts.events import RegistrationConfirmed, RegistrationWaitlisted
from shared.contracts.refused import Refused
from shared.contracts.registering import RegistrationRequested
from shared.contracts.vocabulary import Mode
from shared.people.notices import Told
from shared.people.reads import Purpose
from shared.profiles import Profile
from shared.spine.draft import Receipt
from shared.spine.http import store_for
from shared.web.forms import Form, read_form
from shared.web.i18n import _, ngettext
from shared.web.on_behalf import asked_by, behalf, officers
from shared.web.pages import render, see_other
from shared.web.rights import Principal, require

from .activity import activity_page_of
from .asked import ActivityPath, RegistrationPath, db_of, found, names_shown, people_of, person_of, profile_of

router = APIRouter()
ROWS, MOST_ROWS = 5, PERSONS_AT_ONCE
MOST_TYPED = 2_000


def own_member_only(principal: Principal, member: str) -> None:
    """Refuse to register somebody of another member where the sender speaks for one alone."""
    if principal.own_member not in (None, member):
        raise Refused("other-member", "You register persons of your own member only.", status=403)


def own_address_only(principal: Principal, named: Named) -> None:
    """Refuse to register somebody else where the sender speaks for itself alone."""
    alone = not (principal.may("events.nominate") or principal.may("events.organise") or not principal.email)
    if alone and named.email.strip().casefold() != principal.email.casefold():
        raise Refused("other-person", "You register yourself only; ask your liaison officer for others.", status=403)


async def myself(request: Request, principal: Principal, mode: str | None = None) -> Registrant:
    """Who asks, to be registered; refused where the register knows no address or no member of theirs."""
    person = await person_of(request, principal)
    if person is None or not principal.member:
        raise Refused("who-is-it", "Say who is to be registered: name, address and member.", status=422)
    await people_of(request).tell(person, Told("registration", "events.register"))
    return Registrant.model_validate({"person": person, "member": principal.member, "mode": mode or None})


def may_cancel(principal: Principal, one: Registration, me: str | None) -> bool:
    """A participant gives back their own place, a liaison officer those of their member, an organiser any."""
    if principal.may("events.organise"):
        return True
    if principal.may("events.nominate") or not principal.email:
        return principal.own_member in (None, one.member)
    return me is not None and one.person == me


@router.post("/events/{activity:activity}/register")
async def register(
    request: Request, activity: ActivityPath, principal: Annotated[Principal, require("events.register")]
) -> Response:
    form = await read_form(request)
    one = await found(request, principal, activity)
    if form["mode"] not in ("", *one.state.places):
        raise Refused("mode-not-offered", "There are no such places; choose another way to attend.", status=422)
    me = await myself(request, principal, form["mode"])
    asked = await questions_of.asked(db_of(request), principal.network, activity)
    answers = read_answers(form, asked)
    if asked and (form["_keep"] or form.errors):
        await questions_of.keep_draft(db_of(request), principal.network, activity, me.person, typed(form, asked))
        if form["_keep"]:
            return see_other(request, f"/events/{activity}#register", done=_("Kept: go on whenever you like."))
        return await activity_page_of(request, principal, one, form, status=422)
    command = RegisterPersons(activity=activity, persons=(me,), standing=standing_of(principal))
    store = store_for(request, principal, source="page", command_id=form.command_id)
    receipt = await handlers.register_oneself(command, store, answers)
    return see_other(request, f"/events/{activity}", done=told(receipt))


def standing_of(principal: Principal) -> Literal["", "endorsed", "approved"]:
    """What the sender has the word for, where registrations are approved."""
    if principal.may("events.organise"):
        return "approved"
    return "endorsed" if principal.may("events.nominate") else ""


def typed(form: Form, asked: Sequence[Asked]) -> dict[str, str]:
    return {one.id: text for one in asked if (text := form[f"q_{one.id}"].strip()[:MOST_TYPED])}


def read_answers(form: Form, asked: Sequence[Asked]) -> dict[str, str]:
    """The answers to what applies; what is wrong stands at its field."""
    said, answers = typed(form, asked), dict[str, str]()
    for one in asked:
        if not one.applies(answers):
            continue
        answer = said.get(one.id, "")
        if one.required and not answer:
            form.fail(f"q_{one.id}", _("Answer this, too."))
        elif answer and one.kind == "choice" and answer not in one.options:
            form.fail(f"q_{one.id}", _("Choose one of these."))
        elif answer:
            answers[one.id] = answer
    return answers


def told(receipt: Receipt) -> str:
    """What came of registering, in words."""
    if receipt.first(RegistrationRequested):
        return _("Your registration is noted; you are told as soon as it is decided.")
    confirmed = sum(isinstance(one.event, RegistrationConfirmed) for one in receipt.events)
    waiting = [one.event for one in receipt.events if isinstance(one.event, RegistrationWaitlisted)]
    if not waiting:
        return ngettext("A place is yours.", "%(num)s places are yours.", confirmed)
    if len(receipt.events) == 1:
        return _(
            "All places are taken: you are number %(position)s in line, and get a place when one becomes free.",
            position=waiting[0].position,
        )
    return _("%(confirmed)s have a place, %(waiting)s wait in line for one.", confirmed=confirmed, waiting=len(waiting))


@router.get("/events/{activity:activity}/nominate")
async def nominate_page(
    request: Request, activity: ActivityPath, principal: Annotated[Principal, require("events.nominate")]
) -> Response:
    one = await found(request, principal, activity)
    return await nominate_page_of(request, principal, one, Form.of(), rows=ROWS)


def _rows(text: str) -> int:
    """How many rows the form had."""
    return min(max(int(text), ROWS), MOST_ROWS) if text.isascii() and text.isdigit() and len(text) < 4 else ROWS


async def nominate_page_of(
    request: Request, principal: Principal, one: Found, form: Form, *, rows: int, status: int = 200
) -> Response:
    """The form of nominations as it was filled in, by hand or from a file."""
    rows = max(rows, ROWS)
    profile = profile_of(principal)
    members = [(code, code) for code in one.state.invited] or [(code, code) for code in profile.member_codes]
    modes = [(mode, _(Mode(mode).label)) for mode in one.state.places]
    return render(
        request, "events/nominate.html", status=status, one=one, form=form, rows=rows, most=MOST_ROWS,
        upload=_upload(form), members=members, modes=modes, own=principal.own_member,
        officers=await officers(request, principal),
    )  # fmt: skip


def _upload(form: Form) -> Form:
    """The form for a file beside that of the rows; what was wrong with the file stands there."""
    upload = Form.of()
    if "file" in form.errors:
        upload.fail("file", form.errors.pop("file"))
    return upload


@router.post("/events/{activity:activity}/nominate")
async def nominate(
    request: Request, activity: ActivityPath, principal: Annotated[Principal, require("events.nominate")]
) -> Response:
    form = await read_form(request)
    one = await found(request, principal, activity)
    rows = _rows(form["_rows"])
    if form["_more"]:
        return await nominate_page_of(request, principal, one, form, rows=min(rows + ROWS, MOST_ROWS))
    named = _read_rows(form, principal)
    try:
        if named and not form.errors:
            for number, person in named.items():
                _check_member(form, number, person, principal)
        members = {person.member for person in named.values()}
        asker = await asked_by(request, principal, form, members.pop() if len(members) == 1 else None)
        if named and not form.errors:
            people = await registrants(
                list(named.values()), people_of(request), principal.network, form="events.nominate"
            )
            together = bool(form["together"])
            command = RegisterPersons(
                activity=activity, persons=people, together=together, standing=standing_of(principal)
            )
            store = behalf(store_for(request, principal, source="page", command_id=form.command_id), asker)
            receipt = await handlers.change_activity(command, activity, store)
            return see_other(request, f"/events/{activity}", done=told(receipt))
        if not form.errors:
            form.fail("name_1", _("Name at least one person."))
        status = 422
    except Refused as refusal:
        status = form.refuse(refusal)
    return await nominate_page_of(request, principal, one, form, rows=rows, status=status)


def _read_rows(form: Form, principal: Principal) -> dict[int, Named]:
    named: dict[int, Named] = {}
    for number in range(1, min(MOST_ROWS, PERSONS_AT_ONCE) + 1):
        typed = {name: form[f"{name}_{number}"].strip() for name in ("name", "email", "member", "mode")}
        if not typed["name"] and not typed["email"]:
            continue
        try:
            named[number] = Named.model_validate(
                {name: value or None for name, value in typed.items()}
                | {"member": principal.own_member or typed["member"]}
            )
        except ValidationError as error:
            for fault in error.errors():
                form.fail(f"{fault['loc'][0]}_{number}", _("Fill this in."))
    return named


def _check_member(form: Form, number: int, person: Named, principal: Principal) -> None:
    try:
        person.member = member_code(person.member or "", profile_of(principal))
        own_member_only(principal, person.member)
    except Refused as refusal:
        form.refuse(refusal, f"member_{number}" if principal.own_member is None else f"name_{number}")


def named_members(named: list[Named], principal: Principal, profile: Profile) -> None:
    """Give each person the code of their member; refused where it is none or not theirs to name."""
    for person in named:
        person.member = member_code(person.member or principal.member or "", profile)
        own_member_only(principal, person.member)
        own_address_only(principal, person)


@router.get("/events/{activity:activity}/registrations/{registration:registration}/cancel")
async def cancel_page(
    request: Request,
    activity: ActivityPath,
    registration: RegistrationPath,
    principal: Annotated[Principal, require("events.cancel-registration")],
) -> Response:
    """What it means to give the place back; nothing happens before it is confirmed."""
    one = await found(request, principal, activity)
    before = await _own(request, principal, one, registration)
    desk = request.query_params.get("from") == "desk"
    names = await names_shown(request, principal, Purpose.REGISTRATIONS, [before.person]) if desk else {}
    back = f"/events/{activity}{'/desk' if desk else ''}"
    if before.status == CANCELLED:
        return see_other(request, back, done=_("This registration is cancelled already."), kind="info")
    return render(
        request, "events/registration_cancel.html", action=f"/events/{activity}/registrations/{registration}/cancel",
        back=back, desk=desk, who=names.get(before.person, ""), crumbs=True, **asking(one, before),
    )  # fmt: skip


def asking(one: Found, before: Registration) -> dict[str, Any]:
    """What the page says that asks for a confirmation."""
    line = len(one.state.waiting.get(before.mode, ()))
    return {"one": one, "form": Form.of(), "waits": before.status == WAITLISTED, "line": line}


@router.post("/events/{activity:activity}/registrations/{registration:registration}/cancel")
async def cancel(
    request: Request,
    activity: ActivityPath,
    registration: RegistrationPath,
    principal: Annotated[Principal, require("events.cancel-registration")],
) -> Response:
    form = await read_form(request)
    one = await found(request, principal, activity)
    before = one.state.registrations.get(registration)
    if before is None or not may_cancel(principal, before, await person_of(request, principal)):
        raise HTTPException(404)
    command = CancelRegistration(activity=activity, registration=registration)
    store = store_for(request, principal, source="page", command_id=form.command_id)
    receipt = await handlers.change_activity(command, activity, store)
    next_one = receipt.first(RegistrationConfirmed)
    done = _("Cancelled. The place went to the first in line.") if next_one else _("The registration is cancelled.")
    desk = form["_from"] == "desk"
    back = f"/events/{activity}/desk" if desk else f"/events/{activity}"
    undo = f"/events/{activity}/registrations/{registration}/restore{'?from=desk' if desk else ''}"
    return see_other(request, back, done=done, undo="" if next_one else undo)


@router.get("/events/{activity:activity}/registrations/{registration:registration}/restore")
async def restore_page(
    request: Request,
    activity: ActivityPath,
    registration: RegistrationPath,
    principal: Annotated[Principal, require("events.cancel-registration")],
) -> Response:
    one = await found(request, principal, activity)
    before = await _own(request, principal, one, registration)
    return _restore_page(request, one, registration, before, Form.of(_from=request.query_params.get("from", "")))


async def _own(request: Request, principal: Principal, one: Found, registration: str) -> Registration:
    """The registration, where it is the reader's to give back or take again; else 404."""
    before = one.state.registrations.get(registration)
    if before is None or not may_cancel(principal, before, await person_of(request, principal)):
        raise HTTPException(404)
    return before


def _restore_page(
    request: Request, one: Found, registration: str, before: Registration, form: Form, *, status: int = 200
) -> Response:
    desk = form["_from"] == "desk"
    back = f"/events/{one.row.id}{'/desk' if desk else ''}"
    return render(
        request, "events/restore.html", status=status, one=one, registration=registration, before=before, form=form,
        back=back, desk=desk,
    )  # fmt: skip


@router.post("/events/{activity:activity}/registrations/{registration:registration}/restore")
async def restore(
    request: Request,
    activity: ActivityPath,
    registration: RegistrationPath,
    principal: Annotated[Principal, require("events.cancel-registration")],
) -> Response:
    form = await read_form(request)
    one = await found(request, principal, activity)
    before = await _own(request, principal, one, registration)
    status = 422
    command = form.build(RestoreRegistration, activity=activity, registration=registration, words="", happened_at=None)
    if command is not None:
        store = store_for(request, principal, source="page", command_id=form.command_id)
        try:
            await handlers.restore_registration(command, store)
        except Refused as refusal:
            status = form.refuse(refusal)
        else:
            back = f"/events/{activity}/desk" if form["_from"] == "desk" else f"/events/{activity}"
            return see_other(request, back, done=_("The cancellation is taken back; the place is there again."))
    return _restore_page(request, one, registration, before, form, status=status)
