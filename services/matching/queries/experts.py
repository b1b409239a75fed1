"""The list of experts, what activities need, and both as the solver needs them."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, TypeVar

from pydantic import TypeAdapter

from services.matching.commands.words import Level as Cefr
from services.matching.domain.demand import Demand
from services.matching.domain.expert import Expert
from services.matching.domain.market import CEFR, Aim, Host, Level, Market, Seeker, Terms
from services.matching.domain.meeting import Meeting
from services.matching.domain.promoter import Promoter
from services.matching.domain.roster import Roster
from services.matching.domain.solution import Solution
from services.matching.queries import Found
from services.matching.week import monday
from shared import clock
from shared.ids import aggregate_of
from shared.mongo import Database
from shared.profiles import load

_KINDS: dict[str, TypeAdapter[Any]] = {
    "roster": TypeAdapter(Roster), "expert": TypeAdapter(Expert), "demand": TypeAdapter(Demand),
    "promoter": TypeAdapter(Promoter), "meeting": TypeAdapter(Meeting),
}  # fmt: skip
_SOLUTION = TypeAdapter(Solution)
S = TypeVar("S")
MOST = 5_000


async def prepare(db: Database) -> None:
    await db.streams.create_index([("aggregate", 1), ("network", 1), ("state.person", 1)])
    await db.streams.create_index([("aggregate", 1), ("network", 1), ("state.activity", 1)])
    asked = {"data.expert": {"$exists": True}}
    await db.events.create_index([("network", 1), ("data.expert", 1)], partialFilterExpression=asked)
    await db.market_runs.create_index([("network", 1), ("market", 1), ("_id", -1)])


async def find(db: Database, network: str, stream: str, kind: type[S]) -> Found[Any] | None:
    name = kind.__name__.lower()
    if aggregate_of(stream) != name:
        return None
    found = await db.streams.find_one({"_id": stream, "network": network})
    return _found(found) if found else None


async def rosters(db: Database, network: str) -> list[Found[Any]]:
    """Newest first."""
    return await _all(db, {"aggregate": "roster", "network": network}, [("state.year", -1), ("_id", -1)])


async def rosters_of_year(db: Database, network: str, year: int) -> int:
    return int(await db.streams.count_documents({"aggregate": "roster", "network": network, "state.year": year}))


async def experts(
    db: Database, network: str, *, skip: int = 0, limit: int = 25, **asked: str
) -> tuple[list[Found[Any]], int]:
    """By status, area, language, member; who waits for an assessment first, then the best."""
    names = {"status": "status", "area": "areas", "language": "languages", "member": "member"}
    query: dict[str, Any] = {"aggregate": "expert", "network": network}
    query |= {f"state.{names[name]}": value for name, value in asked.items() if value}
    order = [("state.status", 1), ("state.score", -1), ("_id", 1)]
    rows, total = await asyncio.gather(
        _all(db, query, order, skip, limit), db.streams.count_documents(query)
    )  # fmt: skip
    return rows, int(total)


async def by_id(db: Database, network: str, ids: set[str], kind: type[S]) -> dict[str, S]:
    """The states of those that are there."""
    query = {"_id": {"$in": sorted(ids)}, "aggregate": kind.__name__.lower(), "network": network}
    return {one.id: one.state for one in await _all(db, query, [("_id", 1)])}


async def demands(
    db: Database, network: str, *, status: str = "", skip: int = 0, limit: int = 25
) -> tuple[list[Found[Any]], int]:
    """The first to begin first."""
    query: dict[str, Any] = {"aggregate": "demand", "network": network}
    if status:
        query["state.status"] = status
    rows, total = await asyncio.gather(
        _all(db, query, [("state.begins", 1), ("_id", 1)], skip, limit), db.streams.count_documents(query)
    )
    return rows, int(total)


async def demands_of_activity(db: Database, network: str, activity: str) -> list[str]:
    query = {"aggregate": "demand", "network": network, "state.activity": activity}
    return [str(one["_id"]) async for one in db.streams.find(query, {"_id": 1})]


async def demands_of_expert(db: Database, network: str, expert: str) -> list[tuple[str, str, Demand]]:
    """Demand, seat and state of everything they were asked to, the latest first."""
    asked = await db.events.distinct("stream", {"network": network, "data.expert": expert})
    query = {"_id": {"$in": asked}, "aggregate": "demand"}
    rows = await _all(db, query, [("state.begins", -1), ("_id", 1)])
    return [(one.id, key, one.state) for one in rows for key, seat in one.state.seats.items() if seat.expert == expert]


async def run(db: Database, network: str, run_id: str, market: str) -> dict[str, Any] | None:
    """The run's document, with its solution as such."""
    found = await db.market_runs.find_one({"_id": run_id, "network": network, "market": market})
    return {**found, "solution": _SOLUTION.validate_python(found)} if found else None


