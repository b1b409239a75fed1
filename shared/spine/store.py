"""The event store: commands in, events out, each group of them in one MongoDB transaction."""

import asyncio
import logging
import random
from collections import Counter, OrderedDict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from pymongo import DeleteOne, ReplaceOne, UpdateOne
from pymongo.errors import PyMongoError

from shared.contracts.base import Command, parse_event
from shared.contracts.refused import Refused
from shared.ids import aggregate_of
from shared.mongo import Client, Database, Session, is_duplicate_key, is_transient, transaction

from .aggregate import Aggregate, Decide
from .draft import Beside, Current, Draft, Letters, Once, Put, Receipt, Remove, Work
from .origin import RECEIPT_LIFE, Origin

GROUP_COMMANDS, GROUP_STREAMS, MOST_DOCUMENTS, MOST_WAITING, REMEMBERED = 256, 64, 1_000, 20_000, 512
CONFLICT_ATTEMPTS = 12

log = logging.getLogger(__name__)


def _unavailable() -> Refused:
    return Refused("unavailable", "The store is out of reach; send it again with the same id.", status=503)


class Store(Protocol):
    """What handlers are given: the grouping store behind the web, the transaction's own behind a consumer."""

    @property
    def origin(self) -> Origin: ...

    async def execute(self, stream: str, command: Command, decide: Decide, beside: Iterable[Beside] = ()) -> Receipt:
        """Decide on one stream and append what follows; the answer comes after the commit. Raises `Refused`."""
        ...

    async def execute_all(
        self, command: Command, decides: Mapping[str, Decide], beside: Iterable[Beside] = ()
    ) -> Receipt:
        """The use case over several streams: all of them or none; at most 1,000 documents."""
        ...

    async def load(self, stream: str) -> Any:
        """The folded state; refused with 404 where the stream is not there or belongs to another network."""
        ...


@dataclass(frozen=True)
class EventStore:
    """A service's streams in its own database; `Grouping` and `within` give the stores that handlers use."""

    client: Client
    db: Database
    aggregates: Mapping[str, Aggregate]
    remembered: OrderedDict[str, Current] = field(default_factory=OrderedDict)
    letters: Letters | None = None

    async def prepare(self) -> None:
        """Make the collections and indexes; fold again what an older fold left."""
        names = set(await self.db.list_collection_names())
        for name in ("events", "streams", "receipts", "deadlines", "dead", "parking", "offsets", "leases", "outbox"):
            if name not in names:
                await self.db.create_collection(name)
        await self.db.events.create_index([("stream", 1), ("version", 1)], unique=True)
        # For who did what: by network and day; the actor is in it so that looking for one reads no other's events.
        await self.db.events.create_index([("network", 1), ("recordedtime", -1), ("actor", 1)])
        await self.db.streams.create_index([("aggregate", 1), ("network", 1), ("_id", 1)])
        await self.db.receipts.create_index("expires", expireAfterSeconds=0)
        await self.db.deadlines.create_index("at")
        await self.db.dead.create_index([("key", 1), ("order", 1)])
        for aggregate in self.aggregates.values():
            await self.refold(aggregate)

    async def refold(self, aggregate: Aggregate) -> int:
        """Fold again every stream of this kind whose fold is older than the code's; returns how many."""
        older = {"aggregate": aggregate.name, "fold": {"$lt": aggregate.fold}}
        done = 0
        async for stream in self.db.streams.find(older, {"version": 1, "network": 1}):
            upto = {"stream": stream["_id"], "version": {"$lte": stream["version"]}}
            stored = await self.db.events.find(upto).sort("version", 1).to_list(None)
            state = aggregate.folded(parse_event(one["type"], one["data"]) for one in stored)
            new = stream_document(stream["_id"], stream["version"], aggregate, state, stream["network"])
            await self.db.streams.replace_one({"_id": stream["_id"], "version": stream["version"]}, new)
            done += 1
        return done

    async def read(self, works: Sequence[Work], session: Session | None) -> Draft:
        draft = Draft(self.aggregates, letters=self.letters)
        streams = {stream for work in works for stream in work.decides}
        await self._take(draft, streams, session)
        receipts = [receipt for work in works if (receipt := work.origin.receipt_id)]
        if receipts:
            found = await self.db.receipts.find({"_id": {"$in": receipts}}, session=session).to_list(None)
            draft.receipts = {one["_id"]: one for one in found}
        return draft

    async def _take(self, draft: Draft, streams: set[str], session: Session | None) -> None:
        """Load the streams; of those whose folded state is at hand only the version is asked for."""
        at_hand = {stream: self.remembered[stream] for stream in streams & self.remembered.keys()}
        if at_hand:
            asked = {"_id": {"$in": list(at_hand)}}
            async for one in self.db.streams.find(asked, {"version": 1}, session=session):
                known = at_hand[one["_id"]]
                if known.version == one["version"]:
                    draft.streams[one["_id"]] = replace(known, loaded=known.version)
        missing = list(streams - draft.streams.keys())
        if missing:
            draft.take(await self.db.streams.find({"_id": {"$in": missing}}, session=session).to_list(None))

    def remember(self, draft: Draft) -> None:
        """Keep the states of a committed group at hand; a state is never changed, so it can be shared."""
        for stream, now in draft.moved.items():
            self.remembered[stream] = now
            self.remembered.move_to_end(stream)
        while len(self.remembered) > REMEMBERED:
            self.remembered.popitem(last=False)

    async def write(self, draft: Draft, session: Session) -> None:
        """Write the group; a stream that moved since it was read makes the transaction conflict."""
        if draft.events:
            await self.db.events.insert_many(draft.events, session=session, ordered=False)
            await self.db.streams.bulk_write(
                [
                    ReplaceOne(
                        {"_id": stream, "version": now.loaded},
                        stream_document(stream, now.version, now.aggregate, now.state, now.network),
                        upsert=True,
                    )
                    for stream, now in draft.moved.items()
                ],
                session=session,
                ordered=False,
            )
        await self._write_beside(draft, session)
        if draft.new_receipts:
            expires = datetime.now(UTC) + RECEIPT_LIFE
            documents = [one if one["stays"] else one | {"expires": expires} for one in draft.new_receipts]
            await self.db.receipts.insert_many(documents, session=session, ordered=False)

    async def _write_beside(self, draft: Draft, session: Session) -> None:
        writes: dict[str, list[Any]] = {}
        for one in draft.beside:
            writes.setdefault(one.collection, []).append(_write(one))
        for deadline, stream, network in draft.deadlines.values():
            if deadline.at is None or deadline.command is None:
                deadlines: Any = DeleteOne({"_id": deadline.id})
            else:
                document = {
                    "at": deadline.at,
                    "stream": stream,
                    "network": network,
                    "command": type(deadline.command).__name__,
                    "data": deadline.command.model_dump(mode="json"),
                }
                deadlines = ReplaceOne({"_id": deadline.id}, document, upsert=True)
            writes.setdefault("deadlines", []).append(deadlines)
        for collection, batch in writes.items():
            await self.db[collection].bulk_write(batch, session=session)

    def within(self, session: Session, origin: Origin) -> "BoundStore":
        return BoundStore(self, session, origin)


