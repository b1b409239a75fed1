"""An exchange: what is proposed, who has answered, what came of it."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from services.matching import handlers, queries
from services.matching.commands import AcceptExchange, DeclineExchange, TakeBackProposal
from services.matching.domain.call import Call
from services.matching.domain.exchange import Exchange, Status
from services.matching.web.common import (
    Answerer,
    AnyExchange,
    Proposer,
    Reader,
    db_of,
    focus_title,
    found,
    page_store,
    side_for,
    stay_words,
    waits_for,
)
from shared.contracts.refused import Refused
from shared.spine.letters import undelivered_about
from shared.web.formats import language_name, member_name
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.rights import Principal

router = APIRouter()


@router.get("/matching/exchanges/{exchange_id}")
async def exchange_page(request: Request, exchange_id: str, principal: Reader) -> Response:
    return await _page(request, principal, await found(request, principal, exchange_id, Exchange), Form.of(), 200)


@router.post("/matching/exchanges/{exchange_id}/accept")
async def accept(request: Request, exchange_id: str, principal: Answerer) -> Response:
    exchange = await found(request, principal, exchange_id, Exchange)
    form = await read_form(request)
    try:
        member = side_for(principal, exchange.state, form["member"])
        command = AcceptExchange(exchange=exchange.id, member=member)
        await handlers.accept_exchange(command, page_store(request, principal, form.command_id))
    except Refused as refusal:
        return await _page(request, principal, exchange, form, form.refuse(refusal))
    return see_other(request, f"/matching/exchanges/{exchange.id}", done=_("You accepted this exchange."))


@router.post("/matching/exchanges/{exchange_id}/decline")
async def decline(request: Request, exchange_id: str, principal: Answerer) -> Response:
    exchange = await found(request, principal, exchange_id, Exchange)
    form = await read_form(request)
    status = 422
    try:
        member = side_for(principal, exchange.state, form["member"])
        command = form.build(DeclineExchange, exchange=exchange.id, member=member)
        if command is not None:
            await handlers.decline_exchange(command, page_store(request, principal, form.command_id))
            done = _("You declined this exchange. The other side sees it, and the places are free again.")
            return see_other(request, f"/matching/exchanges/{exchange.id}", done=done)
    except Refused as refusal:
        status = form.refuse(refusal)
    return await _page(request, principal, exchange, form, status)


@router.get("/matching/exchanges/{exchange_id}/take-back")
async def take_back_page(request: Request, exchange_id: str, principal: Proposer) -> Response:
    exchange = await found(request, principal, exchange_id, Exchange)
    return _take_back_page(request, principal, exchange, Form.of(), 200)


def _take_back_page(request: Request, principal: Principal, exchange: AnyExchange, form: Form, status: int) -> Response:
    sides = [member_name(side, principal.network) for side in exchange.state.sides]
    return render(request, "take_back.html", status=status, exchange=exchange, sides=sides, form=form)


@router.post("/matching/exchanges/{exchange_id}/take-back")
async def take_back(request: Request, exchange_id: str, principal: Proposer) -> Response:
    exchange = await found(request, principal, exchange_id, Exchange)
    form = await read_form(request)
    status = 422
    command = form.build(TakeBackProposal, exchange=exchange.id, words="", happened_at=None)
    if command is not None:
        try:
            await handlers.take_back_proposal(command, page_store(request, principal, form.command_id))
            done = _("The proposal is taken back. Both sides see it, and the places are free again.")
            return see_other(request, f"/matching/exchanges/{exchange.id}", done=done)
        except Refused as refusal:
            status = form.refuse(refusal)
    return _take_back_page(request, principal, exchange, form, status)


async def _page(request: Request, principal: Principal, exchange: AnyExchange, form: Form, status: int) -> Response:
    db, network = db_of(request), principal.network
    state = exchange.state
    call = await found(request, principal, state.call, Call)
    history = await queries.history(db, network, exchange.id)
    reason = await queries.reason_of_end(db, network, exchange.id, history)
    return render(
        request,
        "exchange.html",
        status=status,
        exchange=exchange,
        call=call,
        title=_title(state, network, principal),
        facts=_facts(state, principal),
        steps=_story(state, history, network, reason),
        takes_back=principal.may("matching.propose") and state.status is Status.PROPOSED,
        answers=principal.may("matching.answer") and waits_for(state, principal.own_member),
        undelivered=await undelivered_about(request, principal, exchange.id),
        form=form,
    )


def _title(state: Exchange, network: str, principal: Principal) -> str:
    sender, host = member_name(state.sender, network), member_name(state.host, network)
    who = _("%(sender)s to %(host)s", sender=sender, host=host)
    if waits_for(state, principal.own_member):
        return _("%(who)s: your answer is due", who=who)
    waiting = [member_name(side, network) for side in state.sides if waits_for(state, side)]
    match state.status:
        case Status.PROPOSED if len(waiting) == 1:
            return _("%(who)s: waits for %(member)s", who=who, member=waiting[0])
        case Status.PROPOSED:
            return _("%(who)s: waits for both answers", who=who)
        case Status.AGREED:
            return _("%(who)s: agreed by both sides", who=who)
        case Status.HELD:
            return _("%(who)s: the exchange was held", who=who)
        case Status.DECLINED:
            return _("%(who)s: declined by %(by)s", who=who, by=member_name(state.declined_by, network))
        case Status.CANCELLED if state.taken_back:
            return _("%(who)s: the proposal was taken back", who=who)
        case Status.LAPSED:
            return _("%(who)s: not answered in time", who=who)
    return _("%(who)s: cancelled", who=who)


def _facts(state: Exchange, principal: Principal) -> list[tuple[str, Any]]:
    network = principal.network
    return [
        (_("Sends"), f"{state.sender} {member_name(state.sender, network)}"),
        (_("Hosts"), f"{state.host} {member_name(state.host, network)}"),
        (_("Officials"), state.officials),
        (_("When"), stay_words(state.week, state.duration)),
        (_("Focus area"), focus_title(state.focus, network)),
        (_("Language"), language_name(state.language) if state.language else ""),
    ]


def _story(state: Exchange, history: list[dict[str, Any]], network: str, reason: str) -> list[dict[str, Any]]:
    """What happened, in order, then what is still to come."""
    steps = [_happened(one, network, reason) for one in history]
    if state.status is Status.PROPOSED:
        waiting = _(" and ").join(member_name(side, network) for side in state.sides if waits_for(state, side))
        title = _("Answer of %(members)s", members=waiting)
        text = _("Without both answers by then the proposal lapses and the places are free again.")
        steps.append({"when": state.answer_by, "title": title, "text": text, "state": "now"})
        steps.append({"when": "", "title": _("Agreed, and held as an activity"), "text": "", "state": ""})
    if state.status is Status.AGREED:
        when = stay_words(state.week, state.duration)
        steps.append({"when": "", "title": _("Held as an activity"), "text": when, "state": ""})
    return steps


def _happened(one: dict[str, Any], network: str, reason: str) -> dict[str, Any]:
    by = member_name(one["data"].get("by"), network)
    text = ""
    match one["type"]:
        case "proposed":
            title, text = _("Proposed to both sides"), _("The host's places are kept meanwhile.")
        case "accepted":
            title = _("%(member)s accepted", member=by)
        case "agreed":
            title = _("Agreed by both sides")
        case "declined":
            title, text = _("%(member)s declined", member=by), reason
        case "taken-back":
            title, text = _("The coordinator took the proposal back"), reason
        case "lapsed":
            title, text = _("Not answered in time"), _("The places are free again.")
        case "held":
            title = _("Held")
        case _:
            title, text = _("Cancelled"), _("The places are free again.")
    return {"when": datetime.fromisoformat(one["time"]), "title": title, "text": text, "state": "on"}
