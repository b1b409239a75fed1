"""The coordinator's board, and the decision on a request: plan it, defer it, decline it, each with its reason."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from services.requests import boards, handlers, queries
from services.requests.commands import Decision, DeclineRequest, DeferRequest, PlanRequest
from services.requests.domain.request import OPEN
from services.requests.due import due_of, overdue
from services.requests.offered import kind_of
from services.requests.queries import Filter, Shown
from shared import clock
from shared.contracts.refused import Refused
from shared.contracts.vocabulary import Quarter
from shared.mongo import Database
from shared.profiles import Profile
from shared.spine.draft import Receipt
from shared.spine.store import Store
from shared.web import exports
from shared.web.forms import Form, read_form
from shared.web.i18n import _, ngettext
from shared.web.i18n import mark as _mark
from shared.web.pages import Paging, render, see_other
from shared.web.rights import Principal
from shared.web.stale import Changed, guarded
from shared.web.wording import in_words

from . import inside, narrowing
from .common import (
    DECISIONS,
    FATE_COLOURS,
    FATES,
    PATH,
    Coordinator,
    Decider,
    db_of,
    found,
    page_store,
    told,
)
from .desk import facts_of
from .lists import requests as export_requests
from .story import next_of, quarter_words

router = APIRouter()

COLUMNS: dict[str, tuple[str, str]] = {
    "new": (_mark("New"), _mark("What members send will be here.")),
    "question": (_mark("Question out"), _mark("Requests whose sender was asked and has not answered will be here.")),
    "planned": (_mark("Planned"), _mark("Requests with a quarter will be here.")),
    "decided": (_mark("Decided"), _mark("Deferred, declined and held requests will be here.")),
}
"""Title of each column, and what it says while it is empty."""
A_COLUMN = 12


@dataclass(frozen=True, slots=True)
class Fate:
    """One of the decisions: its command and handler, and what the page says of it."""

    command: type[Decision]
    handler: Callable[[Any, Store], Awaitable[Receipt]]
    label: str
    done: str
    will: str


FATES_OPEN: dict[str, Fate] = {
    "plan": Fate(
        PlanRequest,
        handlers.plan_request,
        _mark("Plan it"),
        _mark("The request is planned; its sender sees quarter and reason."),
        _mark(
            "It joins the annual plan, and the organisers can set its date. Its sender sees line, quarter and reason."
        ),
    ),
    "defer": Fate(
        DeferRequest,
        handlers.defer_request,
        _mark("Defer it"),
        _mark("The request is deferred; its sender sees quarter and reason."),
        _mark("It is weighed again with the plan of that quarter's year. Its sender sees quarter and reason."),
    ),
    "decline": Fate(
        DeclineRequest,
        handlers.decline_request,
        _mark("Decline it"),
        _mark("The request is declined; its sender sees the reason."),
        _mark("It will not be planned. Its sender sees the reason and may send another request."),
    ),
}


@router.get("/requests/triage")
async def triage(request: Request, principal: Coordinator) -> Response:
    profile, db = in_words(principal.network), db_of(request)
    only = narrowing.narrowed(request, principal.network)
    if kind := exports.asked(request):
        return export_requests(request, principal, kind, only, "sent")
    paging = Paging.of(request, per_page=A_COLUMN)
    found = await boards.columns(db, principal.network, only, skip=paging.skip, limit=paging.per_page)
    waiting = (await queries.counts(db, principal.network, only)).get("submitted", 0)
    late = await _late(db, principal.network, only)
    return render(
        request,
        "triage.html",
        sentence=_sentence(waiting, late),
        columns=[(name, _(title), _(empty), found[name]) for name, (title, empty) in COLUMNS.items()],
        board=paging.listing([], max(column.total for column in found.values())),
        choices=narrowing.choices(profile),
        narrowed=narrowing.is_narrowed(request),
        title_of=_kind_title(profile),
        fates={fate: _(word) for fate, word in FATES.items()},
        colours=FATE_COLOURS,
        next_of=next_of,
        quarter_words=quarter_words,
        overdue=late,
        due_of=due_of,
        open=OPEN,
        year=await boards.year_that_waits(db, principal.network, clock.now().year) or clock.now().year,
    )


async def _late(db: Database, network: str, only: Filter) -> int:
    """How many of those on the board should have had a first answer."""
    late = overdue(network)
    if late is None:
        return 0
    narrower = replace(only, waits_since_before=late.waits_since_before)
    return sum((await queries.counts(db, network, narrower)).values())


def _sentence(waiting: int, late: int) -> str:
    if not waiting:
        return _("No request waits for a first answer")
    first = ngettext("One request waits for a first answer", "%(num)s requests wait for a first answer", waiting)
    if not late:
        return first
    second = ngettext("one is overdue", "%(num)s are overdue", late)
    return _("%(first)s, %(second)s", first=first, second=second)


def _kind_title(profile: Profile) -> Callable[[str], str]:
    return lambda kind: profile.request_kinds[kind].title if kind in profile.request_kinds else kind


@router.get(PATH + "/decide")
async def decide_page(request: Request, request_id: str, principal: Decider) -> Response:
    shown = await found(request, principal, request_id)
    fate = request.query_params.get("as", "plan")
    if fate not in FATES_OPEN:
        raise HTTPException(404)
    proposed = request.query_params.get("quarter", "")
    wished = proposed or shown.state["quarter_wished"] or shown.state["quarter"]
    kind = kind_of(principal.network, shown.kind)
    form = Form.of(line=kind.line, quarter=wished if fate == "plan" else None)
    return await _decide_page(request, principal, shown, fate, form)


async def _decide_page(
    request: Request, principal: Principal, shown: Shown, fate: str, form: Form, *, status: int = 200
) -> Response:
    profile = in_words(shown.network)
    here = Quarter.of(clock.now().date())
    first = here if fate == "plan" else here.next()
    return render(
        request,
        "decide.html",
        status=status,
        shown=shown,
        fate=fate,
        decision=FATES_OPEN[fate],
        decisions=FATES_OPEN,
        open=shown.status in OPEN,
        form=form,
        lines=line_options(profile, shown.state["year"]),
        quarters=quarter_options(first, shown.state["quarter_wished"] if fate == "plan" else None),
        facts=facts_of(profile, shown, await inside.link_to(db_of(request), principal, shown)),
        next_of=next_of,
    )


def line_options(profile: Profile, year: int) -> list[tuple[str, str]]:
    return list(profile.line_titles(year).items())


def quarter_options(first: Quarter, wished: str | None = None, count: int = 9) -> list[tuple[str, str]]:
    """Two years of quarters from `first` on, and the wished one where it lies outside."""
    quarters = [first]
    while len(quarters) < count:
        quarters.append(quarters[-1].next())
    if wished:
        quarters.append(Quarter.parse(wished))
    return [(str(one), quarter_words(str(one))) for one in sorted(set(quarters))]


async def _decide(request: Request, request_id: str, principal: Decider, fate: str) -> Response:
    shown = await found(request, principal, request_id)
    decision = FATES_OPEN[fate]
    form = await read_form(request)
    drawn = {"words": "", "happened_at": None} | ({"activity": ""} if fate == "plan" else {})
    status = 422
    if fate != "plan" and not form["reason"].strip():
        form.fail("reason", _("Say why: its sender reads the reason."))
    command = form.build(decision.command, request=request_id, **drawn)
    if command is not None:
        store = page_store(request, principal, form.command_id)
        try:
            await guarded(
                request,
                store,
                request_id,
                lambda now: decision.handler(command, now),
                seen=form.version,
                minds=DECISIONS,
            )
        except Changed as changed:
            shown = await found(request, principal, request_id)
            status = form.stale(changed, take=f"/requests/{request_id}", told=told())
        except Refused as refusal:
            status = form.refuse(refusal, _FIELDS.get(refusal.code, ""))
        else:
            here = f"/requests/{request_id}"
            return see_other(request, here, done=_(decision.done), undo=f"{here}/reopen")
    return await _decide_page(request, principal, shown, fate, form, status=status)


_FIELDS = {"line-unknown": "line", "quarter-over": "quarter", "reason-missing": "reason"}


@router.post(PATH + "/plan")
async def plan(request: Request, request_id: str, principal: Decider) -> Response:
    return await _decide(request, request_id, principal, "plan")


@router.post(PATH + "/defer")
async def defer(request: Request, request_id: str, principal: Decider) -> Response:
    return await _decide(request, request_id, principal, "defer")


@router.post(PATH + "/decline")
async def decline(request: Request, request_id: str, principal: Decider) -> Response:
    return await _decide(request, request_id, principal, "decline")
