"""The local profile's clock: one document sets the offset, and every process follows it."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from pymongo.errors import PyMongoError
from starlette.types import ASGIApp, Receive, Scope, Send

from shared import clock
from shared.mongo import Database
from shared.web.problems import problem

log = logging.getLogger(__name__)
FOLLOW_S = 0.2
"""A change stream would read through all that is written to MongoDB, in every process, for one document."""
WAIT_S = 5.0
TIMELESS = ("/health/", "/metrics", "/static/", "/assets/")
"""What is answered whatever the time."""


class AwaitsClock:
    """ASGI: nothing is done, and dated, before the process knows the common clock; who asks waits, then gets 503."""

    def __init__(self, app: ASGIApp, known: asyncio.Event) -> None:
        self.app, self.known = app, known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.known.is_set() or scope["path"].startswith(TIMELESS):
            await self.app(scope, receive, send)
            return
        try:
            await asyncio.wait_for(self.known.wait(), WAIT_S)
        except TimeoutError:
            response = problem(503, "starting", "This part of Liaison is starting: try again in a few seconds.")
            response.headers["Retry-After"] = "2"
            await response(scope, receive, send)
        else:
            await self.app(scope, receive, send)


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
        except PyMongoError as error:
            log.debug("the common clock is out of reach: %s", type(error).__name__)
        await asyncio.sleep(FOLLOW_S)
