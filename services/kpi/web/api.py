"""The JSON API: `/kpi/api/v1`, for reading alone."""

import hashlib
from datetime import date
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field

from services.kpi.engine.figures import Scope
from services.kpi.queries import one as queries
from services.kpi.queries.over_time import AXES, Step
from services.kpi.queries.shown import Shown
from shared import clock
from shared.contracts.refused import Refused
from shared.profiles import load

from .common import Opener, Reader, indicator_of, known_day, runtime_of
from .figure import words_of

router = APIRouter(prefix="/kpi/api/v1", tags=["kpi"])


class FigureView(BaseModel):
    id: str
    title: str
    unit: str = Field(description="share (0 to 1), score (1 to 5), count or days")
    value: float | None = Field(description="None where there is nothing to divide by, or fewer answers than five")
    text: str
    part: int | None = None
    whole: int | None = None
    answers: int | None = None
    target: float | None = None
    state: str = Field("", description="good, risk or neither")
    words: str = ""


class FiguresView(BaseModel):
    network: str
    year: int
    member: str
    known: str = Field(description="As known at the end of this day; empty: now")
    reading: str = Field(description="The participation rate's reading in force")
    figures: list[FigureView]


class ReadingView(BaseModel):
    id: str
    title: str
    numerator: str
    denominator: str
    value: float | None
    part: int
    whole: int
    in_force: bool


class TableView(BaseModel):
    columns: list[str]
    rows: list[list[str | float | None]]


class KnownView(BaseModel):
    day: str
    value: float | None


class OneView(FiguresView):
    figures: list[FigureView]
    says: str
    readings: list[ReadingView]
    by_member: TableView | None
    history: list[KnownView] = Field(description="As known at the end of each month")


class PointView(BaseModel):
    day: str = Field(description="The figure stands at the end of this day")
    value: float | None
    part: int | None = None
    whole: int | None = None
    stated: str = Field("", description="Where the figure is not counted but told by the network's document: its words")


class HistoryView(BaseModel):
    id: str
    step: Step
    days: str
    points: list[PointView]


class ErrorView(BaseModel):
    forecasts: int = Field(description="Made at the ends of earlier quarters for the ends of later ones")
    off: float = Field(description="How far off they were on average")
    held: int = Field(description="How many outcomes lay within the interval")


class RiskView(BaseModel):
    words: str
    activity: str
    member: str


class ForecastView(BaseModel):
    id: str
    day: str | None = Field(None, description="None where nothing can be told")
    low: float | None = None
    middle: float | None = None
    high: float | None = None
    target: float | None = None
    reaches: int | None = Field(None, description="Of a hundred draws, how many reach the target")
    method: str = ""
    error: ErrorView | None = None
    risks: list[RiskView]


class Paged(BaseModel):
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=500)] = 50


class EventView(BaseModel):
    id: str
    type: str
    words: str
    stream: str
    happened_on: str
    recorded_on: str
    place: str = Field(description="topic/partition/offset")
    counted: dict[str, int] = Field(description="What it adds, by measure")


class EventsView(BaseModel):
    total: int
    complete: bool
    events: list[EventView]


class SeenView(BaseModel):
    seen: dict[str, int] = Field(description="By topic/partition: the highest offset that counts in what is shown")


def asked_scope(
    principal: Reader,
    year: Annotated[int | None, Query(ge=2000, le=2099, description="This year where left out")] = None,
    member: Annotated[str, Query(max_length=64, description="A member's code; all where left out")] = "",
    known: Annotated[date | None, Query(description="As known at the end of this day; now where left out")] = None,
) -> Scope:
    profile = load(principal.network)
    if member and member not in profile.member_codes:
        raise Refused("unknown-member", "%(name)s has no member of that code.", status=422, name=profile.name)
    return Scope(principal.network, year or clock.now().year, member, known_day(known.isoformat()) if known else "")


Asked = Annotated[Scope, Depends(asked_scope)]
FigureId = Annotated[str, Path(max_length=64, examples=["completed-to-planned"])]


