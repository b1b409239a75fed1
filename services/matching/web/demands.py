"""What activities need, and the runs that look for experts: who is asked to what, and why not."""

from collections.abc import Mapping

from fastapi import APIRouter, HTTPException, Request, Response

from services.matching import handlers
from services.matching.commands.experts import RunMarket, SeekExperts, WithdrawDemand
from services.matching.domain.demand import Demand
from services.matching.domain.expert import Expert
from services.matching.handlers import experts as doing
from services.matching.handlers.market_runs import propose_all
from services.matching.queries import experts as queries
from services.matching.queries.ideas import texts
from services.matching.web.common import db_of, language_options, page_store, profile_of
from services.matching.web.experts import (
    DEMAND_STATES,
    SEAT_STATES,
    ExpertReader,
    MarketRunner,
    Seeking,
    areas_of,
    found,
    names_of,
    states_in_words,
)
from services.matching.web.market_runs import run_now
from services.matching.web.market_words import idle_words, level_words, why_open
from services.matching.web.spoken import LEVELS, spoken_in
from shared.contracts.experts import ExpertsSought
from shared.contracts.refused import Refused
from shared.web.forms import Form, read_form
from shared.web.i18n import _, ngettext, plural
from shared.web.pages import render, see_other
from shared.web.rights import Principal

router = APIRouter()


@router.get("/matching/demands/new")
async def new_page(request: Request, principal: Seeking) -> Response:
    asked = request.query_params
    form = Form.of(experts=1, activity=asked.get("activity"), title=asked.get("title"))
    return await _new(request, principal, form, 200)


@router.post("/matching/demands/new")
async def seek(request: Request, principal: Seeking) -> Response:
    form = await read_form(request)
    spoken = spoken_in(form, _("Choose the language that the experts speak."))
    wishes = tuple(one for place in (1, 2, 3) if (one := form[f"_wish_{place}"]))
    command = form.build(SeekExperts, wishes=wishes, words="", market="", happened_at=None, **spoken)
    status = 422
    if command is not None:
        try:
            receipt = await doing.seek_experts(command, page_store(request, principal, form.command_id))
            made = receipt.first(ExpertsSought)
            assert made is not None
            done = _("It takes part in the next run: experts are asked then.")
            return see_other(request, f"/matching/demands/{made.stream}", done=done)
        except Refused as refusal:
            status = form.refuse(refusal)
    return await _new(request, principal, form, status)


async def _new(request: Request, principal: Principal, form: Form, status: int) -> Response:
    listed, _n = await queries.experts(db_of(request), principal.network, status="listed", limit=500)
    names = await names_of(request, principal, {one.state.person for one in listed})
    return render(
        request,
        "demand_new.html",
        status=status,
        form=form,
        areas=areas_of(principal),
        languages=language_options(handlers.languages(profile_of(principal))),
        levels=LEVELS,
        experts=[(one.id, names.get(one.state.person, one.id)) for one in listed],
    )


@router.get("/matching/demands/{demand_id}")
async def demand_page(request: Request, demand_id: str, principal: ExpertReader) -> Response:
    return await _page(request, principal, demand_id, Form.of(), 200)


@router.post("/matching/demands/{demand_id}/withdraw")
async def withdraw(request: Request, demand_id: str, principal: Seeking) -> Response:
    one = await found(request, principal, demand_id, Demand)
    form = await read_form(request)
    command, status = form.build(WithdrawDemand, demand=one.id, words="", happened_at=None), 422
    if command is not None:
        try:
            await doing.withdraw_demand(command, page_store(request, principal, form.command_id))
            done = _("No experts are sought any more. Who was asked is told.")
            return see_other(request, f"/matching/demands/{one.id}", done=done)
        except Refused as refusal:
            status = form.refuse(refusal)
    return await _page(request, principal, demand_id, form, status)


