"""What the pages and the API read, always within one network.

`own` is the member whose things are wanted; None means every member's. What others may not see is left out here.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from services.matching.domain.call import Call
from services.matching.domain.exchange import Exchange
from services.matching.domain.interest import Interest
from services.matching.domain.offer import Offer
from services.matching.domain.solution import Match, Solution
from services.matching.domain.working import Kept
from shared.contracts.matching import MatchRunCompleted
from shared.ids import aggregate_of
from shared.mongo import Database

S = TypeVar("S", Call, Interest, Offer, Exchange)
_STATES: dict[str, Any] = {"call": Call, "interest": Interest, "offer": Offer, "exchange": Exchange}
_OWN = {"interest": ("member",), "offer": ("member",), "exchange": ("sender", "host")}
_SOLUTION = TypeAdapter(Solution)
_KEPT = TypeAdapter(Kept)
LATEST = [("_id", -1)]


@dataclass(frozen=True, slots=True)
class Found(Generic[S]):
    """A stream's state with its name."""

    id: str
    version: int
    state: S


@dataclass(frozen=True, slots=True)
class Counts:
    """A call in figures; `exchanges` by their status."""

    interests: int = 0
    offers: int = 0
    exchanges: Mapping[str, int] = field(default_factory=dict)

    @property
    def agreed(self) -> int:
        """Agreed to or held: what counts against the minimum."""
        return self.exchanges.get("agreed", 0) + self.exchanges.get("held", 0)

    @property
    def waiting(self) -> int:
        return self.exchanges.get("proposed", 0)


@dataclass(frozen=True, slots=True)
class Run:
    id: str
    call: str
    at: str
    solution: Solution
    beside_before: Kept = field(default_factory=Kept)


async def prepare(db: Database) -> None:
    streams = db.streams
    await streams.create_index([("aggregate", 1), ("network", 1), ("state.call", 1), ("state.status", 1)])
    for member in ("member", "sender", "host"):
        await streams.create_index([("aggregate", 1), ("network", 1), (f"state.{member}", 1)])
    await db.runs.create_index([("network", 1), ("call", 1), ("_id", -1)])


async def calls(
    db: Database,
    network: str,
    *,
    status: str = "",
    drafts: bool = True,
    skip: int = 0,
    limit: int = 25,
) -> tuple[list[Found[Call]], int]:
    """Newest year first; drafts only where they are asked for."""
    query = _query("call", network, status=status)
    if not (drafts or status):
        query["state.status"] = {"$ne": "draft"}
    return await page(db, query, skip, limit, [("state.year", -1), ("_id", -1)])


async def interests(
    db: Database,
    network: str,
    *,
    call: str = "",
    own: str | None = None,
    status: str = "",
    skip: int = 0,
    limit: int = 25,
) -> tuple[list[Found[Interest]], int]:
    return await page(db, _query("interest", network, own, call=call, status=status), skip, limit)


async def offers(
    db: Database,
    network: str,
    *,
    call: str = "",
    own: str | None = None,
    status: str = "",
    skip: int = 0,
    limit: int = 25,
) -> tuple[list[Found[Offer]], int]:
    return await page(db, _query("offer", network, own, call=call, status=status), skip, limit)


async def exchanges(
    db: Database,
    network: str,
    *,
    call: str = "",
    own: str | None = None,
    status: str = "",
    skip: int = 0,
    limit: int = 25,
) -> tuple[list[Found[Exchange]], int]:
    """Those in which `own` sends or hosts, the latest start first."""
    query = _query("exchange", network, own, call=call, status=status)
    return await page(db, query, skip, limit, [("state.week", -1), ("_id", 1)])


async def due_answers(
    db: Database, network: str, own: str | None, limit: int = 20
) -> tuple[list[Found[Exchange]], int]:
    """Proposals that wait for an answer, of this member if one is named, and how many; the first to lapse first."""
    query = _query("exchange", network, own, status="proposed")
    if own is not None:
        query["state.accepted"] = {"$ne": own}
    return await page(db, query, 0, limit, [("state.answer_by", 1), ("_id", 1)])


async def find(db: Database, network: str, stream: str, kind: type[S], own: str | None = None) -> Found[S] | None:
    """The one of that name and kind; None also for another network's, or another member's where `own` is named."""
    name = next(name for name, state in _STATES.items() if state is kind)
    found = await db.streams.find_one({**_query(name, network, own), "_id": stream})
    return _found(found) if found else None


async def counts(db: Database, network: str, call_ids: Sequence[str]) -> dict[str, Counts]:
    """Interests and offers that are not withdrawn, exchanges by status, for each of these calls."""
    match = {
        "aggregate": {"$in": ["interest", "offer", "exchange"]},
        "network": network,
        "state.call": {"$in": list(call_ids)},
    }
    key = {"call": "$state.call", "aggregate": "$aggregate", "status": "$state.status"}
    rows = await db.streams.aggregate([{"$match": match}, {"$group": {"_id": key, "n": {"$sum": 1}}}]).to_list(None)
    found: dict[str, dict[str, dict[str, int]]] = {call: {} for call in call_ids}
    for row in rows:
        named = row["_id"]
        found[named["call"]].setdefault(named["aggregate"], {})[named["status"]] = row["n"]
    return {
        call: Counts(_living(kinds.get("interest", {})), _living(kinds.get("offer", {})), kinds.get("exchange", {}))
        for call, kinds in found.items()
    }


async def run(db: Database, network: str, run_id: str) -> Run | None:
    found = await db.runs.find_one({"_id": run_id, "network": network})
    if found is None:
        return None
    return _run(found)


