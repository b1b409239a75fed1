"""Project ideas: put up, joined, matched; what is proposed, and both sides' answers."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Request, Response

from services.matching import handlers
from services.matching.commands.experts import RunMarket
from services.matching.commands.ideas import (
    AcceptPartner,
    ChangePartnership,
    DeclinePartner,
    MakeProject,
    OfferPartnership,
    PutIdea,
    WithdrawIdea,
    WithdrawPartnership,
)
from services.matching.domain.idea import Idea
from services.matching.handlers import ideas as doing
from services.matching.handlers.market_runs import propose_all
from services.matching.queries import Found
from services.matching.queries import experts as run_queries
from services.matching.queries import ideas as queries
from services.matching.web.common import db_of, language_options, member_for, member_options, page_store, profile_of
from services.matching.web.market_runs import run_now
from services.matching.web.market_words import idle_words, level_words, why_open
from services.matching.web.spoken import spoken_fields, spoken_in
from shared.contracts.ideas import IdeaPut
from shared.contracts.refused import Refused
from shared.web.forms import Form, read_form
from shared.web.i18n import _, mark, ngettext, plural
from shared.web.pages import Paging, render, see_other
from shared.web.rights import Principal, require

router = APIRouter()

IdeaReader = Annotated[Principal, require("ideas.read")]
IdeaMaker = Annotated[Principal, require("ideas.offer")]
IdeaMatcher = Annotated[Principal, require("ideas.match")]
IdeaAnswerer = Annotated[Principal, require("ideas.answer")]

IDEA_STATES = {"open": mark("Seeks partners"), "project": mark("Is a project"), "withdrawn": mark("Withdrawn")}
PARTNER_STATES = {
    "proposed": mark("Proposed"), "joined": mark("Joined"), "declined": mark("Declined"), "lapsed": mark("No answer"),
    "called-off": mark("Called off"),
}  # fmt: skip


async def found(request: Request, principal: Principal, stream: str, kind: str = "idea") -> Found[Any]:
    one = await queries.find(db_of(request), principal.network, stream, kind)
    if one is None:
        raise HTTPException(404)
    return one


async def led(request: Request, principal: Principal, stream: str) -> Found[Any]:
    """An idea of the reader's own member; of any for who sees all."""
    one = await found(request, principal, stream)
    if principal.own_member not in (None, one.state.lead):
        raise HTTPException(404)
    return one


async def offered(request: Request, principal: Principal, stream: str) -> Found[Any]:
    one = await found(request, principal, stream, "partner")
    if principal.own_member not in (None, one.state.member):
        raise HTTPException(404)
    return one


def themes_of(principal: Principal) -> list[tuple[str, str]]:
    return handlers.focus_areas(profile_of(principal))


def roles_of(principal: Principal) -> list[tuple[str, str]]:
    return [(one.id, one.title) for one in profile_of(principal).ideas.roles]


def common(principal: Principal) -> dict[str, Any]:
    profile = profile_of(principal)
    return {
        "themes": themes_of(principal),
        "roles": roles_of(principal),
        "languages": language_options(handlers.languages(profile)),
        "members": member_options(profile),
        "others": member_options(profile, without=principal.own_member),
        "chooses_member": principal.own_member is None,
        "states": {key: _(text) for key, text in IDEA_STATES.items()},
        "partner_states": {key: _(text) for key, text in PARTNER_STATES.items()},
    }


@router.get("/matching/ideas")
async def list_page(request: Request, principal: IdeaReader) -> Response:
    db, network, paging = db_of(request), principal.network, Paging.of(request)
    asked = {name: request.query_params.get(name, "")[:60] for name in ("status", "theme", "lead")}
    rows, total = await queries.ideas(db, network, skip=paging.skip, limit=paging.per_page, **asked)
    _open, open_ideas = await queries.ideas(db, network, limit=1, status="open")
    offers = await queries.partners(db, network, principal.own_member)
    return render(
        request,
        "ideas.html",
        title=ngettext("One project idea seeks partners", "%(num)s project ideas seek partners", open_ideas),
        listing=paging.listing(rows, total),
        texts=await queries.texts(db, network, [one.state.words for one in rows]),
        offers=offers,
        runs=await run_queries.runs(db, network, "ideas"),
        **common(principal),
    )


