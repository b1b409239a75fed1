"""What the pages and the API of this service share."""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Annotated, TypeAlias

from babel import dates
from fastapi import HTTPException, Request

from services.matching import handlers, queries, week
from services.matching.commands import Prepared
from services.matching.domain.call import Call
from services.matching.domain.exchange import Exchange, Status
from services.matching.domain.interest import Interest
from services.matching.domain.offer import Offer
from services.matching.handlers.calls import market_for
from services.matching.queries import Found, S
from services.matching.worker import SOLVER
from shared.contracts.refused import Refused
from shared.contracts.vocabulary import in_protocol_order
from shared.mongo import Database
from shared.people import Role
from shared.profiles import Profile
from shared.profiles.markets import Market
from shared.solving import SolverPool
from shared.spine.http import store_for
from shared.spine.store import GroupingStore
from shared.web.formats import language_name, member_name
from shared.web.forms import Form
from shared.web.i18n import _, locale, mark
from shared.web.pages import this_page
from shared.web.rights import Principal, require
from shared.web.wording import in_words

Reader = Annotated[Principal, require("matching.read")]
CallOpener = Annotated[Principal, require("matching.open-call")]
InterestFiler = Annotated[Principal, require("matching.file-interest")]
OfferMaker = Annotated[Principal, require("matching.offer")]
Withdrawer = Annotated[Principal, require("matching.withdraw")]
Runner = Annotated[Principal, require("matching.run")]
Proposer = Annotated[Principal, require("matching.propose")]
Answerer = Annotated[Principal, require("matching.answer")]
Endorser = Annotated[Principal, require("matching.endorse")]
Canceller = Annotated[Principal, require("matching.cancel")]
Payer = Annotated[Principal, require("matching.pay")]
Reporter = Annotated[Principal, require("matching.report")]

AnyCall: TypeAlias = Found[Call]
AnyInterest: TypeAlias = Found[Interest]
AnyOffer: TypeAlias = Found[Offer]
AnyExchange: TypeAlias = Found[Exchange]

STATUS_WORDS: dict[str, str] = {
    "draft": mark("Draft"),
    "open": mark("Open"),
    "closed": mark("Closed"),
    "running": mark("Exchanges take place"),
    "reported": mark("Reported"),
    "filed": mark("Waits for a match"),
    "matched": mark("Matched"),
    "made": mark("Stands"),
    "withdrawn": mark("Withdrawn"),
    "proposed": mark("Proposed"),
    "agreed": mark("Agreed"),
    "declined": mark("Declined"),
    "lapsed": mark("Lapsed"),
    "held": mark("Held"),
    "cancelled": mark("Cancelled"),
    "missed": mark("No-show"),
}
STATUS_COLOURS = {
    "open": "yes", "matched": "yes", "made": "yes", "agreed": "yes", "held": "yes", "filed": "later",
    "proposed": "ask", "declined": "no", "cancelled": "no", "draft": "later", "running": "yes", "missed": "no",
}  # fmt: skip


_TOLD = {
    "changed": mark("changed it"),
    "closed": mark("closed the call"),
    "reopened": mark("opened the call again"),
    "withdrawn": mark("withdrew it"),
    "matched": mark("proposed an exchange for it"),
    "freed": mark("ended its proposal"),
    "accepted": mark("accepted"),
    "agreed": mark("agreed"),
    "declined": mark("declined"),
    "lapsed": mark("let the time to answer pass"),
    "taken-back": mark("took the proposal back"),
    "cancelled": mark("cancelled it"),
    "endorsed": mark("endorsed it"),
    "moved": mark("asked for another week"),
    "costed": mark("noted what it costs"),
    "missed": mark("noted that somebody did not turn up"),
    "reported": mark("reported"),
    "begun": mark("began the exchanges"),
}


def told() -> dict[str, str]:
    """What somebody else did meanwhile, in words."""
    return {name: _(words) for name, words in _TOLD.items()}


def db_of(request: Request) -> Database:
    found: Database = request.app.state.service.db
    return found


def solve_in(request: Request) -> handlers.Solve:
    """The solver, in a process of its own."""
    pool: SolverPool = request.app.state.pool
    return partial(pool.run, SOLVER)


def page_store(request: Request, principal: Principal, command_id: str) -> GroupingStore:
    return store_for(request, principal, source="page", command_id=command_id)


def api_store(request: Request, principal: Principal) -> GroupingStore:
    return store_for(request, principal, source="api")


async def found(request: Request, principal: Principal, stream: str, kind: type[S]) -> Found[S]:
    """The thing of that name, where it is the reader's to see; else 404."""
    one = await queries.find(db_of(request), principal.network, stream, kind, principal.own_member)
    if one is None or (_is_draft(one.state) and not principal.may("matching.open-call")):
        raise HTTPException(404)
    return one


def _is_draft(state: object) -> bool:
    return isinstance(state, Call) and state.status == "draft"


