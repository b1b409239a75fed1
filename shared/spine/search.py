"""A service's text index of its own things: kept by a follower of its own collections, rebuilt whenever that is needed.

An entry is worked out from what the store holds now, never from what an event said: whoever erases a word from its
collection erases it from the index as well. Names of persons are not in it, for they are in no stream and no words.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from pymongo import DeleteOne, ReplaceOne
from pymongo.errors import OperationFailure, PyMongoError

from shared.mongo import Database, Session

from .lease import Lease

if TYPE_CHECKING:
    from .service import Service

log = logging.getLogger(__name__)
COLLECTION, CURSOR = "search", "search_cursor"
AT_ONCE, POLL_MS, GATHER_S, AGAIN_S = 25, 1_000, 2.0, 1.0
NO_TOKEN = (136, 260, 280, 286)
"""MongoDB's codes for a resume token that leads nowhere."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be found. `right` is the action that lets people see it; `link` where it is.

    `members`: those whose own it is; none where everybody of the network with the right may see it.
    """

    id: str
    network: str
    right: str
    kind: str
    title: str
    words: str
    link: str
    day: str = ""
    members: tuple[str, ...] = ()

    @property
    def document(self) -> dict[str, Any]:
        facts = {key: value for key, value in asdict(self).items() if key != "id"}
        return {"_id": self.id, **facts, "members": list(self.members) or None}


Make = Callable[[Database, Sequence[str]], Awaitable[Sequence[Entry]]]
"""The entries of these things as the store holds them now; a thing that is not to be found has none."""
Subjects = Callable[[Database, Sequence[str]], Awaitable[Sequence[str]]]
"""The things that these documents are about, for those that bear another id, such as a decision's reason."""
All = Callable[[Database], Awaitable[Iterable[str]]]
"""The ids of all things there are."""


@dataclass(frozen=True, slots=True)
class Seeker:
    """Who asks, as far as the index must know: the network, the actions allowed, the own member (none sees all)."""

    network: str
    rights: tuple[str, ...]
    own: str | None = None

    @property
    def query(self) -> dict[str, Any]:
        seen: dict[str, Any] = {"network": self.network, "right": {"$in": list(self.rights)}}
        if self.own is not None:
            seen["members"] = {"$in": [None, self.own]}
        return seen


@dataclass(frozen=True, slots=True)
class Found:
    entries: Sequence[Entry] = ()
    total: int = 0
    kinds: Mapping[str, int] = field(default_factory=dict)
    """How many of each kind, whichever kind is asked for."""


