"""What the pages and the API read: always of one network, and of one member where the reader sees no other."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from shared.contracts.vocabulary import Quarter
from shared.mongo import Database

from .domain.plan import Plan, Planned
from .domain.request import Status
from .streams import ACTIVITIES, PLAN, WORDS, plan_id

Document = dict[str, Any]
MOST_FOUND = 2_000
FIRST_DAY = "2000-01-01"
SORTS = {"sent": "state.submitted_on", "member": "state.member", "kind": "state.kind", "fate": "state.status"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A request as its readers see it: its state, its words, what became of its activity."""

    id: str
    network: str
    version: int
    state: Mapping[str, Any]
    words: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    activity: Mapping[str, Any] = field(default_factory=dict)
    question: str = ""
    """What a coordinator asks and its sender has not answered yet."""
    lead: "Shown | None" = None
    """The request that it is merged into, whose fate it shares."""

    @property
    def member(self) -> str:
        return str(self.state["member"])

    @property
    def kind(self) -> str:
        return str(self.state["kind"])

    @property
    def status(self) -> Status:
        return Status(self.state["status"])

    @property
    def title(self) -> str:
        return str(self.words.get("title", ""))


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; an empty value narrows nothing."""

    member: str | None = None
    kind: str = ""
    status: str = ""
    year: int | None = None
    find: str = ""
    waits_since_before: str = ""
    """Only those that wait for an answer since an earlier day: sent, or deferred to a quarter begun by then."""
    place: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    """Only those on one of these lines of the plan, or on none yet and of one of these kinds."""


async def prepare(db: Database) -> None:
    await db.streams.create_index([("network", 1), ("state.member", 1), ("state.submitted_on", -1)])
    await db.streams.create_index([("network", 1), ("state.status", 1), ("state.submitted_on", -1)])
    await db.streams.create_index(
        [("network", 1), ("state.inside", 1)], partialFilterExpression={"state.inside": {"$type": "string"}}
    )
    await db[WORDS].create_index([("network", 1), ("member", 1)])
    await db[ACTIVITIES].create_index([("network", 1)])


async def one(db: Database, network: str, request: str) -> Shown | None:
    found = await db.streams.find_one({"_id": request, "aggregate": "request", "network": network})
    return (await shown(db, [found]))[0] if found else None


async def several(db: Database, network: str, requests: list[str]) -> list[Shown]:
    """These requests, the one sent first first."""
    query = {"_id": {"$in": requests}, "network": network}
    return await shown(db, await db.streams.find(query).sort("state.submitted_on", 1).to_list(len(requests) or 1))


async def listed(
    db: Database, network: str, only: Filter, *, skip: int = 0, limit: int = 25, sort: str = "-sent"
) -> tuple[list[Shown], int]:
    """One page of requests, and how many there are in all."""
    query = await query_of(db, network, only)
    field_name, way = SORTS.get(sort.removeprefix("-"), SORTS["sent"]), -1 if sort.startswith("-") else 1
    total = await db.streams.count_documents(query)
    order = [(field_name, way), ("_id", way)]
    rows = await db.streams.find(query).sort(order).skip(skip).limit(limit).to_list(limit)
    return await shown(db, rows), total


async def listed_of(
    db: Database, network: str, only: Filter, statuses: Sequence[str], *, skip: int, limit: int, sort: str
) -> list[Shown]:
    """One page of the requests that have one of these statuses."""
    query = await query_of(db, network, only) | {"state.status": {"$in": list(statuses)}}
    way = -1 if sort.startswith("-") else 1
    found = db.streams.find(query).sort([("state.submitted_on", way), ("_id", way)]).skip(skip)
    rows = await found.limit(limit).to_list(limit)
    return await shown(db, rows)


async def query_of(db: Database, network: str, only: Filter) -> Document:
    query: Document = {"aggregate": "request", "network": network}
    for name, value in (("member", only.member), ("kind", only.kind), ("status", only.status), ("year", only.year)):
        if value:
            query[f"state.{name}"] = value
    if only.waits_since_before:
        query["$and"] = [{"$or": _late(only.waits_since_before)}]
    if only.place is not None:
        lines, kinds = map(list, only.place)
        query["$or"] = [{"state.line": {"$in": lines}}, {"state.line": None, "state.kind": {"$in": kinds}}]
    if only.find:
        words: Document = {"network": network, "title": {"$regex": re.escape(only.find), "$options": "i"}}
        if only.member:
            words["member"] = only.member
        ids = [row["_id"] async for row in db[WORDS].find(words, {"_id": 1}).limit(MOST_FOUND)]
        query["_id"] = {"$in": ids}
    return query


async def named(db: Database, network: str, only: Filter) -> set[str]:
    """The names of all that the filter leaves."""
    return {row["_id"] async for row in db.streams.find(await query_of(db, network, only), {"_id": 1})}


def _late(day: str) -> list[Document]:
    """Those that wait since an earlier day: sent, or deferred to a quarter that had begun before it."""
    late: list[Document] = [{"state.status": "submitted", "state.waits_since": {"$lt": day}}]
    if day >= FIRST_DAY:
        begun = str(Quarter.of(date.fromisoformat(day) - timedelta(days=1)))
        late.append({"state.status": "deferred", "state.quarter": {"$lte": begun}})
    return late


async def counts(db: Database, network: str, only: Filter) -> dict[str, int]:
    """How many requests have each status."""
    query = await query_of(db, network, only)
    rows = db.streams.aggregate([{"$match": query}, {"$group": {"_id": "$state.status", "n": {"$sum": 1}}}])
    return {row["_id"]: row["n"] async for row in rows}


async def shown(db: Database, rows: Iterable[Document]) -> list[Shown]:
    """These streams with their words, reasons and what became of their activities."""
    rows = list(rows)
    reasons = [row["state"]["words"] for row in rows if row["state"]["words"]]
    activities = [row["state"]["activity"] for row in rows if row["state"]["activity"]]
    asked = [row["state"]["question"] for row in rows if row["state"]["question"]]
    words = await _by_id(db, WORDS, [*(row["_id"] for row in rows), *reasons, *asked])
    leads = await _leads(db, rows)
    notes = await _by_id(db, ACTIVITIES, activities)
    return [
        Shown(
            row["_id"],
            row["network"],
            row["version"],
            row["state"],
            words.get(row["_id"], {}),
            words.get(row["state"]["words"], {}).get("reason", ""),
            notes.get(row["state"]["activity"], {}),
            words.get(row["state"]["question"], {}).get("question", ""),
            leads.get(row["state"]["into"]),
        )
        for row in rows
    ]


async def _leads(db: Database, rows: list[Document]) -> dict[str, Shown]:
    """The requests that these are merged into; none of them is merged itself."""
    into = [row["state"]["into"] for row in rows if row["state"]["into"]]
    if not into:
        return {}
    found = await db.streams.find({"_id": {"$in": into}, "state.into": None}).to_list(len(into))
    return {one.id: one for one in await shown(db, found)}


async def _by_id(db: Database, collection: str, ids: list[str]) -> dict[str, Document]:
    if not ids:
        return {}
    return {row["_id"]: row async for row in db[collection].find({"_id": {"$in": ids}})}


@dataclass(frozen=True, slots=True)
class Happened:
    """One step of a request's story."""

    type: str
    time: str
    actor: str | None
    data: Mapping[str, Any]
    reason: str = ""
    asked_by: str | None = None
    """Who asked for it, where the actor wrote it down for them."""


