"""Lists of activities: the catalogue for everybody, and what an organiser has to do."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.events import queries
from services.events.domain.activity import Status
from services.events.queries.activity import SORTABLE, TODO, Filters
from services.events.queries.registration import activities_of_person
from shared import clock
from shared.contracts.vocabulary import Mode
from shared.web import exports
from shared.web.formats import quarter
from shared.web.i18n import _, ngettext
from shared.web.i18n import mark as _mark
from shared.web.pages import Paging, render
from shared.web.rights import Principal, require

from . import lists
from .asked import db_of, person_of, profile_of

router = APIRouter()

STATUS_WORDS = {
    Status.PLANNED: _mark("No date yet"),
    Status.SCHEDULED: _mark("Scheduled"),
    Status.OPEN: _mark("Open"),
    Status.CLOSED: _mark("Closed"),
    Status.HELD: _mark("Held"),
    Status.CANCELLED: _mark("Cancelled"),
}
STATUS_TAGS = {
    Status.PLANNED: "ask",
    Status.SCHEDULED: "later",
    Status.OPEN: "yes",
    Status.CLOSED: "",
    Status.HELD: "yes",
    Status.CANCELLED: "no",
}


@router.get("/events/")
async def catalogue(request: Request, principal: Annotated[Principal, require("events.read")]) -> Response:
    db, query = db_of(request), request.query_params
    paging = Paging.of(request, sortable=SORTABLE, default="when")
    mine = None
    if query.get("whose") == "mine" and (me := await person_of(request, principal)):
        mine = await activities_of_person(db, principal.network, me)
    chosen = {name: query.get(name, "")[:40] for name in ("quarter", "month", "kind", "mode")}
    filters = Filters(state=query.get("state", "coming"), ids=mine, today=clock.now().date(), **chosen)
    if kind := exports.asked(request):
        return lists.catalogue(request, principal, kind, filters, paging.order, states=STATUS_WORDS)
    rows, total = await queries.activity.activities(
        db, principal.network, filters, skip=paging.skip, limit=paging.per_page, order=paging.order
    )
    states = await queries.activity.states(db, principal.network)
    todo = await queries.activity.todo(db, principal.network, filters.today) if _organises(principal) else {}
    return render(
        request, "events/catalogue.html", listing=paging.listing(rows, total), heading=_heading(states),
        quarters=[(one, quarter(one)) for one in await queries.activity.quarters(db, principal.network)],
        kinds=[(one.id, one.title) for one in profile_of(principal).activity_kinds.values()],
        modes=[(one.value, _(one.label)) for one in Mode],
        states=[("coming", _("Still to come")), ("all", _("All")), *((str(k), _(v)) for k, v in STATUS_WORDS.items())],
        todo=_todo_items(todo), **words(),
    )  # fmt: skip


def words() -> dict[str, Any]:
    """How templates call the states of an activity."""
    return {"status_words": {str(key): _(word) for key, word in STATUS_WORDS.items()}, "status_tags": STATUS_TAGS}


def _organises(principal: Principal) -> bool:
    return principal.may("events.organise")


def _heading(states: dict[str, int]) -> str:
    coming = sum(states.get(one, 0) for one in (Status.PLANNED, Status.SCHEDULED, Status.CLOSED))
    first = (
        ngettext("One activity is open for registration", "%(num)s activities are open for registration", n)
        if (n := states.get(Status.OPEN, 0))
        else _("No activity is open for registration now")
    )
    if not coming:
        return first
    return ngettext("%(open)s, one more is to come", "%(open)s, %(num)s more are to come", coming, open=first)


TODO_LABELS = {
    "schedule": _mark("Set a date"),
    "open": _mark("Open registration"),
    "running": _mark("Look after"),
    "hold": _mark("Say what was held"),
}


def _todo_words(name: str, count: int) -> str:
    match name:
        case "schedule":
            return ngettext("One activity has no date yet", "%(num)s activities have no date yet", count)
        case "open":
            return ngettext(
                "One activity has a date and takes no registrations yet",
                "%(num)s activities have a date and take no registrations yet",
                count,
            )
        case "hold":
            return ngettext(
                "One activity has begun: was it held?", "%(num)s activities have begun: were they held?", count
            )
    return ngettext("One activity is to come", "%(num)s activities are to come", count)


def _todo_items(todo: dict[str, int]) -> list[dict[str, str]]:
    return [
        {
            "due": _(TODO_LABELS[name]),
            "text": _todo_words(name, todo[name]),
            "about": "",
            "href": f"/events/desk?todo={name}",
        }
        for name in ("hold", "schedule", "open")
        if todo.get(name)
    ]


@router.get("/events/desk")
async def desk(request: Request, principal: Annotated[Principal, require("events.organise")]) -> Response:
    db, today = db_of(request), clock.now().date()
    paging = Paging.of(request, sortable=SORTABLE, default="when")
    todo = await queries.activity.todo(db, principal.network, today)
    asked = request.query_params.get("todo", "")
    chosen = asked if asked in TODO else next((name for name in ("hold", "schedule", "open") if todo[name]), "running")
    filters = Filters(state="all", todo=chosen, today=today)
    if kind := exports.asked(request):
        return lists.catalogue(request, principal, kind, filters, paging.order, states=STATUS_WORDS)
    rows, total = await queries.activity.activities(
        db, principal.network, filters, skip=paging.skip, limit=paging.per_page, order=paging.order
    )
    ways = [(name, _(TODO_LABELS[name]), todo[name]) for name in TODO]
    heading = _todo_words(chosen, todo[chosen]) if todo[chosen] else _("Nothing waits for you here")
    return render(
        request, "events/desk_list.html", listing=paging.listing(rows, total), heading=heading, ways=ways,
        chosen=chosen, **words(),
    )  # fmt: skip
