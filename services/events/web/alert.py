"""Pages of the restricted channel: alerts for members named; what one says is shown after a receipt."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.events.commands import Day, Id, Title, Words
from services.events.commands.alert import (
    CorrectAlert,
    DiscussAlert,
    RaiseAlert,
    ReadAlert,
    WithdrawAlert,
)
from services.events.commands.practice import Code
from services.events.sealed import Sealed
from services.events.warning import Channel, Told
from services.events.web.asked import UUID, db_of, people_of, person_of, profile_of, service_of
from shared.contracts.refused import Refused
from shared.ids import fixed_id
from shared.profiles.rows import Channel as Rules
from shared.spine.http import store_for
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.rights import Principal, require

router = APIRouter()
AlertPath = Annotated[str, Path(pattern=f"^warning-{UUID}$", examples=["warning-01926a5e-7b7c-7000-8000-5f0c1d2e3a4b"])]
Reader = Annotated[Principal, require("alerts.read")]
Writer = Annotated[Principal, require("alerts.work")]


class Said(BaseModel):
    """What an alert says."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    topic: Code = ""
    subject: Annotated[Title, Field(min_length=1)]
    text: Annotated[Words, Field(min_length=1)]

    @property
    def words(self) -> dict[str, str]:
        return {"topic": self.topic, "subject": self.subject, "text": self.text}


class Raised(Said):
    to: Annotated[tuple[Id, ...], Field(min_length=1, max_length=60)]
    expires_on: Day


