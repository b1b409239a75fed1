"""The list of experts for who assesses and asks them: applications, the list, calls, what activities need, runs."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Request, Response

from services.matching import handlers
from services.matching.commands.experts import Assess, CloseRoster, OpenRoster
from services.matching.domain.expert import Expert
from services.matching.domain.roster import Roster
from services.matching.handlers import experts as doing
from services.matching.queries import Found
from services.matching.queries import experts as queries
from services.matching.queries.ideas import texts
from services.matching.web.common import db_of, language_options, member_options, page_store, profile_of
from shared import clock
from shared.contracts.refused import Refused
from shared.people import People
from shared.people.reads import Purpose
from shared.web import exports
from shared.web.exports import Column
from shared.web.files import files_of, sent
from shared.web.formats import language_name
from shared.web.forms import Form, read_form
from shared.web.i18n import _, mark, ngettext, plural
from shared.web.pages import Listing, Paging, render, see_other
from shared.web.rights import Principal, require

router = APIRouter()

ExpertReader = Annotated[Principal, require("experts.read")]
ExpertSelf = Annotated[Principal, require("experts.apply")]
Assessor = Annotated[Principal, require("experts.assess")]
Seeking = Annotated[Principal, require("experts.seek")]
MarketRunner = Annotated[Principal, require("experts.match")]

EXPERT_STATES = {
    "applied": mark("Waits for an assessment"), "listed": mark("On the list"), "refused": mark("Turned down"),
    "expired": mark("Time is over"), "left": mark("Left the list"),
}  # fmt: skip
SEAT_STATES = {
    "proposed": mark("Asked"), "accepted": mark("Accepted"), "declined": mark("Declined"), "lapsed": mark("No answer"),
    "called-off": mark("Called off"), "used": mark("Took part"),
}  # fmt: skip
DEMAND_STATES = {"open": mark("Open"), "withdrawn": mark("Withdrawn"), "held": mark("Held")}


def people_of(request: Request) -> People:
    found: People = request.app.state.service.people
    return found


async def person_of(request: Request, principal: Principal) -> str | None:
    """The reader's id in the people's register; none for a key."""
    if not principal.email:
        return None
    people = people_of(request)
    known = await people.row(principal.subject, principal.network)
    if known is not None:
        return str(known["_id"])
    return await people.remember(principal.name, principal.email, principal.member, principal.network)


async def names_of(request: Request, principal: Principal, persons: set[str]) -> dict[str, str]:
    """Names for the reader's page; that they were shown is noted."""
    people = people_of(request)
    await people.reads.note(principal, Purpose.EXPERTS, persons)
    return await people.name_of(persons)


async def found(request: Request, principal: Principal, stream: str, kind: type[Any]) -> Found[Any]:
    one = await queries.find(db_of(request), principal.network, stream, kind)
    if one is None:
        raise HTTPException(404)
    return one


def areas_of(principal: Principal) -> list[tuple[str, str]]:
    return handlers.focus_areas(profile_of(principal))


def states_in_words(words: dict[str, str]) -> dict[str, str]:
    return {key: _(text) for key, text in words.items()}


@router.get("/matching/experts")
async def list_page(request: Request, principal: ExpertSelf) -> Response:
    """All of it for who works with the list; one's own page for everybody else."""
    if not principal.may("experts.read"):
        return see_other(request, "/matching/experts/mine")
    db, network, paging = db_of(request), principal.network, Paging.of(request)
    asked = {name: request.query_params.get(name, "")[:60] for name in ("status", "area", "language", "member")}
    if kind := exports.asked(request, "experts"):

        async def page(skip: int, limit: int) -> Any:
            rows, _total = await queries.experts(db, network, skip=skip, limit=limit, **asked)
            names = await names_of(request, principal, {one.state.person for one in rows})
            return [(one, names) for one in rows]

        return exports.answer(principal, kind, "experts", _columns(), exports.in_batches(page))
    rows, total = await queries.experts(db, network, skip=paging.skip, limit=paging.per_page, **asked)
    _listed, listed = await queries.experts(db, network, status="listed", limit=1)
    _waiting, waiting = await queries.experts(db, network, status="applied", limit=1)
    demands, _n = await queries.demands(db, network, limit=50)
    profile = profile_of(principal)
    return render(
        request,
        "experts.html",
        title=_title(listed, waiting),
        listing=paging.listing(rows, total),
        names=await names_of(request, principal, {one.state.person for one in rows}),
        demands=Listing(demands, len(demands), per_page=50),
        titles=await texts(db, network, [one.state.words for one in demands]),
        rosters=await queries.rosters(db, network),
        runs=await queries.runs(db, network, "experts"),
        states=states_in_words(EXPERT_STATES),
        demand_states=states_in_words(DEMAND_STATES),
        areas=areas_of(principal),
        languages=language_options(handlers.languages(profile)),
        members=member_options(profile),
        form=Form.of(),
    )


