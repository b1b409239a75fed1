"""An exchange: what is proposed, who has answered, what came of it."""

from datetime import timedelta
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
    found,
    page_store,
    side_for,
    stay_words,
    waits_for,
)
from services.matching.web.reasons import why
from services.matching.web.story import facts_of, money, story_of, title_of
from services.matching.week import monday, week_of
from shared import clock
from shared.contracts.refused import Refused
from shared.spine.letters import undelivered_about
from shared.web.formats import member_name
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.rights import Principal

router = APIRouter()


@router.get("/matching/exchanges/{exchange_id}")
async def exchange_page(request: Request, exchange_id: str, principal: Reader) -> Response:
    return await page(request, principal, await found(request, principal, exchange_id, Exchange), Form.of(), 200)


@router.post("/matching/exchanges/{exchange_id}/accept")
async def accept(request: Request, exchange_id: str, principal: Answerer) -> Response:
    exchange = await found(request, principal, exchange_id, Exchange)
    form = await read_form(request)
    try:
        member = side_for(principal, exchange.state, form["member"])
        command = AcceptExchange(exchange=exchange.id, member=member)
        await handlers.accept_exchange(command, page_store(request, principal, form.command_id))
    except Refused as refusal:
        return await page(request, principal, exchange, form, form.refuse(refusal))
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
    return await page(request, principal, exchange, form, status)


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


async def page(request: Request, principal: Principal, exchange: AnyExchange, form: Form, status: int) -> Response:
    """The exchange's page, with what the form said where something was wrong."""
    db, network = db_of(request), principal.network
    state = exchange.state
    call = await found(request, principal, state.call, Call)
    history = await queries.history(db, network, exchange.id)
    reason = await queries.reason_of_end(db, network, exchange.id, history)
    own = principal.own_member
    _match, spoke = await why(request, principal, exchange)
    waits = principal.may("matching.answer") and waits_for(state, own)
    return render(
        request,
        "exchange.html",
        status=status,
        exchange=exchange,
        call=call,
        title=title_of(state, network, principal),
        facts=facts_of(state, principal),
        planned=money(state.planned),
        paid=money(state.paid) if state.paid else [],
        steps=story_of(state, history, network, reason),
        spoke=spoke,
        reports=await _reports(request, principal, state),
        takes_back=principal.may("matching.propose") and state.status is Status.PROPOSED,
        answers=waits,
        weeks=_other_weeks(state) if waits and own not in state.asked else [],
        cancels=principal.may("matching.cancel") and state.status is Status.AGREED,
        begun=clock.now().date() >= monday(state.week),
        sides=[(side, member_name(side, network)) for side in state.sides],
        pays=principal.may("matching.pay") and state.status in _PAID,
        reports_itself=principal.may("matching.report") and state.status is Status.HELD and own in state.sides,
        has_agreement=state.status in (Status.AGREED, Status.HELD),
        undelivered=await undelivered_about(request, principal, exchange.id),
        form=form,
        costs=costs_form(state, form),
    )


_PAID = (Status.PROPOSED, Status.AGREED, Status.HELD, Status.MISSED)


def costs_form(state: Exchange, form: Form) -> Form:
    """What was typed where it was refused, else the amounts that stand."""
    if form["_costs"]:
        return form
    costs = state.paid or state.planned
    actual = "true" if state.status in (Status.HELD, Status.MISSED) else ""
    amounts = {"travel": costs.travel, "accommodation": costs.accommodation, "interpretation": costs.interpretation}
    return Form.of(**amounts, actual=actual)


def _other_weeks(state: Exchange) -> list[tuple[str, str]]:
    """Eight weeks before and after the one proposed, none that has begun."""
    today = week_of(clock.now().date())
    near = (week_of(monday(state.week) + timedelta(weeks=by)) for by in range(-8, 9) if by)
    return [(one, stay_words(one, state.duration)) for one in near if one > today]


async def _reports(request: Request, principal: Principal, state: Exchange) -> list[dict[str, Any]]:
    words = await queries.reports(db_of(request), principal.network, state)
    return [
        {"by": member, "useful": one.useful, "inspected": one.joint_inspection, "words": words.get(member, "")}
        for member, one in state.reports.items()
    ]
