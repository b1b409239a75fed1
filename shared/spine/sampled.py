"""What only the database knows of a service's work, counted every few seconds for those who watch it."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pymongo.errors import PyMongoError

from shared import clock
from shared.messages.letter import OUTBOX, UNDELIVERED, State
from shared.mongo import Database

from .dead import DEAD, PARKED

log = logging.getLogger(__name__)
LOOK_EVERY_S = 10.0
OVERDUE = timedelta(seconds=30)


@dataclass
class Sampled:
    """`run` keeps the figures fresh; they stay as they were while MongoDB is away. Every replica counts the same."""

    db: Database
    dead: dict[str, int] = field(default_factory=dict)
    """Messages by status: dead, parked."""
    parked_streams: int = 0
    overdue: int = 0
    """Deadlines that should have fired."""
    letters: dict[str, int] = field(default_factory=dict)
    """By state: waiting and due, undelivered."""
    oldest_letter_s: float = 0.0
    """How long ago the oldest letter that waits was written."""

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except PyMongoError as error:
                log.debug("figures for monitors wait: %s", type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        counts = dict.fromkeys((DEAD, PARKED), 0)
        async for row in self.db.dead.aggregate([{"$group": {"_id": "$status", "n": {"$sum": 1}}}]):
            counts[row["_id"]] = row["n"]
        self.dead = counts
        self.parked_streams = len(await self.db.dead.distinct("key", {"status": PARKED}))
        self.overdue = await self.db.deadlines.count_documents({"at": {"$lt": clock.now() - OVERDUE}})
        await self._look_at_letters()

    async def _look_at_letters(self) -> None:
        now, letters = datetime.now(UTC), self.db[OUTBOX]
        waiting = {"state": State.WAITING.value, "due": {"$lte": now}}
        self.letters = {
            "waiting": await letters.count_documents(waiting),
            "undelivered": await letters.count_documents({"state": {"$in": [state.value for state in UNDELIVERED]}}),
        }
        # By when it was made: a letter that failed is due again later, and has waited all the same.
        unsent = {"state": State.WAITING.value}
        oldest = await letters.find(unsent, {"made": 1}).sort("made", 1).limit(1).to_list(1)
        self.oldest_letter_s = max((now - oldest[0]["made"]).total_seconds(), 0) if oldest else 0.0
