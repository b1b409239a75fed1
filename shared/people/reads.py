"""The log of reads: who was shown names and addresses of others, when and what for. Written in batches, never waited
for, and gone by itself after a time; what a process had not written when it was killed (a second's worth) is lost."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import uuid4

from pymongo.errors import PyMongoError

from shared import clock

BATCH_S, AGAIN_S, MOST_WAITING, MOST_PERSONS = 0.5, 2.0, 5_000, 500
log = logging.getLogger(__name__)


class Purpose(StrEnum):
    """What somebody was shown persons for."""

    REGISTRATIONS = "registrations"
    NOMINATION = "nomination"
    ATTENDANCE = "attendance"
    DIRECTORY = "directory"
    PERSON = "person"
    EXPORT = "export"
    ON_BEHALF = "on-behalf"
    LETTERS = "letters"
    EXPERTS = "experts"
    PROMOTERS = "promoters"


class Reader(Protocol):
    """Who reads; a `Principal` is one."""

    @property
    def subject(self) -> str: ...

    @property
    def network(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Read:
    at: datetime
    by: str
    """The subject or key that read."""
    purpose: str
    count: int
    """Of how many persons at once."""
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list of reads is narrowed to; `about` are ids of persons who were read."""

    by: Sequence[str] = ()
    about: Sequence[str] = ()
    purpose: str = ""
    begin: datetime | None = None
    end: datetime | None = None


class Reads:
    """The collection `reads` of the database `<namespace>_people`."""

    def __init__(self, db: Any, kept: timedelta = timedelta(days=365)) -> None:
        self._rows, self._kept = db["reads"], kept
        self._waiting: deque[dict[str, Any]] = deque(maxlen=MOST_WAITING)
        self._writer: asyncio.Task[None] | None = None

    async def prepare(self) -> None:
        await self._rows.create_index("expires", expireAfterSeconds=0)
        await self._rows.create_index([("network", 1), ("at", -1)])
        await self._rows.create_index([("of", 1), ("at", -1)])

    async def note(self, reader: Reader, purpose: Purpose, of: Iterable[str]) -> None:
        """Note that these persons (by id) are shown to the reader. Never waits, never fails."""
        persons = list(dict.fromkeys(one for one in of if one))
        expires = datetime.now(UTC) + self._kept
        common = {"network": reader.network, "by": reader.subject, "purpose": str(purpose), "at": clock.now()}
        for start in range(0, len(persons), MOST_PERSONS):
            part = persons[start : start + MOST_PERSONS]
            if len(self._waiting) == MOST_WAITING:
                log.error("reads of personal data are lost: the database was away for too long")
            self._waiting.append({"_id": uuid4().hex, **common, "of": part, "n": len(persons), "expires": expires})
        if persons and (self._writer is None or self._writer.done()):
            self._writer = asyncio.create_task(self._write(), name="people: reads")

    async def _write(self) -> None:
        await asyncio.sleep(BATCH_S)
        while self._waiting:
            try:
                await self.flush()
            except PyMongoError as error:
                log.warning("reads wait for MongoDB: %s", type(error).__name__)
                await asyncio.sleep(AGAIN_S)

    async def flush(self) -> None:
        """Write what waits; raises what MongoDB raises, and keeps it then."""
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), 200))]
            try:
                await self._rows.insert_many(batch, ordered=False)
            except PyMongoError:
                # Written again they would be twice there, but for their ids: those that stand are passed over.
                await self._put_back(batch)
                raise

    async def _put_back(self, batch: Sequence[dict[str, Any]]) -> None:
        there: set[str] = set()
        with contextlib.suppress(PyMongoError):
            there = {
                row["_id"] async for row in self._rows.find({"_id": {"$in": [one["_id"] for one in batch]}}, ["_id"])
            }
        self._waiting.extendleft(one for one in reversed(batch) if one["_id"] not in there)

    async def close(self) -> None:
        """Write the last ones, for three seconds at most."""
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
        with contextlib.suppress(PyMongoError, TimeoutError):
            async with asyncio.timeout(3):
                await self.flush()

    async def of(self, person: str | Sequence[str], *, limit: int = 100) -> list[Read]:
        """Who read this person's data, newest first; for the person too."""
        ids = [person] if isinstance(person, str) else list(person)
        rows = self._rows.find({"of": {"$in": ids}}, {"of": 0}).sort("at", -1).limit(limit)
        return [_read(row) async for row in rows]

    async def page(self, network: str, asked: Asked, *, skip: int, limit: int) -> tuple[list[Read], int]:
        """One page of what was read in the network, newest first, and how many there are in all."""
        query: dict[str, Any] = {"network": network}
        if asked.by:
            query["by"] = {"$in": list(asked.by)}
        if asked.about:
            query["of"] = {"$in": list(asked.about)}
        if asked.purpose:
            query["purpose"] = asked.purpose
        if asked.begin or asked.end:
            limits = {"$gte": asked.begin, "$lt": asked.end}
            query["at"] = {sign: moment for sign, moment in limits.items() if moment}
        found = self._rows.find(query).sort([("at", -1), ("_id", 1)]).skip(skip).limit(limit)
        return [_read(row) async for row in found], await self._rows.count_documents(query)


def _read(row: dict[str, Any]) -> Read:
    return Read(row["at"], row["by"], row["purpose"], row["n"], tuple(row.get("of", ())))
