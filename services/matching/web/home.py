"""`/matching/`: my member's exchanges, or all calls for who runs them."""

import asyncio

from fastapi import APIRouter, Request, Response

from services.matching import queries
from services.matching.web import lists
from services.matching.web.common import AnyExchange, Reader, db_of, stay_words
from shared.web import exports
from shared.web.formats import member_name, moment
from shared.web.i18n import _, ngettext, plural
from shared.web.pages import Listing, Paging, render
from shared.web.rights import Principal

router = APIRouter()


@router.get("/matching/")
async def home(request: Request, principal: Reader) -> Response:
    own = principal.own_member
    if (answer := _exported(request, principal, own)) is not None:
        return answer
    return await (_all_calls(request, principal) if own is None else _my_member(request, principal, own))


def _exported(request: Request, principal: Principal, own: str | None) -> Response | None:
    if own is None:
        if kind := exports.asked(request, "calls"):
            return lists.calls(request, principal, kind)
        kind = exports.asked(request, "due")
        return lists.due(request, principal, kind) if kind else None
    for name in lists.LISTED:
        if kind := exports.asked(request, name):
            return lists.of_market(request, principal, kind, name, own=own)
    return None


async def _my_member(request: Request, principal: Principal, own: str) -> Response:
    db, network = db_of(request), principal.network
    (due, due_count), (exchanges, _n), (interests, _n), (offers, _n), (calls, _n) = await asyncio.gather(
        queries.due_answers(db, network, own),
        queries.exchanges(db, network, own=own, limit=200),
        queries.interests(db, network, own=own, limit=200),
        queries.offers(db, network, own=own, limit=200),
        queries.calls(db, network, status="open", limit=10),
    )
    titles = await queries.titles(
        db, network, [*(one.state.call for one in interests), *(one.state.call for one in offers)]
    )
    return render(
        request,
        "home_member.html",
        title=_member_title(own, network, due_count),
        todos=[_todo(one, network, own) for one in due],
        exchanges=Listing(exchanges, len(exchanges), per_page=200),
        interests=Listing(interests, len(interests), per_page=200),
        offers=Listing(offers, len(offers), per_page=200),
        calls=calls,
        titles=titles,
        own=own,
    )


async def _all_calls(request: Request, principal: Principal) -> Response:
    db, network = db_of(request), principal.network
    paging = Paging.of(request)
    (calls, total), (due, due_count) = await asyncio.gather(
        queries.calls(db, network, drafts=principal.may("matching.open-call"), skip=paging.skip, limit=paging.per_page),
        queries.due_answers(db, network, None),
    )
    counts = await queries.counts(db, network, [one.id for one in calls])
    return render(
        request,
        "home_calls.html",
        title=_calls_title(sum(one.state.status == "open" for one in calls), due_count),
        calls=paging.listing(calls, total),
        counts=counts,
        due=Listing(due, len(due)),
        more_due=due_count - len(due),
    )


def _member_title(own: str, network: str, due: int) -> str:
    name = member_name(own, network)
    if not due:
        return _("%(member)s: no exchange waits for your answer", member=name)
    text = plural(
        "%(member)s: one exchange waits for your answer", "%(member)s: %(num)s exchanges wait for your answer"
    )
    return ngettext(*text, due, member=name)


def _calls_title(opened: int, due: int) -> str:
    first = ngettext("One call is open", "%(num)s calls are open", opened) if opened else _("No call is open")
    if not due:
        return _("%(calls)s, no answer is due", calls=first)
    text = plural("%(calls)s, one exchange waits for an answer", "%(calls)s, %(num)s exchanges wait for answers")
    return ngettext(*text, due, calls=first)


def _todo(one: AnyExchange, network: str, own: str) -> dict[str, str]:
    """What waits, as the desk shows it."""
    state = one.state
    sends = state.sender == own
    other = member_name(state.host if sends else state.sender, network)
    officials = ngettext("one official", "%(num)s officials", state.officials)
    text = _("%(count)s to %(member)s", count=officials, member=other)
    if not sends:
        text = _("%(count)s from %(member)s", count=officials, member=other)
    return {
        "due": _("Answer by %(day)s", day=moment(state.answer_by, network).striptags()) if state.answer_by else "",
        "text": text,
        "about": stay_words(state.week, state.duration),
        "href": f"/matching/exchanges/{one.id}",
    }
