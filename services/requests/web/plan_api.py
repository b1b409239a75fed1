"""The annual plan's JSON API."""

from typing import Annotated, Self

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict

from services.requests import commands, planning, queries
from services.requests.commands import AdoptPlan, Id, Moment, MoveActivity, PlanActivity, QuarterText, UnplanActivity
from services.requests.queries import Chip
from services.requests.streams import plan_id
from shared.contracts.refused import Refused
from shared.contracts.requests import ActivityPlanned, PlanAdopted
from shared.web.stale import IfMatch, guarded, seen_version, tell_version

from .api_bodies import Key
from .common import PlanAdopter, PlanEditor, PlanReader, api_store, db_of
from .plan_activities import MINDS
from .plan_adoption import adopt_now

router = APIRouter(prefix="/requests/api/v1/plan", tags=["plan"])

YearPath = Annotated[int, Path(ge=2000, le=2099)]


class ActivityBody(BaseModel):
    """An activity of the network's own."""

    model_config = ConfigDict(extra="forbid")

    kind: Id
    line: Id
    quarter: QuarterText
    title: commands.OptionalTitle = ""
    member: Id | None = None
    topic: Id | None = None
    target_groups: commands.Several = ()
    language: Id | None = None
    participants: commands.Number | None = None
    reason: commands.Reason = ""
    """Needed once the plan is adopted: it becomes an amendment."""
    happened_at: Moment | None = None


class ActivityView(BaseModel):
    activity: str
    line: str
    pillar: str
    kind: str
    quarter: str
    member: str | None = None
    request: str | None = None
    title: str = ""
    status: str = "planned"
    planned_on: str = ""

    @classmethod
    def of(cls, chip: Chip) -> Self:
        one = chip.planned
        return cls(
            activity=chip.activity,
            line=one.line,
            pillar=one.pillar,
            kind=one.kind,
            quarter=one.quarter,
            member=one.member,
            request=one.request,
            title=chip.title,
            status=chip.note.get("status", "planned"),
            planned_on=one.planned_on,
        )


class PlanView(BaseModel):
    year: int
    adopted: bool
    undecided: int
    activities: list[ActivityView]
    baseline: int = 0
    """The number of the last baseline; 0 before the adoption."""
    amendments: int = 0
    cut_off: str | None = None


class ActivityPlannedView(BaseModel):
    activity: str
    year: int
    line: str
    quarter: str
    kind: str


class AdoptedView(BaseModel):
    year: int
    activities: int
    baseline: int


@router.get("/{year}")
async def plan_of_year(year: YearPath, request: Request, principal: PlanReader) -> PlanView:
    state, chips = await queries.plan(db_of(request), principal.network, year)
    activities = [ActivityView.of(chip) for chip in chips]
    facts = {"baseline": state.baseline, "amendments": state.amendments, "cut_off": state.cut_off}
    return PlanView(year=year, adopted=state.adopted, undecided=len(state.undecided), activities=activities, **facts)


@router.post("/{year}/activities", status_code=201)
async def plan_activity(
    year: YearPath, body: ActivityBody, request: Request, principal: PlanEditor, idempotency_key: Key = None
) -> ActivityPlannedView:
    """Plan an activity of the network's own, which nobody requested."""
    command = PlanActivity(year=year, **body.model_dump())
    receipt = await planning.plan_activity(command, api_store(request, principal))
    planned = receipt.first(ActivityPlanned)
    assert planned is not None
    assert isinstance(planned.event, ActivityPlanned)
    event = planned.event
    return ActivityPlannedView(
        activity=event.activity, year=year, line=event.line, quarter=event.quarter, kind=event.kind
    )


class MoveBody(BaseModel):
    """What stands from now on; a field left out is empty."""

    model_config = ConfigDict(extra="forbid")

    line: Id
    quarter: QuarterText
    title: commands.OptionalTitle = ""
    member: Id | None = None
    reason: commands.Reason = ""
    happened_at: Moment | None = None


@router.get("/{year}/activities/{activity}")
async def one_activity(
    year: YearPath, activity: commands.ActivityId, request: Request, response: Response, principal: PlanEditor
) -> ActivityView:
    """Its plan's version is the answer's ETag, for `If-Match`."""
    chip, version = await queries.chip(db_of(request), principal.network, year, activity)
    if chip is None:
        raise Refused("not-found", "This activity is not in the plan.", status=404)
    tell_version(response, version)
    return ActivityView.of(chip)


@router.put("/{year}/activities/{activity}")
async def move_activity(
    year: YearPath,
    activity: commands.ActivityId,
    body: MoveBody,
    request: Request,
    response: Response,
    *,
    principal: PlanEditor,
    idempotency_key: Key = None,
    if_match: IfMatch = None,
) -> ActivityView:
    """Give an activity of the network's own another line, quarter of the year, member or title."""
    chip, _version = await queries.chip(db_of(request), principal.network, year, activity)
    if chip is None:
        raise Refused("not-found", "This activity is not in the plan.", status=404)
    command, words = MoveActivity(year=year, activity=activity, **body.model_dump()), chip.words
    await guarded(
        request,
        api_store(request, principal),
        plan_id(principal.network, year),
        lambda now: planning.move_activity(command, now, words),
        seen=seen_version(if_match),
        minds=MINDS,
        about={"activity": activity},
    )
    return await one_activity(year, activity, request, response, principal)


Why = Annotated[
    str,
    Query(max_length=2_000, description="Needed once the plan is adopted: it becomes an amendment."),
    AfterValidator(commands.printable),
]


@router.delete("/{year}/activities/{activity}", status_code=204)
async def unplan_activity(
    year: YearPath,
    activity: commands.ActivityId,
    request: Request,
    *,
    principal: PlanEditor,
    reason: Why = "",
    idempotency_key: Key = None,
) -> None:
    command = UnplanActivity(year=year, activity=activity, reason=reason)
    await planning.unplan_activity(command, api_store(request, principal))


@router.post("/{year}/adopt")
async def adopt(year: YearPath, request: Request, principal: PlanAdopter, idempotency_key: Key = None) -> AdoptedView:
    """The Management Board agrees, and what stands is frozen; refused while requests are undecided."""
    receipt = await adopt_now(request, AdoptPlan(year=year), api_store(request, principal))
    adopted = receipt.first(PlanAdopted)
    assert adopted is not None
    assert isinstance(adopted.event, PlanAdopted)
    return AdoptedView(year=year, activities=adopted.event.activities, baseline=adopted.event.baseline)
