"""What is read of a plan beyond its chips: baselines, amendments, who stands for what, the next year, the lineage."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.contracts.planning import PlanAmended
from shared.contracts.requests import ActivityPlanned
from shared.mongo import Database
from shared.profiles import Profile

from . import queries
from .domain.baseline import Item
from .domain.plan import Plan, Planned
from .domain.request import Request, Status
from .planning import baseline_id
from .queries import Chip, Shown
from .streams import ASSIGNMENTS, BASELINES, REQUEST, WORDS, plan_id

MOST_AMENDMENTS = 1_000


@dataclass(frozen=True, slots=True)
class Baseline:
    """A plan as it was adopted."""

    year: int
    number: int
    on: str
    amendments: int
    activities: Mapping[str, Item]


@dataclass(frozen=True, slots=True)
class Amendment:
    number: int
    baseline: int
    on: str
    change: str
    activity: str
    line: str
    kind: str
    quarter: str
    member: str | None
    request: str | None
    reason: str
    actor: str | None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who stands for an activity."""

    owner: str | None = None
    contact: str = ""
    partners: tuple[tuple[str, str], ...] = ()
    """(stage, partner)."""


@dataclass(frozen=True, slots=True)
class Next:
    """What a year's plan would be made of."""

    recurring: Mapping[str, Planned] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    along: Mapping[str, Request] = field(default_factory=dict)
    """Deferred within the year before, and still without an activity."""
    shown: tuple[Shown, ...] = ()
    waiting: int = 0
    """Requests that wait on the year's list already, those deferred to it among them."""


async def prepare(db: Database) -> None:
    await db[BASELINES].create_index([("network", 1), ("year", 1), ("number", 1)])
    await db[ASSIGNMENTS].create_index([("network", 1)])


def items(chips: Iterable[Chip]) -> dict[str, Item]:
    """The plan as it stands, comparable with a baseline."""
    return {
        one.activity: Item(
            one.planned.line,
            one.planned.pillar,
            one.planned.kind,
            one.planned.quarter,
            one.planned.member,
            one.planned.request,
            one.title,
        )
        for one in chips
    }


async def baseline(db: Database, network: str, year: int, number: int) -> Baseline | None:
    """None where there is none of this number, or it was adopted before baselines were kept."""
    found = await db[BASELINES].find_one({"_id": baseline_id(network, year, number), "network": network})
    if found is None:
        return None
    frozen = {
        id: Item(line, pillar, kind, quarter, member or None, request, title)
        for id, line, pillar, kind, quarter, member, title, request in found["activities"]
    }
    return Baseline(year, found["number"], found["on"], found["amendments"], frozen)


async def baselines(db: Database, network: str, year: int) -> list[tuple[int, str]]:
    """Number and day of each, the first first."""
    rows = db[BASELINES].find({"network": network, "year": year}, {"number": 1, "on": 1}).sort("number", 1)
    return [(row["number"], row["on"]) async for row in rows]


async def amendments(db: Database, network: str, year: int, activity: str = "") -> list[Amendment]:
    """The year's amendments in order, or those of one activity, each with its reason."""
    query: dict[str, Any] = {"stream": plan_id(network, year), "network": network, "type": PlanAmended.type}
    if activity:
        query["data.activity"] = activity
    rows = await db.events.find(query).sort("version", 1).to_list(MOST_AMENDMENTS)
    ids = [row["data"].get("words") for row in rows if row["data"].get("words")]
    asked = [row["data"].get("request") or row["data"]["activity"] for row in rows]
    said = {one["_id"]: one async for one in db[WORDS].find({"_id": {"$in": [*ids, *asked]}, "network": network})}
    return [_amendment(row, said) for row in rows]


def _amendment(row: Mapping[str, Any], said: Mapping[str, Mapping[str, Any]]) -> Amendment:
    event = PlanAmended.model_validate(row["data"])
    return Amendment(
        event.number,
        event.baseline,
        event.on,
        event.change,
        event.activity,
        event.line,
        event.kind,
        event.quarter,
        event.member,
        event.request,
        str(said.get(event.words or "", {}).get("reason", "")),
        row.get("actor"),
        str(said.get(event.request or event.activity, {}).get("title", "")),
    )


async def assignments(db: Database, network: str, activities: Iterable[str]) -> dict[str, Assignment]:
    rows = db[ASSIGNMENTS].find({"_id": {"$in": list(activities)}, "network": network})
    return {
        row["_id"]: Assignment(row["owner"], row["contact"], tuple((stage, who) for stage, who in row["partners"]))
        async for row in rows
    }


async def next_year(db: Database, network: str, profile: Profile, year: int) -> Next:
    """What the plan of `year` would take over from the year before."""
    _state, chips = await queries.plan(db, network, year - 1)
    annual = {line.id for line in profile.lines(year) if line.recurrence == "annual"}
    annual &= {line.id for line in profile.lines(year - 1)}
    own = [one for one in chips if not one.planned.request and one.planned.line in annual]
    coming = {one.activity: one for one in own if one.note.get("status") != "cancelled"}
    query = {"network": network, "aggregate": "request", "state.status": Status.DEFERRED.value, "state.year": year - 1}
    rows = await db.streams.find(query).sort("state.submitted_on", 1).to_list(1_000)
    along: dict[str, Request] = {row["_id"]: REQUEST.load(row["state"]) for row in rows}
    now, _chips = await queries.plan(db, network, year)
    return Next(
        recurring={id: one.planned for id, one in coming.items()},
        titles={id: one.title for id, one in coming.items()},
        along=along,
        shown=tuple(await queries.several(db, network, list(along))),
        waiting=len(now.undecided),
    )


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where an activity comes from, up to the objectives and down to the request."""

    year: int
    chip: Chip
    request: Shown | None
    assignment: Assignment
    amendments: tuple[Amendment, ...]
    facts: Mapping[str, Any]
    """What was said of it when it was planned: topic, target groups, language, participants."""
    frozen_in: tuple[int, ...] = ()
    """The numbers of the baselines that hold it."""
    recurs_from: str | None = None
    merged: tuple[Shown, ...] = ()
    """Requests that it answers beside the first."""


async def lineage(db: Database, network: str, year: int, activity: str) -> Lineage | None:
    """None where that year's plan has no such activity."""
    state, chips = await _one(db, network, year, activity)
    chip = chips.get(activity)
    if chip is None:
        return None
    request = await queries.one(db, network, chip.planned.request) if chip.planned.request else None
    planned = await db.events.find_one(
        {"stream": plan_id(network, year), "network": network, "type": ActivityPlanned.type, "data.activity": activity}
    )
    frozen = db[BASELINES].find({"network": network, "year": year, "ids": activity}, {"number": 1})
    return Lineage(
        year,
        chip,
        request,
        (await assignments(db, network, [activity])).get(activity, Assignment()),
        tuple(await amendments(db, network, year, activity)) if state.amendments else (),
        planned["data"] if planned else {},
        tuple(sorted([row["number"] async for row in frozen])),
        planned["data"].get("recurs_from") if planned else None,
        await _merged(db, network, chip.planned.request),
    )


async def _merged(db: Database, network: str, request: str | None) -> tuple[Shown, ...]:
    if request is None:
        return ()
    query = {"network": network, "aggregate": "request", "state.into": request}
    ids = [row["_id"] async for row in db.streams.find(query, {"_id": 1})]
    return tuple(await queries.several(db, network, ids))


async def _one(db: Database, network: str, year: int, activity: str) -> tuple[Plan, dict[str, Chip]]:
    state, chips = await queries.plan(db, network, year)
    return state, {one.activity: one for one in chips if one.activity == activity}