def _write(one: Put | Remove) -> Any:
    match one:
        case Remove():
            return DeleteOne({"_id": one.id})
        case Once():
            return UpdateOne({"_id": one.id}, {"$setOnInsert": dict(one.document)}, upsert=True)
    return ReplaceOne({"_id": one.id}, {**one.document, "_id": one.id}, upsert=True)


def stream_document(stream: str, version: int, aggregate: Aggregate, state: Any, network: str) -> dict[str, Any]:
    return {
        "_id": stream,
        "version": version,
        "fold": aggregate.fold,
        "aggregate": aggregate.name,
        "network": network,
        "state": aggregate.dump(state),
    }


def _became(outcome: Receipt | Exception) -> str:
    if isinstance(outcome, Refused):
        return "unavailable" if outcome.status == 503 else "refused"
    return "failed" if isinstance(outcome, Exception) else "accepted"


def answer(outcome: Receipt | Exception) -> Receipt:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


async def load_state(store: EventStore, stream: str, network: str, session: Session | None = None) -> Any:
    found = await store.db.streams.find_one({"_id": stream, "network": network}, session=session)
    if found is None:
        raise Refused("not-found", "There is nothing of this name here.", status=404)
    return store.aggregates[aggregate_of(stream)].load(found["state"])


@dataclass(frozen=True, slots=True)
class BoundStore:
    """The store within a consumer's transaction: it appends at once and commits with the offset."""

    store: EventStore
    session: Session
    origin: Origin

    async def execute(self, stream: str, command: Command, decide: Decide, beside: Iterable[Beside] = ()) -> Receipt:
        return await self.execute_all(command, {stream: decide}, beside)

    async def execute_all(
        self, command: Command, decides: Mapping[str, Decide], beside: Iterable[Beside] = ()
    ) -> Receipt:
        work = Work(self.origin, command, decides, tuple(beside))
        draft = await self.store.read([work], self.session)
        draft.add(work)
        receipt = answer(draft.outcomes[0])
        _check_size(draft)
        await self.store.write(draft, self.session)
        return receipt

    async def load(self, stream: str) -> Any:
        return await load_state(self.store, stream, self.origin.network, self.session)


def _check_size(draft: Draft) -> None:
    if len(draft.events) + len(draft.moved) + len(draft.beside) > MOST_DOCUMENTS:
        raise Refused("too-large", "This touches too much at once; split it.", status=413)


