"""Restricted alerts by API: for keys of a liaison officer's role and a member that is named."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.events.commands import Day, Id, Words
from services.events.commands.alert import (
    CorrectAlert,
    DiscussAlert,
    RaiseAlert,
    ReadAlert,
    WithdrawAlert,
)
from services.events.domain.alert import Alert
from services.events.warning import Told as ToldAlert
from services.events.web.alert import AlertPath, Reader, Said, Writer, channel_of, reader, rules_of, told_to
from shared.ids import fixed_id, new_id
from shared.spine.http import store_for
from shared.web.rights import Principal

from .parts import IdempotencyKey

router = APIRouter(prefix="/events/api/v1/alerts", tags=["alerts"])


class AlertRow(BaseModel):
    id: str
    status: str
    member: str
    to: list[str]
    expires_on: date | None
    number: int
    read: bool

    @classmethod
    def facts(cls, id: str, state: Alert, me: str) -> dict[str, object]:
        return {
            "id": id, "status": str(state.status), "member": state.member, "to": list(state.to),
            "expires_on": state.expires_on, "number": state.number, "read": state.was_read_by(me),
        }  # fmt: skip


class Alerts(BaseModel):
    items: list[AlertRow]


class AlertMessage(BaseModel):
    member: str
    text: str


class AlertView(AlertRow):
    """The words are there once the asker's receipt is."""

    topic: str = ""
    subject: str = ""
    text: str = ""
    messages: list[AlertMessage] = Field(default_factory=list)
    receipts: dict[str, int] = Field(default_factory=dict, description="How many persons of each member opened it.")


class RaiseBody(Said):
    to: Annotated[list[Id], Field(min_length=1, max_length=60)]
    expires_on: Day


class SpokenBody(BaseModel):
    text: Annotated[Words, Field(min_length=1)]


@router.get("", summary="Alerts from or for the own member")
async def alerts(request: Request, principal: Reader) -> Alerts:
    _rules, member = rules_of(principal)
    me = await reader(request, principal)
    found = await channel_of(request).of(principal.network, member)
    return Alerts(items=[AlertRow.model_validate(AlertRow.facts(one.id, one.state, me)) for one in found])


@router.post("", status_code=201, summary="Raise an alert for members named")
async def raise_alert(
    request: Request, body: RaiseBody, principal: Writer, idempotency_key: IdempotencyKey = None
) -> AlertView:
    _rules, member = rules_of(principal)
    store = store_for(request, principal, source="api")
    drawn = store.origin.receipt_id
    alert = fixed_id("warning", principal.network, drawn) if drawn else new_id("warning")
    command = RaiseAlert(alert=alert, member=member, to=tuple(body.to), expires_on=body.expires_on)
    await channel_of(request).raise_alert(command, store, body.words, await reader(request, principal))
    return await _view(request, principal, await told_to(request, principal, alert))


async def _view(request: Request, principal: Principal, told: ToldAlert) -> AlertView:
    me = await reader(request, principal)
    facts = AlertRow.facts(told.id, told.state, me)
    if not (told.state.was_read_by(me) or told.state.member == principal.member):
        return AlertView.model_validate(facts)
    opened = await channel_of(request).opened(told)
    receipts: dict[str, int] = {}
    for receipt in told.state.receipts.values():
        receipts[receipt.member] = receipts.get(receipt.member, 0) + 1
    messages = [AlertMessage(member=one.member, text=one.text) for one in opened.messages]
    words = {"topic": opened.topic, "subject": opened.subject, "text": opened.text}
    return AlertView.model_validate({**facts, **words, "messages": messages, "receipts": receipts})


@router.get("/{alert:warning}", summary="An alert; its words once it was opened")
async def detail(request: Request, alert: AlertPath, principal: Reader) -> AlertView:
    return await _view(request, principal, await told_to(request, principal, alert))


@router.post("/{alert:warning}/open", summary="Read it: the receipt is kept, and the words are told")
async def open_(
    request: Request, alert: AlertPath, principal: Writer, idempotency_key: IdempotencyKey = None
) -> AlertView:
    await told_to(request, principal, alert)
    command = ReadAlert(alert=alert, person=await reader(request, principal), member=principal.member or "")
    await channel_of(request).read(command, store_for(request, principal, source="api"))
    return await _view(request, principal, await told_to(request, principal, alert))


@router.post("/{alert:warning}/correct", summary="Say it anew; what it said before is gone")
async def correct(
    request: Request, alert: AlertPath, body: Said, principal: Writer, idempotency_key: IdempotencyKey = None
) -> AlertView:
    await told_to(request, principal, alert)
    command = CorrectAlert(alert=alert, member=principal.member or "")
    store = store_for(request, principal, source="api")
    await channel_of(request).correct(command, store, body.words, await reader(request, principal))
    return await _view(request, principal, await told_to(request, principal, alert))


@router.post("/{alert:warning}/withdraw", summary="Withdraw it; its words are deleted")
async def withdraw(
    request: Request, alert: AlertPath, principal: Writer, idempotency_key: IdempotencyKey = None
) -> AlertView:
    await told_to(request, principal, alert)
    command = WithdrawAlert(alert=alert, member=principal.member or "")
    await channel_of(request).withdraw(command, store_for(request, principal, source="api"))
    return await _view(request, principal, await told_to(request, principal, alert))


@router.post("/{alert:warning}/discuss", status_code=201, summary="Say something about it")
async def discuss(
    request: Request, alert: AlertPath, body: SpokenBody, principal: Writer, idempotency_key: IdempotencyKey = None
) -> AlertView:
    await told_to(request, principal, alert)
    store = store_for(request, principal, source="api")
    drawn = store.origin.receipt_id
    message = fixed_id("message", alert, drawn) if drawn else new_id("message")
    command = DiscussAlert(alert=alert, member=principal.member or "", message=message)
    await channel_of(request).discuss(command, store, body.text, await reader(request, principal))
    return await _view(request, principal, await told_to(request, principal, alert))
