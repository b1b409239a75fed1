"""The triage board against a year's resources: what is proposed, what is left out and why, and what if."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from services.requests import boards, queries
from services.requests.domain.resources import RESOURCES
from services.requests.domain.triage import Difference, Proposal, Reason, by_id, difference, reasons
from services.requests.due import due_of
from services.requests.proposing import Known, Proposing
from services.requests.queries import Shown
from services.requests.weighing import HALVES, NOTHING, Situation, situation
from shared import clock
from shared.contracts.vocabulary import Quarter
from shared.web.formats import number, percent
from shared.web.i18n import _, mark, ngettext
from shared.web.pages import Listing, Paging, render, see_other
from shared.web.wording import in_words

from . import narrowing
from .common import Coordinator, db_of
from .proposal_words import what_speaks_for, why_left_out
from .story import quarter_words

router = APIRouter()
A_COLUMN = 30
NAMES: dict[str, str] = {
    "budget": mark("Budget in euros"),
    "trainer_days": mark("Trainer days"),
    "event_slots": mark("Slots for events"),
    "interpretation_days": mark("Interpretation days"),
}
STEPS = {"budget": "500", "trainer_days": "0.5", "event_slots": "1", "interpretation_days": "0.5"}
LEAST_REACH = {"budget": 50_000, "trainer_days": 20, "event_slots": 10, "interpretation_days": 20}
MOST_CHANGE = 10_000_000


@dataclass(frozen=True, slots=True)
class Card:
    """A request on the board."""

    shown: Shown
    quarter: str | None
    """The one that is proposed for it."""
    why: tuple[str, ...] = ()
    """Why it is left out and what it would take, in sentences."""
    speaks: tuple[str, ...] = ()
    """What it costs and what speaks for it."""
    waits: bool = True
    """Whether the plan's adoption waits for it."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One resource in one quarter, in its own unit."""

    name: str
    total: float | None
    planned: float
    proposed: float

    @property
    def words(self) -> str:
        if self.total is None:
            return _("%(taken)s, no limit set", taken=number(self.planned + self.proposed))
        told = {"planned": number(self.planned), "proposed": number(self.proposed), "total": number(self.total)}
        return _("%(planned)s planned, %(proposed)s proposed, of %(total)s", **told)

    @property
    def state(self) -> str:
        return "risk" if self.total is not None and self.planned > self.total else ""


@router.get("/requests/triage/resources")
async def board_of_this_year(request: Request, principal: Coordinator) -> Response:
    """The year whose requests wait: the first with any, from this year on."""
    this = clock.now().year
    year = await boards.year_that_waits(db_of(request), principal.network, this)
    return see_other(request, f"/requests/triage/{year or this + 1}")


@router.get("/requests/triage/{year}")
async def board(request: Request, year: str, principal: Coordinator) -> Response:
    now, known = await _so_far(request, principal.network, year_of(year))
    proposal = known.proposal
    only = narrowing.narrowed(request, principal.network)
    narrowed = narrowing.is_narrowed(request)
    kept = await queries.named(db_of(request), principal.network, only) if narrowed else now.requests.keys()
    why = {one.request: one for one in reasons(now.problem, proposal)}
    paging = Paging.of(request, per_page=A_COLUMN)
    inside = sorted(kept & proposal.chosen.keys(), key=lambda one: (proposal.chosen[one], one))
    outside = sorted(
        kept & why.keys(), key=lambda one: (one not in now.undecided, now.requests[one]["submitted_on"], one)
    )
    of_page = slice(paging.skip, paging.skip + paging.per_page)
    titles = await _shown(
        request, principal.network, [*inside[of_page], *outside[of_page], *_named(why, outside[of_page])]
    )
    context = await _what_if(request, principal.network, now, known)
    items, profile = by_id(now.problem), in_words(principal.network)

    def card(one: str) -> Card:
        quarter = proposal.chosen.get(one)
        told = () if quarter else why_left_out(why[one], titles)
        speaks = what_speaks_for(now, items[one], quarter)
        return Card(titles[one], quarter, told, speaks, one in now.undecided)

    return render(
        request,
        "board.html",
        year=now.year,
        years=list(range(clock.now().year, clock.now().year + 3)),
        sentence=_sentence(now, proposal),
        state_of_proof=told_of_proof(known),
        proving=known.running or known.searching,
        searching=known.searching,
        step=(known.step, known.steps),
        shown_set=_named_set(proposal),
        limited=now.limited,
        undecided=len(now.undecided),
        quarters=[(quarter, quarter_words(quarter), bars) for quarter, bars in bars_of(now, proposal).items()],
        names={name: _(word) for name, word in NAMES.items()},
        inside=[card(one) for one in inside[of_page]],
        outside=[card(one) for one in outside[of_page]],
        counts=(len(inside), len(outside)),
        listing=Listing((), max(len(inside), len(outside)), paging.page, paging.per_page),
        choices=narrowing.choices(profile),
        narrowed=narrowed,
        due_of=due_of,
        kind_title=profile.title_of,
        quarter_words=quarter_words,
        **context,
    )


@router.get("/requests/triage/{year}/what-if")
async def what_if(request: Request, year: str, principal: Coordinator) -> Response:
    """The answer alone, for a slider that moves."""
    now, known = await proposed(request, principal.network, year_of(year))
    context = await _what_if(request, principal.network, now, known)
    return render(request, "what_if.html", quarter_words=quarter_words, year=now.year, **context)


def year_of(text: str) -> int:
    if len(text) != 4 or not (text.isascii() and text.isdigit()) or not 2000 <= int(text) <= 2099:
        raise HTTPException(404)
    return int(text)


