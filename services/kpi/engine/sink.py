"""Where the consumer's batches go: into memory, and from there with their offsets into one transaction.

Live, each batch is written at once. Under a backlog what has changed is written every `FLUSH_S` seconds or at
`FLUSH_BLOCKS` blocks. A figure moves only after the commit.
"""

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol
from uuid import uuid4

from aiokafka import ConsumerRecord, TopicPartition
from pymongo import ReplaceOne

from shared.mongo import Client, Database, Session, is_duplicate_key, transaction
from shared.spine.dead import dead_letter
from shared.spine.offsets import Offsets

from .cells import MEASURES, SPANS, Document, Partition, as_stored, place, replayed
from .reading import Reader

log = logging.getLogger(__name__)
FLUSH_S, FLUSH_BLOCKS, LIVE_RECORDS, IDS_KEPT = 2.0, 500, 250, 5_000


class Dropped(Exception):
    """Memory of a partition was dropped; it is to be taken again."""


class Committed(Protocol):
    """Who learns what has been committed."""

    def put(self, documents: Sequence[Document]) -> object: ...


@dataclass(slots=True)
class Written:
    """What one commit made visible: next offsets by place on the log, ids by network (the last few), and when."""

    seen: dict[str, int] = field(default_factory=dict)
    ids: list[tuple[str, str]] = field(default_factory=list)


