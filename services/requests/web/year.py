"""A member's year on one page: what it asked for and what became of it, its exchanges and activities; as PDF too."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from services.requests.due import Due, due_of
from services.requests.member_year import Activity, Exchange, MemberYear, member_year
from shared import clock
from shared.contracts.vocabulary import in_protocol_order
from shared.documents.pdf import PDF, pdf
from shared.files.names import disposition
from shared.profiles import Profile
from shared.web.formats import member_name, moment, number
from shared.web.i18n import _, language, mark, ngettext
from shared.web.pages import render, see_other
from shared.web.rights import Principal
from shared.web.wording import in_words

from .common import FATE_COLOURS, FATES, Reader, db_of, fate_word, member_options
from .story import next_of, quarter_words
from .waits import Todo, todos

router = APIRouter()
FIRST, LAST = 2000, 2099
TEMPLATE = Path(__file__).parent / "templates" / "year.typ"
EXCHANGE_STATES: dict[str, str] = {
    "proposed": mark("Proposed"),
    "accepted": mark("Accepted by one side"),
    "agreed": mark("Agreed"),
    "declined": mark("Declined"),
    "lapsed": mark("Lapsed"),
    "taken-back": mark("Taken back"),
    "held": mark("Held"),
    "cancelled": mark("Cancelled"),
}
ACTIVITY_STATES: dict[str, str] = {
    "planned": mark("Planned"),
    "scheduled": mark("Date set"),
    "held": mark("Held"),
    "cancelled": mark("Cancelled"),
}
COLOURS = {"agreed": "yes", "held": "yes", "proposed": "ask", "accepted": "ask", "scheduled": "yes", "planned": "later",
           "cancelled": "no", "declined": "no", "lapsed": "no", "taken-back": "no"}  # fmt: skip


@router.get("/requests/year")
async def this_year(request: Request, principal: Reader) -> Response:
    member = request.query_params.get("member", "")
    beside = f"?member={member}" if member in in_words(principal.network).member_codes else ""
    return see_other(request, f"/requests/year/{clock.now().year}{beside}")


@router.get("/requests/year/{year}")
async def year_page(request: Request, year: str, principal: Reader) -> Response:
    of_year, member = _year(year), _member(request, principal)
    found = await member_year(db_of(request), principal.network, member, of_year)
    profile = in_words(principal.network)
    return render(
        request,
        "year.html",
        sentence=_sentence(principal, member, of_year, found),
        year=of_year,
        first=FIRST,
        last=LAST,
        member=member,
        found=found,
        waits=await todos(db_of(request), principal, member),
        late=_late(found),
        became=_became(found),
        members=member_options(profile) if principal.own_member is None else [],
        **_words(profile),
    )


def _words(profile: Profile) -> dict[str, Any]:
    def said(words: Mapping[str, str]) -> dict[str, str]:
        return {name: _(word) for name, word in words.items()}

    return {
        "fates": said(FATES),
        "fate_colours": FATE_COLOURS,
        "exchange_states": said(EXCHANGE_STATES),
        "activity_states": said(ACTIVITY_STATES),
        "state_colours": COLOURS,
        "next_of": next_of,
        "due_of": due_of,
        "quarter_words": quarter_words,
        "title_of": profile.title_of,
    }


def _year(text: str) -> int:
    if len(text) != 4 or not (text.isascii() and text.isdigit()) or not FIRST <= int(text) <= LAST:
        raise HTTPException(404)
    return int(text)


def _member(request: Request, principal: Principal) -> str:
    """The own member; else the one that was chosen, or the first in protocol order."""
    own = principal.own_member
    if own == "":
        raise HTTPException(403, _("Your account has no member yet. Ask the operator to add it."))
    codes = in_words(principal.network).member_codes
    chosen = request.query_params.get("member", "")
    if own is None and chosen and chosen not in codes:
        raise HTTPException(404)
    return own or chosen or in_protocol_order(codes)[0]


def _sentence(principal: Principal, member: str, year: int, found: MemberYear) -> str:
    who = member_name(member, principal.network)
    if not (found.requests or found.exchanges or found.activities):
        return _("%(who)s in %(year)s: nothing is known yet", who=who, year=year)
    return _(
        "%(who)s in %(year)s: %(requests)s, %(exchanges)s, %(activities)s",
        who=who,
        year=year,
        requests=ngettext("one request", "%(num)s requests", len(found.requests)),
        exchanges=ngettext("one exchange", "%(num)s exchanges", len(found.exchanges)),
        activities=ngettext("one activity", "%(num)s activities", len(found.activities)),
    )


@router.get("/requests/year/{year}/pdf")
async def year_document(request: Request, year: str, principal: Reader) -> Response:
    """The same page as a tagged PDF."""
    of_year, member = _year(year), _member(request, principal)
    found = await member_year(db_of(request), principal.network, member, of_year)
    data = _document(principal, member, of_year, found, await todos(db_of(request), principal, member))
    headers = {
        "Content-Disposition": disposition(f"year-{of_year}-{member}-{principal.network}.pdf"),
        "Cache-Control": "private, no-store",
    }
    return Response(await pdf(TEMPLATE, data, language=language()), media_type=PDF, headers=headers)


def _late(found: MemberYear) -> int:
    """How many should have had a first answer."""
    return sum(bool(due and due.over) for due in map(due_of, found.requests))


def _became(found: MemberYear) -> str:
    """What became of the requests, each fate with its number."""
    counts = Counter(one.status.value for one in found.requests)
    return ", ".join(f"{_(word)}: {number(counts[fate])}" for fate, word in FATES.items() if counts[fate])


def _document(principal: Principal, member: str, year: int, found: MemberYear, waits: Sequence[Todo]) -> dict[str, Any]:
    profile = in_words(principal.network)
    made = _plain(moment(clock.now(), principal.network, style="date"))
    return {
        "title": _("%(who)s in %(year)s", who=member_name(member, principal.network), year=year),
        "subtitle": _sentence(principal, member, year, found),
        "foot": _("%(network)s, as of %(day)s", network=profile.name, day=made),
        "parts": [
            *([_part(_("Waits for an answer"), [_("What"), _("About"), _("Due")], [
                [one.text, one.about, one.due] for one in waits
            ])] if waits else []),
            _part(_("Requests"), [_("Request"), _("Sent"), _("Fate"), _("Next")], _request_rows(found, profile)),
            _part(_("Exchanges"), [_("Exchange"), _("Week"), _("State")], [
                [_exchange_words(one, member, principal.network, profile), one.week, _(EXCHANGE_STATES[one.status])]
                for one in found.exchanges
            ]),
            _part(_("Activities"), [_("Activity"), _("When"), _("State")], [
                [one.title or profile.title_of(one.kind), _when(one), _(ACTIVITY_STATES[one.status])]
                for one in found.activities
            ]),
        ],
    }  # fmt: skip


def _part(title: str, heads: list[str], lines: list[list[str]]) -> dict[str, Any]:
    return {"title": title, "heads": heads, "rows": lines, "empty": _("None this year.")}


def _request_rows(found: MemberYear, profile: Profile) -> list[list[str]]:
    rows = []
    for one in found.requests:
        due = due_of(one)
        coming = _answer_due(due, one.network) if due else ""
        sent = _plain(moment(one.state["submitted_on"], one.network, style="date"))
        rows.append([one.title or profile.title_of(one.kind), sent, fate_word(one), coming or _plain(next_of(one))])
    return rows


def _answer_due(due: Due, network: str) -> str:
    day = _plain(moment(due.on, network, style="date"))
    return _("first answer was due on %(day)s", day=day) if due.over else _("first answer due on %(day)s", day=day)


def _exchange_words(one: Exchange, member: str, network: str, profile: Profile) -> str:
    other, focus = member_name(one.other(member), network), profile.title_of(one.focus)
    if member == one.sender:
        return _("Sends to %(member)s: %(focus)s", member=other, focus=focus)
    return _("Hosts %(member)s: %(focus)s", member=other, focus=focus)


def _when(one: Activity) -> str:
    return _plain(moment(one.on, style="date")) if one.on else quarter_words(one.quarter)


def _plain(text: Any) -> str:
    """Without the marks of a page."""
    return str(text.striptags()) if hasattr(text, "striptags") else str(text)
