"""What the other replicas wrote: the collection read once, then its change stream."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from pymongo.errors import PyMongoError

from shared.mongo import Client, Database

from .cells import REBUILD, Document

log = logging.getLogger(__name__)
POLL_MS, BATCH, AGAIN_S = 1_000, 500, 0.5


class Following:
    """Brings every committed block of other processes to `take`. `run` goes on until cancelled, whatever fails.

    Raw commands take a batch a call; Motor's own change stream hops to a thread for each document.
    """

    def __init__(
        self,
        client: Client,
        db: Database,
        by: str,
        take: Callable[[Sequence[Document]], None],
        begin_anew: Callable[[], Awaitable[None]],
    ) -> None:
        self.client, self.db, self.by, self.take, self.begin_anew = client, db, by, take, begin_anew
        self.ready = asyncio.Event()
        """Set once all that was stored at the start is taken in."""

    async def run(self) -> None:
        while True:
            try:
                await self._follow()
            except PyMongoError as error:
                log.warning("the change stream starts again: %s", type(error).__name__)
            await asyncio.sleep(AGAIN_S)

    async def _follow(self) -> None:
        session = await self.client.start_session()
        try:
            pipeline = [
                {"$changeStream": {}},
                {"$match": {"operationType": {"$in": ["insert", "replace"]}, "fullDocument.by": {"$ne": self.by}}},
                {"$project": {"fullDocument": 1}},
            ]
            opening = {"aggregate": "blocks", "pipeline": pipeline, "cursor": {"batchSize": 0}}
            opened = (await self.db.command(opening, session=session))["cursor"]
            await self._read_all()
            more = {"getMore": opened["id"], "collection": "blocks", "batchSize": BATCH, "maxTimeMS": POLL_MS}
            while True:
                cursor = (await self.db.command(more, session=session))["cursor"]
                if changes := [change["fullDocument"] for change in cursor["nextBatch"]]:
                    if any(one["kind"] == REBUILD for one in changes):
                        await self.begin_anew()
                        return
                    self.take(changes)
                if cursor["id"] == 0:
                    return
        finally:
            with suppress(PyMongoError):
                await session.end_session()

    async def _read_all(self) -> None:
        """What is known already stays: a block counts once, whichever way it comes."""
        batch: list[Document] = []
        async for document in self.db.blocks.find({"kind": {"$ne": REBUILD}}, batch_size=BATCH):
            batch.append(document)
            if len(batch) == BATCH:
                self.take(batch)
                batch = []
                await asyncio.sleep(0)
        self.take(batch)
        self.ready.set()