async def matches_of(db: Database, network: str, run_id: str) -> Sequence[Match]:
    """What a run has matched; nothing where it is not there."""
    found = await run(db, network, run_id)
    return found.solution.matches if found else ()


async def of_interest(db: Database, network: str, run_id: str, interest: str) -> Run | None:
    """The run with nothing but what it says of one interest."""
    one = {"$elemMatch": {"interest": interest}}
    found = await db.runs.find_one({"_id": run_id, "network": network}, {"matches": one, "unmatched": one, **_FIGURES})
    return _run({"matches": [], "unmatched": [], **found}) if found else None


_FIGURES = dict.fromkeys(("call", "at", "levels", "interests", "offers", "candidates", "explained", "beside_before"), 1)


def _run(found: dict[str, Any]) -> Run:
    kept = _KEPT.validate_python(found.get("beside_before", {}))
    return Run(found["_id"], found["call"], found["at"], _SOLUTION.validate_python(found), kept)


async def run_call(db: Database, network: str, run_id: str) -> str | None:
    """The call of a run that is there."""
    found = await db.runs.find_one({"_id": run_id, "network": network}, {"call": 1})
    return str(found["call"]) if found else None


async def runs(db: Database, network: str, call: str) -> list[dict[str, Any]]:
    """The call's runs in figures, the latest first: run, interests, offers, matched, proven, at."""
    query = {"stream": call, "network": network, "type": MatchRunCompleted.type}
    found = await db.events.find(query).sort("version", -1).to_list(200)
    return [{**one["data"], "at": one["time"]} for one in found]


async def latest_run(db: Database, network: str, call: str) -> Run | None:
    found = await runs(db, network, call)
    return await run(db, network, found[0]["run"]) if found else None


async def calls_of_year(db: Database, network: str, year: int, market: str) -> int:
    """How many calls of this market there are that year; earlier ones name no market and are ordinary."""
    query = {"aggregate": "call", "network": network, "state.year": year, "state.market": market}
    return int(await db.streams.count_documents(query))


async def titles(db: Database, network: str, ids: Sequence[str]) -> dict[str, Call]:
    """These calls, by their id."""
    found = await db.streams.find({"_id": {"$in": list(set(ids))}, "network": network}).to_list(None)
    return {one["_id"]: _found(one).state for one in found}


async def history(db: Database, network: str, stream: str) -> list[dict[str, Any]]:
    """The events of a stream in order: type (its last word), data, time, actor."""
    found = await db.events.find({"stream": stream, "network": network}).sort("version", 1).to_list(500)
    return [
        {"type": one["type"].split(".")[-2], "data": one["data"], "time": one["time"], "actor": one.get("actor")}
        for one in found
    ]


async def reason_of_end(db: Database, network: str, exchange: str, events: Sequence[Mapping[str, Any]]) -> str:
    """Why a side declined it, or its proposal was taken back."""
    named = next((one["data"]["words"] for one in reversed(events) if one["data"].get("words")), exchange)
    return await reason(db, network, named)


async def reason(db: Database, network: str, words: str) -> str:
    found = await db.words.find_one({"_id": words, "network": network})
    return str(found["reason"]) if found else ""


async def reports(db: Database, network: str, exchange: Exchange) -> dict[str, str]:
    """What each side wrote, by member."""
    ids = {one.words: member for member, one in exchange.reports.items() if one.words}
    found = await db.words.find({"_id": {"$in": list(ids)}, "network": network}).to_list(None)
    return {ids[one["_id"]]: str(one["reason"]) for one in found}


async def exchanges_of_run(db: Database, network: str, run_id: str) -> dict[str, Found[Exchange]]:
    """What of a run was proposed, by interest."""
    query = {**_query("exchange", network), "state.run": run_id}
    found: list[Found[Exchange]] = [_found(one) for one in await db.streams.find(query).to_list(None)]
    return {one.state.interest: one for one in found}


def _query(aggregate: str, network: str, own: str | None = None, **state: str) -> dict[str, Any]:
    query: dict[str, Any] = {"aggregate": aggregate, "network": network}
    query |= {f"state.{name}": value for name, value in state.items() if value}
    sides = _OWN.get(aggregate, ())
    if own is not None and sides:
        query["$or"] = [{f"state.{side}": own} for side in sides]
    return query


async def page(
    db: Database, query: dict[str, Any], skip: int, limit: int, order: list[tuple[str, int]] | None = None
) -> tuple[list[Any], int]:
    cursor = db.streams.find(query).sort(order or LATEST).skip(skip).limit(limit)
    rows, total = await asyncio.gather(cursor.to_list(None), db.streams.count_documents(query))
    return [_found(one) for one in rows], total


def _found(document: Mapping[str, Any]) -> Found[Any]:
    state = _adapter(aggregate_of(document["_id"])).validate_python(document["state"])
    return Found(document["_id"], document["version"], state)


@cache
def _adapter(aggregate: str) -> TypeAdapter[Any]:
    return TypeAdapter(_STATES[aggregate])


def _living(by_status: Mapping[str, int]) -> int:
    return sum(count for status, count in by_status.items() if status != "withdrawn")


async def matched(db: Database, network: str, call: str) -> set[str]:
    """Interests of the call that an exchange holds."""
    return set(await db.streams.distinct("_id", _query("interest", network, call=call, status="matched")))


async def focus_of(db: Database, network: str, interest_ids: Sequence[str], own: str | None = None) -> dict[str, str]:
    """The focus area of each of these interests."""
    query = {"_id": {"$in": list(interest_ids)}, **_query("interest", network, own)}
    found = await db.streams.find(query, {"state.focus": 1}).to_list(None)
    return {one["_id"]: one["state"]["focus"] for one in found}
