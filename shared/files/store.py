"""Files in MongoDB: content once a network under its hash, with a document for each place where it was added."""

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import IO, Any

from bson import Binary, ObjectId

from shared.contracts.refused import Refused
from shared.ids import fixed_id, new_id
from shared.mongo import Client, Database, Session, is_duplicate_key, transaction
from shared.spine.draft import Put, Remove
from shared.web.i18n import mark as _mark

from .kinds import PIECE, Kind, kind_of
from .names import clean

COLLECTION, BUCKET = "files", "content"
CHUNK, CHUNKS_AT_ONCE = 255 * 1024, 8
MIB = 1024 * 1024
OLD = timedelta(days=1)
"""So long an upload may be under way before what it left is nobody's."""

_LARGE = _mark("This file is too large. Make it smaller, or send it in parts.")
_EMPTY = _mark("This file is empty. Choose another one.")


@dataclass(frozen=True, slots=True)
class File:
    """A file as added to a thing; `about` is the thing's stream, `by` who added it (a subject or a key's id)."""

    id: str
    about: str
    network: str
    hash: str
    name: str
    media_type: str
    size: int
    by: str
    at: datetime
    sort: str = ""
    """What it is there for, where its place tells sorts apart: agenda, minutes, material."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "File":
        kept = {name: document[name] for name in cls.__dataclass_fields__ if name in document}
        return cls(id=document["_id"], **kept)

    @property
    def document(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "id"}

    @property
    def added(self) -> Put:
        """What a handler writes beside the event that adds it: until then it is nobody's."""
        return Put(COLLECTION, self.id, self.document)

    @property
    def removed(self) -> Remove:
        """What a handler writes beside the event that removes it; afterwards `Files.release` lets the content go."""
        return Remove(COLLECTION, self.id)


@dataclass(frozen=True, slots=True)
class Erased:
    """How much went: documents of `files`, and contents that nobody else had added."""

    files: int = 0
    contents: int = 0


class _Gone(Exception):
    """The content went between looking and holding it: it is to be stored again."""


