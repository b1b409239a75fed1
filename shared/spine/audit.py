"""Who did what in this service: its events with their actors, in words, for those who answer for the network."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pymongo.errors import ExecutionTimeout

from shared.contracts.envelope import iso
from shared.contracts.refused import Refused
from shared.web import exports
from shared.web.admin.common import actor_in_words, days_of, ids_by_name
from shared.web.i18n import _
from shared.web.pages import Paging, render
from shared.web.rights import Principal, require

from . import lists
from .audit_words import KINDS, TYPES
from .service import Service

MOST_COUNTED, PATIENCE_MS = 10_000, 8_000
_PLACES = {
    "request": "/requests/", "call": "/matching/calls/", "interest": "/matching/interests/",
    "offer": "/matching/offers/", "exchange": "/matching/exchanges/", "activity": "/events/",
}  # fmt: skip
"""Where a stream is shown, by its kind."""
_SHOWN = ("type", "stream", "time", "recordedtime", "actor", "onbehalfof", "data.year", "data.activity", "data.call")


@dataclass(frozen=True, slots=True)
class Done:
    """One event as the list shows it."""

    at: datetime
    happened: datetime
    who: str
    asked_by: str
    """On whose behalf, where somebody else asked for it."""
    words: str
    kind: str
    href: str

    @property
    def told_late(self) -> bool:
        return self.at.date() != self.happened.date()


def audit_router(service: Service) -> APIRouter:
    router = APIRouter(prefix=f"/{service.name}/audit", include_in_schema=False)

    @router.get("")
    async def audit(request: Request, principal: Annotated[Principal, require("audit.read")]) -> Response:
        if kind := exports.asked(request):
            return lists.audit(principal, kind, service.name, all_done_in(service, request, principal.network))
        part = "part" in request.query_params
        paging = Paging.of(request, per_page=10 if part else 50)
        rows, total = await done_in(service, request, principal.network, paging)
        return render(
            request,
            "audit_part.html" if part else "audit.html",
            listing=paging.listing(rows, total),
            service=service.name,
            kinds=[(kind, _(KINDS[kind])) for kind in service.store.aggregates if kind in KINDS],
            most=total >= MOST_COUNTED,
        )

    return router


async def done_in(service: Service, request: Request, network: str, paging: Paging) -> tuple[list[Done], int]:
    """One page of what was done in the network, newest first, and how much there is, counted to 10,000."""
    by = await ids_by_name(request, network, request.query_params.get("q", ""))
    if by == []:
        return [], 0
    query = _query(request, network, by)
    events = service.db.events
    try:
        found = events.find(query, dict.fromkeys(_SHOWN, 1)).sort([("recordedtime", -1), ("_id", 1)])
        rows = await found.skip(paging.skip).limit(paging.per_page).max_time_ms(PATIENCE_MS).to_list(None)
        total = await events.count_documents(query, limit=MOST_COUNTED, maxTimeMS=PATIENCE_MS)
    except ExecutionTimeout:
        raise Refused("too-much", "This is too much to search: choose fewer days.", status=422) from None
    return await _named(service, rows), total


async def all_done_in(service: Service, request: Request, network: str) -> AsyncIterator[Done]:
    """Everything that was done in the network as filtered, newest first."""
    by = await ids_by_name(request, network, request.query_params.get("q", ""))
    if by == []:
        return
    found = service.db.events.find(_query(request, network, by), dict.fromkeys(_SHOWN, 1))
    batch: list[Mapping[str, Any]] = []
    async for row in found.sort([("recordedtime", -1), ("_id", 1)]):
        batch.append(row)
        if len(batch) == exports.ROWS_AT_ONCE:
            for one in await _named(service, batch):
                yield one
            batch = []
    for one in await _named(service, batch):
        yield one


async def _named(service: Service, rows: Sequence[Mapping[str, Any]]) -> list[Done]:
    names = await service.people.name_of(
        one for row in rows for one in (row.get("actor"), row.get("onbehalfof")) if one
    )
    return [_done(row, names) for row in rows]


def _query(request: Request, network: str, by: list[str] | None) -> dict[str, Any]:
    query: dict[str, Any] = {"network": network}
    begin, end = days_of(request, network)
    limits = {"$gte": iso(begin) if begin else None, "$lt": iso(end) if end else None}
    if any(limits.values()):
        query["recordedtime"] = {sign: moment for sign, moment in limits.items() if moment}
    if by is not None:
        query["$or"] = [{"actor": {"$in": by}}, {"onbehalfof": {"$in": by}}]
    kind = request.query_params.get("kind", "")
    if kind in KINDS:
        query["stream"] = {"$regex": f"^{re.escape(kind)}-"}
    return query


def _done(row: Mapping[str, Any], names: Mapping[str, str]) -> Done:
    stream, data = str(row["stream"]), row.get("data", {})
    kind = stream.partition("-")[0]
    asked_by = row.get("onbehalfof")
    return Done(
        at=_moment(row["recordedtime"]),
        happened=_moment(row["time"]),
        who=actor_in_words(row["actor"], names) if row.get("actor") else _nobody(row),
        asked_by=names.get(asked_by, _("Name erased")) if asked_by else "",
        words=_in_words(row["type"]),
        kind=_(KINDS[kind]) if kind in KINDS else kind,
        href=_href(kind, stream, data),
    )


def _nobody(row: Mapping[str, Any]) -> str:
    # What is anonymous has no actor at all; what a deadline did has an empty one.
    return _("Liaison itself") if "actor" in row else _("Not named")


def _in_words(type: str) -> str:
    name = ".".join(type.split(".")[2:4])
    return _(TYPES[name]) if name in TYPES else name


def _href(kind: str, stream: str, data: Mapping[str, Any]) -> str:
    if kind == "plan":
        return f"/requests/plan/{data['year']}" if data.get("year") else ""
    if kind == "attendance":
        return f"/events/{data['activity']}" if data.get("activity") else ""
    return _PLACES[kind] + stream if kind in _PLACES else ""


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