@router.get("/matching/ideas/new")
async def new_page(request: Request, principal: IdeaMaker) -> Response:
    return render(request, "idea_new.html", form=Form.of(lead=principal.member), **common(principal))


@router.post("/matching/ideas/new")
async def put(request: Request, principal: IdeaMaker) -> Response:
    form = await read_form(request)
    roles = _roles(form, principal)
    spoken = spoken_in(form, _("Choose the language that suits best."))["languages"]
    wishes = tuple(one for place in (1, 2, 3) if (one := form[f"_wish_{place}"]))
    status = 422
    try:
        lead = member_for(principal, form["lead"])
        fixed = {"lead": lead, "roles": roles or {"none": 1}, "languages": spoken, "wishes": wishes}
        command = form.build(PutIdea, **fixed, words="", market="", happened_at=None)
        if command is not None:
            receipt = await doing.put_idea(command, page_store(request, principal, form.command_id))
            made = receipt.first(IdeaPut)
            assert made is not None
            done = _("Your idea is up. It takes part in the next run.")
            return see_other(request, f"/matching/ideas/{made.stream}", done=done)
    except Refused as refusal:
        status = form.refuse(refusal)
    return render(request, "idea_new.html", status=status, form=form, **common(principal))


def _roles(form: Form, principal: Principal) -> dict[str, int]:
    roles: dict[str, int] = {}
    for role, _title in roles_of(principal):
        text = form[f"_role_{role}"].strip()
        if text and not (text.isascii() and text.isdigit() and int(text[:4]) <= 10):
            form.fail(f"_role_{role}", _("Write a number from 0 to 10."))
        elif text and int(text):
            roles[role] = int(text)
    if not roles and not form.errors:
        form.fail(f"_role_{roles_of(principal)[0][0]}", _("Say how many partners you need, at least one."))
    return roles


@router.get("/matching/ideas/partnership")
async def partnership_page(request: Request, principal: IdeaMaker) -> Response:
    """One's offer to join ideas: a new one, or the one that stands."""
    own = principal.own_member
    rows = await queries.partners(db_of(request), principal.network, own) if own else []
    form = Form.of(most=1, member=principal.member)
    if rows:
        state = rows[0].state
        likes = {f"_like_{place}": one for place, one in enumerate(state.likes[:3], 1)}
        terms = {"roles": list(state.roles), "themes": list(state.themes), "most": state.most}
        form = Form.of(**terms, **likes, **spoken_fields(state.languages, {}))
    return await _partnership(request, principal, form, 200, rows[0] if rows else None)


@router.post("/matching/ideas/partnership")
async def offer(request: Request, principal: IdeaMaker) -> Response:
    form = await read_form(request)
    spoken = spoken_in(form, _("Choose the language that suits best."))["languages"]
    likes = tuple(one for place in (1, 2, 3) if (one := form[f"_like_{place}"]))
    status, stands = 422, None
    try:
        member = member_for(principal, form["member"])
        rows = await queries.partners(db_of(request), principal.network, member)
        stands = rows[0] if rows else None
        fixed = {"languages": spoken, "likes": likes, "market": "", "happened_at": None}
        store = page_store(request, principal, form.command_id)
        kept = {"partner": stands.id, "excluded": stands.state.excluded} if stands else {}
        if stands and (changed := form.build(ChangePartnership, **kept, **fixed)):
            await doing.change_partnership(changed, store)
            return see_other(request, "/matching/ideas", done=_("Your offer is changed."))
        if not stands and (made := form.build(OfferPartnership, **{**fixed, "member": member})):
            await doing.offer_partnership(made, store)
            done = _("Your offer stands. It takes part in the next run.")
            return see_other(request, "/matching/ideas", done=done)
    except Refused as refusal:
        status = form.refuse(refusal)
    return await _partnership(request, principal, form, status, stands)


