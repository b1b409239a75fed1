"""Working dead letters: list, replay, discard."""

from dataclasses import dataclass
from typing import Any

from shared.contracts.refused import Refused
from shared.mongo import Session, transaction
from shared.profiles import NETWORKS

from .consumer import Sink
from .dead import DEAD, record_of
from .store import EventStore

PAGE = 50


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """A service's dead letters and what is parked behind them.

    `in_order`: the messages of one key are worked one after the other, and the later ones are parked behind a dead
    one. Where effects commute each letter is for itself.
    """

    store: EventStore
    sink: Sink
    in_order: bool = True

    async def counts(self, network: str | None = None) -> dict[str, int]:
        pipeline = [{"$match": _of(network)}, {"$group": {"_id": "$status", "n": {"$sum": 1}}}]
        rows = await self.store.db.dead.aggregate(pipeline).to_list(None)
        return {"dead": 0, "parked": 0} | {row["_id"]: row["n"] for row in rows}

    async def page(self, number: int = 1, network: str | None = None) -> list[dict[str, Any]]:
        """Those that the operator of this network sees; all where none is named."""
        found = self.store.db.dead.find(_of(network), {"value": 0, "headers": 0}).sort([("key", 1), ("order", 1)])
        return await found.skip((number - 1) * PAGE).limit(PAGE).to_list(None)

    async def show(self, letter: str, network: str | None = None) -> dict[str, Any]:
        found = await self.store.db.dead.find_one({"_id": letter, **_of(network)})
        if found is None:
            raise Refused("not-found", "There is no such dead letter; it may have been worked already.", status=404)
        return found

    async def replay(self, letter: str) -> int:
        """Work it and all that is parked behind it, in order, each in a transaction; returns how many went through.

        Raises what working raises; the letter at fault and those behind it stay.
        """
        key = (await self.show(letter))["key"]
        if not self.in_order:
            return int(await transaction(self.store.client, lambda session: self._replay_one({"_id": letter}, session)))
        done = 0
        while await transaction(self.store.client, lambda session: self._replay_first(key, session)):
            done += 1
        return done

    async def discard(self, letter: str) -> int:
        """Give it up for good and work what was parked behind it; returns how many of those went through."""
        found = await self.show(letter)

        async def body(session: Session) -> None:
            await self._touch(found["key"], session)
            await self.store.db.dead.delete_one({"_id": letter}, session=session)

        await transaction(self.store.client, body)
        left = await self.store.db.dead.find_one({"key": found["key"]}, sort=[("order", 1)])
        return await self.replay(left["_id"]) if left and left["status"] != DEAD else 0

    async def _replay_first(self, key: str, session: Session) -> bool:
        await self._touch(key, session)
        return await self._replay_one({"key": key}, session)

    async def _replay_one(self, query: dict[str, Any], session: Session) -> bool:
        first = await self.store.db.dead.find_one(query, sort=[("order", 1)], session=session)
        if first is None:
            return False
        # Removed first: of two who replay it at once, one tries again and finds it gone.
        await self.store.db.dead.delete_one({"_id": first["_id"]}, session=session)
        await self.sink.work(record_of(first), session)
        return True

    async def _touch(self, key: str, session: Session) -> None:
        """A message parked in this moment makes one of the two transactions try again."""
        await self.store.db.parking.update_one({"_id": key}, {"$inc": {"worked": 1}}, upsert=True, session=session)


def _of(network: str | None) -> dict[str, Any]:
    """Letters of this network, and those that name no network there is: somebody has to see them."""
    return {} if network is None else {"network": {"$nin": [one for one in NETWORKS if one != network]}}
