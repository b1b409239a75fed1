"""A call's desk: dates, counts against the minimum, interests, offers and exchanges, the runs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request, Response

from services.matching import handlers, queries
from services.matching.commands import BeginCall, CloseCall, PublishCall, ReopenCall, ReportCall
from services.matching.domain.call import Call, Status
from services.matching.queries.workings import solving
from services.matching.web import lists
from services.matching.web.common import (
    AnyCall,
    CallOpener,
    Reader,
    Runner,
    call_title,
    db_of,
    focus_title,
    found,
    market_terms,
    page_store,
    profile_of,
    under_way,
    week_words,
)
from services.matching.web.solving import ask_run
from services.matching.web.story import euros
from shared.contracts.refused import Refused
from shared.spine.store import GroupingStore
from shared.web import exports
from shared.web.formats import member_name, moment
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


@router.get("/matching/calls/{call_id}")
async def call_desk(request: Request, call_id: str, principal: Reader) -> Response:
    call = await found(request, principal, call_id, Call)
    for name in lists.LISTED:
        if kind := exports.asked(request, name):
            return lists.of_market(request, principal, kind, name, call=call.id, own=principal.own_member)
    if kind := exports.asked(request, "runs"):
        return lists.runs(principal, kind, await queries.runs(db_of(request), principal.network, call.id))
    return await _desk(request, principal, call, Form.of(), 200)


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
    here = f"/matching/calls/{call_id}"

    async def act(call: AnyCall, store: GroupingStore) -> None:
        await handlers.close_call(CloseCall(call=call.id), store)

    return await _stage(
        request, principal, call_id, act, done=_("The call is closed. Runs and answers go on."), undo=f"{here}/reopen"
    )


@router.post("/matching/calls/{call_id}/open")
async def publish_call(request: Request, call_id: str, principal: CallOpener) -> Response:
    async def act(call: AnyCall, store: GroupingStore) -> None:
        await handlers.publish_call(PublishCall(call=call.id), store)

    return await _stage(request, principal, call_id, act, done=_("The call is open."))


@router.post("/matching/calls/{call_id}/begin")
async def begin_call(request: Request, call_id: str, principal: CallOpener) -> Response:
    async def act(call: AnyCall, store: GroupingStore) -> None:
        await handlers.begin_call(BeginCall(call=call.id), store)

    return await _stage(request, principal, call_id, act, done=_("The exchanges of this call take place from now on."))


@router.post("/matching/calls/{call_id}/report")
async def report_call(request: Request, call_id: str, principal: CallOpener) -> Response:
    async def act(call: AnyCall, store: GroupingStore) -> None:
        open_ones = await under_way(request, principal, call.id)
        await handlers.report_call(ReportCall(call=call.id), store, under_way=open_ones)

    return await _stage(request, principal, call_id, act, done=_("The call is reported and over."))


async def _stage(
    request: Request,
    principal: Principal,
    call_id: str,
    act: Callable[[AnyCall, GroupingStore], Awaitable[None]],
    *,
    done: str,
    undo: str = "",
) -> Response:
    """The call's next stage; where it is refused, its desk with the sentence."""
    call = await found(request, principal, call_id, Call)
    form = await read_form(request)
    try:
        await act(call, page_store(request, principal, form.command_id))
    except Refused as refusal:
        return await _desk(request, principal, call, form, form.refuse(refusal))
    return see_other(request, f"/matching/calls/{call.id}", done=done, undo=undo)


@router.post("/matching/calls/{call_id}/runs")
async def run_match(request: Request, call_id: str, principal: Runner) -> Response:
    """Works out the match; where that takes long, the run's page says how far it is."""
    call = await found(request, principal, call_id, Call)
    form = await read_form(request)
    try:
        run = await ask_run(request, principal, call, form)
    except Refused as refusal:
        return await _desk(request, principal, call, form, form.refuse(refusal))
    return see_other(request, f"/matching/runs/{run}")


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
    days = {one["type"]: one["time"] for one in history}
    days |= {"open": days.get("reopened", days.get("opened", "")), "draft": days.get("drafted", "")}
    days |= {"running": days.get("begun", "")}
    again = next((one["data"]["words"] for one in reversed(history) if one["type"] == "reopened"), None)
    figures = counts[call.id]
    return render(
        request,
        "call.html",
        status=status,
        call=call,
        title=_title(call.state, figures, network),
        counts=figures,
        runs=runs,
        solving=await solving(db, network, call.id),
        since=days.get(call.state.status.value, ""),
        over=call.state.status in (Status.DRAFT, Status.REPORTED),
        left=euros(call.state.left) if call.state.left is not None else "",
        spent=euros(call.state.committed),
        reopened=await queries.reason(db, network, again) if again and call.state.status is Status.OPEN else "",
        shown=shown,
        listing=paging.listing(rows, total),
        profile=profile_of(principal),
        form=form,
        facts=_facts(call.state, principal),
    )


def _facts(call: Call, principal: Principal) -> list[tuple[str, Any]]:
    network = principal.network
    days = ngettext("one day", "%(num)s days", call.answer_days)
    areas = ", ".join(focus_title(area, network) for area in call.focus_areas)
    least = "; ".join(f"{focus_title(area, network)}: {count}" for area, count in call.focus_minimum.items())
    flags = [
        (call.interpreted, _("an interpreter where no language is shared")),
        (call.reciprocal, _("who hosts must send, too")),
        (call.endorsed_only, _("only endorsed interests are matched")),
        (call.rolling, _("matched whenever something arrives")),
        (call.automatic, _("what is found by itself is proposed at once")),
    ]
    return [
        (_("Market"), market_terms(network, call).title),
        (_("Focus areas"), areas),
        (_("Interests and offers until"), moment(call.closes_on, network, style="date") if call.closes_on else ""),
        (_("Exchanges in"), _window(call)),
        (_("Time to answer a proposal"), days),
        (_("At most for a member"), call.cap or ""),
        (_("At least by focus area"), least),
        (_("Members"), ", ".join(member_name(one, network) for one in call.eligible)),
        (_("Rules"), "; ".join(words for stands, words in flags if stands)),
    ]


def _window(call: Call) -> str:
    if call.first_week and call.last_week:
        return week_words(call.first_week, call.last_week)
    if call.first_week:
        return _("from %(week)s on", week=week_words(call.first_week))
    return _("until %(week)s", week=week_words(call.last_week)) if call.last_week else ""


def _title(call: Call, counts: queries.Counts, network: str) -> str:
    name = call_title(call, network)
    if call.minimum:
        text = _("%(call)s: %(agreed)s of at least %(minimum)s exchanges are agreed")
        return text % {"call": name, "agreed": counts.agreed, "minimum": call.minimum}
    agreed = ngettext("one exchange is agreed", "%(num)s exchanges are agreed", counts.agreed)
    return _("%(call)s: %(agreed)s", call=name, agreed=agreed)
