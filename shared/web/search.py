"""Search: each service finds its own things; the page `/search` puts the four together in the browser."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from shared.contracts.names import plain
from shared.spine.search import Entry, Found, SearchIndex, Seeker, words_of
from shared.web import exports
from shared.web.exports import Column
from shared.web.i18n import LANGUAGES, _, in_language
from shared.web.i18n import mark as _mark
from shared.web.pages import Paging, render
from shared.web.rights import Principal, require

SeekerOf = Annotated[Principal, require("search.read")]
PER_PAGE, IN_PART, AROUND = 10, 5, 90

PLACES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "requests": (
        _mark("Requests and plan"),
        _mark("Search in requests"),
        ("requests.read", "plan.read", "needs.read", "projects.read"),
    ),
    "matching": (_mark("Exchanges"), _mark("Search in exchanges"), ("matching.read",)),
    "events": (_mark("Activities"), _mark("Search in activities"), ("events.read", "practices.read")),
    "kpi": (_mark("Indicators"), _mark("Search in indicators"), ("kpi.read",)),
}
"""By service: what it is called, the link to its results, and the actions under which its entries are seen."""
KINDS: dict[str, str] = {
    "request": _mark("Requests"),
    "planned": _mark("Activities of the plan"),
    "analysis": _mark("Analyses of needs"),
    "project": _mark("Projects"),
    "call": _mark("Calls"),
    "interest": _mark("Interests"),
    "offer": _mark("Offers to host"),
    "exchange": _mark("Exchanges"),
    "activity": _mark("Activities"),
    "practice": _mark("Good practices"),
    "indicator": _mark("Indicators"),
}
_KIND: dict[str, str] = {
    "request": _mark("Request"),
    "planned": _mark("Activity of the plan"),
    "analysis": _mark("Analysis of needs"),
    "project": _mark("Project"),
    "call": _mark("Call"),
    "interest": _mark("Interest"),
    "offer": _mark("Offer to host"),
    "exchange": _mark("Exchange"),
    "activity": _mark("Activity"),
    "practice": _mark("Good practice"),
    "indicator": _mark("Indicator"),
}
Piece = tuple[str, bool]
"""A stretch of text, and whether it is what was looked for."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry as it is shown; templates escape the pieces."""

    entry: Entry
    kind: str
    title: Sequence[Piece]
    excerpt: Sequence[Piece]


class HitView(BaseModel):
    id: str
    kind: str
    title: str
    excerpt: str
    link: str
    day: str = ""
    members: list[str] = Field(default_factory=list)


class HitsView(BaseModel):
    total: int
    page: int
    per_page: int
    kinds: dict[str, int]
    """How many of each kind."""
    items: list[HitView]


home = APIRouter(include_in_schema=False)


@home.get("/search")
async def everywhere(request: Request, principal: SeekerOf) -> Response:
    """The form, and for each service that the reader may look into its first results or the link to them."""
    places = [
        (service, _(title), _(link)) for service, (title, link, rights) in PLACES.items() if _allowed(principal, rights)
    ]
    return render(request, "search.html", places=places, q=_typed(request))


def _allowed(principal: Principal, rights: Sequence[str]) -> tuple[str, ...]:
    return tuple(right for right in rights if principal.may(right))


def _typed(request: Request) -> str:
    text = request.query_params.get("q", "")
    return "".join(one for one in text if one.isprintable()).strip()[:200]


