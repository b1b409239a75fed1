"""A call's desk: dates, counts against the minimum, interests, offers and exchanges, the runs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request, Response

from services.matching import handlers, queries
from services.matching.commands import CloseCall, OpenCall, RunMatch
from services.matching.domain.call import Call
from services.matching.web.common import (
    AnyCall,
    CallOpener,
    Reader,
    Runner,
    db_of,
    focus_title,
    found,
    page_store,
    pool_of,
    profile_of,
)
from shared import clock
from shared.contracts.matching import CallOpened, MatchRunCompleted
from shared.contracts.refused import Refused
from shared.web.forms import Form, read_form
from shared.web.i18n import _, ngettext
from shared.web.pages import Paging, render, see_other
from shared.web.rights import Principal

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
    return await _desk(request, principal, call, Form.of(), 200)


@router.post("/matching/calls/{call_id}/close")
async def close_call(request: Request, call_id: str, principal: CallOpener) -> Response:
    call = await found(request, principal, call_id, Call)
    form = await read_form(request)
    try:
        await handlers.close_call(CloseCall(call=call.id), page_store(request, principal, form.command_id))
    except Refused as refusal:
        return await _desk(request, principal, call, form, form.refuse(refusal))
    return see_other(request, f"/matching/calls/{call.id}", done=_("The call is closed. Runs and answers go on."))


@router.post("/matching/calls/{call_id}/runs")
async def run_match(request: Request, call_id: str, principal: Runner) -> Response:
    """Works out the match now; the answer comes with it."""
    call = await found(request, principal, call_id, Call)
    form = await read_form(request)
    market = await queries.market(db_of(request), principal.network, call.id)
    store = page_store(request, principal, form.command_id)
    try:
        receipt = await handlers.run_match(RunMatch(call=call.id), market, pool_of(request).solve, store)
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
    days = {one["type"]: one["time"] for one in history if one["type"] in ("opened", "closed")}
    figures = counts[call.id]
    return render(
        request,
        "call.html",
        status=status,
        call=call,
        title=_title(call.state, figures),
        counts=figures,
        runs=runs,
        days=days,
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
