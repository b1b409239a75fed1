"""The library of good practices: found by words and facets; where they are reused, as a map and a table."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.events.domain.practice import Status
from services.events.queries import practice as queries
from services.events.queries.practice import Filters, Library, Row
from services.events.search import INDEX
from services.events.web.asked import db_of, person_of, profile_of, service_of
from shared.contracts.vocabulary import in_protocol_order
from shared.profiles import Profile
from shared.spine.search import Seeker
from shared.web import exports
from shared.web.exports import Column
from shared.web.formats import member_name
from shared.web.forms import Form
from shared.web.i18n import _, ngettext
from shared.web.maps import HEIGHT, WIDTH, WORLD, Point, bow, coasts, grid, places_of, points_of
from shared.web.pages import Listing, Paging, render
from shared.web.rights import Principal

from .common import STATES, TAGS, Reader

router = APIRouter()
MOST_FOUND = 500


async def looked_up(request: Request, principal: Principal, filters: Filters) -> Library:
    """The library as the reader asked for it."""
    ids = None
    if filters.q.strip():
        seeker = Seeker(principal.network, ("practices.read",), principal.own_member)
        hits = await INDEX.find(db_of(request), seeker, filters.q, kind="practice", limit=MOST_FOUND)
        ids = [hit.id for hit in hits.entries]
    return await queries.library(db_of(request), principal.network, filters, ids)


def _asked(request: Request) -> Filters:
    wanted = {name: request.query_params.get(name, "")[:200] for name in Filters.__dataclass_fields__}
    return Filters(**wanted)


@router.get("/events/practices")
async def library(request: Request, principal: Reader) -> Response:
    filters, profile = _asked(request), profile_of(principal)
    found = await looked_up(request, principal, filters)
    if kind := exports.asked(request):
        return exports.answer(principal, kind, "practices", columns(profile), found.rows)
    db, network = db_of(request), principal.network
    paging = Paging.of(request)
    calls = await queries.calls(db, network)
    mine, to_review = await _desk(request, principal)
    themes = {call.year: call.themes for call in calls}
    shown = found.rows[paging.skip : paging.skip + paging.per_page]
    return render(
        request, "events/practices.html", heading=heading(len(found.rows)), calls=calls, mine=mine, to_review=to_review,
        listing=paging.listing(shown, len(found.rows)), facets=facets(found, profile, themes),
        states=STATES, tags=TAGS, profile=profile, criteria={one.id: one.title for one in profile.practice_criteria},
        open_call=next((call for call in calls if call.open), None), whole=_whole, form=Form.of(),
        alerts=principal.may("alerts.read") and profile.channel and principal.member in profile.channel.members,
    )  # fmt: skip


async def _desk(request: Request, principal: Principal) -> tuple[list[Row], list[Row]]:
    """What is not in the library yet: of the own member (or all), and what the reader is to review."""
    under_way = await queries.rows(db_of(request), principal.network, Status.DRAFT, Status.SUBMITTED, Status.REVIEWED)
    mine = [
        row for row in under_way if principal.may("practices.submit") and principal.own_member in (None, row.member)
    ]
    if not principal.may("practices.review"):
        return mine, []
    me = await person_of(request, principal)
    asked = {"network": principal.network, "aggregate": "practice", "state.reviewers": me}
    named = set(await db_of(request).streams.distinct("_id", asked)) if me else set()
    return mine, [row for row in under_way if row.id in named]


def _whole(rows: Sequence[object]) -> Listing:
    return Listing(rows, total=len(rows), per_page=len(rows) or 1)


def heading(count: int) -> str:
    return ngettext("One good practice to learn from", "%(num)s good practices to learn from", count)


def facets(
    found: Library, profile: Profile, themes: Mapping[int, Mapping[str, str]]
) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Each filter: its name, its label, its choices with how many there are."""
    criteria = {one.id: one.title for one in profile.practice_criteria}

    def words(name: str, value: str) -> str:
        if name == "member":
            return f"{value} {member_name(value, profile.id)}"
        if name == "theme":
            year, _slash, theme = value.partition("/")
            return f"{year}: {themes.get(int(year), {}).get(theme, theme)}"
        if name == "exemplary":
            return _("Yes")
        return criteria.get(value, value) if name == "criterion" else profile.title_of(value)

    labels = {
        "member": _("Member"), "theme": _("Theme"), "year": _("Year"), "topic": _("Topic"),
        "criterion": _("Strong in"), "exemplary": _("Exemplary"),
    }  # fmt: skip
    made = []
    for name, label in labels.items():
        counted: Mapping[str, int] = found.facets.get(name, {})
        values = in_protocol_order(counted) if name == "member" else sorted(counted)
        made.append((name, label, [(value, f"{words(name, value)} ({counted[value]})") for value in values]))
    return made


