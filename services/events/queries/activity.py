"""Activities as lists and pages show them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.events.domain.activity import OVER, Activity, Status
from services.events.streams import ACTIVITY
from shared.contracts.vocabulary import Quarter, in_protocol_order
from shared.mongo import Database
from shared.profiles import Profile
from shared.web.wording import in_words

SORTABLE = ("when", "kind", "member", "state")
_SORTED_BY = {"when": "starts_on", "kind": "kind", "member": "member", "state": "status"}
_SEVERAL = {"registrations", "people", "waiting"}
MODES = ("on-site", "online")


@dataclass(frozen=True, slots=True)
class Room:
    """Places of one mode."""

    mode: str
    places: int
    taken: int
    waiting: int
    offered: int = 0
    """Kept for who was offered them."""

    @property
    def free(self) -> int:
        return max(self.places - self.taken - self.offered, 0)


@dataclass(frozen=True, slots=True)
class Row:
    """An activity as lists show it."""

    id: str
    title: str
    place: str
    status: str
    kind: str
    kind_title: str
    pillar: str
    line: str
    quarter: str
    member: str | None
    planned: bool
    language: str | None
    topic: str | None
    starts_on: date | None
    ends_on: date | None
    mode: str
    rooms: tuple[Room, ...]
    exchange: str | None
    request: str | None
    members: tuple[str, ...]
    invited: tuple[str, ...]
    held_on: date | None

    @property
    def free(self) -> int:
        return sum(room.free for room in self.rooms)

    @property
    def places(self) -> int:
        return sum(room.places for room in self.rooms)

    @property
    def taken(self) -> int:
        return sum(room.taken for room in self.rooms)

    @property
    def waiting(self) -> int:
        return sum(room.waiting for room in self.rooms)


@dataclass(frozen=True, slots=True)
class Found:
    """One activity with all that is known of it."""

    row: Row
    state: Activity
    network: str
    version: int
    words: Mapping[str, str]
    reason: str = ""
    """Why it was cancelled, where somebody said so."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to. `state`: a status, `coming` (not over yet) or `all`."""

    state: str = "coming"
    quarter: str = ""
    month: str = ""
    kind: str = ""
    line: str = ""
    mode: str = ""
    todo: str = ""
    ids: tuple[str, ...] | None = None
    today: date = field(default_factory=date.today)

    def query(self, network: str) -> dict[str, Any]:
        query: dict[str, Any] = {"aggregate": "activity", "network": network}
        if self.state in tuple(Status):
            query["state.status"] = self.state
        elif self.state == "coming":
            query["state.status"] = {"$nin": [str(one) for one in OVER]}
        for name in ("quarter", "kind", "line", "mode"):
            if value := getattr(self, name):
                query[f"state.{name}"] = value
        if re.fullmatch(r"\d{4}-\d{2}", self.month):
            query["state.starts_on"] = {"$gte": f"{self.month}-01", "$lte": f"{self.month}-31"}
        if self.todo in TODO:
            query |= TODO[self.todo](self.today.isoformat())
        if self.ids is not None:
            query["_id"] = {"$in": list(self.ids)}
        return query


TODO: dict[str, Any] = {
    "schedule": lambda today: {"state.status": "planned"},
    "open": lambda today: {"state.status": "scheduled", "state.starts_on": {"$gt": today}},
    "running": lambda today: {"state.status": {"$in": ["open", "closed"]}, "state.starts_on": {"$gt": today}},
    "hold": lambda today: {
        "state.status": {"$in": ["scheduled", "open", "closed"]},
        "state.starts_on": {"$lte": today},
    },
}
"""What an organiser has to do, by the day it is."""


async def activities(
    db: Database,
    network: str,
    filters: Filters,
    *,
    skip: int = 0,
    limit: int = 25,
    order: tuple[str, int] = ("when", 1),
) -> tuple[list[Row], int]:
    query = filters.query(network)
    total = await db.streams.count_documents(query)
    by, direction = _SORTED_BY.get(order[0], "starts_on"), order[1]
    # What has no date yet comes last, in the order of its quarter.
    dated = {"$cond": [{"$eq": [{"$type": f"$state.{by}"}, "string"]}, 0, 1]}
    pipeline: list[dict[str, Any]] = [
        {"$match": query},
        {"$project": {"state": _brief(), "dated": dated}},
        {"$sort": {"dated": 1, f"state.{by}": direction, "state.quarter": 1, "_id": 1}},
        {"$skip": skip},
        {"$limit": limit},
    ]
    found = await db.streams.aggregate(pipeline).to_list(None)
    words = await _words(db, [one["_id"] for one in found])
    profile = in_words(network)
    return [_row(one["_id"], one["state"], words.get(one["_id"], {}), profile) for one in found], total


