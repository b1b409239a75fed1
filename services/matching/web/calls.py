"""A call's desk: dates, counts against the minimum, interests, offers and exchanges, the runs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request, Response

from services.matching import handlers, queries
from services.matching.commands import ChangeCall, CloseCall, OpenCall, ReopenCall, RunMatch
from services.matching.domain.call import Call, Status
from services.matching.queries.market import market_of
from services.matching.web import lists
from services.matching.web.common import (
    AnyCall,
    CallOpener,
    Reader,
    Runner,
    db_of,
    focus_title,
    found,
    page_store,
    profile_of,
    solve_in,
    told,
)
from shared import clock
from shared.contracts.matching import CallChanged, CallClosed, CallOpened, CallReopened, MatchRunCompleted
from shared.contracts.refused import Refused
from shared.web import exports
from shared.web.forms import Form, read_form
from shared.web.i18n import _, ngettext
from shared.web.pages import Paging, render, see_other
from shared.web.rights import Principal
from shared.web.stale import Changed, guarded

router = APIRouter()
LISTS: dict[str, Callable[..., Awaitable[tuple[list[Any], int]]]] = {
    "interests": queries.interests,
    "offers": queries.offers,
    "exchanges": queries.exchanges,
}


@router.get("/matching/calls/new")
async def new_call_page(request: Request, principal: CallOpener) -> Response:
    profile = profile_of(principal)
    areas = [area for area, _title in handlers.focus_areas(profile)]
    minimum = int(profile.targets.get("staff-exchanges", 0))
    form = Form.of(year=clock.now().year, focus_areas=areas, minimum=minimum, answer_days=14)
    return _new(request, principal, form, 200)


@router.post("/matching/calls/new")
async def open_call(request: Request, principal: CallOpener) -> Response:
    form = await read_form(request)
    status = 422
    command = form.build(OpenCall)
    if command is not None:
        try:
            receipt = await handlers.open_call(command, page_store(request, principal, form.command_id))
            opened = receipt.first(CallOpened)
            assert opened is not None
            return see_other(request, f"/matching/calls/{opened.stream}", done=_("The call is open."))
        except Refused as refusal:
            status = form.refuse(refusal)
    return _new(request, principal, form, status)


def _new(request: Request, principal: Principal, form: Form, status: int) -> Response:
    areas = handlers.focus_areas(profile_of(principal))
    return render(request, "call_new.html", status=status, form=form, areas=areas)


@router.get("/matching/calls/{call_id}")
async def call_desk(request: Request, call_id: str, principal: Reader) -> Response:
    call = await found(request, principal, call_id, Call)
    for name in lists.LISTED:
        if kind := exports.asked(request, name):
            return lists.of_market(request, principal, kind, name, call=call.id, own=principal.own_member)
    if kind := exports.asked(request, "runs"):
        return lists.runs(principal, kind, await queries.runs(db_of(request), principal.network, call.id))
    return await _desk(request, principal, call, Form.of(), 200)


MINDS = (CallChanged, CallClosed, CallReopened)
"""What who changes or closes a call must have seen; what is filed meanwhile does not hinder it."""


@router.get("/matching/calls/{call_id}/change")
async def change_page(request: Request, call_id: str, principal: CallOpener) -> Response:
    call = await found(request, principal, call_id, Call)
    return _change_page(request, principal, call, _terms(call.state), 200)


def _terms(call: Call) -> Form:
    return Form.of(focus_areas=list(call.focus_areas), minimum=call.minimum, answer_days=call.answer_days)


def _change_page(request: Request, principal: Principal, call: AnyCall, form: Form, status: int) -> Response:
    areas = handlers.focus_areas(profile_of(principal))
    return render(request, "call_change.html", status=status, call=call, form=form, areas=areas)


@router.post("/matching/calls/{call_id}/change")
async def change_call(request: Request, call_id: str, principal: CallOpener) -> Response:
    call = await found(request, principal, call_id, Call)
    form = await read_form(request)
    here, status = f"/matching/calls/{call.id}", 422
    command = form.build(ChangeCall, call=call.id, happened_at=None)
    if command is not None:
        store = page_store(request, principal, form.command_id)
        try:
            await guarded(
                request, store, call.id, lambda now: handlers.change_call(command, now),
                seen=form.version, minds=MINDS,
            )  # fmt: skip
            return see_other(request, here, done=_("The call is changed."))
        except Changed as changed:
            call = await found(request, principal, call_id, Call)
            status = form.stale(changed, _terms(call.state), take=f"{here}/change", told=told())
        except Refused as refusal:
            status = form.refuse(refusal)
    return _change_page(request, principal, call, form, status)


@router.get("/matching/calls/{call_id}/reopen")
async def reopen_page(request: Request, call_id: str, principal: CallOpener) -> Response:
    return render(request, "call_reopen.html", call=await found(request, principal, call_id, Call), form=Form.of())


@router.post("/matching/calls/{call_id}/reopen")
async def reopen_call(request: Request, call_id: str, principal: CallOpener) -> Response:
    call = await found(request, principal, call_id, Call)
    form = await read_form(request)
    status = 422
    command = form.build(ReopenCall, call=call.id, words="", happened_at=None)
    if command is not None:
        try:
            await handlers.reopen_call(command, page_store(request, principal, form.command_id))
            return see_other(request, f"/matching/calls/{call.id}", done=_("The call is open again."))
        except Refused as refusal:
            status = form.refuse(refusal)
    return render(request, "call_reopen.html", status=status, call=call, form=form)


@router.post("/matching/calls/{call_id}/close")
async def close_call(request: Request, call_id: str, principal: CallOpener) -> Response:
    call = await found(request, principal, call_id, Call)
    form = await read_form(request)
    try:
        await handlers.close_call(CloseCall(call=call.id), page_store(request, principal, form.command_id))
    except Refused as refusal:
        return await _desk(request, principal, call, form, form.refuse(refusal))
    here = f"/matching/calls/{call.id}"
    done = _("The call is closed. Runs and answers go on.")
    return see_other(request, here, done=done, undo=f"{here}/reopen")


@router.post("/matching/calls/{call_id}/runs")
async def run_match(request: Request, call_id: str, principal: Runner) -> Response:
    """Works out the match now; the answer comes with it."""
    call = await found(request, principal, call_id, Call)
    form = await read_form(request)
    market = await market_of(db_of(request), principal.network, call.id)
    store = page_store(request, principal, form.command_id)
    try:
        receipt = await handlers.run_match(RunMatch(call=call.id), market, solve_in(request), store)
    except Refused as refusal:
        return await _desk(request, principal, call, form, form.refuse(refusal))
    completed = receipt.first(MatchRunCompleted)
    assert completed is not None
    assert isinstance(completed.event, MatchRunCompleted)
    return see_other(request, f"/matching/runs/{completed.event.run}")


async def _desk(request: Request, principal: Principal, call: AnyCall, form: Form, status: int) -> Response:
    db, network = db_of(request), principal.network
    shown = request.query_params.get("show", "interests")
    shown = shown if shown in LISTS else "interests"
    paging = Paging.of(request)
    counts, runs, history, (rows, total) = await asyncio.gather(
        queries.counts(db, network, [call.id]),
        queries.runs(db, network, call.id),
        queries.history(db, network, call.id),
        LISTS[shown](db, network, call=call.id, own=principal.own_member, skip=paging.skip, limit=paging.per_page),
    )
    days = {one["type"]: one["time"] for one in history if one["type"] in ("opened", "closed", "reopened")}
    again = next((one["data"]["words"] for one in reversed(history) if one["type"] == "reopened"), None)
    figures = counts[call.id]
    return render(
        request,
        "call.html",
        status=status,
        call=call,
        title=_title(call.state, figures),
        counts=figures,
        runs=runs,
        since=days["closed"] if call.state.status is Status.CLOSED else days.get("reopened", days["opened"]),
        reopened=await queries.reason(db, network, again) if again and call.state.status is Status.OPEN else "",
        shown=shown,
        listing=paging.listing(rows, total),
        profile=profile_of(principal),
        form=form,
        facts=_facts(call.state, principal),
    )


def _facts(call: Call, principal: Principal) -> list[tuple[str, Any]]:
    days = ngettext("one day", "%(num)s days", call.answer_days)
    areas = ", ".join(focus_title(area, principal.network) for area in call.focus_areas)
    return [(_("Focus areas"), areas), (_("Time to answer a proposal"), days)]


def _title(call: Call, counts: queries.Counts) -> str:
    if call.minimum:
        text = _("Call %(year)s: %(agreed)s of at least %(minimum)s exchanges are agreed")
        return text % {"year": call.year, "agreed": counts.agreed, "minimum": call.minimum}
    agreed = ngettext("one exchange is agreed", "%(num)s exchanges are agreed", counts.agreed)
    return _("Call %(year)s: %(agreed)s", year=call.year, agreed=agreed)
