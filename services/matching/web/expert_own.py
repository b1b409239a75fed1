"""An expert's own page: apply, change, renew, leave; what they are asked to, and their answer."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from services.matching import handlers
from services.matching.commands.experts import (
    AcceptSeat,
    Apply,
    ChangeExpert,
    DeclineSeat,
    RenewExpert,
    WithdrawExpert,
)
from services.matching.domain.demand import Demand
from services.matching.domain.expert import Expert, Status
from services.matching.handlers import experts as doing
from services.matching.queries import Found
from services.matching.queries import experts as queries
from services.matching.queries.ideas import texts
from services.matching.web.common import db_of, language_options, page_store, profile_of, week_words
from services.matching.web.experts import (
    EXPERT_STATES,
    SEAT_STATES,
    ExpertSelf,
    areas_of,
    people_of,
    person_of,
    states_in_words,
)
from services.matching.web.spans import calendar, ticked, weeks_in
from services.matching.web.spoken import LEVELS, spoken_fields, spoken_in
from services.matching.week import between, later, week_of
from shared import clock
from shared.contracts.refused import Refused
from shared.people.notices import Told
from shared.web.files import check, files_of, sent, take
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.rights import Principal

router = APIRouter()
MINE = "/matching/experts/mine"
MOST_FILES = 10
AHEAD = 103
"""Weeks that the form offers: two years."""


async def own(request: Request, principal: Principal) -> tuple[str, Found[Any] | None]:
    """The reader as a person, and their expert's page if there is one."""
    person = await person_of(request, principal)
    if person is None:
        raise HTTPException(404)  # a key is nobody's expert
    name = doing.expert_of(principal.network, person)
    return person, await queries.find(db_of(request), principal.network, name, Expert)


async def _must_own(request: Request, principal: Principal) -> Found[Any]:
    _person, one = await own(request, principal)
    if one is None:
        raise HTTPException(404)
    return one


@router.get("/matching/experts/mine")
async def mine(request: Request, principal: ExpertSelf) -> Response:
    _person, one = await own(request, principal)
    return await _mine(request, principal, one, Form.of(), 200)


async def _mine(request: Request, principal: Principal, one: Found[Any] | None, form: Form, status: int) -> Response:
    db, network = db_of(request), principal.network
    asked = await queries.demands_of_expert(db, network, one.id) if one else []
    written = [one.state.reason] if one else []
    calls = [each for each in await queries.rosters(db, network) if _is_open(each)]
    return render(
        request,
        "expert_mine.html",
        status=status,
        expert=one,
        form=form,
        asked=asked,
        kept=await texts(db, network, [*written, *(each.words for _d, _s, each in asked)]),
        waiting=sum(each.seats[seat].answer == "proposed" for _d, seat, each in asked),
        files=await files_of(request).of(network, one.id) if one else [],
        may_apply=one is None or one.state.status not in (Status.APPLIED, Status.LISTED),
        rosters=calls,
        states=states_in_words(EXPERT_STATES),
        seat_states=states_in_words(SEAT_STATES),
        areas=areas_of(principal),
        criteria=profile_of(principal).experts.criteria,
    )


def _is_open(roster: Found[Any]) -> bool:
    ends = roster.state.closes_on
    return roster.state.status == "open" and (ends is None or ends >= clock.now().date())


@router.get("/matching/experts/apply")
async def apply_page(request: Request, principal: ExpertSelf) -> Response:
    await own(request, principal)
    return await _form(request, principal, Form.of(most=2), 200)


@router.post("/matching/experts/apply")
async def apply(request: Request, principal: ExpertSelf) -> Response:
    """The application with its documents; the files are looked at before anything is kept."""
    person, _one = await own(request, principal)
    try:
        form = await read_form(request)
        terms, status = _typed(form), 422
        command = form.build(Apply, expert="", person="", words="", member=principal.member, happened_at=None, **terms)
        if command is not None:
            try:
                uploads = form.uploads.get("documents", [])
                await check(request, uploads, MOST_FILES)
                await doing.apply(command, page_store(request, principal, form.command_id), person)
                await people_of(request).tell(person, Told("experts", "experts.apply"))
                await _keep(request, principal, doing.expert_of(principal.network, person), form)
                return see_other(
                    request, MINE, done=_("Your application is sent. You hear what becomes of it by mail.")
                )
            except Refused as refusal:
                status = form.refuse(refusal)
        return await _form(request, principal, form, status)
    finally:
        await request.close()


def _typed(form: Form) -> dict[str, Any]:
    weeks = weeks_in(form)
    return {"weeks": weeks or ("2024-W01",), **spoken_in(form, _("Choose the language that suits best."))}


