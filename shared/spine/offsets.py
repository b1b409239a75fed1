"""Where a group stands on the log, kept with the effects in the service's own database."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from aiokafka import TopicPartition
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from shared.mongo import Database, Session, is_duplicate_key


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

    async def move(self, session: Session, moves: Mapping[TopicPartition, tuple[int, int]]) -> None:
        """Move each cursor from the first offset to the second in the transaction; raises `Moved` where one stands
        elsewhere."""
        writes = [
            UpdateOne({"_id": self.key(partition), "next": start}, {"$set": {"next": end}}, upsert=start == 0)
            for partition, (start, end) in moves.items()
        ]
        try:
            done = await self.db.offsets.bulk_write(writes, ordered=False, session=session)
        except BulkWriteError as error:
            if is_duplicate_key(error):  # it was to stand at 0, where none is stored
                raise Moved(", ".join(map(self.key, moves))) from error
            raise
        if done.matched_count + done.upserted_count < len(moves):
            raise Moved(", ".join(map(self.key, moves)))
