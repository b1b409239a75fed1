"""A service's part in erasing a person: it watches the vault's `erasures` and works the places of its database."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from shared.mongo import Database
from shared.people import People
from shared.people.register import ANYWHERE, PEOPLE, Document, Place, places_of
from shared.people.scrub import Scrubber
from shared.people.subject import DataSubject

from .lease import LIFE_S, Lease

log = logging.getLogger(__name__)
LOOK_EVERY_S, BATCH = 1.0, 500
Before = Callable[[DataSubject, str], Awaitable[int]]
"""What a service does first, such as giving places back; from the person and the erasure's id to how many."""


class Erasing:
    """One replica of a service works at a time, under a lease; every step may be repeated."""

    def __init__(
        self,
        service: str,
        db: Database,
        people_db: Database,
        people: People,
        *,
        owner: str,
        before: Sequence[Before] = (),
    ) -> None:
        self.service, self.db, self.people_db, self.people = service, db, people_db, people
        self.before: list[Before] = list(before)
        self.lease = Lease(db, "erasing", owner)
        self.vault = Lease(people_db, "erasing", f"{service}-{owner}")

    async def run(self) -> None:
        while True:
            async with self.lease.holding() as lost:
                while not lost.is_set():
                    try:
                        worked = await self.work()
                    except Exception as error:  # tried again until it is mended; its words may be the person's
                        log.warning("erasing waits: %s", type(error).__name__)
                        worked = 0
                    if not worked:
                        await _wait(lost, LOOK_EVERY_S)
            await asyncio.sleep(LIFE_S / 4)

    async def work(self) -> int:
        """Do what is to be done now; how many rounds were done."""
        done = 0
        for erasure in await self.people.erasures.waiting_for(self.service):
            await self._round(erasure)
            done += 1
        for erasure in await self.people.erasures.waiting_for_the_vault():
            if await self.vault.try_take():
                await self._finish(erasure)
                await self.vault.give_back()
                done += 1
        return done

    async def _round(self, erasure: dict[str, Any]) -> None:
        touched: dict[str, int] = {}
        who = await self.people.data_subject(erasure["person"], erasure["network"])
        if who is not None:
            await self._mark(who, erasure["_id"])
            for step in self.before:
                touched["given back"] = touched.get("given back", 0) + await step(who, erasure["_id"])
            touched |= await erase_in(self.db, places_of(self.service), who)
        await self.people.erasures.done(erasure, self.service, touched)
        log.info("erasure %s: a round is done", erasure["_id"])

    async def _mark(self, who: DataSubject, erasure: str) -> None:
        """For one that began and crashed before it was marked."""
        await self.people_db["persons"].update_one({"_id": who.id}, {"$set": {"erasing": erasure}})

    async def _finish(self, erasure: dict[str, Any]) -> None:
        who = await self.people.data_subject(erasure["person"], erasure["network"])
        if who is not None:
            await erase_in(self.people_db, places_of(PEOPLE), who)
            await self.people.forget(who)
        await self.people.erasures.finish(erasure["_id"])
        log.info("erasure %s: all of it is done", erasure["_id"])


async def erase_in(db: Database, places: Sequence[Place], who: DataSubject) -> dict[str, int]:
    """Erase the person from these places; by collection how many documents were touched."""
    existing = set(await db.list_collection_names())
    scrubber = Scrubber(who.names, who.addresses)
    touched: dict[str, int] = {}
    for place in places:
        if place.collection not in existing:
            continue
        count = 0
        if place.erase is not None:
            async for mine in of_person(db, place, who):
                count += await place.erase(db, place.collection, mine)
        if place.unpack:
            count += await _delete_naming(db, place, scrubber, who.network)
        if place.scrub:
            count += await place.scrub(db, scrubber, who.network)
        if place.words:
            count += await scrub(db, place.collection, place.words, scrubber, who.network)
        touched[place.collection.replace(".", "_")] = count
    return touched


async def _delete_naming(db: Database, place: Place, scrubber: Scrubber, network: str) -> int:
    assert place.unpack is not None
    gone = 0
    async for one in db[place.collection].find({}, batch_size=50):
        if one.get("network") in (None, network) and scrubber.holds(place.unpack(one)):
            await db[place.collection].delete_one({"_id": one["_id"]})
            gone += 1
    return gone


async def of_person(db: Database, place: Place, who: DataSubject, most: int = 0) -> AsyncIterator[list[Document]]:
    """The person's own documents in a place, in batches."""
    query = await place.find(db, who) if place.find else None
    if query is None:
        return
    batch: list[Document] = []
    async for one in db[place.collection].find(dict(query)).limit(most):
        batch.append(one)
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


async def scrub(db: Database, collection: str, fields: Sequence[str], scrubber: Scrubber, network: str) -> int:
    """Take name and address out of the texts of a collection, other networks' aside; how many documents changed.

    Every document is read here: a query that names the person would stand in the server's log of slow ones.
    """
    changed = 0
    async for one, clean in naming(db, collection, fields, scrubber, network):
        if "_id" in clean:  # its very id names the person: nothing but the whole can go
            await db[collection].delete_one({"_id": one["_id"]})
        else:
            # As it was read, or not at all: an edit that came between is found in the next round.
            as_read = {"_id": one["_id"], **{field: one[field] for field in clean}}
            await db[collection].update_one(as_read, {"$set": clean})
        changed += 1
    return changed


async def naming(
    db: Database, collection: str, fields: Sequence[str], scrubber: Scrubber, network: str
) -> AsyncIterator[tuple[Document, Document]]:
    """The documents whose texts name the person, each with those fields as they are without."""
    wanted = None if tuple(fields) == ANYWHERE else dict.fromkeys((*fields, "network"), 1)
    async for one in db[collection].find({}, wanted, batch_size=BATCH):
        if one.get("network") not in (None, "", network):
            continue
        cleaned = ((field, *scrubber.clean(value)) for field, value in one.items())
        clean = {field: value for field, value, found in cleaned if found}
        if clean and await _of_network(db, one, network):
            yield one, clean


async def _of_network(db: Database, document: Document, network: str) -> bool:
    """A document that names no network itself belongs to that of its stream, if it has one."""
    if document.get("network"):
        return True
    stream = await db.streams.find_one({"_id": document["_id"]}, {"network": 1})
    return stream is None or stream["network"] == network


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
