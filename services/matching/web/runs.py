"""A run: what was matched and why, what was not and why not, and the proposals made of it."""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from services.matching import handlers, queries
from services.matching.domain.call import Call
from services.matching.domain.changes import ranked
from services.matching.domain.reasons import Unmatched
from services.matching.domain.solution import Match
from services.matching.domain.working import Working
from services.matching.handlers import Proposed
from services.matching.queries import Run
from services.matching.web import lists
from services.matching.web.change_words import distance, kept_words, since_words, smallest, unlocking
from services.matching.web.common import AnyExchange, Proposer, Reader, db_of, found, page_store, profile_of
from services.matching.web.levels import level_words, percent
from services.matching.web.run_map import picture
from services.matching.web.sentences import why_matched, why_unmatched
from services.matching.web.since import since_of, working_of
from services.matching.web.solving import waiting_page
from shared.web import exports
from shared.web.forms import Form, read_form
from shared.web.i18n import _, ngettext, plural
from shared.web.pages import Listing, Paging, render, see_other
from shared.web.rights import Principal

router = APIRouter()
HOSTS = 15
"""Of the hosts by what they unlock, so many are listed."""


async def found_run(request: Request, principal: Principal, run_id: str) -> Run:
    run = await queries.run(db_of(request), principal.network, run_id)
    if run is None:
        raise HTTPException(404)
    return run


def to_see(run: Run, own: str | None) -> tuple[Sequence[Match], Sequence[Unmatched]]:
    """The matches in which a member sends or hosts, and its own interests without one; all where `own` is None."""
    if own is None:
        return run.solution.matches, run.solution.unmatched
    matches = [one for one in run.solution.matches if own in (one.sender, one.host)]
    return matches, [one for one in run.solution.unmatched if one.sender == own]


@router.get("/matching/runs/{run_id}")
async def run_page(request: Request, run_id: str, principal: Reader) -> Response:
    if await queries.run_call(db_of(request), principal.network, run_id) is None:
        return await waiting_page(request, principal, run_id)
    if request.query_params.get("waiting") and request.headers.get("hx-request"):
        return Response(headers={"HX-Refresh": "true"})  # who waited for it sees all of it now
    run = await found_run(request, principal, run_id)
    if kind := exports.asked(request, "matches"):
        proposed = await queries.exchanges_of_run(db_of(request), principal.network, run.id)
        return lists.matches(principal, kind, _rows(principal, run, proposed))
    if kind := exports.asked(request, "unmatched"):
        _matches, unmatched = to_see(run, principal.own_member)
        focus = await queries.focus_of(db_of(request), principal.network, [one.interest for one in unmatched])
        known = await working_of(request, principal, run.id)
        return lists.unmatched(principal, kind, _missed(principal, run, unmatched, focus, Later(known)))
    return await _page(request, principal, run, Form.of(), 200)


def _rows(principal: Principal, run: Run, proposed: Mapping[str, AnyExchange]) -> Iterator[dict[str, Any]]:
    """Every match that the reader sees, with its reasons, one after the other."""
    profile, own = profile_of(principal), principal.own_member
    for one in to_see(run, own)[0]:
        yield {"match": one, "why": why_matched(one, profile, own), "exchange": proposed.get(one.interest)}


@dataclass(frozen=True, slots=True)
class Later:
    """What was worked out of a run after it, and which of its interests say something else since."""

    working: Working | None
    changed: Collection[str] = ()


def _missed(
    principal: Principal, run: Run, unmatched: Sequence[Unmatched], focus: Mapping[str, str], later: Later
) -> Iterator[dict[str, Any]]:
    profile, own = profile_of(principal), principal.own_member
    for one in unmatched:
        if one.interest in focus:
            why = why_unmatched(one, focus[one.interest], run.solution.offers, profile, own)
            change = smallest(later.working, one.interest, profile, own)
            stale = one.interest in later.changed
            yield {"one": one, "focus": focus[one.interest], "why": why, "change": change, "stale": stale}


