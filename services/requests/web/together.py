"""Several requests decided at once: one form for those that were ticked on the list, and what became of each."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from services.requests import handlers, queries
from services.requests.commands import Decision, DeclineRequest, DeferRequest, PlanRequest
from services.requests.domain.state import OPEN
from services.requests.offered import kind_of
from services.requests.queries import Shown
from shared import clock
from shared.contracts.refused import Refused
from shared.contracts.vocabulary import Quarter
from shared.spine.store import Store
from shared.web.forms import Form, read_form
from shared.web.i18n import _, mark, ngettext
from shared.web.pages import render, see_other
from shared.web.rights import Principal
from shared.web.stale import Changed, guarded
from shared.web.wording import in_words

from .common import DECISIONS, FATE_COLOURS, FATES, Decider, db_of, page_store, told
from .story import next_of
from .triage import line_options, quarter_options

router = APIRouter()

MOST = 100
HERE = "/requests/together"
WAYS = {"plan": mark("Plan them"), "defer": mark("Defer them"), "decline": mark("Decline them")}


@dataclass(frozen=True, slots=True)
class Picked:
    """A request that was ticked, as its reader saw it."""

    id: str
    version: int | None

    @classmethod
    def of(cls, text: str) -> "Picked":
        id, _at, version = text.partition("@")
        return cls(id, int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None)


@dataclass(frozen=True, slots=True)
class Became:
    """What became of one of them: decided, or why not."""

    shown: Shown
    sentence: str = ""


@router.get(HERE)
async def page(request: Request, principal: Decider) -> Response:
    picked = [Picked.of(text) for text in request.query_params.getlist("request")[:MOST]]
    rows = await _rows(request, principal, picked)
    if not rows:
        return see_other(request, "/requests/", done=_("Tick the requests to decide on."), kind="info")
    return _page(request, principal, rows, Form.of(way="plan", pick=[f"{row.id}@{row.version}" for row in rows]))


async def _rows(request: Request, principal: Principal, picked: list[Picked]) -> list[Shown]:
    found = await queries.several(db_of(request), principal.network, [one.id for one in picked])
    return [row for row in found if row.id.startswith("request-")]


def _page(request: Request, principal: Principal, rows: list[Shown], form: Form, status: int = 200) -> Response:
    here = Quarter.of(clock.now().date())
    years = sorted({row.state["year"] for row in rows})
    facts: dict[str, Any] = {
        "fates": {fate: _(word) for fate, word in FATES.items()},
        "colours": FATE_COLOURS,
        "next_of": next_of,
        "ways": [(way, _(words)) for way, words in WAYS.items()],
        "lines": line_options(in_words(principal.network), years[0] if years else here.year),
        "quarters": quarter_options(here),
        "still_open": [row for row in rows if row.status in OPEN],
    }
    return render(request, "together.html", status=status, rows=rows, form=form, **facts)


@router.post(HERE)
async def decide(request: Request, principal: Decider) -> Response:
    form = await read_form(request)
    picked = {one.id: one for one in map(Picked.of, form.all("pick")[:MOST])}
    rows = await _rows(request, principal, list(picked.values()))
    if not rows:
        return see_other(request, "/requests/", done=_("Tick the requests to decide on."), kind="info")
    way = form["way"]
    if way not in WAYS:
        form.fail("way", _("Choose what becomes of them."))
    if way in ("plan", "defer") and not form["quarter"]:
        form.fail("quarter", _("Choose a quarter."))
    if way in ("defer", "decline") and not form["reason"].strip():
        form.fail("reason", _("Say why: its sender reads the reason."))
    if form.errors:
        return _page(request, principal, rows, form, 422)
    became = [await _one(request, principal, form, row, picked[row.id].version) for row in rows]
    done = sum(not one.sentence for one in became)
    first = ngettext("One request is decided", "%(num)s requests are decided", done) if done else _("None is decided")
    failed = len(became) - done
    second = ngettext("one is not", "%(num)s are not", failed) if failed else ""
    return render(
        request, "together_done.html", became=became, sentence=f"{first}, {second}" if second else first,
        fates={fate: _(word) for fate, word in FATES.items()}, colours=FATE_COLOURS, next_of=next_of,
    )  # fmt: skip


async def _one(request: Request, principal: Principal, form: Form, row: Shown, seen: int | None) -> Became:
    """Each on its own: what keeps one back keeps no other back."""
    store = page_store(request, principal, f"{form.command_id}-{row.id}")
    try:
        command = _command(form, row)
        await guarded(request, store, row.id, lambda now: _do(command, now), seen=seen, minds=DECISIONS)
    except Changed as changed:
        words, other = told(), _("changed it")
        who = [one.by + " " + words.get(one.event, other) for one in changed.changes]
        return Became(row, _("It was decided meanwhile: %(who)s.", who=", ".join(who)))
    except Refused as refusal:
        if refusal.status >= 500:
            raise
        return Became(row, _(refusal.sentence))
    except ValidationError:
        return Became(row, _("This is not understood here; decide on it by itself."))
    return Became((await queries.several(db_of(request), principal.network, [row.id]))[0])


def _command(form: Form, row: Shown) -> Decision:
    common = {"request": row.id, "reason": form["reason"].strip()}
    match form["way"]:
        case "plan":
            line = form["line"] or kind_of(row.network, row.kind).line
            if not line:
                raise Refused("line-missing", mark("No line of the plan belongs to its kind; choose one."), status=422)
            return PlanRequest(**common, line=line, quarter=form["quarter"])
        case "defer":
            return DeferRequest(**common, quarter=form["quarter"])
    return DeclineRequest(**common)


async def _do(command: Decision, store: Store) -> object:
    match command:
        case PlanRequest():
            return await handlers.plan_request(command, store)
        case DeferRequest():
            return await handlers.defer_request(command, store)
    assert isinstance(command, DeclineRequest)
    return await handlers.decline_request(command, store)