async def runs(db: Database, network: str, market: str, limit: int = 10) -> list[dict[str, Any]]:
    """The latest first, in figures."""
    shown = {"at": 1, "interests": 1, "offers": 1, "by_itself": 1, "matched": {"$size": "$matches"}}
    query = {"network": network, "market": market}
    steps: list[dict[str, Any]] = [{"$match": query}, {"$sort": {"_id": -1}}, {"$limit": limit}, {"$project": shown}]
    return list(await db.market_runs.aggregate(steps).to_list(None))


async def market_of_experts(db: Database, network: str) -> Market:
    """What is open and begins later than today, and who is free for it."""
    rules = load(network).experts
    base: dict[str, Any] = {"network": network}
    listed = {**base, "aggregate": "expert", "state.status": "listed"}
    today = clock.now().date().isoformat()
    sought = {**base, "aggregate": "demand", "state.status": "open", "state.begins": {"$gt": today}}
    order = [("_id", 1)]
    experts, demands, latest = await asyncio.gather(
        _all(db, listed, order, 0, MOST), _all(db, sought, order, 0, MOST), runs(db, network, "experts", 1)
    )
    last = await run(db, network, latest[0]["_id"], "experts") if latest else None
    before = {one.interest: (one.offer, one.week) for one in last["solution"].matches} if last else {}
    seats = tuple(seat for one in demands for seat in _seats(one, before))
    aims = tuple(Aim({Level(name): weight for name, weight in one.items()}) for one in rules.levels)
    return Market(seats, tuple(_host(one) for one in experts), terms=Terms(aims))


def _seats(found: Found[Any], before: Mapping[str, tuple[str, str]]) -> list[Seeker]:
    state: Demand = found.state
    weeks = state.weeks
    asked = tuple(dict.fromkeys(one.expert for one in state.seats.values()))
    spoken = tuple(f"{one}:{state.levels.get(one, '')}" for one in state.languages)
    return [
        Seeker(
            f"{found.id}#{number}",
            found.id,
            state.area,
            spoken,
            weeks[:1],
            duration=len(weeks),
            wishes=state.wishes,
            excluded=asked,
            before=before.get(f"{found.id}#{number}"),
        )
        for number in range(state.missing)
    ]


def _host(found: Found[Any]) -> Host:
    state: Expert = found.state
    free = set(state.free())
    until = state.valid_until
    weeks = [one for one in state.weeks if until is None or monday(one) + timedelta(days=6) <= until]
    years = {week[:4] for week in state.weeks}
    load: Counter[str] = state.load()
    return Host(
        found.id,
        found.id,
        state.areas,
        spoken_at(state.languages, state.levels),
        dict.fromkeys(weeks, 1),
        {week: int(week in free) for week in weeks},
        yearly={year: max(0, state.most - load[year]) for year in years},
        score=state.score,
        load=dict(load),
    )


def spoken_at(languages: tuple[str, ...], levels: Mapping[str, Cefr | str]) -> tuple[str, ...]:
    """Each language with every level that is good enough: `de:B2` stands for who asks German from B2 on."""
    known = {one: CEFR.index(levels[one]) if one in levels else len(CEFR) - 1 for one in languages}
    good = [(one, "") for one in languages] + [(one, at) for one, best in known.items() for at in CEFR[: best + 1]]
    return tuple(f"{one}:{at}" for one, at in good)


async def _all(
    db: Database, query: dict[str, Any], order: list[tuple[str, int]], skip: int = 0, limit: int = 0
) -> list[Found[Any]]:
    rows = await db.streams.find(query).sort(order).skip(skip).limit(limit).to_list(None)
    return [_found(one) for one in rows]


def _found(document: Mapping[str, Any]) -> Found[Any]:
    state = _KINDS[aggregate_of(document["_id"])].validate_python(document["state"])
    return Found(document["_id"], document["version"], state)