def columns(profile: Profile) -> list[Column[Row]]:
    return [
        Column(_("Good practice"), lambda row: row.title),
        Column(_("Member"), lambda row: row.member),
        Column(_("Year"), lambda row: row.year),
        Column(_("Theme"), lambda row: row.theme_title),
        Column(_("Topic"), lambda row: profile.title_of(row.topic) if row.topic else ""),
        Column(_("Score"), lambda row: row.score),
        Column(_("Exemplary"), lambda row: row.exemplary),
        Column(_("Reused by"), lambda row: ", ".join(row.reused_by)),
        Column(_("Id"), lambda row: row.id),
    ]


@dataclass(frozen=True, slots=True)
class Arc:
    origin: str
    by: str
    titles: tuple[str, ...]
    path: str
    arrow: str


@dataclass(frozen=True, slots=True)
class Picture:
    width: int
    height: int
    grid: Sequence[str]
    points: Sequence[Point]
    arcs: Sequence[Arc]
    coasts: str
    elsewhere: Sequence[str]


def picture(pairs: Mapping[tuple[str, str], Sequence[str]], profile: Profile, assets: Path | None = None) -> Picture:
    """An arc from the member a practice comes from to each that reuses it; `pairs` have the practices' titles."""
    places, elsewhere = places_of({member for pair in pairs for member in pair}, profile)
    arcs = [
        Arc(origin, by, tuple(titles), *bow(places[origin], places[by]))
        for (origin, by), titles in sorted(pairs.items())
        if origin in places and by in places
    ]
    drawn = coasts(assets / WORLD) if assets else ""
    return Picture(WIDTH, HEIGHT, grid(), points_of(places), arcs, drawn, elsewhere)


async def reuses(request: Request, principal: Principal) -> list[dict[str, Any]]:
    """Every reuse of a published practice, the latest first."""
    db = db_of(request)
    found = []
    for row in await queries.rows(db, principal.network, Status.PUBLISHED):
        one = await queries.one(db, principal.network, row.id) if row.reused_by else None
        for reuse in one.state.reuses.values() if one else ():
            told = {"practice": row.id, "title": row.title, "origin": row.member, "exemplary": row.exemplary}
            found.append({**told, "by": reuse.by, "since": reuse.since})
    return sorted(found, key=lambda one: (one["since"], one["practice"], one["by"]), reverse=True)


@router.get("/events/practices/map")
async def reuse_map(request: Request, principal: Reader) -> Response:
    rows = await reuses(request, principal)
    if kind := exports.asked(request):
        told: list[Column[dict[str, Any]]] = [
            Column(_("Good practice"), lambda row: row["title"]),
            Column(_("From"), lambda row: row["origin"]),
            Column(_("Applied in"), lambda row: row["by"]),
            Column(_("Since"), lambda row: row["since"]),
        ]
        return exports.answer(principal, kind, "reuse", told, rows)
    pairs: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        pairs[row["origin"], row["by"]].append(row["title"])
    assets = service_of(request).settings.assets
    drawn = await asyncio.to_thread(picture, pairs, profile_of(principal), assets)
    members = len({row["by"] for row in rows})
    title = ngettext("One member applies what another found", "%(num)s members apply what others found", members)
    paging = Paging.of(request)
    listing = paging.listing(rows[paging.skip : paging.skip + paging.per_page], len(rows))
    return render(request, "events/practice_map.html", heading=title, map=drawn, listing=listing)
