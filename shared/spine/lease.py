"""One worker among the replicas: a lease in MongoDB, on the real clock."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from pymongo.errors import DuplicateKeyError, PyMongoError

from shared.mongo import Database

log = logging.getLogger(__name__)
LIFE_S, RENEW_S = 6.0, 1.5


class Lease:
    """`held` says whether this owner has it; who cannot renew in time has lost it."""

    def __init__(self, db: Database, name: str, owner: str) -> None:
        self.db, self.name, self.owner = db, name, owner
        self.held = False

    async def try_take(self) -> bool:
        """Take or renew it; False where another holds it. Raises what MongoDB raises."""
        now = datetime.now(UTC)
        free = {"_id": self.name, "$or": [{"owner": self.owner}, {"until": {"$lt": now}}]}
        mine = {"$set": {"owner": self.owner, "until": now + timedelta(seconds=LIFE_S)}}
        try:
            await self.db.leases.update_one(free, mine, upsert=True)
        except DuplicateKeyError:
            self.held = False
        else:
            self.held = True
        return self.held

    async def give_back(self) -> None:
        self.held = False
        try:
            await self.db.leases.delete_one({"_id": self.name, "owner": self.owner})
        except PyMongoError:
            log.debug("lease %s not given back; it runs out by itself", self.name)

    @asynccontextmanager
    async def holding(self) -> AsyncIterator[asyncio.Event]:
        """Wait for the lease, keep renewing it; the event given is set once it is lost."""
        while True:
            try:
                if await self.try_take():
                    break
            except PyMongoError as error:
                log.debug("lease %s: %s", self.name, type(error).__name__)
            await asyncio.sleep(RENEW_S)
        lost = asyncio.Event()
        renewal = asyncio.create_task(self._renew(lost), name=f"lease: {self.name}")
        try:
            yield lost
        finally:
            renewal.cancel()
            await asyncio.gather(renewal, return_exceptions=True)
            await self.give_back()

    async def _renew(self, lost: asyncio.Event) -> None:
        renewed = asyncio.get_running_loop().time()
        while not lost.is_set():
            await asyncio.sleep(RENEW_S)
            try:
                if not await self.try_take():
                    lost.set()
                    continue
                renewed = asyncio.get_running_loop().time()
            except PyMongoError:
                if asyncio.get_running_loop().time() - renewed > LIFE_S:
                    self.held = False
                    lost.set()