def member_for(principal: Principal, given: str | None) -> str:
    """On whose behalf somebody acts: their own member's, or any for who sees all of the network."""
    own = principal.own_member
    if own is None:
        if not (given or principal.member):
            raise Refused("member-missing", "Choose the member that this is for.", status=422)
        return given or principal.member or ""
    if not own or given not in (None, "", own):
        raise Refused("member-foreign", "You can act for your own member alone.", status=403)
    return own


def endorses(principal: Principal, member: str) -> bool:
    """Whether what this one files stands for the member: its liaison officer says so."""
    return Role.NLO in principal.roles and principal.own_member in (None, member)


async def next_number(request: Request, principal: Principal, command: Prepared) -> int:
    """Which of the year's calls of its market a new one is."""
    market = market_for(principal.network, command.market)
    return await queries.calls_of_year(db_of(request), principal.network, command.year, market) + 1


async def under_way(request: Request, principal: Principal, call: str) -> int:
    """Exchanges of a call that wait for answers or to be held."""
    counts = (await queries.counts(db_of(request), principal.network, [call]))[call]
    return counts.waiting + counts.exchanges.get("agreed", 0)


def side_for(principal: Principal, exchange: Exchange, given: str | None) -> str:
    """The side that somebody answers for."""
    member = member_for(principal, given)
    if member not in exchange.sides:
        raise Refused("not-your-exchange", "Only the two members of this exchange answer to it.", status=403)
    return member


def waits_for(exchange: Exchange, member: str | None) -> bool:
    """Whether this member's answer is still open."""
    return exchange.status is Status.PROPOSED and member in exchange.sides and member not in exchange.accepted


def profile_of(principal: Principal) -> Profile:
    return in_words(principal.network)


def member_options(profile: Profile, without: str | None = None) -> list[tuple[str, str]]:
    codes = in_protocol_order(code for code in profile.member_codes if code != without)
    return [(code, f"{code} {member_name(code, profile.id)}") for code in codes]


def language_options(codes: Iterable[str]) -> list[tuple[str, str]]:
    return [(code, language_name(code)) for code in codes]


def languages_in_words(codes: Iterable[str]) -> str:
    return ", ".join(language_name(code) for code in codes)


def week_numbers(first: str, last: str | None = None) -> str:
    """`Week 38`, or `Weeks 38 to 40`."""
    if last and last != first:
        return _("Weeks %(first)s to %(last)s", first=int(first[-2:]), last=int(last[-2:]))
    return _("Week %(week)s", week=int(first[-2:]))


def week_days(first: str, last: str | None = None) -> str:
    """From the Monday of the first to the Sunday of the last: `16 to 22 Sept 2024`."""
    begins, ends = week.monday(first), week.monday(last or first) + timedelta(days=6)
    same = (begins.year, begins.month) == (ends.year, ends.month)
    start = str(begins.day) if same else dates.format_skeleton("MMMd", begins, locale=locale())
    if begins.year != ends.year:
        start = dates.format_skeleton("yMMMd", begins, locale=locale())
    end = dates.format_skeleton("yMMMd", ends, locale=locale())
    return _("%(start)s to %(end)s", start=start, end=end)


def week_words(first: str, last: str | None = None) -> str:
    return f"{week_numbers(first, last)}: {week_days(first, last)}"


def stay_words(first: str, duration: int) -> str:
    return week_words(first, week.later(first, duration - 1))


def market_terms(network: str, call: Call) -> Market:
    """What the profile lays down for the call's market, in the reader's words."""
    return in_words(network).markets.get(call.market) or handlers.market_of(network, call.market)


def focus_title(focus: str, network: str) -> str:
    """A focus area's own title: other words of a profile may share its id."""
    return dict(handlers.focus_areas(in_words(network))).get(focus, focus)


def call_title(call: Call, network: str) -> str:
    """What tells a call from the others: its year, its market where that is not the network's first, its number."""
    markets = in_words(network).markets
    title = _("Call %(year)s", year=call.year)
    if call.market in markets and call.market != next(iter(markets)):
        title = _("Call %(year)s for %(market)s", year=call.year, market=markets[call.market].title)
    return _("%(call)s, no. %(number)s", call=title, number=call.number) if call.number > 1 else title


def spans_words(weeks: Iterable[str]) -> str:
    """Weeks as their spans: `Weeks 10 to 12: 4 to 24 March 2024; Week 20: ...`."""
    return "; ".join(week_words(first, last) for first, last in week.spans(weeks))


HELPERS = {
    "status_word": lambda status: _(STATUS_WORDS[status]),
    "status_colour": lambda status: STATUS_COLOURS.get(status, ""),
    "stay_words": stay_words,
    "week_words": week_words,
    "week_numbers": week_numbers,
    "week_days": week_days,
    "last_week": lambda first, duration: week.later(first, duration - 1),
    "week_spans": week.spans,
    "spans_words": spans_words,
    "languages_in_words": languages_in_words,
    "waits_for": waits_for,
    "call_title": lambda call: call_title(call, this_page().network or ""),
    "focus_title": lambda focus: focus_title(focus, this_page().network or ""),
    "blank_form": Form.of,
}
"""What the templates of this service may ask for."""