def _brief() -> dict[str, Any]:
    """The state without its registrations; of the waitlists only how long they are."""
    names = set(Activity.__dataclass_fields__) - _SEVERAL
    waiting = {mode: {"$size": {"$ifNull": [f"$state.waiting.{mode}", []]}} for mode in MODES}
    return {name: f"$state.{name}" for name in names} | {"waiting": waiting}


async def _words(db: Database, ids: list[str]) -> dict[str, dict[str, str]]:
    return {one["_id"]: one async for one in db.words.find({"_id": {"$in": ids}})}


def _row(id: str, state: Mapping[str, Any], words: Mapping[str, str], profile: Profile) -> Row:
    rooms = tuple(_room(mode, places, state) for mode, places in sorted(state["places"].items()))
    plain = ("status", "kind", "pillar", "line", "quarter", "member", "planned", "language", "topic", "mode")
    days: dict[str, Any] = {name: _day(state[name]) for name in ("starts_on", "ends_on", "held_on")}
    return Row(
        id=id,
        title=words.get("title") or default_title(state, profile),
        place=words.get("place", ""),
        kind_title=profile.title_of(state["kind"]),
        rooms=rooms,
        exchange=state["exchange"],
        request=state["request"],
        members=tuple(state["members"]),
        invited=tuple(in_protocol_order(state["invited"])),
        **{name: state[name] for name in plain},
        **days,
    )


def _room(mode: str, places: int, state: Mapping[str, Any]) -> Room:
    taken = state["taken"].get(mode, 0)
    held = sum((state.get("held") or {}).get(mode, {}).values())
    return Room(mode, places, taken, state["waiting"].get(mode, 0), max(held - taken, 0))


def default_title(state: Mapping[str, Any], profile: Profile) -> str:
    """What an activity is called until its organiser gives it a title."""
    kind = profile.title_of(state["kind"])
    if state["exchange"]:
        return f"{kind}: {' and '.join(profile.title_of(one) for one in state['members'])}"
    if state["member"]:
        return f"{kind}, {profile.title_of(state['member'])}"
    if not state["quarter"]:
        return kind
    quarter = Quarter.parse(state["quarter"])
    return f"{kind}, Q{quarter.number} {quarter.year}"


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


async def activity(db: Database, network: str, id: str) -> Found | None:
    found = await db.streams.find_one({"_id": id, "aggregate": "activity", "network": network})
    if found is None:
        return None
    words = await db.words.find_one({"_id": id}, {"_id": 0}) or {}
    reason = await db.reasons.find_one({"_id": id}) or {}
    brief = found["state"] | {"waiting": {mode: len(queue) for mode, queue in found["state"]["waiting"].items()}}
    row = _row(id, brief, words, in_words(network))
    return Found(row, ACTIVITY.load(found["state"]), network, found["version"], words, reason.get("reason", ""))


async def todo(db: Database, network: str, today: date) -> dict[str, int]:
    """How many activities wait for their organiser, by what is to be done."""
    counted = {}
    for name, condition in TODO.items():
        query = {"aggregate": "activity", "network": network} | condition(today.isoformat())
        counted[name] = await db.streams.count_documents(query)
    return counted


async def states(db: Database, network: str) -> dict[str, int]:
    """How many activities there are by status."""
    pipeline: list[dict[str, Any]] = [
        {"$match": {"aggregate": "activity", "network": network}},
        {"$group": {"_id": "$state.status", "count": {"$sum": 1}}},
    ]
    return {one["_id"]: one["count"] async for one in db.streams.aggregate(pipeline)}


async def quarters(db: Database, network: str) -> list[str]:
    """The quarters in which there are activities."""
    query = {"aggregate": "activity", "network": network}
    found = {one for one in await db.streams.distinct("state.quarter", query) if one}
    return sorted(found, key=Quarter.parse)