async def _partnership(
    request: Request, principal: Principal, form: Form, status: int, stands: Found[Any] | None
) -> Response:
    db, network = db_of(request), principal.network
    rows, _n = await queries.ideas(db, network, limit=200, status="open")
    kept = await queries.texts(db, network, [one.state.words for one in rows])
    ideas = [(one.id, kept.get(one.state.words, {}).get("title", "")) for one in rows]
    return render(
        request, "partnership.html", status=status, form=form, stands=stands, ideas=ideas,
        most=profile_of(principal).ideas.most, **common(principal),
    )  # fmt: skip


@router.post("/matching/ideas/partnership/{partner_id}/withdraw")
async def withdraw_partnership(request: Request, partner_id: str, principal: IdeaMaker) -> Response:
    one = await offered(request, principal, partner_id)
    form = await read_form(request)
    store = page_store(request, principal, form.command_id)
    try:
        await doing.withdraw_partnership(WithdrawPartnership(partner=one.id), store)
    except Refused as refusal:
        return see_other(request, "/matching/ideas", done=_(refusal.sentence), kind="error")
    return see_other(request, "/matching/ideas", done=_("Your offer is withdrawn."))


@router.get("/matching/ideas/{idea_id}")
async def idea_page(request: Request, idea_id: str, principal: IdeaReader) -> Response:
    return await _page(request, principal, await found(request, principal, idea_id), Form.of(), 200)


@router.post("/matching/ideas/{idea_id}/withdraw")
async def withdraw(request: Request, idea_id: str, principal: IdeaMaker) -> Response:
    one = await led(request, principal, idea_id)
    form = await read_form(request)
    command = form.build(WithdrawIdea, idea=one.id, words="", happened_at=None)
    return await _done(request, principal, one, form, command, doing.withdraw_idea, _("The idea is withdrawn."))


@router.post("/matching/ideas/{idea_id}/project")
async def make_project(request: Request, idea_id: str, principal: IdeaMaker) -> Response:
    one = await led(request, principal, idea_id)
    form = await read_form(request)
    command = form.build(MakeProject, idea=one.id, happened_at=None)
    done = _("The idea is a project now.")
    return await _done(request, principal, one, form, command, doing.make_project, done)


@router.post("/matching/ideas/{idea_id}/seats/{seat_id}/accept")
async def accept(request: Request, idea_id: str, seat_id: str, principal: IdeaAnswerer) -> Response:
    one, side = await answering(request, principal, idea_id, seat_id)
    form = await read_form(request)
    command = AcceptPartner(idea=one.id, seat=seat_id, member=side)
    return await _done(request, principal, one, form, command, doing.accept_partner, _("You accepted."))


@router.post("/matching/ideas/{idea_id}/seats/{seat_id}/decline")
async def decline(request: Request, idea_id: str, seat_id: str, principal: IdeaAnswerer) -> Response:
    one, side = await answering(request, principal, idea_id, seat_id)
    form = await read_form(request)
    command = form.build(DeclinePartner, idea=one.id, seat=seat_id, member=side, words="", happened_at=None)
    done = _("You declined. Another partner is looked for.")
    return await _done(request, principal, one, form, command, doing.decline_partner, done)


async def answering(
    request: Request, principal: Principal, idea_id: str, seat_id: str, given: str | None = None
) -> tuple[Found[Any], str]:
    """The idea, and the side that the reader answers for; 404 where it is not theirs."""
    one = await found(request, principal, idea_id)
    seat = one.state.seats.get(seat_id)
    side = given or principal.member or ""
    if seat is None or principal.own_member not in (None, one.state.lead, seat.member):
        raise HTTPException(404)
    return one, member_for(principal, side or None)


async def _done(  # noqa: PLR0917
    request: Request, principal: Principal, one: Found[Any], form: Form, command: Any, do: Any, done: str
) -> Response:
    status = 422
    if command is not None:
        try:
            await do(command, page_store(request, principal, form.command_id))
            return see_other(request, f"/matching/ideas/{one.id}", done=done)
        except Refused as refusal:
            status = form.refuse(refusal)
    return await _page(request, principal, one, form, status)