class Spoken(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    text: Annotated[Words, Field(min_length=1)]


def channel_of(request: Request) -> Channel:
    return Channel(db_of(request), Sealed(service_of(request).settings, "alerts"))


def rules_of(principal: Principal) -> tuple[Rules, str]:
    """The channel of the reader's network, and their member; 404 where it has none, or does not name the member."""
    rules = profile_of(principal).channel
    if rules is None or principal.member not in rules.members:
        raise HTTPException(404)
    return rules, principal.member or ""


async def told_to(request: Request, principal: Principal, alert: str) -> Told:
    """The alert; 404 where the reader's member is not named."""
    _rules, member = rules_of(principal)
    told = await channel_of(request).one(principal.network, alert, member)
    if told is None:
        raise HTTPException(404)
    return told


async def reader(request: Request, principal: Principal) -> str:
    return await person_of(request, principal) or principal.subject


@router.get("/events/alerts")
async def alerts(request: Request, principal: Reader) -> Response:
    rules, member = rules_of(principal)
    return await _list(request, principal, rules, member, form=Form.of())


async def _list(
    request: Request, principal: Principal, rules: Rules, member: str, *, form: Form, status: int = 200
) -> Response:
    me = await reader(request, principal)
    channel = channel_of(request)
    found = await channel.of(principal.network, member)
    opened = {one.id for one in found if one.state.was_read_by(me) or one.state.member == member}
    subjects = await channel.subjects(opened)
    rows = [(replace(one, subject=subjects.get(one.id, "")), one.id in opened) for one in found]
    others = [(code, code) for code in rules.members if code != member]
    return render(
        request, "events/alerts.html", status=status, rules=rules, rows=rows, form=form, others=others,
        topics=[(one.id, one.title) for one in rules.topics],
        waiting=sum(not read and told.state.status == "standing" for told, read in rows),
    )  # fmt: skip


@router.post("/events/alerts")
async def raise_alert(request: Request, principal: Writer) -> Response:
    rules, member = rules_of(principal)
    form = await read_form(request)
    said = form.build(Raised)
    status = 422
    if said is not None:
        store = store_for(request, principal, command_id=form.command_id)
        alert = fixed_id("warning", principal.network, str(store.origin.receipt_id))
        command = RaiseAlert(alert=alert, member=member, to=said.to, expires_on=said.expires_on)
        try:
            await channel_of(request).raise_alert(command, store, said.words, await reader(request, principal))
            return see_other(request, f"/events/alerts/{alert}", done=_("The members named are told that it is there."))
        except Refused as refusal:
            status = form.refuse(refusal)
    return await _list(request, principal, rules, member, form=form, status=status)


@router.get("/events/alerts/{alert:warning}")
async def alert_page(request: Request, alert: AlertPath, principal: Reader) -> Response:
    return await _page(request, principal, await told_to(request, principal, alert), Form.of())


async def _page(
    request: Request, principal: Principal, told: Told, form: Form, status: int = 200, *, spoken: Form | None = None
) -> Response:
    """`form` is that of a correction, `spoken` that of a message, where they come back to who typed."""
    me = await reader(request, principal)
    own = told.state.member == principal.member
    read = own or told.state.was_read_by(me)
    shown = await channel_of(request).opened(told) if read else told
    people = {*told.state.receipts, *(message.person for message in shown.messages)}
    if own and not form.names():
        form = Form.of(topic=shown.topic, subject=shown.subject, text=shown.text)
    rules, _member = rules_of(principal)
    return render(
        request, "events/alert.html", status=status, told=shown, state=told.state, read=read, own=own, form=form,
        names=await people_of(request).name_of(people) if read else {}, rules=rules, spoken=spoken or Form.of(),
        topics={one.id: one.title for one in rules.topics}, standing=told.state.status == "standing", plain=Form.of(),
    )  # fmt: skip


@router.post("/events/alerts/{alert:warning}/open")
async def open_(request: Request, alert: AlertPath, principal: Writer) -> Response:
    """What it says is shown once it is noted who read it."""
    await told_to(request, principal, alert)
    form = await read_form(request)
    me = await reader(request, principal)
    command = ReadAlert(alert=alert, person=me, member=principal.member or "")
    await channel_of(request).read(command, store_for(request, principal, command_id=form.command_id))
    return see_other(request, f"/events/alerts/{alert}")


@router.post("/events/alerts/{alert:warning}/correct")
async def correct(request: Request, alert: AlertPath, principal: Writer) -> Response:
    told = await told_to(request, principal, alert)
    form = await read_form(request)
    said = form.build(Said)
    status = 422
    if said is not None:
        command = CorrectAlert(alert=alert, member=principal.member or "")
        store = store_for(request, principal, command_id=form.command_id)
        try:
            await channel_of(request).correct(command, store, said.words, await reader(request, principal))
            return see_other(request, f"/events/alerts/{alert}", done=_("It is corrected; those named are told."))
        except Refused as refusal:
            status = form.refuse(refusal)
    return await _page(request, principal, told, form, status)


@router.post("/events/alerts/{alert:warning}/withdraw")
async def withdraw(request: Request, alert: AlertPath, principal: Writer) -> Response:
    await told_to(request, principal, alert)
    form = await read_form(request)
    command = WithdrawAlert(alert=alert, member=principal.member or "")
    await channel_of(request).withdraw(command, store_for(request, principal, command_id=form.command_id))
    return see_other(request, f"/events/alerts/{alert}", done=_("It is withdrawn, and what it said is deleted."))


@router.post("/events/alerts/{alert:warning}/discuss")
async def discuss(request: Request, alert: AlertPath, principal: Writer) -> Response:
    told = await told_to(request, principal, alert)
    form = await read_form(request)
    said = form.build(Spoken)
    status = 422
    if said is not None:
        drawn = fixed_id("message", alert, form.command_id)
        command = DiscussAlert(alert=alert, member=principal.member or "", message=drawn)
        store = store_for(request, principal, command_id=form.command_id)
        try:
            await channel_of(request).discuss(command, store, said.text, await reader(request, principal))
            return see_other(request, f"/events/alerts/{alert}#talk", done=_("It is said."))
        except Refused as refusal:
            status = form.refuse(refusal)
    return await _page(request, principal, told, Form.of(), status, spoken=form)
