"""More of the annual plan's JSON API: baseline and plan side by side, lineage, who stands for what, the next year."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict

from services.requests import commands, plan_reads, planning, queries
from services.requests.commands import AssignActivity, BeginYear, Moment, SetCutOff
from services.requests.domain.baseline import Item, differences
from shared.contracts.planning import PlanBegun
from shared.contracts.refused import Refused
from shared.profiles import load
from shared.web.rights import Principal

from .api_bodies import Key
from .common import PlanEditor, PlanReader, api_store, db_of
from .plan_adoption import begin_now
from .plan_api import ActivityView, YearPath
from .plan_parts import reads

router = APIRouter(prefix="/requests/api/v1/plan", tags=["plan"])
Number = Annotated[int, Query(ge=1, le=9_999, description="Left out: the last one.")]


class PlaceView(BaseModel):
    line: str
    pillar: str
    kind: str
    quarter: str
    member: str | None = None
    request: str | None = None
    title: str = ""

    @classmethod
    def of(cls, item: Item | None, principal: Principal) -> "PlaceView | None":
        if item is None:
            return None
        own = reads(principal, item.request, item.member)
        return cls(**{**asdict(item), "title": item.title if own else ""})


class DifferenceView(BaseModel):
    activity: str
    change: str
    """`same`, `moved`, `described`, `added` or `removed`."""
    was: PlaceView | None
    now: PlaceView | None


class AmendmentView(BaseModel):
    number: int
    baseline: int
    on: str
    change: str
    activity: str
    line: str
    quarter: str
    member: str | None
    request: str | None
    reason: str


class ComparedView(BaseModel):
    year: int
    baseline: int
    """0 where the plan was not adopted yet: all of it is added then."""
    adopted_on: str
    differences: list[DifferenceView]
    amendments: list[AmendmentView]


@router.get("/{year}/baseline", summary="A baseline and the plan of today side by side")
async def compared(
    year: YearPath, request: Request, principal: PlanReader, number: Number | None = None
) -> ComparedView:
    db, network = db_of(request), principal.network
    kept = [one for one, _on in await plan_reads.baselines(db, network, year)]
    found = await plan_reads.baseline(db, network, year, number or max(kept, default=0))
    if found is None and number is None:
        found = plan_reads.Baseline(year, 0, "", 0, {})
    if found is None:
        raise Refused("not-found", "This plan has no baseline of this number.", status=404)
    _state, chips = await queries.plan(db, network, year)
    told = [
        DifferenceView(
            activity=one.activity,
            change=one.change.value,
            was=PlaceView.of(one.was, principal),
            now=PlaceView.of(one.now, principal),
        )
        for one in differences(found.activities, plan_reads.items(chips))
    ]
    amendments = [_amendment(one, principal) for one in await plan_reads.amendments(db, network, year)]
    return ComparedView(year=year, baseline=found.number, adopted_on=found.on, differences=told, amendments=amendments)


def _amendment(one: plan_reads.Amendment, principal: Principal) -> AmendmentView:
    told = {name: value for name, value in asdict(one).items() if name in AmendmentView.model_fields}
    return AmendmentView(**{**told, "reason": one.reason if reads(principal, one.request, one.member) else ""})


class LineageView(BaseModel):
    activity: ActivityView
    line: str
    heading: str
    objectives: list[str]
    owner: str | None
    contact: str
    partners: list[tuple[str, str]]
    baselines: list[int]
    recurs_from: str | None


@router.get("/{year}/activities/{activity}/lineage", summary="Its line, objectives, request, and who stands for it")
async def lineage(
    year: YearPath, activity: commands.ActivityId, request: Request, principal: PlanReader
) -> LineageView:
    found = await plan_reads.lineage(db_of(request), principal.network, year, activity)
    if found is None:
        raise Refused("not-found", "This activity is not in the plan.", status=404)
    planned = found.chip.planned
    line = next((one for one in load(principal.network).lines(year) if one.id == planned.line), None)
    shown = ActivityView.of(found.chip)
    if not reads(principal, planned.request, planned.member):
        shown = shown.model_copy(update={"title": "", "request": None})
    return LineageView(
        activity=shown,
        line=planned.line,
        heading=line.heading if line else "",
        objectives=list(line.objectives) if line else [],
        owner=found.assignment.owner,
        contact=found.assignment.contact,
        partners=list(found.assignment.partners),
        baselines=list(found.frozen_in),
        recurs_from=found.recurs_from,
    )


class AssignBody(BaseModel):
    """Who stands for it from now on; partners by stage as `<stage>:<partner>`."""

    model_config = ConfigDict(extra="forbid")

    owner: commands.Id | None = None
    contact: commands.OptionalTitle = ""
    partners: tuple[commands.Choice, ...] = ()
    happened_at: Moment | None = None


@router.put("/{year}/activities/{activity}/assignment", status_code=204, summary="Say who stands for it")
async def assign(
    year: YearPath,
    activity: commands.ActivityId,
    body: AssignBody,
    request: Request,
    *,
    principal: PlanEditor,
    idempotency_key: Key = None,
) -> None:
    command = AssignActivity(year=year, activity=activity, **body.model_dump())
    await planning.assign_activity(command, api_store(request, principal))


class CutOffBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    on: date | None = None


@router.put("/{year}/cut-off", status_code=204, summary="Until when requests are waited for")
async def cut_off(
    year: YearPath, body: CutOffBody, request: Request, principal: PlanEditor, idempotency_key: Key = None
) -> None:
    await planning.set_cut_off(SetCutOff(year=year, on=body.on), api_store(request, principal))


class BeginBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: commands.Reason = ""
    """What the senders of the deferred requests read."""


class BegunView(BaseModel):
    year: int
    from_year: int
    activities: int
    requests: int


@router.post("/{year}/begin", status_code=201, summary="Begin the plan from that of the year before")
async def begin(
    year: YearPath, body: BeginBody, request: Request, principal: PlanEditor, idempotency_key: Key = None
) -> BegunView:
    """What is annual recurs, deferred requests come along."""
    receipt = await begin_now(request, BeginYear(year=year, reason=body.reason), api_store(request, principal))
    begun = receipt.first(PlanBegun)
    assert begun is not None
    told: Any = begun.event
    return BegunView(year=year, from_year=told.from_year, activities=told.activities, requests=told.requests)