async def _page(request: Request, principal: Principal, one: Found[Any], form: Form, status: int) -> Response:
    db, network, state = db_of(request), principal.network, one.state
    kept = await queries.texts(db, network, [state.words, *(seat.words for seat in state.seats.values())])
    latest = await run_queries.runs(db, network, "ideas", 1)
    run = await run_queries.run(db, network, latest[0]["_id"], "ideas") if latest else None
    left = [each for each in run["solution"].unmatched if each.interest.partition("#")[0] == one.id] if run else []
    why = {
        each.interest.partition("#")[2].rpartition(".")[0]: why_open(each, run["solution"].offers)
        for each in left
        if run
    }
    own = principal.own_member
    shown = {
        key: seat
        for key, seat in state.seats.items()
        if own in (None, state.lead, seat.member) or seat.answer == "joined"
    }
    return render(
        request,
        "idea.html",
        status=status,
        idea=one,
        form=form,
        kept=kept,
        seats=shown,
        why=why if state.missing() and own in (None, state.lead) else {},
        leads=own in (None, state.lead) and principal.may("ideas.offer"),
        own=principal.member,
        **common(principal),
    )


@router.post("/matching/ideas/runs")
async def run_ideas(request: Request, principal: IdeaMatcher) -> Response:
    form = await read_form(request)
    store = page_store(request, principal, form.command_id)
    run = await run_now(request, principal, RunMarket(market="ideas"), store)
    return see_other(request, f"/matching/ideas/runs/{run}")


@router.get("/matching/ideas/runs/{idea_run}")
async def run_page(request: Request, idea_run: str, principal: IdeaMatcher) -> Response:
    return await _run_page(request, principal, idea_run, Form.of(), 200)


@router.post("/matching/ideas/runs/{idea_run}/propose")
async def propose(request: Request, idea_run: str, principal: IdeaMatcher) -> Response:
    form = await read_form(request)
    run = await run_queries.run(db_of(request), principal.network, idea_run, "ideas")
    if run is None:
        raise HTTPException(404)
    store = page_store(request, principal, form.command_id)
    matches = run["solution"].matches
    asked = _asked(await _ideas_of(request, principal, {_idea(one.interest) for one in matches}), idea_run)
    left = [one for one in matches if (_idea(one.interest), one.offer) not in asked]
    outcome = await propose_all(idea_run, "ideas", left, store)
    if refused := [one.refused for one in outcome if one.refused]:
        form.refuse(refused[0])
        return await _run_page(request, principal, idea_run, form, 409)
    done = ngettext("One partner is proposed.", "%(num)s partners are proposed.", len(outcome))
    return see_other(request, f"/matching/ideas/runs/{idea_run}", done=done)


def _idea(interest: str) -> str:
    return interest.partition("#")[0]


async def _ideas_of(request: Request, principal: Principal, ids: set[str]) -> dict[str, Idea]:
    return await queries.by_id(db_of(request), principal.network, ids)


def _asked(ideas: Mapping[str, Idea], run: str) -> set[tuple[str, str]]:
    """Idea and partner of whatever was proposed of this run, whatever became of it."""
    return {(key, seat.partner) for key, one in ideas.items() for seat in one.seats.values() if seat.run == run}


async def _run_page(request: Request, principal: Principal, run_id: str, form: Form, status: int) -> Response:
    db, network = db_of(request), principal.network
    run = await run_queries.run(db, network, run_id, "ideas")
    if run is None:
        raise HTTPException(404)
    solution = run["solution"]
    sought = {_idea(one.interest) for one in (*solution.matches, *solution.unmatched)}
    ideas = await _ideas_of(request, principal, sought)
    offers = {one.id: one.state for one in await queries.partners(db, network)}
    text = plural("One partner of %(sought)s is found", "%(num)s partners of %(sought)s are found")
    return render(
        request,
        "idea_run.html",
        status=status,
        title=ngettext(*text, len(solution.matches), sought=solution.interests),
        run=run,
        solution=solution,
        form=form,
        ideas=ideas,
        texts=await queries.texts(db, network, [one.words for one in ideas.values()]),
        offers=offers,
        asked=_asked(ideas, run_id),
        levels=[level_words(one) for one in solution.levels],
        why={one.interest: why_open(one, solution.offers) for one in solution.unmatched},
        idle={one["offer"]: idle_words(one) for one in run["idle"]},
        **common(principal),
    )
