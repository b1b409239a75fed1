"""Figures from outside: the use cases (take one, correct it, remove it), and what the pages read of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from shared.contracts.refused import Refused
from shared.ids import fixed_id, new_id
from shared.mongo import Database
from shared.profiles.rows import CommunicationTarget, Indicator
from shared.spine.aggregate import Aggregate
from shared.spine.draft import Put, Receipt
from shared.spine.store import Store

from .domain import readings
from .domain.readings import CorrectReading, Figure, Reading, RemoveReading, TakeReading
from .offered import profile_of
from .streams import WORDS

READING = Aggregate("reading", Reading, readings.evolve)


def reading_id(network: str, command: TakeReading) -> str:
    """One for each figure, member and day: told twice it is one."""
    return fixed_id("reading", network, command.figure, command.member or "", command.on.isoformat())


def figure_of(network: str, figure: str) -> Figure:
    """A figure that the network's profile reads outside; else refused."""
    found = next((one for one in profile_of(network).outside if one.id == figure), None)
    if found is None:
        raise Refused("figure-unknown", "Choose a figure that this network reads outside.", status=422)
    return Figure(found.id, is_share(found))


def is_share(one: Indicator | CommunicationTarget) -> bool:
    return isinstance(one, Indicator) and one.unit == "share"


async def take_reading(command: TakeReading, store: Store) -> Receipt:
    """Keep what somebody read outside; `kpi` hears of it."""
    network = store.origin.network
    figure, members = figure_of(network, command.figure), frozenset(profile_of(network).member_codes)
    name = reading_id(network, command)
    command = command.model_copy(update={"words": new_id("words")})
    said = Put(WORDS, command.words, {"network": network, "about": name, "source": command.source})
    return await store.execute(name, command, partial(readings.take, figure=figure, members=members), [said])


async def correct_reading(command: CorrectReading, store: Store) -> Receipt:
    """Another value from now on; the one before and the reason stay to be seen."""
    state: Reading = await store.load(command.reading)
    figure = figure_of(store.origin.network, state.figure)
    command = command.model_copy(update={"words": new_id("words")})
    said = _reason(command.words, command.reading, command.reason, store)
    return await store.execute(command.reading, command, partial(readings.correct, figure=figure), [said])


async def remove_reading(command: RemoveReading, store: Store) -> Receipt:
    await store.load(command.reading)
    command = command.model_copy(update={"words": new_id("words")})
    said = _reason(command.words, command.reading, command.reason, store)
    return await store.execute(command.reading, command, readings.remove, [said])


def _reason(words: str, about: str, reason: str, store: Store) -> Put:
    return Put(WORDS, words, {"network": store.origin.network, "about": about, "reason": reason})


# What the pages read


@dataclass(frozen=True, slots=True)
class Taken:
    """A reading as its readers see it."""

    id: str
    version: int
    state: Reading
    source: str

    @property
    def share(self) -> float | None:
        """The part of the whole; none for a plain number, or where the whole is nothing."""
        return self.state.value / self.state.of if self.state.of else None


async def listed(
    db: Database, network: str, *, figure: str = "", own: str | None = None, skip: int = 0, limit: int = 25
) -> tuple[list[Taken], int]:
    """One page of readings, the newest day first, and how many there are; `own` leaves out other members'."""
    query: dict[str, Any] = {"aggregate": "reading", "network": network, "state.removed": False}
    if figure:
        query["state.figure"] = figure
    if own is not None:
        query["state.member"] = {"$in": [own, None]}
    total = await db.streams.count_documents(query)
    order = [("state.on", -1), ("state.figure", 1), ("_id", 1)]
    rows = await db.streams.find(query).sort(order).skip(skip).limit(limit).to_list(limit)
    return await _taken(db, rows), total


@dataclass(frozen=True, slots=True)
class Newest:
    """The last that is known of a figure: what was read for the whole network, else its members' together."""

    value: int
    of: int | None
    on: str
    members: int
    """How many members' readings it sums up; 0 for one of the whole network."""
    reading: str = ""

    @property
    def share(self) -> float | None:
        return self.value / self.of if self.of else None


async def newest(db: Database, network: str, own: str | None = None) -> dict[str, Newest]:
    """By figure; `own` leaves out other members' readings."""
    match: dict[str, Any] = {"aggregate": "reading", "network": network, "state.removed": False}
    if own is not None:
        match["state.member"] = {"$in": [own, None]}
    steps: list[dict[str, Any]] = [
        {"$match": match},
        {"$sort": {"state.on": -1}},
        {"$group": {
            "_id": {"figure": "$state.figure", "member": "$state.member"},
            "id": {"$first": "$_id"},
            "state": {"$first": "$state"},
        }},
    ]  # fmt: skip
    last: dict[str, dict[str | None, tuple[str, Reading]]] = defaultdict(dict)
    async for row in db.streams.aggregate(steps):
        state: Reading = READING.load(row["state"])
        last[state.figure][state.member] = (row["id"], state)
    return {figure: _newest(by_member) for figure, by_member in last.items()}


def _newest(by_member: Mapping[str | None, tuple[str, Reading]]) -> Newest:
    if whole := by_member.get(None):
        id, state = whole
        return Newest(state.value, state.of, state.on, 0, id)
    states = [state for _id, state in by_member.values()]
    wholes = [state.of for state in states if state.of is not None]
    of = sum(wholes) if wholes else None
    return Newest(sum(state.value for state in states), of, max(state.on for state in states), len(states))


async def one(db: Database, network: str, reading: str) -> Taken | None:
    found = await db.streams.find_one({"_id": reading, "aggregate": "reading", "network": network})
    return (await _taken(db, [found]))[0] if found and not found["state"]["removed"] else None


async def _taken(db: Database, rows: Sequence[Mapping[str, Any]]) -> list[Taken]:
    named = [row["state"]["words"] for row in rows if row["state"]["words"]]
    words = {one["_id"]: one async for one in db[WORDS].find({"_id": {"$in": named}})}
    return [
        Taken(row["_id"], row["version"], READING.load(row["state"]),
              words.get(row["state"]["words"], {}).get("source", ""))
        for row in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trace:
    """What happened to a reading: taken, corrected, removed."""

    what: str
    time: str
    actor: str | None
    value: int
    of: int | None
    previously: int | None
    previously_of: int | None
    words: str


async def trace(db: Database, network: str, reading: str) -> list[Trace]:
    rows = await db.events.find({"stream": reading, "network": network}).sort("version", 1).to_list(500)
    named = [row["data"]["words"] for row in rows if row["data"].get("words")]
    words = {one["_id"]: one async for one in db[WORDS].find({"_id": {"$in": named}})}
    found = []
    for row in rows:
        data, said = row["data"], words.get(row["data"].get("words"), {})
        found.append(
            Trace(
                row["type"].split(".")[3], row["time"], row.get("actor"), data["value"], data.get("of"),
                data.get("previously"), data.get("previously_of"), said.get("reason") or said.get("source", ""),
            )
        )  # fmt: skip
    return found
