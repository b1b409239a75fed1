"""The annual plan: lines down, quarters across; planning an activity nobody requested; adoption."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from services.requests import handlers, queries
from services.requests.commands import AdoptPlan, MoveActivity, PlanActivity, UnplanActivity
from services.requests.queries import Chip
from services.requests.streams import plan_id
from shared import clock
from shared.contracts.refused import Refused
from shared.contracts.requests import ActivityMoved, ActivityUnplanned
from shared.contracts.vocabulary import Quarter
from shared.profiles import Profile
from shared.web import exports
from shared.web.formats import language_name
from shared.web.forms import Form, read_form
from shared.web.i18n import _, ngettext
from shared.web.pages import render, see_other
from shared.web.rights import Principal
from shared.web.stale import Changed, guarded
from shared.web.wording import in_words

from .common import PlanAdopter, PlanEditor, PlanReader, db_of, member_options, page_store
from .lists import plan as export_plan
from .story import quarter_words
from .triage import line_options

router = APIRouter()
FIRST_YEAR, LAST_YEAR = 2000, 2099


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the plan with its activities by quarter; a heading has none."""

    title: str
    heading: bool
    cells: tuple[list[Chip], ...] = ()
    note: str = ""


@router.get("/requests/plan")
async def plan_of_this_year(request: Request, principal: PlanReader) -> Response:
    return see_other(request, f"/requests/plan/{clock.now().year}")


@router.get("/requests/plan/{year}")
async def plan_page(request: Request, year: str, principal: PlanReader) -> Response:
    of_year = _year(year)
    if kind := exports.asked(request):
        _state, chips = await queries.plan(db_of(request), principal.network, of_year)
        return export_plan(principal, kind, of_year, chips)
    return await _plan_page(request, of_year, principal)


def _year(text: str) -> int:
    if len(text) != 4 or not (text.isascii() and text.isdigit()) or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise HTTPException(404)
    return int(text)


async def _plan_page(
    request: Request, year: int, principal: Principal, form: Form | None = None, status: int = 200
) -> Response:
    profile = in_words(principal.network)
    state, chips = await queries.plan(db_of(request), principal.network, year)
    stated = profile.plan(year)
    return render(
        request,
        "plan.html",
        status=status,
        year=year,
        first=FIRST_YEAR,
        last=LAST_YEAR,
        state=state,
        rows=_rows(profile, year, chips),
        quarters=[str(one) for one in Quarter.all_of(year)],
        quarter_words=quarter_words,
        sentence=_sentence(year, len(chips), len(state.undecided), state.adopted),
        own=[chip for chip in chips if not chip.planned.request],
        title_of=profile.title_of,
        stated=stated.stated_actions if stated else None,
        count=len(chips),
        form=form or Form.of(),
    )


def _sentence(year: int, activities: int, undecided: int, adopted: bool) -> str:
    if not activities and not undecided:
        return _("The plan of %(year)s is empty", year=year)
    first = ngettext("one activity", "%(num)s activities", activities)
    if undecided:
        second = ngettext("one request is undecided", "%(num)s requests are undecided", undecided)
        return _("The plan of %(year)s: %(first)s, %(second)s", year=year, first=first, second=second)
    third = _("adopted") if adopted else _("ready for adoption")
    return _("The plan of %(year)s: %(first)s, %(second)s", year=year, first=first, second=third)


def _rows(profile: Profile, year: int, chips: list[Chip]) -> list[Row]:
    quarters = [str(one) for one in Quarter.all_of(year)]
    rows: list[Row] = []
    heading = None
    lines = profile.lines(year)
    known = {line.id for line in lines}
    for line in lines:
        if line.heading != heading:
            heading = line.heading
            rows.append(Row(profile.title_of(heading), True))
        rows.append(
            Row(line.title, False, _cells(quarters, [one for one in chips if one.planned.line == line.id]), line.note)
        )
    if others := [one for one in chips if one.planned.line not in known]:
        rows.append(Row(_("Other lines"), False, _cells(quarters, others)))
    return rows


def _cells(quarters: list[str], chips: list[Chip]) -> tuple[list[Chip], ...]:
    return tuple([one for one in chips if one.planned.quarter == quarter] for quarter in quarters)


@router.get("/requests/plan/{year}/new")
async def new_activity_page(request: Request, year: str, principal: PlanEditor) -> Response:
    return _activity_form(request, _year(year), principal, Form.of(line=request.query_params.get("line")))


def _activity_form(request: Request, year: int, principal: Principal, form: Form, status: int = 200) -> Response:
    profile = in_words(principal.network)
    options: dict[str, list[tuple[str, str]]] = {
        "kinds": [(kind.id, kind.title) for kind in profile.activity_kinds.values()],
        "lines": line_options(profile, year),
        "quarters": [(str(one), quarter_words(str(one))) for one in Quarter.all_of(year)],
        "members": member_options(profile),
        "topics": [(one.id, one.title) for one in profile.topics],
        "language_options": [(code, language_name(code)) for code in profile.languages],
        "groups": [(one.id, one.title) for one in profile.target_groups],
    }
    return render(request, "plan_activity.html", status=status, year=year, form=form, **options)