async def story(db: Database, network: str, request: str) -> list[Happened]:
    """What happened to it, in order, each decision with its reason."""
    query = {"stream": request, "network": network}
    rows = await db.events.find(query).sort("version", 1).to_list(1_000)
    words = await _by_id(db, WORDS, [row["data"]["words"] for row in rows if row["data"].get("words")])
    return [
        Happened(
            row["type"].split(".")[3],
            row["time"],
            row.get("actor"),
            row["data"],
            _said(words.get(row["data"].get("words"), {})),
            row.get("onbehalfof"),
        )
        for row in rows
    ]


def _said(kept: Mapping[str, Any]) -> str:
    """The reason, the question or the answer, whichever was written."""
    return str(kept.get("reason") or kept.get("question") or kept.get("answer") or "")


async def known(db: Database, network: str, requests: list[str]) -> set[str]:
    """Which of these requests are there already."""
    query = {"_id": {"$in": requests}, "network": network}
    return {row["_id"] async for row in db.streams.find(query, {"_id": 1})}


@dataclass(frozen=True, slots=True)
class Chip:
    """An activity of the plan as its readers see it."""

    activity: str
    planned: Planned
    title: str
    note: Mapping[str, Any]
    words: Mapping[str, Any] = field(default_factory=dict)


async def plan(db: Database, network: str, year: int) -> tuple[Plan, list[Chip]]:
    """That year's plan, an empty one where nothing has happened yet, and its activities in the order planned."""
    found = await db.streams.find_one({"_id": plan_id(network, year), "network": network})
    state: Plan = PLAN.load(found["state"]) if found else Plan()
    ids = list(state.activities)
    asked = [one.request for one in state.activities.values() if one.request]
    words = await _by_id(db, WORDS, [*ids, *asked])
    notes = await _by_id(db, ACTIVITIES, ids)
    chips = [
        Chip(
            activity,
            planned,
            words.get(planned.request or activity, {}).get("title", ""),
            notes.get(activity, {}),
        )
        for activity, planned in state.activities.items()
    ]
    return state, chips


async def chip(db: Database, network: str, year: int, activity: str) -> tuple[Chip | None, int]:
    """One activity of that year's plan, and the plan's version."""
    found = await db.streams.find_one({"_id": plan_id(network, year), "network": network})
    planned = PLAN.load(found["state"]).activities.get(activity) if found else None
    if found is None or planned is None:
        return None, 0
    words = (await _by_id(db, WORDS, [activity])).get(activity, {})
    note = (await _by_id(db, ACTIVITIES, [activity])).get(activity, {})
    kept = {key: value for key, value in words.items() if key != "_id"}
    return Chip(activity, planned, str(words.get("title", "")), note, kept), int(found["version"])


async def planned_years(db: Database, network: str) -> list[int]:
    """Years that have a plan already."""
    query = {"aggregate": "plan", "network": network}
    return sorted([row["state"]["year"] async for row in db.streams.find(query, {"state.year": 1})])