@router.get("/figures", response_model=FiguresView)
async def figures(request: Request, scope: Asked) -> Response:
    """Every indicator of one's network, with an ETag."""
    found = runtime_of(request).boards.figures(scope)
    return _tagged(request, _beside(scope) | {"figures": [one.as_json() for one in found]})


@router.get("/figures/{id}", response_model=OneView)
async def figure(request: Request, id: FigureId, scope: Asked) -> Response:
    """One indicator: its readings, by member, and as it was known at the end of each month."""
    boards, one = runtime_of(request).boards, indicator_of(id, load(scope.network))
    shown: Shown = boards.figure(scope, id)
    readings = [
        {name: getattr(reading, name) for name in ReadingView.model_fields}
        for reading in queries.readings(boards, scope, one)
    ]
    beside = {
        "says": one.says,
        "readings": readings,
        "by_member": queries.by_member(boards, scope, one),
        "history": [{"day": known.day, "value": known.value} for known in queries.history(boards, scope, one)],
    }
    return _tagged(request, _beside(scope) | {"figures": [shown.as_json()]} | beside)


@router.get("/figures/{id}/history", response_model=HistoryView)
async def history(
    request: Request,
    id: FigureId,
    scope: Asked,
    step: Annotated[Step, Query(description="A point for each")] = "month",
    days: Annotated[
        Literal["happened", "known"],
        Query(description="As things happened, by what is known now; or as it was known on each day"),
    ] = "happened",
) -> Response:
    """One indicator over the year, or year by year; with an ETag."""
    one = indicator_of(id, load(scope.network))
    points = await runtime_of(request).over_time.ask(scope, one, step, AXES[days])
    rows = [{name: getattr(point, name) for name in PointView.model_fields} for point in points]
    return _tagged(request, {"id": id, "step": step, "days": days, "points": rows})


@router.get("/figures/{id}/forecast", response_model=ForecastView)
async def forecast(request: Request, id: FigureId, scope: Asked) -> Response:
    """What it may come to by the end of this year, how far off such forecasts were, and what its target lacks."""
    runtime, one = runtime_of(request), indicator_of(id, load(scope.network))
    made = await runtime.forecasts.ask(scope, one)
    content: dict[str, Any] = {"id": id, "target": runtime.boards.figure(scope, id).target}
    if made is not None:
        found, error = made.interval, made.error
        content |= {"day": made.day, "low": found.low, "middle": found.middle, "high": found.high}
        content |= {"reaches": made.reaches, "method": "beta-binomial" if made.by_plan else "moving-block-bootstrap"}
        content["error"] = {name: getattr(error, name) for name in ErrorView.model_fields} if error else None
    names = RiskView.model_fields
    content["risks"] = [
        {name: getattr(risk, name) for name in names} for risk in queries.at_risk(runtime.boards, scope, one)
    ]
    return _tagged(request, content)


@router.get("/figures/{id}/events")
async def events(
    request: Request, id: FigureId, scope: Asked, principal: Opener, paged: Annotated[Paged, Query()]
) -> EventsView:
    """The events behind the figure, newest first. Answers to surveys never open."""
    explanation = await runtime_of(request).explained(indicator_of(id, load(scope.network)), scope)
    own = principal.own_member
    mine = [event for event in explanation.events if own is None or own in event.members]
    rows = [
        EventView(
            id=event.envelope.id,
            type=event.envelope.type,
            words=words_of(event),
            stream=event.envelope.subject,
            happened_on=event.envelope.happened_on,
            recorded_on=event.envelope.recorded_on,
            place=event.place,
            counted={one.measure: one.delta for one in event.counted},
        )
        for event in mine[(paged.page - 1) * paged.per_page : paged.page * paged.per_page]
    ]
    return EventsView(total=len(mine), complete=explanation.complete, events=rows)


@router.get("/seen")
async def seen(request: Request, principal: Reader) -> SeenView:
    """How far the log has come to count."""
    return SeenView(seen=runtime_of(request).merged.seen())


def _beside(scope: Scope) -> dict[str, Any]:
    facts = {"network": scope.network, "year": scope.year, "member": scope.member, "known": scope.known}
    return facts | {"reading": load(scope.network).reading}


def _tagged(request: Request, content: dict[str, Any]) -> Response:
    body = orjson.dumps(content)
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in (one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