async def _page(request: Request, principal: Principal, demand_id: str, form: Form, status: int) -> Response:
    db, network = db_of(request), principal.network
    one = await found(request, principal, demand_id, Demand)
    seats = one.state.seats
    kept = await texts(db, network, [one.state.words, *(seat.words for seat in seats.values())])
    latest = await queries.runs(db, network, "experts", 1)
    run = await queries.run(db, network, latest[0]["_id"], "experts") if latest else None
    unmatched = [each for each in run["solution"].unmatched if each.sender == one.id] if run else []
    return render(
        request,
        "demand.html",
        status=status,
        demand=one,
        form=form,
        heading=kept.get(one.state.words, {}).get("title", ""),
        kept=kept,
        names=await names_of(request, principal, {seat.person for seat in seats.values()}),
        why=why_open(unmatched[0], run["solution"].offers) if run and unmatched and one.state.missing else [],
        seat_states=states_in_words(SEAT_STATES),
        states=states_in_words(DEMAND_STATES),
        areas=areas_of(principal),
    )


@router.post("/matching/experts/runs")
async def run_experts(request: Request, principal: MarketRunner) -> Response:
    form = await read_form(request)
    store = page_store(request, principal, form.command_id)
    run = await run_now(request, principal, RunMarket(market="experts"), store)
    return see_other(request, f"/matching/experts/runs/{run}")


@router.get("/matching/experts/runs/{market_run}")
async def run_page(request: Request, market_run: str, principal: ExpertReader) -> Response:
    return await _run_page(request, principal, market_run, Form.of(), 200)


@router.post("/matching/experts/runs/{market_run}/propose")
async def propose(request: Request, market_run: str, principal: MarketRunner) -> Response:
    """Ask the experts that the run found; what changed since is refused, and said."""
    form = await read_form(request)
    run = await queries.run(db_of(request), principal.network, market_run, "experts")
    if run is None:
        raise HTTPException(404)
    chosen = set(form.all("chosen"))
    db, network = db_of(request), principal.network
    sought = {one.sender for one in run["solution"].matches}
    asked = _asked(await queries.by_id(db, network, sought, Demand), market_run)
    matches = [
        one
        for one in run["solution"].matches
        if (not chosen or one.interest in chosen) and (one.sender, one.offer) not in asked
    ]
    store = page_store(request, principal, form.command_id)
    outcome = await propose_all(market_run, "experts", matches, store)
    refused = [one.refused for one in outcome if one.refused]
    if refused:
        form.refuse(refused[0])
        return await _run_page(request, principal, market_run, form, 409)
    done = ngettext("One expert is asked.", "%(num)s experts are asked.", len(outcome))
    return see_other(request, f"/matching/experts/runs/{market_run}", done=done)


async def _run_page(request: Request, principal: Principal, run_id: str, form: Form, status: int) -> Response:
    db, network = db_of(request), principal.network
    run = await queries.run(db, network, run_id, "experts")
    if run is None:
        raise HTTPException(404)
    solution = run["solution"]
    sought = {one.sender for one in (*solution.matches, *solution.unmatched)}
    states = await queries.by_id(db, network, sought, Demand)
    offered = {one.offer for one in solution.matches} | {one["offer"] for one in run["idle"]}
    experts = await queries.by_id(db, network, offered, Expert)
    return render(
        request,
        "market_run.html",
        status=status,
        title=_run_title(len(solution.matches), solution.interests, proven=solution.proven),
        run=run,
        solution=solution,
        form=form,
        demands=states,
        titles=await texts(db, network, [one.words for one in states.values()]),
        experts=experts,
        names=await names_of(request, principal, {one.person for one in experts.values()}),
        asked=_asked(states, run_id),
        levels=[level_words(one) for one in solution.levels],
        why={one.interest: why_open(one, solution.offers) for one in solution.unmatched},
        idle={one["offer"]: idle_words(one) for one in run["idle"]},
    )


def _asked(demands: Mapping[str, Demand], run: str) -> set[tuple[str, str]]:
    """Activity and expert of whatever was asked of this run, whatever became of it."""
    return {(key, seat.expert) for key, one in demands.items() for seat in one.seats.values() if seat.run == run}


def _run_title(matched: int, sought: int, *, proven: bool) -> str:
    text = plural("One expert of %(sought)s is found", "%(num)s experts of %(sought)s are found")
    first = ngettext(*text, matched, sought=sought)
    return _("%(found)s: no choice finds more", found=first) if proven else _("%(found)s: the best so far", found=first)
