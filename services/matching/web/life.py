"""What becomes of an exchange after its proposal: another week, called off, no-show, its costs, reports, agreement."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from services.matching import handlers
from services.matching.commands import AskWeek, CancelExchange, RecordNoShow, ReportExchange, SetCosts
from services.matching.domain.call import Call
from services.matching.domain.exchange import Exchange, Status
from services.matching.web import exchanges
from services.matching.web.agreement import AGREEMENT, words_of
from services.matching.web.common import (
    Answerer,
    AnyExchange,
    Canceller,
    Payer,
    Reader,
    Reporter,
    found,
    page_store,
    profile_of,
    side_for,
)
from shared.contracts.refused import Refused
from shared.documents.pdf import PDF, pdf
from shared.spine.store import GroupingStore
from shared.web.forms import Form, read_form
from shared.web.i18n import _, language
from shared.web.pages import see_other
from shared.web.rights import Principal

router = APIRouter()
Act = Callable[[AnyExchange, Form, GroupingStore], Awaitable[bool]]
"""Carries a form out; false where something in it is wrong, which the form says."""


@router.post("/matching/exchanges/{exchange_id}/week")
async def ask_week(request: Request, exchange_id: str, principal: Answerer) -> Response:
    async def act(exchange: AnyExchange, form: Form, store: GroupingStore) -> bool:
        member = side_for(principal, exchange.state, form["member"])
        command = form.build(AskWeek, exchange=exchange.id, member=member, words="", answer_days=14)
        return command is not None and bool(await handlers.ask_week(command, store))

    done = _("You asked for another week. The other side is asked for its answer.")
    return await _carry_out(request, principal, exchange_id, act, done)


@router.post("/matching/exchanges/{exchange_id}/cancel")
async def cancel(request: Request, exchange_id: str, principal: Canceller) -> Response:
    async def act(exchange: AnyExchange, form: Form, store: GroupingStore) -> bool:
        if not form["reason"].strip():
            form.fail("reason", _("Say why: both sides read it."))
        command = form.build(CancelExchange, exchange=exchange.id, words="")
        return command is not None and bool(await handlers.cancel_exchange(command, store))

    done = _("The exchange is called off. Both sides read why, and the places are free again.")
    return await _carry_out(request, principal, exchange_id, act, done)


@router.post("/matching/exchanges/{exchange_id}/no-show")
async def record_no_show(request: Request, exchange_id: str, principal: Canceller) -> Response:
    async def act(exchange: AnyExchange, form: Form, store: GroupingStore) -> bool:
        command = form.build(RecordNoShow, exchange=exchange.id, words="")
        return command is not None and bool(await handlers.record_no_show(command, store))

    done = _("The no-show is noted. Both sides are told.")
    return await _carry_out(request, principal, exchange_id, act, done)


@router.post("/matching/exchanges/{exchange_id}/costs")
async def set_costs(request: Request, exchange_id: str, principal: Payer) -> Response:
    async def act(exchange: AnyExchange, form: Form, store: GroupingStore) -> bool:
        command = form.build(SetCosts, exchange=exchange.id)
        return command is not None and bool(await handlers.set_costs(command, store))

    return await _carry_out(request, principal, exchange_id, act, _("The costs are noted."))


@router.post("/matching/exchanges/{exchange_id}/report")
async def report(request: Request, exchange_id: str, principal: Reporter) -> Response:
    async def act(exchange: AnyExchange, form: Form, store: GroupingStore) -> bool:
        member = side_for(principal, exchange.state, form["member"])
        command = form.build(ReportExchange, exchange=exchange.id, member=member, words="")
        return command is not None and bool(await handlers.report_exchange(command, store))

    done = _("Your report is kept. The other side and the coordinator read it.")
    return await _carry_out(request, principal, exchange_id, act, done)


@router.get("/matching/exchanges/{exchange_id}/agreement.pdf")
async def agreement(request: Request, exchange_id: str, principal: Reader) -> Response:
    """The hosting agreement, tagged for screen readers, in the reader's language; there once both sides said yes."""
    exchange = await found(request, principal, exchange_id, Exchange)
    if exchange.state.status not in (Status.AGREED, Status.HELD):
        raise HTTPException(404)
    call = await found(request, principal, exchange.state.call, Call)
    data: dict[str, Any] = words_of(exchange, call.state, profile_of(principal))
    made = await pdf(AGREEMENT, data, language=language())
    name = f'inline; filename="agreement-{exchange.id[-12:]}.pdf"'
    return Response(made, media_type=PDF, headers={"Content-Disposition": name})


async def _carry_out(request: Request, principal: Principal, exchange_id: str, act: Act, done: str) -> Response:
    """Back to the exchange with what was done; else its page again, with what is wrong."""
    exchange = await found(request, principal, exchange_id, Exchange)
    form = await read_form(request)
    status = 422
    try:
        if await act(exchange, form, page_store(request, principal, form.command_id)):
            return see_other(request, f"/matching/exchanges/{exchange.id}", done=done)
    except Refused as refusal:
        status = form.refuse(refusal)
    return await exchanges.page(request, principal, exchange, form, status)