def _title(listed: int, waiting: int) -> str:
    first = ngettext("One expert is on the list", "%(num)s experts are on the list", listed)
    if not waiting:
        return first
    text = plural(
        "%(listed)s, one application waits for an assessment", "%(listed)s, %(num)s applications wait for an assessment"
    )
    return ngettext(*text, waiting, listed=first)


def _columns() -> list[Column[Any]]:
    states = states_in_words(EXPERT_STATES)
    return [
        Column(_("Name"), lambda row: row[1].get(row[0].state.person, "")),
        Column(_("Member"), lambda row: row[0].state.member or ""),
        Column(_("State"), lambda row: states[row[0].state.status]),
        Column(_("Languages"), lambda row: [language_name(one) for one in row[0].state.languages]),
        Column(_("Score"), lambda row: row[0].state.score),
        Column(_("Assignments"), lambda row: len(row[0].state.bookings)),
        Column(_("On the list until"), lambda row: str(row[0].state.valid_until or "")),
    ]


@router.get("/matching/experts/calls/new")
async def new_roster_page(request: Request, principal: Assessor) -> Response:
    form = Form.of(year=clock.now().year, areas=[one for one, _title in areas_of(principal)])
    return render(request, "roster_new.html", form=form, areas=areas_of(principal))


@router.post("/matching/experts/calls/new")
async def open_roster(request: Request, principal: Assessor) -> Response:
    form = await read_form(request)
    command, status = form.build(OpenRoster, number=1, happened_at=None), 422
    if command is not None:
        number = await queries.rosters_of_year(db_of(request), principal.network, command.year) + 1
        try:
            await doing.open_roster(command, page_store(request, principal, form.command_id), number)
            return see_other(request, "/matching/experts", done=_("The call is open: experts may apply."))
        except Refused as refusal:
            status = form.refuse(refusal)
    return render(request, "roster_new.html", status=status, form=form, areas=areas_of(principal))


@router.post("/matching/experts/calls/{roster_id}/close")
async def close_roster(request: Request, roster_id: str, principal: Assessor) -> Response:
    one = await found(request, principal, roster_id, Roster)
    form = await read_form(request)
    await doing.close_roster(CloseRoster(roster=one.id), page_store(request, principal, form.command_id))
    return see_other(request, "/matching/experts", done=_("The call is closed. Who is on the list stays on it."))


@router.get("/matching/experts/list/{expert_id}")
async def expert_page(request: Request, expert_id: str, principal: ExpertReader) -> Response:
    one = await found(request, principal, expert_id, Expert)
    form = Form.of(areas=list(one.state.areas), **{f"_score_{key}": score for key, score in one.state.scores.items()})
    return await _page(request, principal, one, form, 200)


@router.post("/matching/experts/list/{expert_id}/assess")
async def assess(request: Request, expert_id: str, principal: Assessor) -> Response:
    """Each criterion of the profile gets a score; the expert reads the outcome and the reason."""
    one = await found(request, principal, expert_id, Expert)
    form = await read_form(request)
    criteria = profile_of(principal).experts.criteria
    scores = {rule.id: form[f"_score_{rule.id}"] for rule in criteria if form[f"_score_{rule.id}"]}
    for rule in criteria:
        if rule.id not in scores:
            form.fail(f"_score_{rule.id}", _("Choose a score."))
    listed = form["listed"] == "yes"
    if form["listed"] not in ("yes", "no"):
        form.fail("listed", _("Choose whether they are listed."))
    command, status = form.build(Assess, expert=one.id, scores=scores, listed=listed, words="", happened_at=None), 422
    if command is not None:
        try:
            await doing.assess(command, page_store(request, principal, form.command_id))
            return see_other(request, f"/matching/experts/list/{one.id}", done=_("The assessment is kept and sent."))
        except Refused as refusal:
            status = form.refuse(refusal)
    return await _page(request, principal, one, form, status)


async def _page(request: Request, principal: Principal, one: Found[Any], form: Form, status: int) -> Response:
    db, network, state = db_of(request), principal.network, one.state
    asked = await queries.demands_of_expert(db, network, one.id)
    kept = await texts(db, network, [state.statement, state.reason, *(each.words for _d, _s, each in asked)])
    names = await names_of(request, principal, {state.person})
    return render(
        request,
        "expert.html",
        status=status,
        expert=one,
        form=form,
        called=names.get(state.person, _("Somebody who was forgotten")),
        kept=kept,
        asked=asked,
        files=await files_of(request).of(network, one.id),
        states=states_in_words(EXPERT_STATES),
        seat_states=states_in_words(SEAT_STATES),
        areas=areas_of(principal),
        criteria=profile_of(principal).experts.criteria,
    )


@router.get("/matching/experts/list/{expert_id}/files/{file_id}")
async def document(request: Request, expert_id: str, file_id: str, principal: ExpertReader) -> Response:
    one = await found(request, principal, expert_id, Expert)
    return await sent(request, await files_of(request).one(principal.network, one.id, file_id))
