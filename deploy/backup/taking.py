"""`take`: the store at one moment, the log up to it, and whether the two fit."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import bson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from bson.raw_bson import RawBSONDocument
from pymongo.errors import OperationFailure

from deploy.backup import log
from deploy.backup.archive import RAW, Manifest, Writing, writing
from deploy.local.checks import Trouble
from deploy.local.topics import SERVICES, event_topics
from shared.mongo import Client, Collection, connect
from shared.settings import Settings

SNAPSHOT_TOO_OLD, SNAPSHOT_UNAVAILABLE = 239, 246
PASSING = frozenset({"leases"})
"""Not kept: who holds what at this moment."""
BATCH = 1_000
Bar = Callable[[str, int | None], Callable[[int], None]]
"""Begin a bar with a title and what it counts to; what it gives moves it on."""


def no_bar(title: str, total: int | None) -> Callable[[int], None]:
    return lambda done: None


async def take(settings: Settings, path: Path, bar: Bar = no_bar) -> Manifest:
    """Write the namespace's store and log to `path`; the services may run meanwhile."""
    client = connect(settings.mongo_url)
    try:
        with writing(path) as archive:
            manifest = Manifest(
                settings.namespace,
                datetime.now(UTC).isoformat(timespec="seconds"),
                version("liaison"),
                (await client.server_info())["version"],
            )
            taking = Taking(client, settings, archive, manifest, bar)
            await taking.read_store()
            await taking.read_log()
            archive.finish(manifest)
            return manifest
    except OperationFailure as error:
        if error.code == SNAPSHOT_TOO_OLD:
            raise Trouble(
                "The backup took longer than MongoDB keeps a moment: raise its parameter "
                "minSnapshotHistoryWindowInSeconds (300 by default), or take it when less goes on."
            ) from None
        if error.code == SNAPSHOT_UNAVAILABLE:
            raise Trouble("Collections were being made meanwhile: take the backup again.") from None
        raise
    finally:
        client.close()


@dataclass
class Taking:
    """One backup on its way: first `read_store`, then `read_log`, which then has all that the cursors refer to."""

    client: Client
    settings: Settings
    archive: Writing
    manifest: Manifest
    bar: Bar
    versions: dict[str, dict[str, int]] = field(default_factory=dict)
    """By service and stream: the highest version stored."""
    worked: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    """By topic and partition: the furthest that any group has come."""

    async def read_store(self) -> None:
        """Every collection of the namespace's databases, read at the moment of the first."""
        prefix = f"{self.settings.namespace}_"
        async with await self.client.start_session(snapshot=True) as session:
            await self.client[self.settings.people_database].persons.find_one({}, session=session)  # fixes the moment
            found = await _collections(self.client, prefix)
            told = self.bar("Store", sum([await one.estimated_document_count() for one in found]))
            for collection in found:
                service = collection.database.name.removeprefix(prefix)
                note = self._noting(service, collection.name)
                with self.archive.member(f"store/{service}/{collection.name}.bson") as add:
                    cursor = collection.find({}, session=session, batch_size=BATCH)
                    while documents := cast(list[RawBSONDocument], await cursor.to_list(BATCH)):
                        for document in documents:
                            add(bytes(document.raw))
                            note(document)
                        told(len(documents))
        if not self.versions:
            raise Trouble(f"There is nothing of {self.settings.namespace} in this MongoDB: check LIAISON_NAMESPACE.")

    def _noting(self, service: str, collection: str) -> Callable[[RawBSONDocument], None]:
        match collection:
            case "events":
                versions = self.versions.setdefault(service, {})
                return lambda one: versions.update({one["stream"]: max(versions.get(one["stream"], 0), one["version"])})
            case "offsets":
                return self._note_cursor
        return lambda one: None

    def _note_cursor(self, document: RawBSONDocument) -> None:
        _group, topic, partition = document["_id"].split("/")
        key = topic, int(partition)
        self.worked[key] = max(self.worked[key], int(document["next"]))

    async def read_log(self) -> None:
        """Every message that belongs to the store as it was, partition by partition."""
        async with log.reader(self.settings.kafka) as consumer:
            ends = await log.ends(consumer, event_topics(self.settings.namespace))
            if not ends:
                raise Trouble(f"There is no topic of {self.settings.namespace} on this Kafka: check LIAISON_KAFKA.")
            told = self.bar("Log", sum(ends.values()))
            for service in SERVICES:
                kept = Kept(self.versions.get(service, {}))
                for partition, end in ends.items():
                    if partition.topic == self.settings.topic(service):
                        with self.archive.member(f"log/{service}/{partition.partition}.bson") as add:
                            await self._partition(consumer, partition, end, kept, add)
                        told(end)
                self._conclude(service, kept)

    async def _partition(
        self,
        consumer: AIOKafkaConsumer,
        partition: TopicPartition,
        end: int,
        kept: "Kept",
        add: Callable[[bytes], None],
    ) -> None:
        worked = self.worked.get((partition.topic, partition.partition), 0)
        if worked > end:
            raise Trouble(
                f"{partition.topic}/{partition.partition} ends at {end}, but {worked} is worked: this is not the log "
                "that the store belongs to."
            )
        async for record in log.messages(consumer, partition, end):
            if kept.keeps(record, worked):
                add(_as_document(record))

    def _conclude(self, service: str, kept: "Kept") -> None:
        if kept.gap:
            raise Trouble(f"The log of {service} lacks events, as of {kept.gap}: it was cut. docs/operations/backup.md")
        self.manifest.events[service] = sum(kept.versions.values())
        self.manifest.on_log[service] = kept.events
        self.manifest.foreign[service] = kept.foreign


async def _collections(client: Client, prefix: str) -> list[Collection]:
    """All but the leases and capped ones, which snapshots cannot read: they show the last few of something."""
    found = []
    for database in sorted(name for name in await client.list_database_names() if name.startswith(prefix)):
        listed = await client[database].list_collections(filter={"type": "collection"})
        async for one in listed:
            name = one["name"]
            if name not in PASSING and not name.startswith("system.") and not one.get("options", {}).get("capped"):
                found.append(client[database].get_collection(name, codec_options=RAW))
    return sorted(found, key=lambda one: (one.database.name, one.name))


class Kept:
    """Which messages of a service's topic belong to the store as it was at the moment."""

    def __init__(self, versions: dict[str, int]) -> None:
        self.versions = versions
        self.events = self.foreign = 0
        self.gap = ""
        self._sent: dict[str, int] = {}

    def keeps(self, record: ConsumerRecord, worked: int) -> bool:
        """Not what was stored after the moment, which nobody had worked then."""
        stream, number = event_of(record)
        sent, stored = self._sent.get(stream, 0), self.versions.get(stream, 0)
        if sent < number <= stored:
            self.gap = self.gap or (stream if number > sent + 1 else "")
            self._sent[stream] = number
            self.events += 1
            return True
        if number > stored and record.offset >= worked:
            return False
        self.foreign += 1  # somebody else's, or an event said again: it keeps its place
        return True


def event_of(record: ConsumerRecord) -> tuple[str, int]:
    """Stream and version that the message names; version 0 where it names none."""
    for name, value in record.headers:
        if name == "ce_id":
            stream, _, number = (value or b"").decode(errors="replace").rpartition("@")
            return (stream, int(number)) if number.isdecimal() else ("", 0)
    return "", 0


def _as_document(record: ConsumerRecord) -> bytes:
    headers: list[Any] = [[name, value] for name, value in record.headers]
    message = {"o": record.offset, "t": record.timestamp, "k": record.key, "v": record.value, "h": headers}
    return bson.encode(message)