class Grouping:
    """Commands that wait in this process at the same moment share a transaction; each caller gets its own answer."""

    def __init__(self, store: EventStore) -> None:
        self.store = store
        self._waiting: deque[tuple[Work, asyncio.Future[Receipt]]] = deque()
        self._flusher: asyncio.Task[None] | None = None
        self.commands = self.groups = 0
        self.outcomes: Counter[tuple[str, str]] = Counter()
        """By command and what became of it: accepted, refused, unavailable, failed."""

    def on_behalf_of(self, origin: Origin) -> "GroupingStore":
        return GroupingStore(self, origin)

    async def submit(self, work: Work) -> Receipt:
        if len(self._waiting) >= MOST_WAITING:
            raise Refused("busy", "Too much is waiting; send it again in a moment with the same id.", status=503)
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, future))
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush(), name="store: groups")
        return await future

    async def _flush(self) -> None:
        while self._waiting:
            group = self._next_group()
            self.commands, self.groups = self.commands + len(group), self.groups + 1
            try:
                outcomes = await self.run([work for work, _ in group])
            except Exception as error:
                log.exception("a group of commands failed")
                outcomes = [error] * len(group)
            for (work, future), outcome in zip(group, outcomes, strict=True):
                self.outcomes[type(work.command).__name__, _became(outcome)] += 1
                if future.cancelled():
                    continue
                if isinstance(outcome, Exception):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)

    def _next_group(self) -> list[tuple[Work, asyncio.Future[Receipt]]]:
        group = [self._waiting.popleft()]
        streams = set(group[0][0].decides)
        while self._waiting and len(group) < GROUP_COMMANDS:
            streams |= set(self._waiting[0][0].decides)
            if len(streams) > GROUP_STREAMS:
                break
            group.append(self._waiting.popleft())
        return group

    async def run(self, works: list[Work], attempt: int = 1) -> list[Receipt | Exception]:
        """Each work's receipt or what it raised, in order; everything accepted is committed."""
        drafts: list[Draft] = []

        async def body(session: Session) -> None:
            draft = await self.store.read(works, session)
            drafts.append(draft)
            for work in works:
                draft.add(work)
            if len(works) == 1:
                _check_size(draft)
            await self.store.write(draft, session)

        try:
            await transaction(self.store.client, body, attempts=1)
        except Refused as refused:
            return [refused]
        except PyMongoError as error:
            return await self._again(works, error, drafts[-1] if drafts else None, attempt)
        except Exception as error:
            if len(works) > 1:
                return await self._one_by_one(works)
            log.exception("a command cannot be written")
            return [error]
        self.store.remember(drafts[-1])
        return drafts[-1].outcomes

    async def _again(
        self, works: list[Work], error: PyMongoError, draft: Draft | None, attempt: int
    ) -> list[Receipt | Exception]:
        if error.has_error_label("UnknownTransactionCommitResult") or error.timeout:
            log.warning("commands are answered with 503: %s", type(error).__name__)
            return [_unavailable() for _ in works]  # it may be stored: with its id it can be sent again
        if not (is_transient(error) or is_duplicate_key(error)):
            if len(works) > 1:
                return await self._one_by_one(works)
            return [error]
        if draft is None or attempt >= CONFLICT_ATTEMPTS:
            log.warning("commands are answered with 503 after %s attempts: %s", attempt, type(error).__name__)
            return [_unavailable() for _ in works]
        await asyncio.sleep(random.uniform(0, 0.005 * 2 ** min(attempt, 6)))
        try:
            moved = await self._moved_since(draft)
        except PyMongoError:
            return [_unavailable() for _ in works]
        alone = [index for index, work in enumerate(works) if moved & set(work.decides)]
        if not alone or len(alone) == len(works):
            return await self.run(works, attempt + 1)
        outcomes: dict[int, Receipt | Exception] = {}
        for indexes in ([i for i in range(len(works)) if i not in set(alone)], alone):
            answers = await self.run([works[i] for i in indexes], attempt + 1)
            outcomes.update(zip(indexes, answers, strict=True))
        return [outcomes[index] for index in range(len(works))]

    async def _moved_since(self, draft: Draft) -> set[str]:
        touched = set(draft.moved)
        found = await self.store.db.streams.find({"_id": {"$in": list(touched)}}, {"version": 1}).to_list(None)
        versions = {one["_id"]: one["version"] for one in found}
        return {stream for stream in touched if versions.get(stream, 0) != draft.streams[stream].loaded}

    async def _one_by_one(self, works: list[Work]) -> list[Receipt | Exception]:
        return [(await self.run([work]))[0] for work in works]


@dataclass(frozen=True, slots=True)
class GroupingStore:
    """The store behind the web, bound to who asks, and to the versions that they saw."""

    grouping: Grouping
    origin: Origin
    expected: Mapping[str, int] = field(default_factory=dict)

    async def execute(self, stream: str, command: Command, decide: Decide, beside: Iterable[Beside] = ()) -> Receipt:
        return await self.execute_all(command, {stream: decide}, beside)

    async def execute_all(
        self, command: Command, decides: Mapping[str, Decide], beside: Iterable[Beside] = ()
    ) -> Receipt:
        return await self.grouping.submit(Work(self.origin, command, decides, tuple(beside), self.expected))

    async def load(self, stream: str) -> Any:
        return await load_state(self.grouping.store, stream, self.origin.network)

    def expecting(self, stream: str, version: int) -> "GroupingStore":
        """What is decided on this stream counts only while it stands at that version, else `Stale` is raised."""
        return replace(self, expected={**self.expected, stream: version})

    def row(self, command_id: str) -> "GroupingStore":
        """The same origin with another command id: for rows of one file or parts of one form."""
        return replace(self, origin=replace(self.origin, command_id=command_id))
