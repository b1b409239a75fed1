"""What is worked out of runs: one run's state of it, what is under way in a call, the market as it was solved."""

from typing import Any

from pydantic import TypeAdapter

from services.matching.domain.market import Market
from services.matching.domain.working import Stage, Working
from services.matching.handlers.workings import MARKETS, WORKINGS, market_from
from shared.mongo import Database

_WORKING = TypeAdapter(Working)


async def prepare(db: Database) -> None:
    await db[WORKINGS].create_index([("stage", 1), ("asked_at", 1)])
    await db[WORKINGS].create_index([("network", 1), ("call", 1), ("stage", 1)])


async def working(db: Database, network: str, run: str) -> tuple[str, Working] | None:
    """The run's call, and how far it is; None where there is nothing of that name."""
    found = await db[WORKINGS].find_one({"_id": run, "network": network})
    return (found["call"], read(found)) if found else None


async def solving(db: Database, network: str, call: str) -> list[str]:
    """Runs of the call that are being solved, the first asked for first."""
    query = {"network": network, "call": call, "stage": Stage.SOLVING}
    return [one["_id"] for one in await db[WORKINGS].find(query, {"_id": 1}).sort("asked_at", 1).to_list(20)]


async def market_of_run(db: Database, network: str, run: str) -> Market | None:
    """As it was solved, sorted; None for runs that were made before it was kept, or that are too large for it."""
    found = await db[MARKETS].find_one({"_id": run, "network": network})
    return market_from(found) if found else None


def read(document: dict[str, Any]) -> Working:
    return _WORKING.validate_python(document)
