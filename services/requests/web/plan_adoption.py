"""The plan before the Board: cut-off, adoption, amendments beside the baseline, and how the next year begins."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from services.requests import plan_reads, planning, queries
from services.requests.commands import AdoptPlan, BeginYear, SetCutOff
from services.requests.domain.amending import waiting
from services.requests.domain.baseline import Change, Difference, Item, counted, differences
from services.requests.plan_reads import Baseline
from shared.contracts.refused import Refused
from shared.profiles import Profile
from shared.spine.draft import Receipt
from shared.spine.store import GroupingStore
from shared.web import exports
from shared.web.exports import Column
from shared.web.forms import Form, read_form
from shared.web.i18n import _, ngettext
from shared.web.pages import render, see_other
from shared.web.rights import Principal
from shared.web.wording import in_words

from .common import PlanAdopter, PlanEditor, PlanReader, db_of, page_store
from .plan_parts import CHANGE_COLOURS, changes_words, reads, year_of
from .story import quarter_words

router = APIRouter()


@router.get("/requests/plan/{year}/adopt")
async def adopt_page(request: Request, year: str, principal: PlanAdopter) -> Response:
    return await _adopt_page(request, year_of(year), principal, Form.of())


async def _adopt_page(request: Request, year: int, principal: Principal, form: Form, status: int = 200) -> Response:
    state, chips = await queries.plan(db_of(request), principal.network, year)
    held_up = waiting(state)
    undecided = await queries.several(db_of(request), principal.network, list(held_up)[:100])
    later = len(state.undecided) - len(held_up)
    facts: dict[str, Any] = {"state": state, "count": len(chips), "undecided": undecided, "later": later}
    return render(request, "adopt.html", status=status, year=year, form=form, waiting=len(held_up), **facts)


@router.post("/requests/plan/{year}/adopt")
async def adopt(request: Request, year: str, principal: PlanAdopter) -> Response:
    of_year = year_of(year)
    form = await read_form(request)
    try:
        await adopt_now(request, AdoptPlan(year=of_year), page_store(request, principal, form.command_id))
    except Refused as refusal:
        return await _adopt_page(request, of_year, principal, form, form.refuse(refusal))
    return see_other(request, f"/requests/plan/{of_year}", done=_("The plan of %(year)s is adopted.", year=of_year))


async def adopt_now(request: Request, command: AdoptPlan, store: GroupingStore) -> Receipt:
    """With the titles of this day, by page or API."""
    _state, chips = await queries.plan(db_of(request), store.origin.network, command.year)
    return await planning.adopt_plan(command, store, {one.activity: (one.title, one.planned.request) for one in chips})


@router.get("/requests/plan/{year}/cut-off")
async def cut_off_page(request: Request, year: str, principal: PlanEditor) -> Response:
    state, _chips = await queries.plan(db_of(request), principal.network, year_of(year))
    return render(request, "plan_cut_off.html", year=year_of(year), state=state, form=Form.of(on=state.cut_off))


@router.post("/requests/plan/{year}/cut-off")
async def cut_off(request: Request, year: str, principal: PlanEditor) -> Response:
    of_year = year_of(year)
    form = await read_form(request)
    status = 422
    command = form.build(SetCutOff, year=of_year, happened_at=None)
    if command is not None:
        try:
            await planning.set_cut_off(command, page_store(request, principal, form.command_id))
        except Refused as refusal:
            status = form.refuse(refusal)
        else:
            return see_other(request, f"/requests/plan/{of_year}", done=_("The cut-off is set."))
    state, _chips = await queries.plan(db_of(request), principal.network, of_year)
    return render(request, "plan_cut_off.html", status=status, year=of_year, state=state, form=form)


@dataclass(frozen=True, slots=True)
class Compared:
    """A line with what differs on it, as a reader sees it."""

    title: str
    rows: list[Difference]


@router.get("/requests/plan/{year}/compare")
async def compare_page(request: Request, year: str, principal: PlanReader) -> Response:
    """The last baseline, or that of `baseline`, beside the plan as it stands."""
    of_year, db = year_of(year), db_of(request)
    profile = in_words(principal.network)
    kept = await plan_reads.baselines(db, principal.network, of_year)
    found = await _baseline(request, principal, of_year, [number for number, _on in kept])
    if found is None:
        return render(request, "plan_unadopted.html", year=of_year)
    _state, chips = await queries.plan(db, principal.network, of_year)
    told = differences(found.activities, plan_reads.items(chips))
    if kind := exports.asked(request):
        return exports.answer(principal, kind, f"plan-{of_year}-compared", _columns(principal, profile), told)
    amendments = await plan_reads.amendments(db, principal.network, of_year)
    counts = counted(told)
    return render(
        request,
        "plan_compare.html",
        year=of_year,
        sentence=_compared_sentence(of_year, found.number, counts),
        baseline=found,
        kept=kept,
        counts=counts,
        lines=_by_line(profile, of_year, told),
        amendments=list(reversed(amendments)),
        people=await request.app.state.service.people.name_of(one.actor for one in amendments if one.actor),
        changes=changes_words(),
        colours=CHANGE_COLOURS,
        title_of=lambda item: item_title(principal, profile, item),
        line_of=profile.line_title,
        kind_of=profile.title_of,
        reads=lambda one: reads(principal, one.request, one.member),
        quarter_words=quarter_words,
    )


async def _baseline(request: Request, principal: Principal, year: int, kept: list[int]) -> Baseline | None:
    """The one that is asked for, else the last; none where the plan has none at all, 404 where it has not this one."""
    named = request.query_params.get("baseline", "")
    number = int(named) if named.isascii() and named.isdigit() and len(named) < 5 else max(kept, default=0)
    found = await plan_reads.baseline(db_of(request), principal.network, year, number)
    if found is None and named:
        raise HTTPException(404, _("This plan has no baseline of this number."))
    return found


def item_title(principal: Principal, profile: Profile, item: Item) -> str:
    own = reads(principal, item.request, item.member)
    return item.title if item.title and own else profile.title_of(item.kind)


def _by_line(profile: Profile, year: int, told: list[Difference]) -> list[Compared]:
    known = {line.id: profile.line_titles(year)[line.id] for line in profile.lines(year)}
    found = [Compared(title, [one for one in told if id in one.lines]) for id, title in known.items()]
    others = [one for one in told if not set(one.lines) & set(known)]
    return [one for one in (*found, Compared(_("Other lines"), others)) if one.rows]


def _compared_sentence(year: int, number: int, counts: dict[Change, int]) -> str:
    changed = sum(count for change, count in counts.items() if change is not Change.SAME)
    if not changed:
        return _("The plan of %(year)s stands as adopted in baseline %(number)s", year=year, number=number)
    first = ngettext("one activity differs", "%(num)s activities differ", changed)
    return _("The plan of %(year)s: %(first)s from baseline %(number)s", year=year, first=first, number=number)


def _columns(principal: Principal, profile: Profile) -> list[Column[Difference]]:
    words = changes_words()

    def either(one: Difference) -> Item:
        found = one.now or one.was
        assert found is not None
        return found

    return [
        Column(_("Activity"), lambda one: item_title(principal, profile, either(one))),
        Column(_("Difference"), lambda one: words[one.change.value]),
        Column(_("Kind"), lambda one: profile.title_of(either(one).kind)),
        Column(_("Line in the baseline"), lambda one: profile.line_title(one.was.line) if one.was else ""),
        Column(_("Quarter in the baseline"), lambda one: quarter_words(one.was.quarter) if one.was else ""),
        Column(_("Member in the baseline"), lambda one: one.was.member if one.was else ""),
        Column(_("Line now"), lambda one: profile.line_title(one.now.line) if one.now else ""),
        Column(_("Quarter now"), lambda one: quarter_words(one.now.quarter) if one.now else ""),
        Column(_("Member now"), lambda one: one.now.member if one.now else ""),
        Column(_("Id"), lambda one: one.activity),
    ]


@router.get("/requests/plan/{year}/begin")
async def begin_page(request: Request, year: str, principal: PlanEditor) -> Response:
    of_year = year_of(year)
    said = _(
        "It was deferred in %(before)s and comes along into the plan of %(year)s.", before=of_year - 1, year=of_year
    )
    return await _begin_page(request, of_year, principal, Form.of(reason=said))


async def _begin_page(request: Request, year: int, principal: Principal, form: Form, status: int = 200) -> Response:
    profile = in_words(principal.network)
    coming = await plan_reads.next_year(db_of(request), principal.network, profile, year)
    state, _chips = await queries.plan(db_of(request), principal.network, year)
    titles = profile.line_titles(year)
    return render(
        request,
        "plan_begin.html",
        status=status,
        year=year,
        state=state,
        coming=coming,
        form=form,
        line_of=lambda id: titles.get(id, id),
        kind_of=profile.title_of,
        quarter_words=quarter_words,
    )


@router.post("/requests/plan/{year}/begin")
async def begin(request: Request, year: str, principal: PlanEditor) -> Response:
    of_year = year_of(year)
    form = await read_form(request)
    status = 422
    command = form.build(BeginYear, year=of_year, happened_at=None)
    if command is not None:
        try:
            await begin_now(request, command, page_store(request, principal, form.command_id))
        except Refused as refusal:
            status = form.refuse(refusal)
        else:
            done = _("The plan of %(year)s is begun; now weigh the requests and plan the rest.", year=of_year)
            return see_other(request, f"/requests/plan/{of_year}", done=done)
    return await _begin_page(request, of_year, principal, form, status)


async def begin_now(request: Request, command: BeginYear, store: GroupingStore) -> Receipt:
    network = store.origin.network
    coming = await plan_reads.next_year(db_of(request), network, in_words(network), command.year)
    if coming.along and not command.reason:
        raise Refused("reason-missing", "Say why: the senders of what comes along read the reason.", status=422)
    return await planning.begin_year(command, store, coming.recurring, coming.titles, coming.along)
