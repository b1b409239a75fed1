"""What the triage board reads: its columns, each with one page of requests and how many it has in all."""

from dataclasses import dataclass
from typing import Any

from shared.mongo import Database

from .domain.asking import ASKED_ABOUT
from .domain.state import Status
from .queries import Filter, Shown, query_of, shown


@dataclass(frozen=True, slots=True)
class Kept:
    """What a column keeps: these fates, asked about or not."""

    statuses: tuple[Status, ...]
    asked: bool = False
    """Only those whose sender was asked and has not answered; else only the others."""
    newest_first: bool = False

    @property
    def query(self) -> dict[str, Any]:
        question: dict[str, Any] = {"$gt": ""} if self.asked else {"$not": {"$gt": ""}}
        return {"state.status": {"$in": [one.value for one in self.statuses]}, "state.question": question}


COLUMNS: dict[str, Kept] = {
    "new": Kept((Status.SUBMITTED,)),
    "question": Kept(ASKED_ABOUT, asked=True),
    "planned": Kept((Status.PLANNED, Status.ACCEPTED), newest_first=True),
    "decided": Kept(
        (Status.MERGED, Status.DEFERRED, Status.DECLINED, Status.WITHDRAWN, Status.FULFILLED), newest_first=True
    ),
}
"""Every request that was sent stands in one of them: what waits longest first, what was decided newest first."""


@dataclass(frozen=True, slots=True)
class Column:
    rows: list[Shown]
    total: int


async def columns(db: Database, network: str, only: Filter, *, skip: int, limit: int) -> dict[str, Column]:
    base = await query_of(db, network, only)
    counts = await _counts(db, base)
    return {
        name: Column(
            await _page(db, base, kept, skip, limit),
            sum(counts.get((status, kept.asked), 0) for status in kept.statuses),
        )
        for name, kept in COLUMNS.items()
    }


async def _page(db: Database, base: dict[str, Any], kept: Kept, skip: int, limit: int) -> list[Shown]:
    way = -1 if kept.newest_first else 1
    found = db.streams.find({"$and": [base, kept.query]}).sort([("state.submitted_on", way), ("_id", way)])
    return await shown(db, await found.skip(skip).limit(limit).to_list(limit))


async def _counts(db: Database, base: dict[str, Any]) -> dict[tuple[str, bool], int]:
    key = {"status": "$state.status", "asked": {"$gt": ["$state.question", None]}}
    rows = db.streams.aggregate([{"$match": base}, {"$group": {"_id": key, "n": {"$sum": 1}}}])
    return {(row["_id"]["status"], row["_id"]["asked"]): row["n"] async for row in rows}


async def year_that_waits(db: Database, network: str, this: int) -> int | None:
    """The first year, from this one on, whose plan waits for decisions."""
    query: dict[str, Any] = {"aggregate": "plan", "network": network, "state.year": {"$gte": this}}
    query["state.undecided"] = {"$nin": [None, {}]}
    found = await db.streams.find_one(query, {"state.year": 1}, sort=[("state.year", 1)])
    return int(found["state"]["year"]) if found else None