class KpiSink:
    """The consumer's sink. Its calls never overlap: the consumer holds its lock during each."""

    def __init__(
        self,
        client: Client,
        db: Database,
        group: str,
        reader: Reader,
        merged: Committed,
        *,
        announce: Callable[[Written], None] = lambda written: None,
        ids_wanted: Callable[[], bool] = lambda: False,
    ) -> None:
        self.client, self.db, self.reader, self.merged, self.announce = client, db, reader, merged, announce
        self.ids_wanted = ids_wanted
        self.offsets = Offsets(db, group)
        self.by = uuid4().hex
        self.partitions: dict[TopicPartition, Partition] = {}
        self._dropped: set[TopicPartition] = set()
        self._dead: list[Document] = []
        self._ids: list[tuple[str, str]] = []
        self._flushed_at = time.monotonic()
        self._quiet = True

    async def take(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """Memory is kept where nothing in it waits to be written and its offset is the stored one."""
        await self._begin_anew(partitions)
        stored = await self.offsets.load(partitions)
        anew = []
        for partition, offset in stored.items():
            known = self.partitions.get(partition)
            if known is None or known.dirty or known.stored != offset:
                anew.append(partition)
        loaded = {one: await self._load(one, stored[one]) for one in anew}
        self.partitions |= loaded
        self._dropped -= set(partitions)
        self._dead = [one for one in self._dead if TopicPartition(one["topic"], one["partition"]) not in loaded]
        return stored

    async def _begin_anew(self, partitions: Collection[TopicPartition]) -> None:
        """Count a partition from its beginning where it was counted with other measures than ours.

        Its blocks go with its offset; those of unchanged measures come out the same again, and what is shown of them
        stands until then. Which measures a partition was counted with is kept in a block of its own.
        """
        wanted = {f"{place(one)}/{MEASURES}": one for one in partitions}
        found = await self.db.blocks.find({"_id": {"$in": list(wanted)}}).to_list(None)
        same = {wanted[one["_id"]] for one in found if one["measures"] == self.reader.counts}
        others = [one for one in partitions if one not in same]
        stored = await self.offsets.load(others)
        fresh = [one for one in others if not stored[one]]
        for together in [fresh] * bool(fresh) + [[one] for one in others if stored[one]]:
            await transaction(self.client, partial(self._forget, partitions=together))

    async def _forget(self, session: Session, *, partitions: Sequence[TopicPartition]) -> None:
        beside = [{"topic": one.topic, "partition": one.partition} for one in partitions]
        await self.db.blocks.delete_many({"$or": beside}, session=session)
        keys = [self.offsets.key(one) for one in partitions]
        await self.db.offsets.delete_many({"_id": {"$in": keys}}, session=session)
        counted = {"kind": MEASURES, "measures": self.reader.counts, "at": 0, "by": self.by}
        ids = [f"{place(one)}/{MEASURES}" for one in partitions]
        documents = [{"_id": id, **counted, **of} for id, of in zip(ids, beside, strict=True)]
        await self.db.blocks.insert_many(documents, session=session)

    async def _load(self, partition: TopicPartition, offset: int) -> Partition:
        # What was replayed stands in blocks of its own, which no partition writes again.
        query = {"topic": partition.topic, "partition": partition.partition, "replayed": None}
        found = self.db.blocks.find(query)
        documents = await found.to_list(None)
        fresh = Partition(partition, self.reader.measures, offset)
        fresh.load(documents)
        self.merged.put(documents)
        return fresh

    def release(self, partitions: Collection[TopicPartition]) -> None:
        for partition in partitions:
            self.partitions.pop(partition, None)
            self._dropped.discard(partition)
        self._dead = [one for one in self._dead if TopicPartition(one["topic"], one["partition"]) not in partitions]

    async def apply(self, records: Mapping[TopicPartition, Sequence[ConsumerRecord]]) -> None:
        if missing := [partition for partition in records if partition not in self.partitions]:
            raise Dropped(", ".join(place(one) for one in missing))
        live = sum(map(len, records.values())) < LIVE_RECORDS
        for partition, batch in records.items():
            self._work(self.partitions[partition], batch)
        self._quiet = False
        if live or self._due():
            await self.flush()

    def _work(self, state: Partition, batch: Sequence[ConsumerRecord]) -> None:
        folded = self.reader.fold(batch, state.recorded)
        state.add(folded, batch[-1].offset + 1, self.reader.lines(batch))
        self._dead += [dead_letter(record, error) for record, error in folded.poison]
        if self.ids_wanted():
            self._ids = [*self._ids, *self.reader.ids(batch)][-IDS_KEPT:]

    def _due(self) -> bool:
        waiting = sum(len(one.dirty_blocks) for one in self.partitions.values())
        return waiting >= FLUSH_BLOCKS or time.monotonic() - self._flushed_at >= FLUSH_S

    async def idle(self) -> None:
        """Write what waits once nothing more comes in, or it has waited long enough."""
        if self._dropped:  # said once: the consumer then takes all that it owns
            dropped, self._dropped = self._dropped, set()
            raise Dropped(", ".join(place(one) for one in dropped))
        if (self._quiet or self._due()) and any(one.dirty for one in self.partitions.values()):
            await self.flush()
        self._quiet = True

    async def flush(self) -> None:
        """Commit everything that waits; where that fails its memory is dropped, since nobody knows what counts."""
        dirty = [one for one in self.partitions.values() if one.dirty]
        if not dirty:
            return
        documents = [document for one in dirty for document in one.documents(self.by)]
        dead = {one["_id"]: one for one in self._dead}

        async def write(session: Session) -> None:
            await self.offsets.move(session, {one.partition: (one.stored, one.next) for one in dirty})
            if documents:
                writes = [ReplaceOne({"_id": one["_id"]}, as_stored(one), upsert=True) for one in documents]
                await self.db.blocks.bulk_write(writes, ordered=False, session=session)
            if dead:
                writes = [ReplaceOne({"_id": key}, one, upsert=True) for key, one in dead.items()]
                await self.db.dead.bulk_write(writes, ordered=False, session=session)

        try:
            await transaction(self.client, write)
        except BaseException as error:
            self._drop([one.partition for one in dirty])
            if is_duplicate_key(error):
                raise Dropped("another replica wrote first") from error
            raise
        self._committed(dirty, documents)

    async def work(self, record: ConsumerRecord, session: Session) -> None:
        """Count a dead letter's message after all, in the transaction that removes the letter; raises where it cannot.

        Its deltas commute with whatever was counted meanwhile and stand in blocks of their own, so that any process
        may do this while another owns the partition. They count as recorded on the day that the log stood at.
        """
        partition = TopicPartition(record.topic, record.partition)
        folded = self.reader.fold([record], await self._recorded_at(partition, record.offset, session))
        for _record, error in folded.poison:
            raise error
        if documents := replayed(partition, record.offset, self.reader.measures, folded):
            await self.db.blocks.insert_many([as_stored(one) for one in documents], session=session)

    async def _recorded_at(self, partition: TopicPartition, offset: int, session: Session) -> str:
        """The recorded day in which the offset lies; none before the partition's first."""
        query = {"topic": partition.topic, "partition": partition.partition, "kind": SPANS}
        found = await self.db.blocks.find(query, session=session).to_list(None)
        days = [(ends[0], day) for one in found for day, ends in one["spans"].items() if ends[0] <= offset]
        return str(max(days)[1]) if days else ""

    def drop_all(self) -> None:
        """Nothing in memory counts any more; what this replica owns is taken again."""
        self._drop(list(self.partitions))

    def _drop(self, partitions: Sequence[TopicPartition]) -> None:
        self.release(partitions)
        self._dropped |= set(partitions)
        self._ids = []

    def _committed(self, dirty: Sequence[Partition], documents: Sequence[Document]) -> None:
        for one in dirty:
            one.flushed()
        self._dead = []
        self._flushed_at = time.monotonic()
        self.merged.put(documents)
        written = Written({place(one.partition): one.stored - 1 for one in dirty}, self._ids)
        self._ids = []
        self.announce(written)

    def stands_at(self) -> dict[str, Any]:
        """For the operations panel: each partition's next offset, its recorded day and its cells."""
        return {
            place(one.partition): {"next": one.stored, "recorded": one.recorded, "spans": len(one.spans)}
            for one in self.partitions.values()
        }