class Files:
    """The files of one service, in its own database."""

    def __init__(self, db: Database, most_bytes: int = 25 * MIB) -> None:
        self._client: Client = db.client
        self._db, self.most_bytes = db, most_bytes
        self._contents, self._chunks = db[f"{BUCKET}.files"], db[f"{BUCKET}.chunks"]

    async def prepare(self) -> None:
        """Collections and indexes; a transaction makes no collection."""
        names = set(await self._db.list_collection_names())
        for name in (COLLECTION, f"{BUCKET}.files", f"{BUCKET}.chunks"):
            if name not in names:
                try:
                    await self._db.create_collection(name)
                except Exception:
                    # Another replica made it first.
                    if name not in await self._db.list_collection_names():
                        raise
        await self._contents.create_index([("metadata.network", 1), ("filename", 1)], unique=True)
        await self._chunks.create_index([("files_id", 1), ("n", 1)], unique=True)
        await self._db[COLLECTION].create_index([("about", 1), ("at", 1)])
        await self._db[COLLECTION].create_index([("hash", 1), ("network", 1)])
        await self._db[COLLECTION].create_index("by")

    async def look(self, source: IO[bytes], name: str, allowed: tuple[Kind, ...]) -> None:
        """Refuse what `take` would refuse, and keep nothing."""
        await asyncio.to_thread(_examined, source, clean(name), allowed, self.most_bytes)

    async def take(
        self,
        source: IO[bytes],
        name: str,
        *,
        about: str,
        network: str,
        by: str,
        allowed: tuple[Kind, ...],
        key: str = "",
        sort: str = "",
    ) -> File:
        """Keep what was uploaded; it is seen once a handler has written its `added` beside an event.

        The same content with the same `key` (a command's id) is the same file and changes nothing. `source` must be
        seekable (a spooled upload); it is read in
        pieces, in a thread. Raises `Refused` for what is too large, empty, or of a kind that is not allowed.
        """
        name = clean(name)
        kind, hash, size = await asyncio.to_thread(_examined, source, name, allowed, self.most_bytes)
        id = fixed_id("file", network, about, by, key, hash) if key else new_id("file")
        file = File(id, about, network, hash, name, kind.media_type, size, by, datetime.now(UTC), sort)
        for last_try in (False, False, True):
            await self._keep_content(source, file)
            try:
                await transaction(self._client, lambda session: self._hold(session, file))
            except _Gone:
                if last_try:
                    raise Refused("unavailable", "The store is busy; send the file again.", status=503) from None
            else:
                break
        found = await self._db[COLLECTION].find_one({"_id": id})
        return File.of(found) if found else file

    async def _keep_content(self, source: IO[bytes], file: File) -> None:
        named = {"metadata.network": file.network, "filename": file.hash}
        if await self._contents.find_one(named, {"_id": 1}):
            return
        content = ObjectId()
        # By hand, as GridFS lays it out: its own writer gathers 48 MB in memory before it sends anything.
        source.seek(0)
        number = 0
        while batch := await asyncio.to_thread(_batch, source, content, number):
            await self._chunks.insert_many(batch)
            number += len(batch)
        now = datetime.now(UTC)
        facts = {"length": file.size, "chunkSize": CHUNK, "uploadDate": now, "filename": file.hash}
        try:
            await self._contents.insert_one({"_id": content, **facts, "metadata": {"network": file.network}})
        except Exception as error:
            await self._chunks.delete_many({"files_id": content})
            if not is_duplicate_key(error):  # else another upload of the same was faster
                raise

    async def _hold(self, session: Session, file: File) -> None:
        """In one transaction with a write to the content, so that it cannot be let go at the same moment."""
        named = {"metadata.network": file.network, "filename": file.hash}
        touched = await self._contents.update_one(
            named, {"$set": {"metadata.touched": datetime.now(UTC)}}, session=session
        )
        if not touched.matched_count:
            raise _Gone
        waiting = {"$setOnInsert": {**file.document, "pending": True}}
        await self._db[COLLECTION].update_one({"_id": file.id}, waiting, upsert=True, session=session)

    async def of(self, network: str, about: str) -> list[File]:
        """What was added to a thing, in that order."""
        query = {"about": about, "network": network, "pending": {"$exists": False}}
        return [File.of(one) async for one in self._db[COLLECTION].find(query).sort([("at", 1), ("_id", 1)])]

    async def one(self, network: str, about: str, id: str) -> File | None:
        """The file, where it was added to this very thing; whether the thing may be seen is for the caller to ask."""
        query = {"_id": id, "about": about, "network": network, "pending": {"$exists": False}}
        found = await self._db[COLLECTION].find_one(query)
        return File.of(found) if found else None

    async def content(self, file: File) -> AsyncIterator[bytes] | None:
        """Its content in pieces; None where it is not there any more."""
        named = await self._contents.find_one({"metadata.network": file.network, "filename": file.hash}, {"_id": 1})
        return self._pieces(named["_id"], file) if named else None

    async def _pieces(self, content: ObjectId, file: File) -> AsyncIterator[bytes]:
        """Breaks off where a chunk is missing: what was sent is then seen to be too short."""
        number = 0
        chunks = self._chunks.find({"files_id": content}, {"_id": 0, "n": 1, "data": 1}).sort("n", 1)
        async for chunk in chunks.batch_size(CHUNKS_AT_ONCE):
            if chunk["n"] != number:
                raise RuntimeError(f"{file.id}: chunk {number} is missing")
            number += 1
            yield bytes(chunk["data"])

    async def rewrite(self, network: str, hash: str, content: bytes) -> None:
        """Give every file of this content another one, such as its text without somebody's name; the old one goes."""
        new, size = hashlib.sha256(content).hexdigest(), len(content)
        kind, now = {"network": network, "hash": hash}, datetime.now(UTC)
        named = File("", "", network, new, "", "", size, "", now)
        for last_try in (False, False, True):
            await self._keep_content(io.BytesIO(content), named)
            changed = await transaction(self._client, partial(self._move, kind, new, size))
            if changed or last_try:
                break
        await self.release([(network, hash)])

    async def _move(self, kind: dict[str, str], new: str, size: int, session: Session) -> bool:
        held = {"metadata.network": kind["network"], "filename": new}
        touch = {"$set": {"metadata.touched": datetime.now(UTC)}}
        if not (await self._contents.update_one(held, touch, session=session)).matched_count:
            return False  # it was swept in this moment
        await self._db[COLLECTION].update_many(kind, {"$set": {"hash": new, "size": size}}, session=session)
        return True

    async def release(self, contents: Iterable[tuple[str, str]]) -> int:
        """Delete those contents (network, hash) that no document names any more; how many went."""
        gone = 0
        for network, hash in set(contents):
            content = await transaction(self._client, partial(self._let_go, network=network, hash=hash))
            if content is not None:
                await self._chunks.delete_many({"files_id": content})
                gone += 1
        return gone

    async def _let_go(self, session: Session, *, network: str, hash: str) -> Any:
        named = {"hash": hash, "network": network}
        if await self._db[COLLECTION].find_one(named, {"_id": 1}, session=session):
            return None
        query = {"metadata.network": network, "filename": hash}
        gone = await self._contents.find_one_and_delete(query, projection=["_id"], session=session)
        return gone["_id"] if gone else None

    async def erase_by(self, ids: Sequence[str]) -> Erased:
        """Delete every file that was added under one of these ids (a person's id, subjects, keys)."""
        return await self.erase({"by": {"$in": list(ids)}})

    async def erase(self, query: Mapping[str, Any]) -> Erased:
        rows = await self._db[COLLECTION].find(query, {"network": 1, "hash": 1}).to_list(None)
        still = {"$and": [{"_id": {"$in": [one["_id"] for one in rows]}}, dict(query)]}
        await self._db[COLLECTION].delete_many(still)
        return Erased(len(rows), await self.release((one["network"], one["hash"]) for one in rows))

    async def sweep(self, now: datetime | None = None) -> Erased:
        """Delete what broken uploads left behind, and what belongs to nothing, once it is a day old."""
        before = (now or datetime.now(UTC)) - OLD
        erased = await self.erase({"pending": True, "at": {"$lt": before}})
        without_thing = await self._without_thing(before)
        more = await self.erase({"_id": {"$in": without_thing}}) if without_thing else Erased()
        contents = erased.contents + more.contents + await self._sweep_contents(before)
        return Erased(erased.files + more.files, contents)

    async def _without_thing(self, before: datetime) -> list[str]:
        pipeline: list[dict[str, Any]] = [
            {"$match": {"at": {"$lt": before}}},
            {"$lookup": {"from": "streams", "localField": "about", "foreignField": "_id", "as": "thing",
                         "pipeline": [{"$project": {"_id": 1}}]}},
            {"$match": {"thing": []}},
            {"$project": {"_id": 1}},
        ]  # fmt: skip
        return [one["_id"] async for one in self._db[COLLECTION].aggregate(pipeline)]

    async def _sweep_contents(self, before: datetime) -> int:
        unused = [
            (one["metadata"]["network"], one["filename"])
            async for one in self._contents.find({"uploadDate": {"$lt": before}})
            if not await self._db[COLLECTION].find_one(
                {"hash": one["filename"], "network": one["metadata"]["network"]}, {"_id": 1}
            )
        ]
        gone = await self.release(unused)
        # Chunks whose upload broke off: the id says when it began.
        each: list[dict[str, Any]] = [{"$sort": {"files_id": 1, "n": 1}}, {"$group": {"_id": "$files_id"}}]
        async for one in self._chunks.aggregate(each):
            broken_off = one["_id"].generation_time < before
            if broken_off and not await self._contents.find_one({"_id": one["_id"]}, {"_id": 1}):
                await self._chunks.delete_many({"files_id": one["_id"]})
                gone += 1
        return gone


def _examined(source: IO[bytes], name: str, allowed: tuple[Kind, ...], most: int) -> tuple[Kind, str, int]:
    """Kind, hash and size; the size first, which costs nothing."""
    size = source.seek(0, 2)
    if size > most:
        raise Refused("too-large", _LARGE, status=413)
    if not size:
        raise Refused("empty", _EMPTY, status=422)
    kind = kind_of(source, name, allowed)
    digest = hashlib.sha256()
    source.seek(0)
    while piece := source.read(PIECE):
        digest.update(piece)
    return kind, digest.hexdigest(), size


def _batch(source: IO[bytes], content: ObjectId, number: int) -> list[dict[str, Any]]:
    chunks: list[dict[str, Any]] = []
    while len(chunks) < CHUNKS_AT_ONCE and (data := source.read(CHUNK)):
        chunks.append({"files_id": content, "n": number + len(chunks), "data": Binary(data)})
    return chunks
