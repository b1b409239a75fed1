"""A run that is asked for by a page: kept as something to be worked out, stopped, taken up again.

The worker (`worker.py`) does the work; these are plain documents, so that it outlives the process that began it.
"""

import zlib
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from services.matching.domain.market import Market
from services.matching.domain.solution import Solution
from services.matching.domain.working import Stage, Working, working_of
from shared.contracts.refused import Refused
from shared.mongo import Database
from shared.spine.draft import Put
from shared.spine.origin import Origin

WORKINGS, MARKETS = "workings", "markets"
MOST_BYTES = 8_000_000
Act = Callable[[Database, str, str], Awaitable[None]]
"""On a run, of a network: `stop` and `go_on`."""
WORKING: TypeAdapter[Working] = TypeAdapter(Working)
MARKET: TypeAdapter[Market] = TypeAdapter(Market)


def beside_run(run: str, call: str, network: str, market: Market, solution: Solution) -> Iterator[Put]:
    """What a run leaves to be worked out, and the market as it was solved; without it where it is too large."""
    packed = zlib.compress(MARKET.dump_json(market.sorted()), 6)
    working = working_of(market, solution)
    if len(packed) <= MOST_BYTES:
        yield Put(MARKETS, run, {"network": network, "call": call, "market": packed})
    else:
        working = Working(Stage.DONE, large=True)
    yield Put(WORKINGS, run, _document(working, call, network))


def market_from(document: dict[str, Any]) -> Market:
    """A market as `beside_run` kept it; sorted."""
    return MARKET.validate_json(zlib.decompress(document["market"]))


async def ask_run(db: Database, run: str, call: str, origin: Origin) -> None:
    """The run is to be solved; asked for again with the same id, it is the same."""
    asked = {"actor": origin.actor, "command": origin.command_id, "traceparent": origin.traceparent, "attempts": 0}
    document = {**_document(Working(Stage.SOLVING, solved=False), call, origin.network), **asked}
    await db[WORKINGS].update_one({"_id": run}, {"$setOnInsert": document}, upsert=True)


async def stop(db: Database, network: str, run: str) -> None:
    """Whoever works on it leaves it at once; what is worked out already stays."""
    under_way = {"$in": [Stage.SOLVING, Stage.EXPLAINING]}
    stopped = await db[WORKINGS].update_one(
        {"_id": run, "network": network, "stage": under_way}, {"$set": {"stage": Stage.STOPPED}}
    )
    if not stopped.matched_count:
        raise Refused("nothing-under-way", "Nothing of this run is being worked out by now.")


async def go_on(db: Database, network: str, run: str) -> None:
    """Work out what is missing of the reasons of a run that stands."""
    left = {"$in": [Stage.STOPPED, Stage.SUPERSEDED, Stage.FAILED]}
    again = {"$set": {"stage": Stage.EXPLAINING, "asked_at": datetime.now(UTC), "failed": []}, "$inc": {"turn": 1}}
    taken = await db[WORKINGS].update_one(
        {"_id": run, "network": network, "stage": left, "solved": True, "large": False}, again
    )
    if not taken.matched_count:
        raise Refused("nothing-left", "Nothing is left to be worked out of this run.")


def _document(working: Working, call: str, network: str) -> dict[str, Any]:
    """`asked_at` is on the real clock: it orders the work, and says nothing of the domain. Whoever works on it leaves
    it once its stage or its `turn` is another."""
    said = WORKING.dump_python(working, mode="json")
    return {**said, "call": call, "network": network, "asked_at": datetime.now(UTC), "turn": 0}
