"""The activities of the plan that nobody requested: planned, changed, taken out; once it is adopted, with a reason."""

from fastapi import APIRouter, HTTPException, Request, Response

from services.requests import planning, queries
from services.requests.commands import MoveActivity, PlanActivity, UnplanActivity
from services.requests.queries import Chip
from services.requests.streams import plan_id
from shared.contracts.refused import Refused
from shared.contracts.requests import ActivityMoved, ActivityUnplanned
from shared.contracts.vocabulary import Quarter
from shared.web.formats import language_name
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.rights import Principal
from shared.web.stale import Changed, guarded
from shared.web.wording import in_words

from .common import PlanEditor, db_of, member_options, page_store
from .plan_parts import line_options, year_of
from .story import quarter_words

router = APIRouter()


@router.get("/requests/plan/{year}/new")
async def new_activity_page(request: Request, year: str, principal: PlanEditor) -> Response:
    return await _activity_form(request, year_of(year), principal, Form.of(line=request.query_params.get("line")))


async def _activity_form(request: Request, year: int, principal: Principal, form: Form, status: int = 200) -> Response:
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
    state, _chips = await queries.plan(db_of(request), principal.network, year)
    facts = {"year": year, "adopted": state.adopted, "form": form}
    return render(request, "plan_activity.html", status=status, **facts, **options)


@router.post("/requests/plan/{year}/new")
async def new_activity(request: Request, year: str, principal: PlanEditor) -> Response:
    of_year = year_of(year)
    form = await read_form(request)
    status = 422
    command = form.build(PlanActivity, year=of_year, activity="", words="", happened_at=None)
    if command is not None:
        try:
            await planning.plan_activity(command, page_store(request, principal, form.command_id))
        except Refused as refusal:
            status = form.refuse(refusal, field_of(refusal.code))
        else:
            done = _("The activity is in the plan; the organisers can set its date.")
            return see_other(request, f"/requests/plan/{of_year}", done=done)
    return await _activity_form(request, of_year, principal, form, status)


def field_of(code: str) -> str:
    """`topic-unknown` belongs to the field `topic`."""
    if code == "reason-missing":
        return "reason"
    return code.removesuffix("-unknown").replace("-", "_") if code.endswith("-unknown") else ""


MINDS = (ActivityMoved, ActivityUnplanned)
"""What the edit of an activity minds; what else happens to the plan meanwhile does not hinder it."""


@router.get("/requests/plan/{year}/activities/{activity}")
async def change_page(request: Request, year: str, activity: str, principal: PlanEditor) -> Response:
    chip, version = await _chip(request, principal, year_of(year), activity)
    return await _change_page(request, principal, year_of(year), chip, version=version, form=_moved_form(chip))


def _moved_form(chip: Chip) -> Form:
    one = chip.planned
    return Form.of(title=chip.title, line=one.line, quarter=one.quarter, member=one.member or "")


async def _chip(request: Request, principal: Principal, year: int, activity: str) -> tuple[Chip, int]:
    """An activity of the network's own that stands in the plan, and the plan's version; else 404."""
    chip, version = await queries.chip(db_of(request), principal.network, year, activity)
    if chip is None or chip.planned.request:
        raise HTTPException(404)
    return chip, version


async def _change_page(
    request: Request, principal: Principal, year: int, chip: Chip, *, version: int, form: Form, status: int = 200
) -> Response:
    profile = in_words(principal.network)
    state, _chips = await queries.plan(db_of(request), principal.network, year)
    return render(
        request,
        "plan_change.html",
        status=status,
        year=year,
        adopted=state.adopted,
        chip=chip,
        version=version,
        form=form,
        lines=line_options(profile, year),
        quarters=[(str(one), quarter_words(str(one))) for one in Quarter.all_of(year)],
        members=member_options(profile),
    )


@router.post("/requests/plan/{year}/activities/{activity}")
async def change(request: Request, year: str, activity: str, principal: PlanEditor) -> Response:
    of_year = year_of(year)
    chip, version = await _chip(request, principal, of_year, activity)
    form = await read_form(request)
    here, status = f"/requests/plan/{of_year}", 422
    command = form.build(MoveActivity, year=of_year, activity=activity, words="", happened_at=None)
    if command is not None:
        store, words = page_store(request, principal, form.command_id), chip.words
        try:
            await guarded(
                request,
                store,
                plan_id(principal.network, of_year),
                lambda now: planning.move_activity(command, now, words),
                seen=form.version,
                minds=MINDS,
                about={"activity": activity},
            )
        except Changed as changed:
            chip, version = await _chip(request, principal, of_year, activity)
            told = {"activity-moved": _("changed the activity")}
            status = form.stale(changed, _moved_form(chip), take=f"{here}/activities/{activity}", told=told)
        except Refused as refusal:
            status = form.refuse(refusal, field_of(refusal.code))
        else:
            return see_other(request, here, done=_("The activity of the plan is changed."))
    return await _change_page(request, principal, of_year, chip, version=version, form=form, status=status)


@router.get("/requests/plan/{year}/activities/{activity}/unplan")
async def unplan_page(request: Request, year: str, activity: str, principal: PlanEditor) -> Response:
    chip, _version = await _chip(request, principal, year_of(year), activity)
    return render(request, "plan_unplan.html", year=year_of(year), chip=chip, form=Form.of())


@router.post("/requests/plan/{year}/unplan")
async def unplan(request: Request, year: str, principal: PlanEditor) -> Response:
    of_year = year_of(year)
    form = await read_form(request)
    command = form.build(UnplanActivity, year=of_year, words="", happened_at=None)
    if command is None and "activity" in form.errors:
        raise HTTPException(404)
    status = 422
    if command is not None:
        try:
            await planning.unplan_activity(command, page_store(request, principal, form.command_id))
        except Refused as refusal:
            if refusal.code != "reason-missing":
                raise
            status = form.refuse(refusal, "reason")
        else:
            return see_other(request, f"/requests/plan/{of_year}", done=_("The activity left the plan."))
    chip, _version = await _chip(request, principal, of_year, form["activity"])
    return render(request, "plan_unplan.html", status=status, year=of_year, chip=chip, form=form)
