"""Commands that fall due: set and cleared with their events, fired by one worker under a lease."""

import asyncio
import logging
from typing import Any

from pymongo.errors import PyMongoError

from shared import clock
from shared.contracts.base import Command
from shared.contracts.refused import Refused

from .lease import LIFE_S, Lease
from .listener import Listener
from .origin import Origin
from .store import Grouping

log = logging.getLogger(__name__)
LOOK_EVERY_S, AT_ONCE = 0.5, 100


class Deadlines:
    """Fires what is due by the domain's clock. A command fires once: its id is the deadline's."""

    def __init__(self, grouping: Grouping, listener: Listener, *, owner: str) -> None:
        self.grouping, self.listener = grouping, listener
        self.db = grouping.store.db
        self.lease = Lease(self.db, "deadlines", owner)

    async def run(self) -> None:
        while True:
            async with self.lease.holding() as lost:
                while not lost.is_set():
                    try:
                        fired = await self.fire_due()
                    except PyMongoError as error:
                        log.warning("deadlines wait: %s", type(error).__name__)
                        fired = 0
                    if not fired:
                        await _wait(lost, LOOK_EVERY_S)
            await asyncio.sleep(LIFE_S / 4)

    async def fire_due(self) -> int:
        """Fire what is due now, at most a hundred; returns how many."""
        due = await self.db.deadlines.find({"at": {"$lte": clock.now()}}).sort("at", 1).to_list(AT_ONCE)
        await asyncio.gather(*(self._fire(one) for one in due))
        return len(due)

    async def _fire(self, due: dict[str, Any]) -> None:
        model, handler = self.listener.due_handlers[due["command"]]
        command: Command = model.model_validate(due["data"])
        moment = due["at"].isoformat()
        origin = Origin(due["network"], source="deadline", command_id=f"{due['_id']}@{moment}", history=True)
        try:
            await handler(command, self.grouping.on_behalf_of(origin))
        except Refused as refused:
            if refused.status == 503:
                return  # the store is away: it stays due
            log.info("deadline %s came too late: %s", due["_id"], refused.code)
        await self.db.deadlines.delete_one({"_id": due["_id"], "at": due["at"]})


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
