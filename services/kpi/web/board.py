"""The Board's page and its stream."""

from fastapi import APIRouter, Request, Response

from services.kpi.indicators import INDICATORS
from services.kpi.live import sparkline
from services.kpi.queries import outlook
from services.kpi.queries.board import CHARTS, TABLES, shades
from services.kpi.queries.news import news
from shared import clock
from shared.contracts.vocabulary import in_protocol_order
from shared.web import exports
from shared.web.formats import member_name
from shared.web.pages import render
from shared.web.wording import in_words

from . import lists
from .common import Reader, query_of, runtime_of, scope_of

router = APIRouter()
SMALL = (
    "activities-held", "registrations", "waiting", "participations", "persons", "members-reached", "requests",
    "requests-decided", "exchanges-agreed",
)  # fmt: skip
FORECAST = ("completed-to-planned", "participation-rate", "staff-exchanges", "national-events")


@router.get("/kpi/")
async def board(request: Request, principal: Reader) -> Response:
    runtime, scope, profile = runtime_of(request), scope_of(request, principal), in_words(principal.network)
    boards = runtime.boards
    if kind := exports.asked(request, "figures"):
        return lists.figures(principal, kind, boards.figures(scope))
    for name in (*TABLES, *CHARTS):
        if kind := exports.asked(request, name):
            return lists.table(principal, kind, name, boards.part(scope, name))
    figures = {one.id: one for one in boards.figures(scope)}
    now = clock.now()
    forecasts = {id: await runtime.forecasts.ask(scope, INDICATORS[id]) for id in FORECAST if id in figures}
    return render(
        request,
        "board.html",
        scope=scope,
        profile=profile,
        headline=boards.headline(scope),
        figures=figures,
        forecasts={id: outlook.in_short(one, INDICATORS[id]) for id, one in forecasts.items() if one},
        small=[figures[id] for id in SMALL],
        sparks={id: sparkline(boards, scope, id) for id in figures},
        charts={id: boards.part(scope, id) for id in CHARTS},
        pieces=shades(boards.part(scope, "reached")),
        risks=boards.part(scope, "at-risk"),
        lines=news(runtime.remembered, runtime.merged, scope),
        tables={name: boards.part(scope, name) for name in TABLES},
        reading=next((one.title for one in profile.readings if one.id == profile.reading), ""),
        years=[(year, year) for year in sorted({*runtime.merged.years(scope.network), now.year}, reverse=True)],
        members=[(code, f"{code} {member_name(code, profile.id)}") for code in in_protocol_order(profile.member_codes)],
        query=query_of(scope),
        as_of=now,
        live=not scope.known,
    )


@router.get("/kpi/live")
async def live(request: Request, principal: Reader) -> Response:
    """Server-sent events: `figures`, `board`, `feed`, `risk`; `ids=1` names the events that have come to count."""
    return runtime_of(request).live.response(
        request, scope_of(request, principal), ids=request.query_params.get("ids") == "1"
    )
