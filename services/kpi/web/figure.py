"""One indicator: what it means, what it is made of, how it came about, and the events behind it."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from services.kpi.engine.explaining import Behind, counted_by
from services.kpi.engine.figures import Indicator, Scope
from services.kpi.indicators.outlooks import OUTLOOKS
from services.kpi.queries import one as queries
from services.kpi.queries import outlook
from services.kpi.queries.outlook import Forecast
from services.kpi.queries.over_time import AXES, DAY_WORDS, STEP_WORDS, STEPS, Point, Step
from services.kpi.queries.shown import title_of
from shared.web import exports
from shared.web.i18n import _
from shared.web.pages import Paging, render
from shared.web.rights import Principal
from shared.web.wording import in_words

from . import lists
from .common import Opener, Reader, indicator_of, query_of, runtime_of, scope_of

router = APIRouter()
PLACES = {"request": "/requests/", "activity": "/events/", "exchange": "/matching/exchanges/"}
"""Where the page of a stream of this kind is."""


@router.get("/kpi/figures/{id}")
async def page(request: Request, id: str, principal: Reader) -> Response:
    runtime, scope, profile = runtime_of(request), scope_of(request, principal), in_words(principal.network)
    one, boards = indicator_of(id, profile), runtime.boards
    if (answer := await _exported(request, principal, one, scope)) is not None:
        return answer
    figure, scale = boards.figure(scope, id), 100 if one.unit == "share" else 1
    step, days = asked_steps(request)
    points = await runtime.over_time.ask(scope, one, step, AXES[days])
    forecast = await runtime.forecasts.ask(scope, one)
    options: dict[str, Any] = {"unit": "%", "max": 100} if one.unit == "share" else {}
    if figure.target is not None:
        options["target"] = figure.target * scale
        options["max"] = max(figure.target * scale, (figure.value or 0) * scale, options.get("max", 0))
    return render(
        request,
        "figure.html",
        one=one,
        title=title_of(one),
        figure=figure,
        stated=next((stated for stated in profile.indicators if stated.id == id), None),
        source=profile.source,
        readings=queries.readings(boards, scope, one),
        counted=queries.counted(boards, scope, one),
        history=queries.history(boards, scope, one),
        by_member=queries.by_member(boards, scope, one),
        by_kind=queries.by_kind(boards, scope, one),
        over_time=_table(points, scale, forecast),
        points=points,
        steps=[(name, _(label)) for name, label in STEP_WORDS.items()],
        step=step,
        days=days,
        day_words=[(name, _(label)) for name, label in DAY_WORDS.items()],
        forecast=forecast,
        has_outlook=id in OUTLOOKS,
        forecast_words=outlook.in_short(forecast, one) if forecast else "",
        error_words=outlook.error_in_words(forecast.error, one) if forecast else "",
        risks=queries.at_risk(boards, scope, one),
        marks=[[str(mark), count] for mark, count in enumerate(figure.distribution, 1)],
        options=options,
        scope=scope,
        query=query_of(scope),
    )


def asked_steps(request: Request) -> tuple[Step, str]:
    """Wrong values fall back: to weeks, as things happened."""
    step, days = request.query_params.get("step", ""), request.query_params.get("days", "")
    return next((one for one in STEPS if one == step), "week"), days if days in AXES else "happened"


def _table(points: Sequence[Point], scale: int, forecast: Forecast | None) -> dict[str, Any]:
    """The points; with a forecast its middle for the year's end, drawn dotted from the last of them."""
    rows: list[list[Any]] = [[one.day, None if one.value is None else round(one.value * scale, 1)] for one in points]
    if forecast is None or not rows or rows[-1][0] >= forecast.day:
        return {"columns": [_("Day"), _("Figure")], "rows": rows}
    rows = [[*row, None] for row in rows]
    rows[-1][2] = rows[-1][1]
    rows.append([forecast.day, None, round(forecast.interval.middle * scale, 1)])
    return {"columns": [_("Day"), _("Figure"), _("Forecast")], "rows": rows}


async def _exported(request: Request, principal: Principal, one: Indicator, scope: Scope) -> Response | None:
    boards = runtime_of(request).boards
    if kind := exports.asked(request, "over-time"):
        step, days = asked_steps(request)
        points = await runtime_of(request).over_time.ask(scope, one, step, AXES[days])
        return lists.over_time(principal, kind, one.id, points)
    if kind := exports.asked(request, "history"):
        return lists.history(principal, kind, one.id, queries.history(boards, scope, one))
    for name, part in (("members", queries.by_member), ("kinds", queries.by_kind)):
        if (kind := exports.asked(request, name)) and (table := part(boards, scope, one)):
            return lists.table(principal, kind, f"{one.id}-{name}", table)
    if kind := exports.asked(request, "marks"):
        marks = list(enumerate(boards.figure(scope, one.id).distribution, 1))
        return lists.table(principal, kind, f"{one.id}-marks", {"columns": [_("Mark"), _("Answers")], "rows": marks})
    return None


@router.get("/kpi/figures/{id}/events")
async def events(request: Request, id: str, principal: Opener) -> Response:
    """The events behind the figure, newest first; who sees one member alone reads that member's."""
    runtime, scope, profile = runtime_of(request), scope_of(request, principal), in_words(principal.network)
    one, paging = indicator_of(id, profile), Paging.of(request, per_page=50)
    explanation = await runtime.explained(one, scope)
    own = principal.own_member
    mine = [event for event in explanation.events if own is None or own in event.members]
    if kind := exports.asked(request):
        return lists.events(principal, kind, one.id, mine, words_of)
    rows = mine[paging.skip : paging.skip + paging.per_page]
    part = "hx-request" in request.headers or "part" in request.query_params
    return render(
        request,
        "figure_events_part.html" if part else "figure_events.html",
        one=one,
        title=title_of(one),
        figure=runtime.boards.figure(scope, id),
        listing=paging.listing(rows, len(mine)),
        hidden=len(explanation.events) - len(mine),
        complete=explanation.complete,
        sums=counted_by(explanation.events),
        counted=queries.counted(runtime.boards, scope, one),
        address_of=address_of,
        words_of=words_of,
        scope=scope,
        query=query_of(scope),
    )


def address_of(event: Behind) -> str:
    """The page of the event's stream, empty where there is none."""
    stream = event.envelope.subject
    place = PLACES.get(stream.rsplit("-", 5)[0])
    return f"{place}{stream}" if place else ""


def words_of(event: Behind) -> str:
    """`liaison.events.activity.held.v1` as `activity held`."""
    return " ".join(event.envelope.type.split(".")[2:-1]).replace("-", " ")
