"""Where an activity of the plan comes from and who stands for it; and what the plan does for each objective."""

from dataclasses import dataclass

from fastapi import APIRouter, HTTPException, Request, Response

from services.requests import planning, queries
from services.requests.commands import AssignActivity
from services.requests.inside import parts_of
from services.requests.plan_reads import Lineage, lineage
from services.requests.queries import Chip
from shared.contracts.refused import Refused
from shared.profiles import Profile
from shared.web.formats import language_name
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.rights import Principal
from shared.web.wording import in_words

from .common import FATE_COLOURS, FATES, PlanEditor, PlanReader, db_of, page_store
from .plan_activities import field_of
from .plan_parts import CHANGE_COLOURS, changes_words, partner_words, reads, titled, unit_titles, year_of
from .story import quarter_words

router = APIRouter()


@router.get("/requests/plan/{year}/activities/{activity}/lineage")
async def lineage_page(request: Request, year: str, activity: str, principal: PlanReader) -> Response:
    """From the strategy's objective over the line to the activity, and to the request that it answers."""
    of_year = year_of(year)
    found = await lineage(db_of(request), principal.network, of_year, activity)
    if found is None:
        raise HTTPException(404)
    profile = in_words(principal.network)
    line = next((one for one in profile.lines(of_year) if one.id == found.chip.planned.line), None)
    served = [one for one in profile.objectives if line and one.id in line.objectives]
    own = reads(principal, found.chip.planned.request, found.chip.planned.member)
    return render(
        request,
        "plan_lineage.html",
        found=found,
        year=of_year,
        title=titled(principal, profile, found.chip),
        line=line,
        served=served,
        own=own,
        reads=lambda request, member: reads(principal, request, member),
        facts=_facts(profile, found),
        partners=partner_words(profile, found.assignment.partners),
        units=unit_titles(profile),
        assignable=bool(profile.units or (profile.partners and profile.stages)),
        people=await request.app.state.service.people.name_of(one.actor for one in found.amendments if one.actor),
        changes=changes_words(),
        within=await parts_of(
            db_of(request), principal.network, (activity, found.chip.planned.request), principal.own_member
        ),
        fates={fate: _(word) for fate, word in FATES.items()},
        fate_colours=FATE_COLOURS,
        colours=CHANGE_COLOURS,
        title_of=profile.title_of,
        quarter_words=quarter_words,
    )


def _facts(profile: Profile, found: Lineage) -> list[tuple[str, str]]:
    said = found.facts
    return [
        (_("Kind"), profile.title_of(found.chip.planned.kind)),
        (_("Topic"), profile.title_of(said["topic"]) if said.get("topic") else ""),
        (_("Target groups"), ", ".join(profile.title_of(one) for one in said.get("target_groups") or ())),
        (_("Language"), language_name(said["language"]) if said.get("language") else ""),
        (_("Participants"), str(said.get("participants") or "")),
    ]


@router.get("/requests/plan/{year}/activities/{activity}/assign")
async def assign_page(request: Request, year: str, activity: str, principal: PlanEditor) -> Response:
    of_year = year_of(year)
    found = await lineage(db_of(request), principal.network, of_year, activity)
    if found is None:
        raise HTTPException(404)
    stands = found.assignment
    partners = [":".join(one) for one in stands.partners]
    form = Form.of(owner=stands.owner, contact=stands.contact, partners=partners)
    return _assign_page(request, principal, found, form)


def _assign_page(request: Request, principal: Principal, found: Lineage, form: Form, status: int = 200) -> Response:
    profile = in_words(principal.network)
    return render(
        request,
        "plan_assign.html",
        status=status,
        year=found.year,
        activity=found.chip.activity,
        title=titled(principal, profile, found.chip),
        form=form,
        units=[(one.id, one.title) for one in profile.units],
        stages=[(one.id, one.title) for one in profile.stages],
        partners=[(one.id, one.title) for one in profile.partners],
    )


@router.post("/requests/plan/{year}/activities/{activity}/assign")
async def assign(request: Request, year: str, activity: str, principal: PlanEditor) -> Response:
    of_year = year_of(year)
    found = await lineage(db_of(request), principal.network, of_year, activity)
    if found is None:
        raise HTTPException(404)
    form = await read_form(request)
    status = 422
    command = form.build(AssignActivity, year=of_year, activity=activity, happened_at=None)
    if command is not None:
        try:
            await planning.assign_activity(command, page_store(request, principal, form.command_id))
        except Refused as refusal:
            status = form.refuse(refusal, field_of(refusal.code))
        else:
            here = f"/requests/plan/{of_year}/activities/{activity}/lineage"
            return see_other(request, here, done=_("It is written down who stands for the activity."))
    return _assign_page(request, principal, found, form, status)


@router.get("/requests/plan/{year}/objectives")
async def objectives_page(request: Request, year: str, principal: PlanReader) -> Response:
    """What the plan does for each objective of the strategy: its lines, their activities, the requests behind them."""
    of_year = year_of(year)
    profile = in_words(principal.network)
    _state, chips = await queries.plan(db_of(request), principal.network, of_year)
    return render(
        request,
        "plan_objectives.html",
        year=of_year,
        rows=_served(profile, of_year, chips),
        title_of=lambda chip: titled(principal, profile, chip),
        quarter_words=quarter_words,
    )


@dataclass(frozen=True, slots=True)
class Served:
    number: int
    title: str
    lines: list[tuple[str, list[Chip]]]

    @property
    def chips(self) -> list[Chip]:
        return [chip for _title, chips in self.lines for chip in chips]

    @property
    def requests(self) -> int:
        return sum(bool(one.planned.request) for one in self.chips)

    @property
    def held(self) -> int:
        return sum(one.note.get("status") == "held" for one in self.chips)


def _served(profile: Profile, year: int, chips: list[Chip]) -> list[Served]:
    titles = profile.line_titles(year)
    return [
        Served(
            number,
            one.title,
            [
                (titles[line.id], [chip for chip in chips if chip.planned.line == line.id])
                for line in profile.lines(year)
                if one.id in line.objectives
            ],
        )
        for number, one in enumerate(profile.objectives, 1)
    ]
