"""One indicator: what it means, what it is made of, how it came about, and the events behind it."""

from typing import Any

from fastapi import APIRouter, Request, Response

from services.kpi.engine.explaining import Behind, counted_by
from services.kpi.queries import one as queries
from services.kpi.queries.board import RATES, weekly
from services.kpi.queries.shown import title_of
from shared import clock
from shared.profiles import load
from shared.web.pages import Paging, render

from .common import Opener, Reader, indicator_of, query_of, runtime_of, scope_of

router = APIRouter()
PLACES = {"request": "/requests/", "activity": "/events/", "exchange": "/matching/exchanges/"}
"""Where the page of a stream of this kind is."""


@router.get("/kpi/figures/{id}")
async def page(request: Request, id: str, principal: Reader) -> Response:
    runtime, scope, profile = runtime_of(request), scope_of(request, principal), load(principal.network)
    one, boards = indicator_of(id, profile), runtime.boards
    before = None if id in RATES else 0
    points = weekly(boards.trend(scope, id), scope.year, clock.now().date(), before=before) if one.trend else []
    figure, scale = boards.figure(scope, id), 100 if one.unit == "share" else 1
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
        trend=[[day, round(value * scale, 1)] for day, value in points],
        marks=[[str(mark), count] for mark, count in enumerate(figure.distribution, 1)],
        options=options,
        scope=scope,
        query=query_of(scope),
    )


@router.get("/kpi/figures/{id}/events")
async def events(request: Request, id: str, principal: Opener) -> Response:
    """The events behind the figure, newest first; who sees one member alone reads that member's."""
    runtime, scope, profile = runtime_of(request), scope_of(request, principal), load(principal.network)
    one, paging = indicator_of(id, profile), Paging.of(request, per_page=50)
    explanation = await runtime.explained(one, scope)
    own = principal.own_member
    mine = [event for event in explanation.events if own is None or own in event.members]
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
