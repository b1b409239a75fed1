"""`restore`: verify the file, require an empty target, write log and store, count again."""

from array import array
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import bson
from aiokafka.admin import AIOKafkaAdminClient

from deploy.backup import log
from deploy.backup.archive import RAW, Archive, Manifest
from deploy.backup.places import Document, Places
from deploy.backup.taking import Bar, no_bar
from deploy.local.checks import Trouble
from deploy.local.topics import ensure_topics, topics
from shared.mongo import Client, connect
from shared.settings import Settings

BATCH = 1_000


async def verified(path: Path, bar: Bar = no_bar) -> Archive:
    """The archive, after all of it was read and found as its manifest says."""
    archive = Archive(path)
    archive.verify(bar("Checking", sum(one.count for one in archive.manifest.members.values())))
    return archive


async def restore(settings: Settings, archive: Archive, bar: Bar = no_bar) -> Manifest:
    """Fill the namespace's empty databases and topics; where that fails they are empty again.

    No service may run there before it returns.
    """
    client = connect(settings.mongo_url)
    try:
        await require_empty(client, settings)
        async with _all_or_nothing(client, settings):
            await ensure_topics(settings.kafka, settings.namespace)
            places = Places(archive.manifest.namespace, settings.namespace)
            await _log(settings, archive, places, bar)
            await _store(client, settings.namespace, archive, places, bar)
        return archive.manifest
    finally:
        client.close()


async def require_empty(client: Client, settings: Settings) -> None:
    """Trouble where the namespace has a document or a message."""
    for database in await _databases(client, settings.namespace):
        for name in await client[database].list_collection_names():
            if await client[database][name].find_one({}, {"_id": 1}):
                raise Trouble(
                    f"{database}.{name} is not empty: a restore fills an empty installation only. Stop the services, "
                    "then choose another --data or LIAISON_NAMESPACE, or remove what is there."
                )
    async with log.reader(settings.kafka) as consumer:
        for partition, end in (await log.ends(consumer, topics(settings.namespace))).items():
            if end:
                raise Trouble(
                    f"The topic {partition.topic} is not empty: a restore fills an empty log only. Delete the topics "
                    f"of {settings.namespace} with Kafka's own tools, or choose another LIAISON_NAMESPACE."
                )


async def _databases(client: Client, namespace: str) -> list[str]:
    return [name for name in await client.list_database_names() if name.startswith(f"{namespace}_")]


@asynccontextmanager
async def _all_or_nothing(client: Client, settings: Settings) -> AsyncIterator[None]:
    try:
        yield
    except BaseException:
        for database in await _databases(client, settings.namespace):
            await client.drop_database(database)
        admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
        await admin.start()
        try:
            await admin.delete_topics([topic.name for topic in topics(settings.namespace)])
        finally:
            await admin.close()
        raise


async def _log(settings: Settings, archive: Archive, places: Places, bar: Bar) -> None:
    members = archive.names("log")
    told = bar("Log", sum(archive.manifest.members[name].count for name, *_ in members))
    async with log.writer(settings.kafka) as writer:
        for name, service, number in members:
            offsets = places.offsets[service, int(number)] = array("q")
            for message in archive.documents(name):
                await writer.put(settings.topic(service), int(number), len(offsets), bson.decode(message.raw))
                offsets.append(message["o"])
                told(1)
            await writer.settle()


async def _store(client: Client, namespace: str, archive: Archive, places: Places, bar: Bar) -> None:
    members = archive.names("store")
    told = bar("Store", sum(archive.manifest.members[name].count for name, *_ in members))
    for name, service, collection in members:
        target = client[f"{namespace}_{service}"].get_collection(collection, codec_options=RAW)
        rewrite = places.rewriting(collection)
        batch: list[Any] = []
        for document in archive.documents(name):
            batch.append(_rewritten(bytes(document.raw), rewrite) if rewrite else document)
            if len(batch) == BATCH:
                await target.insert_many(batch, ordered=False)
                told(len(batch))
                batch = []
        if batch:
            await target.insert_many(batch, ordered=False)
            told(len(batch))
        if (count := await target.count_documents({})) != archive.manifest.members[name].count:
            raise Trouble(f"{namespace}_{service}.{collection} has {count} documents after the restore: see mongod.")


def _rewritten(raw: bytes, rewrite: Callable[[Document], Document]) -> Document:
    return rewrite(bson.decode(raw, CODEC))


CODEC = RAW.with_options(document_class=dict)