@dataclass(slots=True)
class SearchIndex:
    """Give `follow` to the service's `background`. `watches` are its collections whose documents bear a thing's id.

    `version` belongs to `make`: raise it when entries are made another way, and they are made anew at the next start.
    """

    make: Make
    all_ids: All
    watches: tuple[str, ...]
    prefixes: tuple[str, ...]
    """How the ids of things begin; documents with other ids are passed over."""
    subjects: Subjects | None = None
    version: int = 1

    async def prepare(self, db: Database) -> None:
        names = set(await db.list_collection_names())
        for name in (COLLECTION, CURSOR, *self.watches):
            if name not in names:
                await db.create_collection(name)
        await db[COLLECTION].create_index(
            [("network", 1), ("title", "text"), ("words", "text")],
            name="words",
            weights={"title": 5, "words": 1},
            default_language="none",
            language_override="no_such_field",  # an entry's own field `language` must not choose a stemmer
        )

    async def refresh(self, db: Database, ids: Sequence[str]) -> None:
        """Make the entries of these things anew; a thing that is gone, or says nothing, leaves the index."""
        for start in range(0, len(ids), AT_ONCE):
            part = list(dict.fromkeys(ids[start : start + AT_ONCE]))
            made = {one.id: one.document for one in await self.make(db, part)}
            held = {one["_id"]: one async for one in db[COLLECTION].find({"_id": {"$in": part}})}
            writes: list[Any] = [ReplaceOne({"_id": i}, d, upsert=True) for i, d in made.items() if held.get(i) != d]
            writes += [DeleteOne({"_id": one}) for one in held if one not in made]
            if writes:
                await db[COLLECTION].bulk_write(writes, ordered=False)

    async def forget(self, db: Database, ids: Sequence[str]) -> None:
        """What was indexed of these things is gone at once; what their own collections still say is indexed anew.

        Call it when words were erased there. The follower would do the same within three seconds.
        """
        for start in range(0, len(ids), AT_ONCE):
            await db[COLLECTION].delete_many({"_id": {"$in": list(ids[start : start + AT_ONCE])}})
        await self.refresh(db, ids)

    async def rebuild(self, db: Database) -> int:
        """Make every entry anew; returns how many things were looked at."""
        ids = list(await self.all_ids(db))
        gone = [one["_id"] async for one in db[COLLECTION].find({}, {"_id": 1})]
        everything = list(dict.fromkeys([*ids, *gone]))
        for start in range(0, len(everything), AT_ONCE):
            await self.refresh(db, everything[start : start + AT_ONCE])
            await asyncio.sleep(0)
        return len(ids)

    async def find(
        self, db: Database, seeker: Seeker, text: str, *, kind: str = "", skip: int = 0, limit: int = 10
    ) -> Found:
        """Things in which all of the words stand, else any of them; the best first, then the newest."""
        terms = words_of(text)
        if not terms or not seeker.rights:
            return Found()
        for search in dict.fromkeys((" ".join(f'"{one}"' for one in terms), " ".join(terms))):
            query = {**seeker.query, "$text": {"$search": search}}
            kinds = {
                row["_id"]: row["n"]
                async for row in db[COLLECTION].aggregate(
                    [{"$match": query}, {"$group": {"_id": "$kind", "n": {"$sum": 1}}}, {"$sort": {"n": -1, "_id": 1}}]
                )
            }
            if kinds:
                break
        else:
            return Found()
        if kind:
            query["kind"] = kind
        score = {"score": {"$meta": "textScore"}}
        rows = db[COLLECTION].find(query, score).sort([("score", {"$meta": "textScore"}), ("day", -1), ("_id", 1)])
        found = [_entry(row) for row in await rows.skip(skip).limit(limit).to_list(limit)]
        return Found(found, kinds.get(kind, 0) if kind else sum(kinds.values()), kinds)

    async def follow(self, service: "Service") -> None:
        """Runs while the service is up; one of its replicas follows at a time."""
        lease = Lease(service.db, "search", f"{service.settings.replica}-{os.getpid()}")
        while True:
            async with lease.holding() as lost:
                try:
                    await self._follow(service, lost)
                except PyMongoError as error:
                    log.warning("the search index waits: %s", type(error).__name__)
            await asyncio.sleep(AGAIN_S)

    async def _follow(self, service: "Service", lost: asyncio.Event) -> None:
        db = service.db
        kept = await db[CURSOR].find_one({"_id": COLLECTION})
        token = kept["token"] if kept and kept.get("version") == self.version else None
        session = await service.client.start_session()
        try:
            try:
                opened = await self._open(db, session, token)
            except OperationFailure as error:
                if token is None or error.code not in NO_TOKEN:
                    raise
                token, opened = None, await self._open(db, session, None)
            if token is None:  # the stream is open: what changes while everything is read comes after it
                await self.rebuild(db)
            await self._keep_up(db, session, opened, lost)
        finally:
            with suppress(PyMongoError):
                await session.end_session()

    async def _open(self, db: Database, session: Session, token: Any) -> dict[str, Any]:
        pipeline = [
            {"$changeStream": {"resumeAfter": token} if token else {}},
            {"$match": {"ns.coll": {"$in": list(self.watches)}, "documentKey._id": {"$type": "string"}}},
            {"$project": {"documentKey": 1}},
        ]
        command = {"aggregate": 1, "pipeline": pipeline, "cursor": {"batchSize": 0}}
        cursor: dict[str, Any] = (await db.command(command, session=session))["cursor"]
        return cursor

    async def _keep_up(self, db: Database, session: Session, opened: Mapping[str, Any], lost: asyncio.Event) -> None:
        more = {"getMore": opened["id"], "collection": "$cmd.aggregate", "maxTimeMS": POLL_MS}
        await self._move(db, opened["postBatchResumeToken"])
        while not lost.is_set():
            cursor = (await db.command(more, session=session))["cursor"]
            changed = [one["documentKey"]["_id"] for one in cursor["nextBatch"]]
            ids = [one for one in dict.fromkeys(changed) if one.startswith(self.prefixes)]
            if ids and self.subjects:
                ids = [*ids, *await self.subjects(db, ids)]
            if ids:
                await self.refresh(db, ids)
            if changed:
                await self._move(db, cursor["postBatchResumeToken"])
                await asyncio.sleep(GATHER_S)  # what changes often is worked out once for all of that time
            if cursor["id"] == 0:
                return

    async def _move(self, db: Database, token: Any) -> None:
        kept = {"_id": COLLECTION, "version": self.version, "token": token}
        await db[CURSOR].replace_one({"_id": COLLECTION}, kept, upsert=True)


MOST_TERMS, MOST_LETTERS = 12, 200


def words_of(text: str) -> list[str]:
    """The words of what somebody typed, without marks that the index would take for operators."""
    spaced = "".join(one if one.isalnum() else " " for one in text[:MOST_LETTERS])
    return list(dict.fromkeys(spaced.split()))[:MOST_TERMS]


def _entry(row: Mapping[str, Any]) -> Entry:
    facts = {name: row[name] for name in ("network", "right", "kind", "title", "words", "link", "day")}
    return Entry(id=row["_id"], members=tuple(row["members"] or ()), **facts)
