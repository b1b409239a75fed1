"""Project ideas and who offers to join them, for pages and for the solver."""

import asyncio
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from services.matching.domain.idea import Idea
from services.matching.domain.market import Aim, Host, Level, Market, Seeker, Terms
from services.matching.domain.partner import Partner
from services.matching.queries import Found
from services.matching.queries.experts import MOST, run, runs
from shared import clock
from shared.ids import aggregate_of
from shared.mongo import Database
from shared.profiles import load

_KINDS: dict[str, TypeAdapter[Any]] = {"idea": TypeAdapter(Idea), "partner": TypeAdapter(Partner)}
ALWAYS = "2024-W01"
"""Ideas have no weeks: all of them meet in one that stands for any time."""
MANY = 500


async def ideas(
    db: Database, network: str, *, skip: int = 0, limit: int = 25, **asked: str
) -> tuple[list[Found[Any]], int]:
    """By status, theme and lead; the newest first."""
    query: dict[str, Any] = {"aggregate": "idea", "network": network}
    query |= {f"state.{name}": value for name, value in asked.items() if value}
    rows, total = await asyncio.gather(_all(db, query, -1, skip, limit), db.streams.count_documents(query))
    return rows, int(total)


async def partners(db: Database, network: str, own: str | None = None) -> list[Found[Any]]:
    """Offers that stand; of this member if one is named."""
    query: dict[str, Any] = {"aggregate": "partner", "network": network, "state.status": "offered"}
    if own is not None:
        query["state.member"] = own
    return await _all(db, query, 1, 0, MOST)


async def find(db: Database, network: str, stream: str, kind: str) -> Found[Any] | None:
    if aggregate_of(stream) != kind:
        return None
    found = await db.streams.find_one({"_id": stream, "network": network})
    return _found(found) if found else None


async def by_id(db: Database, network: str, ids: set[str]) -> dict[str, Idea]:
    """The ideas of these that are there."""
    query = {"_id": {"$in": sorted(ids)}, "aggregate": "idea", "network": network}
    return {one.id: one.state for one in await _all(db, query, 1, 0, 0)}


async def texts(db: Database, network: str, ids: list[str | None]) -> dict[str, dict[str, str]]:
    """Title and text of what was written, by the id of the words."""
    query = {"_id": {"$in": [one for one in ids if one]}, "network": network}
    found = await db.words.find(query).to_list(None)
    return {one["_id"]: {"title": one.get("title", ""), "text": one.get("reason", "")} for one in found}


async def market_of_ideas(db: Database, network: str) -> Market:
    """What is open and not past its day; an idea's roles are a group: all of them are found, or none."""
    rules = load(network).ideas
    base: dict[str, Any] = {"network": network}
    in_time = {"state.partners_by": {"$not": {"$lt": clock.now().date().isoformat()}}}
    open_ideas, offered, latest = await asyncio.gather(
        _all(db, {**base, "aggregate": "idea", "state.status": "open", **in_time}, 1, 0, MOST),
        partners(db, network),
        runs(db, network, "ideas", 1),
    )
    last = await run(db, network, latest[0]["_id"], "ideas") if latest else None
    before = {one.interest: (one.offer, one.week) for one in last["solution"].matches} if last else {}
    seats = tuple(seat for one in open_ideas for seat in seats_of(one.id, one.state, before))
    aims = tuple(Aim({Level(name): weight for name, weight in one.items()}) for one in rules.levels)
    return Market(seats, tuple(host_of(one.id, one.state) for one in offered), terms=Terms(aims))


def seats_of(id: str, state: Idea, before: Mapping[str, tuple[str, str]]) -> list[Seeker]:
    asked = tuple(dict.fromkeys(one.partner for one in state.seats.values()))
    return [
        Seeker(
            f"{id}#{role}.{number}",
            state.lead,
            f"{role}@{state.theme}",
            state.languages,
            (ALWAYS,),
            wishes=state.wishes,
            excluded=asked,
            avoided=state.excluded,
            group=id,
            before=before.get(f"{id}#{role}.{number}"),
        )
        for role, missing in state.missing().items()
        for number in range(missing)
    ]


def host_of(id: str, state: Partner) -> Host:
    return Host(
        id,
        state.member,
        tuple(f"{role}@{theme}" for role in state.roles for theme in state.themes),
        state.languages,
        {ALWAYS: MANY},
        {ALWAYS: MANY},
        avoided=state.excluded,
        most=state.left,
        likes=state.likes,
        load={ALWAYS[:4]: len(state.ideas)},
    )


async def _all(db: Database, query: dict[str, Any], order: int, skip: int, limit: int) -> list[Found[Any]]:
    rows = await db.streams.find(query).sort([("_id", order)]).skip(skip).limit(limit).to_list(None)
    return [_found(one) for one in rows]


def _found(document: Mapping[str, Any]) -> Found[Any]:
    state = _KINDS[aggregate_of(document["_id"])].validate_python(document["state"])
    return Found(document["_id"], document["version"], state)
