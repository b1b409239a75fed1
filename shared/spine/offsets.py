"""Where a group stands on the log, kept with the effects in the service's own database."""

from collections.abc import Collection
from dataclasses import dataclass

from aiokafka import TopicPartition

from shared.mongo import Database, Session


class Moved(Exception):
    """Another owner committed meanwhile: what was read is not ours to write."""


@dataclass(frozen=True, slots=True)
class Offsets:
    """The stored offsets of one group. `log` names the log they count on; another log's offsets mean nothing."""

    db: Database
    group: str

    def key(self, partition: TopicPartition) -> str:
        return f"{self.group}/{partition.topic}/{partition.partition}"

    async def load(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """The next offset to work, 0 where none is stored."""
        keys = {self.key(partition): partition for partition in partitions}
        found = await self.db.offsets.find({"_id": {"$in": list(keys)}}).to_list(None)
        stored = {keys[one["_id"]]: int(one["next"]) for one in found}
        return {partition: stored.get(partition, 0) for partition in partitions}

    async def move(self, session: Session, partition: TopicPartition, start: int, end: int) -> None:
        """Move from the cursor `start` to `end` in the transaction; raises `Moved` where it stands elsewhere."""
        key = self.key(partition)
        if start == 0:
            update = {"$setOnInsert": {"next": 0}}
            await self.db.offsets.update_one({"_id": key}, update, upsert=True, session=session)
        done = await self.db.offsets.update_one({"_id": key, "next": start}, {"$set": {"next": end}}, session=session)
        if done.matched_count == 0:
            raise Moved(key)
