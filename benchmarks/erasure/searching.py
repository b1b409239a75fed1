"""Reads all that is stored: raw documents, messages, files and logs, for a token in any case."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from bson import decode_all
from bson.raw_bson import RawBSONDocument
from pymongo import AsyncMongoClient


@dataclass
class Found:
    """How many places were read, and where the token stood (`database.collection: id`)."""

    places: int = 0
    stored: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.stored) + len(self.topics) + len(self.logs)


async def search(mongo_url: str, kafka: str, namespace: str, logs: Iterable[Path], token: str) -> Found:
    found, needle = Found(), token.lower().encode()
    async with AsyncMongoClient[RawBSONDocument](mongo_url, document_class=RawBSONDocument) as client:
        for database in await client.list_database_names():
            if database.startswith(f"{namespace}_"):
                await _database(client[database], needle, found)
    await _topics(kafka, namespace, needle, found)
    for log in logs:
        found.places += 1
        found.logs += [
            f"{log.name}: {line[:300]!r}" for line in log.read_bytes().splitlines() if needle in line.lower()
        ]
    return found


async def _database(db: Any, needle: bytes, found: Found) -> None:
    contents: dict[Any, bytearray] = {}
    for collection in sorted(await db.list_collection_names()):
        found.places += 1
        order = [("n", 1)] if collection.endswith(".chunks") else None
        async for one in db[collection].find({}, sort=order):
            if collection.endswith(".chunks"):
                contents.setdefault(one["files_id"], bytearray()).extend(one["data"])
            elif any(needle in text.lower() for text in _texts(bytes(one.raw))):
                found.stored.append(f"{db.name}.{collection}: {one['_id']}")
    for file, content in contents.items():
        found.places += 1
        if any(needle in text.lower() for text in [bytes(content), *_members(bytes(content))]):
            found.stored.append(f"{db.name} file: {file} {bytes(content[:200])!r}")


def _texts(raw: bytes) -> Iterator[bytes]:
    """The document as it is stored; and mails decoded, since their texts may be packed as base64."""
    yield raw
    if b"Message-ID" not in raw:
        return
    document = decode_all(raw)[0]
    message = message_from_bytes(document.get("raw", b""))
    for part in message.walk():
        packed = part.get_payload(decode=True)
        if isinstance(packed, bytes):
            yield packed


def _members(content: bytes) -> Iterator[bytes]:
    """What a workbook or another packed document holds."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield name.encode()
                yield packed.read(name)


async def _topics(kafka: str, namespace: str, needle: bytes, found: Found) -> None:
    """Every message of every topic, those of broken transactions included."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    topics = [one for one in await admin.list_topics() if one.startswith(f"{namespace}.")]
    described = await admin.describe_topics(topics)
    await admin.close()
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, isolation_level="read_uncommitted")
    await consumer.start()
    try:
        for one in described:
            found.places += 1
            topic = one["topic"]
            partitions = [TopicPartition(topic, part["partition"]) for part in one["partitions"]]
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            await consumer.seek_to_beginning(*partitions)
            while [part for part in partitions if await consumer.position(part) < ends[part]]:
                for records in (await consumer.getmany(timeout_ms=300)).values():
                    for record in records:
                        headers = b"".join(name.encode() + (value or b"") for name, value in record.headers)
                        if needle in b"".join(((record.key or b""), (record.value or b""), headers)).lower():
                            found.topics.append(f"{topic}/{record.partition}/{record.offset}")
    finally:
        await consumer.stop()