@router.post("/requests/plan/{year}/new")
async def new_activity(request: Request, year: str, principal: PlanEditor) -> Response:
    of_year = _year(year)
    form = await read_form(request)
    status = 422
    command = form.build(PlanActivity, year=of_year, activity="", happened_at=None)
    if command is not None:
        try:
            await handlers.plan_activity(command, page_store(request, principal, form.command_id))
        except Refused as refusal:
            status = form.refuse(refusal, _field(refusal.code))
        else:
            done = _("The activity is in the plan; the organisers can set its date.")
            return see_other(request, f"/requests/plan/{of_year}", done=done)
    return _activity_form(request, of_year, principal, form, status)


def _field(code: str) -> str:
    """`topic-unknown` belongs to the field `topic`."""
    return code.removesuffix("-unknown").replace("-", "_") if code.endswith("-unknown") else ""


MINDS = (ActivityMoved, ActivityUnplanned)
"""What the edit of an activity minds; what else happens to the plan meanwhile does not hinder it."""


@router.get("/requests/plan/{year}/activities/{activity}")
async def change_page(request: Request, year: str, activity: str, principal: PlanEditor) -> Response:
    chip, version = await _chip(request, principal, _year(year), activity)
    return _change_page(request, principal, _year(year), chip, version=version, form=_moved_form(chip))


def _moved_form(chip: Chip) -> Form:
    one = chip.planned
    return Form.of(title=chip.title, line=one.line, quarter=one.quarter, member=one.member or "")


async def _chip(request: Request, principal: Principal, year: int, activity: str) -> tuple[Chip, int]:
    """An activity of the network's own that stands in the plan, and the plan's version; else 404."""
    chip, version = await queries.chip(db_of(request), principal.network, year, activity)
    if chip is None or chip.planned.request:
        raise HTTPException(404)
    return chip, version


def _change_page(
    request: Request, principal: Principal, year: int, chip: Chip, *, version: int, form: Form, status: int = 200
) -> Response:
    profile = in_words(principal.network)
    return render(
        request,
        "plan_change.html",
        status=status,
        year=year,
        chip=chip,
        version=version,
        form=form,
        lines=line_options(profile, year),
        quarters=[(str(one), quarter_words(str(one))) for one in Quarter.all_of(year)],
        members=member_options(profile),
    )


@router.post("/requests/plan/{year}/activities/{activity}")
async def change(request: Request, year: str, activity: str, principal: PlanEditor) -> Response:
    of_year = _year(year)
    chip, version = await _chip(request, principal, of_year, activity)
    form = await read_form(request)
    here, status = f"/requests/plan/{of_year}", 422
    command = form.build(MoveActivity, year=of_year, activity=activity, happened_at=None)
    if command is not None:
        store, words = page_store(request, principal, form.command_id), chip.words
        try:
            await guarded(
                request,
                store,
                plan_id(principal.network, of_year),
                lambda now: handlers.move_activity(command, now, words),
                seen=form.version,
                minds=MINDS,
                about={"activity": activity},
            )
        except Changed as changed:
            chip, version = await _chip(request, principal, of_year, activity)
            told = {"activity-moved": _("changed the activity")}
            status = form.stale(changed, _moved_form(chip), take=f"{here}/activities/{activity}", told=told)
        except Refused as refusal:
            status = form.refuse(refusal, _field(refusal.code))
        else:
            return see_other(request, here, done=_("The activity of the plan is changed."))
    return _change_page(request, principal, of_year, chip, version=version, form=form, status=status)


@router.post("/requests/plan/{year}/unplan")
async def unplan(request: Request, year: str, principal: PlanEditor) -> Response:
    of_year = _year(year)
    form = await read_form(request)
    command = form.build(UnplanActivity, year=of_year, happened_at=None)
    if command is None:
        raise HTTPException(404)
    await handlers.unplan_activity(command, page_store(request, principal, form.command_id))
    return see_other(request, f"/requests/plan/{of_year}", done=_("The activity left the plan."))


@router.get("/requests/plan/{year}/adopt")
async def adopt_page(request: Request, year: str, principal: PlanAdopter) -> Response:
    return await _adopt_page(request, _year(year), principal, Form.of())


async def _adopt_page(request: Request, year: int, principal: Principal, form: Form, status: int = 200) -> Response:
    state, chips = await queries.plan(db_of(request), principal.network, year)
    undecided = await queries.several(db_of(request), principal.network, list(state.undecided)[:100])
    facts: dict[str, Any] = {"state": state, "count": len(chips), "undecided": undecided}
    return render(request, "adopt.html", status=status, year=year, form=form, **facts)


@router.post("/requests/plan/{year}/adopt")
async def adopt(request: Request, year: str, principal: PlanAdopter) -> Response:
    of_year = _year(year)
    form = await read_form(request)
    try:
        await handlers.adopt_plan(AdoptPlan(year=of_year), page_store(request, principal, form.command_id))
    except Refused as refusal:
        return await _adopt_page(request, of_year, principal, form, form.refuse(refusal))
    return see_other(request, f"/requests/plan/{of_year}", done=_("The plan of %(year)s is adopted.", year=of_year))