@router.post("/matching/runs/{run_id}/propose")
async def propose(request: Request, run_id: str, principal: Proposer) -> Response:
    """The chosen matches, or all of them with `_all`."""
    run = await found_run(request, principal, run_id)
    form = await read_form(request)
    chosen = set(form.all("interest"))
    matches = [one for one in run.solution.matches if form["_all"] or one.interest in chosen]
    if not matches:
        form.fail("", _("Choose at least one match to propose."))
        return await _page(request, principal, run, form, 422)
    store = page_store(request, principal, form.command_id)
    outcomes = await handlers.propose_exchanges(run.id, run.call, matches, store)
    failed = [one for one in outcomes if one.refused and one.refused.code != "proposed-already"]
    if not failed:
        done = ngettext(
            "One exchange is proposed to both sides.", "%(num)s exchanges are proposed to both sides.", len(outcomes)
        )
        return see_other(request, f"/matching/runs/{run.id}", done=done)
    form.fail("", _not_proposed(failed, len(outcomes)))
    return await _page(request, principal, run, form, 409)


def _not_proposed(failed: Sequence[Proposed], chosen: int) -> str:
    first = failed[0].refused
    assert first is not None
    text = plural(
        "One of %(all)s was not proposed. %(why)s", "%(num)s of %(all)s were not proposed. The first: %(why)s"
    )
    return ngettext(*text, len(failed), all=chosen, why=_(first.sentence))


async def _page(request: Request, principal: Principal, run: Run, form: Form, status: int) -> Response:
    db, network, own = db_of(request), principal.network, principal.own_member
    call = await found(request, principal, run.call, Call)
    profile = profile_of(principal)
    matches, unmatched = to_see(run, own)
    proposed = await queries.exchanges_of_run(db, network, run.id)
    paging = Paging.of(request, per_page=50)
    interests = await queries.focus_of(db, network, [one.interest for one in unmatched[:200]])
    rows = list(islice(_rows(principal, run, proposed), paging.skip, paging.skip + paging.per_page))
    known = await working_of(request, principal, run.id)
    since, newer = await since_of(request, principal, call, run.id, known)
    missed = list(_missed(principal, run, unmatched[:200], interests, Later(known, since.interests)))
    view = "map" if request.query_params.get("view") == "map" else "table"
    assets = request.app.state.service.settings.assets
    drawn = await asyncio.to_thread(picture, matches, profile, assets) if view == "map" else None
    return render(
        request,
        "run.html",
        status=status,
        run=run,
        call=call,
        title=_title(run),
        levels=[level_words(one) for one in run.solution.levels],
        kept=kept_words(run.beside_before),
        working=known,
        hosts=[unlocking(one, profile) for one in ranked(known.unlocked)[:HOSTS]] if known and own is None else [],
        closing=distance(known.closing, profile) if known and own is None else [],
        stale=since_words(since, newer),
        listing=paging.listing(rows, len(matches)),
        missed=Listing(missed, len(unmatched), per_page=200),
        open_matches=[one.interest for one in matches if one.interest not in proposed],
        profile=profile,
        form=form,
        own=own,
        view=view,
        map=drawn,
        chosen=_of_pair(principal, run, proposed, request.query_params.get("pair", "")),
    )


def _of_pair(principal: Principal, run: Run, proposed: Mapping[str, AnyExchange], pair: str) -> list[dict[str, Any]]:
    """The matches of one arc of the map, each with its reasons."""
    return [row for row in _rows(principal, run, proposed) if pair == f"{row['match'].sender}-{row['match'].host}"]


def _title(run: Run) -> str:
    matched, interests = len(run.solution.matches), run.solution.interests
    if not interests:
        return _("No interest waits for a match")
    first = ngettext(
        "One interest of %(all)s is matched", "%(num)s interests of %(all)s are matched", matched, all=interests
    )
    if run.solution.proven:
        return _("%(first)s: no choice matches more", first=first)
    gap = percent(run.solution.gap)
    return _("%(first)s: the best found within the limit, at most %(gap)s from the best", first=first, gap=gap)