def search_router(service: str, index: SearchIndex) -> APIRouter:
    """`/<service>/search` as a page and as the part of one, and `/<service>/api/v1/search`."""
    router = APIRouter()
    title, _link, rights = PLACES[service]

    def seeker(principal: Principal) -> Seeker:
        return Seeker(principal.network, _allowed(principal, rights), principal.own_member)

    @router.get(f"/{service}/search", include_in_schema=False)
    async def page(request: Request, principal: SeekerOf) -> Response:
        q, part = _typed(request), "part" in request.query_params
        paging = Paging.of(request, per_page=IN_PART if part else PER_PAGE)
        kind = request.query_params.get("kind", "")
        kind = kind if kind in KINDS else ""
        db = request.app.state.service.db
        if asked := exports.asked(request):

            async def rows(skip: int, limit: int) -> Sequence[Entry]:
                return (await index.find(db, seeker(principal), q, kind=kind, skip=skip, limit=limit)).entries

            return _exported(principal, asked, service, exports.in_batches(rows))
        found = await index.find(db, seeker(principal), q, kind=kind, skip=paging.skip, limit=paging.per_page)
        return render(
            request,
            "search_part.html" if part else "search_results.html",
            place=_(title),
            here=f"/{service}/search",
            q=q,
            kind=kind,
            kinds={name: (_(KINDS.get(name, name)), count) for name, count in found.kinds.items()},
            found=found,
            listing=paging.listing(hits(found, q), found.total),
        )

    @router.get(f"/{service}/api/v1/search", tags=["search"], summary="Find things by the words in them")
    async def api(
        request: Request,
        *,
        principal: SeekerOf,
        q: Annotated[str, Query(max_length=200, description="Whole words, in any language; accents do not matter.")],
        kind: Annotated[str, Query(max_length=40)] = "",
        page: Annotated[int, Query(ge=1, le=100_000)] = 1,
        per_page: Annotated[int, Query(ge=1, le=100)] = PER_PAGE,
    ) -> HitsView:
        db = request.app.state.service.db
        found = await index.find(db, seeker(principal), q, kind=kind, skip=(page - 1) * per_page, limit=per_page)
        items = [_view(one) for one in hits(found, q)]
        return HitsView(total=found.total, page=page, per_page=per_page, kinds=dict(found.kinds), items=items)

    return router


def _exported(principal: Principal, asked: str, service: str, rows: AsyncIterator[Entry]) -> Response:
    """All that was found, as the page shows it."""
    columns: list[Column[Entry]] = [
        Column(_("Title"), _title),
        Column(_("Kind"), lambda one: _(_KIND.get(one.kind, one.kind))),
        Column(_("Members"), lambda one: one.members),
        Column(_("Day"), lambda one: exports.day(one.day)),
        Column(_("Page"), lambda one: one.link),
    ]
    return exports.answer(principal, asked, f"search-{service}", columns, rows)


def _view(hit: Hit) -> HitView:
    one = hit.entry
    excerpt = "".join(text for text, _hit in hit.excerpt)
    return HitView(
        id=one.id, kind=one.kind, title=one.title, excerpt=excerpt, link=one.link, day=one.day, members=[*one.members]
    )


def every_language(*texts: str) -> str:
    """Texts of ours or of the network's profile, as readers of each language know them; for an entry's words."""
    said = (in_language(code, text) for text in texts if text for code in LANGUAGES)
    return " \u00b7 ".join(dict.fromkeys(said))


def hits(found: Found, text: str) -> list[Hit]:
    terms = {plain(one) for one in words_of(text)}
    return [_hit(one, terms) for one in found.entries]


def _hit(one: Entry, terms: set[str]) -> Hit:
    kind = _(_KIND.get(one.kind, one.kind))
    return Hit(one, kind, _pieces(_title(one), terms), _pieces(_excerpt(one.words, terms), terms))


def _title(one: Entry) -> str:
    """An indicator is called in the reader's language, anything else as it was called."""
    return _(one.title) if one.kind == "indicator" else one.title


def _words(text: str) -> list[tuple[int, int]]:
    """Where each word begins and ends."""
    spans: list[tuple[int, int]] = []
    start = -1
    for at, letter in enumerate(text + " "):
        if letter.isalnum():
            start = at if start < 0 else start
        elif start >= 0:
            spans.append((start, at))
            start = -1
    return spans


def _excerpt(text: str, terms: set[str]) -> str:
    """The stretch around the first word that was looked for; the beginning where none of them stands here."""
    at = next((start for start, end in _words(text) if plain(text[start:end]) in terms), 0)
    begin, end = max(0, at - AROUND), min(len(text), at + 2 * AROUND)
    if begin:
        begin = text.find(" ", begin, at) + 1 or begin
    if end < len(text):
        end = max(text.rfind(" ", at, end), at + 1)
    return ("… " if begin else "") + " ".join(text[begin:end].split()) + (" …" if end < len(text) else "")


def _pieces(text: str, terms: set[str]) -> list[Piece]:
    pieces: list[Piece] = []
    done = 0
    for start, end in _words(text):
        if plain(text[start:end]) in terms:
            pieces += [(text[done:start], False), (text[start:end], True)]
            done = end
    return [one for one in (*pieces, (text[done:], False)) if one[0]]