async def proposed(request: Request, network: str, year: int) -> tuple[Situation, Known]:
    now = await situation(db_of(request), network, year)
    proposing: Proposing = request.app.state.proposing
    return now, await proposing.proposal(now.problem)


async def _so_far(request: Request, network: str, year: int) -> tuple[Situation, Known]:
    """For a page that shows what is known within a moment, and goes on."""
    now = await situation(db_of(request), network, year)
    proposing: Proposing = request.app.state.proposing
    return now, await proposing.so_far(now.problem)


def _named_set(proposal: Proposal) -> str:
    """The same for the same set: whether a page shows it already."""
    return hashlib.sha256(repr(sorted(proposal.chosen.items())).encode()).hexdigest()[:16]


def _sentence(now: Situation, proposal: Proposal) -> str:
    asked, fitting = len(now.problem.items), len(proposal.chosen)
    if not asked:
        return _("No open request for %(year)s", year=now.year)
    if fitting == asked:
        return ngettext(
            "The one open request for %(year)s can be afforded",
            "All %(num)s open requests for %(year)s can be afforded", asked, year=now.year,
        )  # fmt: skip
    return ngettext(
        "%(fitting)s of one open request for %(year)s can be afforded",
        "%(fitting)s of %(num)s open requests for %(year)s can be afforded", asked, fitting=number(fitting),
        year=now.year,
    )  # fmt: skip


def told_of_proof(known: Known) -> str:
    """How good the proposal is, and how far its proof."""
    if known.searching:
        return _("A first set that fits, drawn up at once. The search for the best one goes on.")
    gap = percent(known.proposal.gap, 2)
    if known.proposal.proven:
        return _("Proven: no other set is worth more.")
    if known.running:
        told = {"gap": gap, "step": known.step + 1, "steps": known.steps}
        return _("At most %(gap)s below the best set. The proof goes on: step %(step)s of %(steps)s.", **told)
    return _("At most %(gap)s below the best set. The search for a better one has ended.", gap=gap)


def bars_of(now: Situation, proposal: Proposal) -> dict[str, list[Bar]]:
    """Each quarter's resources: what can be spent, what the plan takes, what the proposal would."""
    bars: dict[str, list[Bar]] = {}
    for quarter in now.problem.free:
        stated, used, taken = now.resources.of(quarter), now.used.get(quarter, NOTHING), _taken(now, proposal, quarter)
        bars[quarter] = [
            Bar(name, getattr(stated, name), used[place] / HALVES[place], taken[place] / HALVES[place])
            for place, name in enumerate(RESOURCES)
        ]
    return bars


def _taken(now: Situation, proposal: Proposal, quarter: str) -> list[int]:
    its = [item for item in now.problem.items if proposal.chosen.get(item.id) == quarter]
    return [sum(item.cost[place] for item in its) for place in range(len(RESOURCES))]


def _named(why: Mapping[str, Reason], outside: Sequence[str]) -> list[str]:
    return [other for one in outside if (other := why[one].instead_of)]


async def _shown(request: Request, network: str, names: Sequence[str]) -> dict[str, Shown]:
    return {one.id: one for one in await queries.several(db_of(request), network, list(dict.fromkeys(names)))}


async def _what_if(request: Request, network: str, now: Situation, known: Known) -> dict[str, Any]:
    """What is typed, and what it would change; nothing where nothing is typed."""
    query = request.query_params
    quarter = query.get("quarter", "")
    if quarter not in now.problem.free:
        quarter = next(iter(now.problem.free))
    typed = {name: _number(query.get(name, ""), name) for name in RESOURCES}
    more = [round(amount * halves) for amount, halves in zip(typed.values(), HALVES, strict=True)]
    changed: Difference | None = None
    if any(more):
        proposing: Proposing = request.app.state.proposing
        proposal = (await proposing.proposal(now.problem) if known.searching else known).proposal
        other = await proposing.what_if(now.problem.given(quarter, tuple(more)), proposal)
        changed = difference(proposal.chosen, other.chosen)
    names = [*changed.comes, *changed.goes, *changed.moves] if changed else []
    titles = await _shown(request, network, names)
    return {
        "at": quarter,
        "typed": typed,
        "sliders": [(name, _(NAMES[name]), STEPS[name], _reach(now, quarter, name), typed[name]) for name in RESOURCES],
        "changed": changed,
        "changed_sentence": _changed_sentence(changed),
        "titles": titles,
    }


def _number(text: str, name: str) -> float:
    """What is typed in halves for days, whole for the rest; 0 for what is no number."""
    try:
        amount = float(text.replace(",", "."))
    except ValueError:
        return 0
    if not -MOST_CHANGE <= amount <= MOST_CHANGE:
        return 0
    halves = HALVES[RESOURCES.index(name)]
    return round(amount * halves) / halves


def _reach(now: Situation, quarter: str, name: str) -> float:
    """How far the slider goes to both sides: as much as the quarter has."""
    stated = getattr(now.resources.of(quarter), name)
    return max(LEAST_REACH[name], stated or 0)


def _changed_sentence(changed: Difference | None) -> str:
    if changed is None:
        return ""
    if not (changed.comes or changed.goes or changed.moves):
        return _("This changes nothing.")
    comes = ngettext("one request comes in", "%(num)s requests come in", len(changed.comes))
    goes = ngettext("one goes out", "%(num)s go out", len(changed.goes))
    moves = ngettext("one moves to another quarter", "%(num)s move to another quarter", len(changed.moves))
    return _("With this, %(comes)s, %(goes)s, %(moves)s.", comes=comes, goes=goes, moves=moves)


def quarters_of(year: int) -> list[str]:
    return [str(one) for one in Quarter.all_of(year)]