async def _form(
    request: Request, principal: Principal, form: Form, status: int, *, changes: Found[Any] | None = None
) -> Response:
    profile, first = profile_of(principal), week_of(clock.now().date())
    weeks = between(first, later(first, AHEAD))
    rosters = [one for one in await queries.rosters(db_of(request), principal.network) if _is_open(one)]
    return render(
        request,
        "expert_apply.html",
        status=status,
        form=form,
        changes=changes,
        rosters=[(one.id, str(one.state.year)) for one in rosters],
        areas=areas_of(principal),
        weeks=[(one, week_words(one)) for one in weeks],
        months=calendar(weeks),
        languages=language_options(handlers.languages(profile)),
        levels=LEVELS,
        most=profile.experts.most,
    )


@router.get("/matching/experts/mine/change")
async def change_page(request: Request, principal: ExpertSelf) -> Response:
    one = await _must_own(request, principal)
    state = one.state
    spoken = spoken_fields(state.languages, state.levels)
    form = Form.of(areas=list(state.areas), most=state.most, **spoken, **ticked(state.weeks))
    return await _form(request, principal, form, 200, changes=one)


@router.post("/matching/experts/mine/change")
async def change(request: Request, principal: ExpertSelf) -> Response:
    one = await _must_own(request, principal)
    form = await read_form(request)
    command, status = form.build(ChangeExpert, expert=one.id, market="", happened_at=None, **_typed(form)), 422
    if command is not None:
        try:
            await doing.change_expert(command, page_store(request, principal, form.command_id))
            return see_other(request, MINE, done=_("Your page is changed."))
        except Refused as refusal:
            status = form.refuse(refusal)
    return await _form(request, principal, form, status, changes=one)


@router.post("/matching/experts/mine/renew")
async def renew(request: Request, principal: ExpertSelf) -> Response:
    one = await _must_own(request, principal)
    form = await read_form(request)
    try:
        await doing.renew_expert(RenewExpert(expert=one.id), page_store(request, principal, form.command_id))
    except Refused as refusal:
        return await _mine(request, principal, one, form, form.refuse(refusal))
    return see_other(request, MINE, done=_("You stay on the list."))


@router.post("/matching/experts/mine/withdraw")
async def withdraw(request: Request, principal: ExpertSelf) -> Response:
    one = await _must_own(request, principal)
    form = await read_form(request)
    try:
        await doing.withdraw_expert(WithdrawExpert(expert=one.id), page_store(request, principal, form.command_id))
    except Refused as refusal:
        return await _mine(request, principal, one, form, form.refuse(refusal))
    return see_other(request, MINE, done=_("You left the list. Nobody asks you any more."))


@router.post("/matching/experts/mine/files")
async def add_files(request: Request, principal: ExpertSelf) -> Response:
    one = await _must_own(request, principal)
    try:
        form = await read_form(request)
        try:
            await check(request, form.uploads.get("documents", []), MOST_FILES)
            await _keep(request, principal, one.id, form)
        except Refused as refusal:
            return await _mine(request, principal, one, form, form.refuse(refusal, "documents"))
        return see_other(request, MINE, done=_("Your documents are kept."))
    finally:
        await request.close()


async def _keep(request: Request, principal: Principal, expert: str, form: Form) -> None:
    for number, upload in enumerate(form.uploads.get("documents", [])):
        await take(request, principal, upload, about=expert, command_id=f"{form.command_id}-{number}")


@router.get("/matching/experts/mine/files/{file_id}")
async def download(request: Request, file_id: str, principal: ExpertSelf) -> Response:
    one = await _must_own(request, principal)
    return await sent(request, await files_of(request).one(principal.network, one.id, file_id))


@router.post("/matching/demands/{demand_id}/seats/{seat_id}/accept")
async def accept(request: Request, demand_id: str, seat_id: str, principal: ExpertSelf) -> Response:
    one = await _asked(request, principal, demand_id, seat_id)
    form = await read_form(request)
    command = AcceptSeat(demand=demand_id, seat=seat_id)
    try:
        await doing.accept_seat(command, page_store(request, principal, form.command_id))
    except Refused as refusal:
        return await _mine(request, principal, one, form, form.refuse(refusal))
    return see_other(request, MINE, done=_("You accepted. The coordinator sees it."))


@router.post("/matching/demands/{demand_id}/seats/{seat_id}/decline")
async def decline(request: Request, demand_id: str, seat_id: str, principal: ExpertSelf) -> Response:
    one = await _asked(request, principal, demand_id, seat_id)
    form = await read_form(request)
    command, status = form.build(DeclineSeat, demand=demand_id, seat=seat_id, words="", happened_at=None), 422
    if command is not None:
        try:
            await doing.decline_seat(command, page_store(request, principal, form.command_id))
            return see_other(request, MINE, done=_("You declined. Somebody else is looked for."))
        except Refused as refusal:
            status = form.refuse(refusal)
    return await _mine(request, principal, one, form, status)


async def _asked(request: Request, principal: Principal, demand_id: str, seat_id: str) -> Found[Any]:
    """The reader's own page, where that seat is theirs; else 404."""
    one = await _must_own(request, principal)
    demand = await queries.find(db_of(request), principal.network, demand_id, Demand)
    seat = demand.state.seats.get(seat_id) if demand else None
    if seat is None or seat.expert != one.id:
        raise HTTPException(404)
    return one
