"""The local profile's clock: one document sets the offset, and every process follows it."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from pymongo.errors import PyMongoError

from shared import clock
from shared.mongo import Database

log = logging.getLogger(__name__)
FOLLOW_S = 0.05


async def set_clock(db: Database, moment: datetime | None) -> timedelta:
    """Let the domain's time go on from `moment` (UTC), or be the real one again; returns the offset in force."""
    ahead = moment - datetime.now(UTC) if moment else timedelta()
    await db.clock.replace_one({"_id": "offset"}, {"_id": "offset", "seconds": ahead.total_seconds()}, upsert=True)
    return ahead


async def read_offset(db: Database) -> timedelta:
    found = await db.clock.find_one({"_id": "offset"})
    return timedelta(seconds=found["seconds"]) if found else timedelta()


async def follow(db: Database) -> None:
    """Keep this process on the common clock, for ever."""
    while True:
        try:
            clock.set_offset(await read_offset(db))
            async with db.clock.watch(max_await_time_ms=1000) as changes:
                clock.set_offset(await read_offset(db))
                async for _ in changes:
                    clock.set_offset(await read_offset(db))
        except PyMongoError as error:
            log.debug("the common clock is out of reach: %s", type(error).__name__)
        await asyncio.sleep(FOLLOW_S)
