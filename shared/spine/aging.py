"""What is kept no longer than its network's profile says: deleted daily, by one replica of each service."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shared import clock
from shared.mongo import Database
from shared.people import People
from shared.people.register import PEOPLE, Document, Place, delete, places_of
from shared.profiles import profiles

from .erasing import BATCH
from .lease import LIFE_S, Lease

log = logging.getLogger(__name__)
LOOK_EVERY_S = 10.0
PERSONS = "persons"
BY_NETWORK = "network"


class Aging:
    """Looks once a day of the domain's clock, under a lease; `requests` looks after the vault too."""

    def __init__(self, service: str, db: Database, people_db: Database, people: People, *, owner: str) -> None:
        self.service, self.db, self.people_db, self.people = service, db, people_db, people
        self.lease = Lease(db, "aging", owner)

    async def run(self) -> None:
        while True:
            async with self.lease.holding() as lost:
                while not lost.is_set():
                    try:
                        await self.once_a_day()
                    except Exception as error:
                        log.warning("aging waits: %s", type(error).__name__)
                    await _wait(lost, LOOK_EVERY_S)
            await asyncio.sleep(LIFE_S / 4)

    async def once_a_day(self) -> bool:
        """Whether it was done now; not where it was done today already. The lease's own document keeps the day."""
        today = clock.now().date().isoformat()
        row = await self.db.leases.find_one({"_id": "aged"}, {"day": 1})
        if row is not None and row.get("day") == today:
            return False
        await self.age()
        await self.db.leases.replace_one({"_id": "aged"}, {"day": today}, upsert=True)
        return True

    async def age(self) -> dict[str, int]:
        """Let go all that is too old now; by collection how many documents."""
        done = {place.collection: await age_in(self.db, place) for place in places_of(self.service) if place.kept}
        if self.service == "requests":
            done |= {place.collection: await age_in(self.people_db, place) for place in places_of(PEOPLE) if place.kept}
            done[PERSONS] = await self._persons()
        if gone := {name: number for name, number in done.items() if number}:
            log.info("kept long enough and deleted: %s", gone)
        return done

    async def _persons(self) -> int:
        """Who holds no role and was not registered or named for so long is erased everywhere."""
        begun = 0
        for network, days in days_of(PERSONS).items():
            before = clock.now() - timedelta(days=days)
            forgotten = {
                "network": network,
                "roles.0": {"$exists": False},
                "erasing": {"$exists": False},
                "known": {"$lt": before},
            }
            async for one in self.people_db.persons.find(forgotten, {"_id": 1}).limit(BATCH):
                await self.people.erase(one["_id"], asked_by="retention")
                begun += 1
        return begun


def days_of(kind: str) -> dict[str, int]:
    """How long each network keeps this kind of data."""
    return {network: profile.retention[kind] for network, profile in profiles().items()}


async def age_in(db: Database, place: Place) -> int:
    """Let go what of this place is older than its network allows; what names no network and no stream stays."""
    if place.age is None:
        return 0
    days = days_of(place.kept)
    now = clock.now()
    oldest = {network: (now - timedelta(days=kept)).date().isoformat() for network, kept in days.items()}
    longest = max(days.values())
    gone = 0
    batch: list[Document] = []
    async for one in db[place.collection].find({}, batch_size=BATCH):
        batch.append(one)
        if len(batch) >= BATCH:
            gone += await _age_batch(db, place, batch, oldest, longest)
            batch = []
    return gone + (await _age_batch(db, place, batch, oldest, longest) if batch else 0)


async def _age_batch(
    db: Database, place: Place, batch: list[Document], oldest: Mapping[str, str], longest_days: int
) -> int:
    assert place.age is not None
    ages = await place.age(db, batch)
    # What names no network is kept for as long as the network that keeps it longest.
    otherwise = (clock.now() - timedelta(days=longest_days)).date().isoformat()
    networks = await _networks(db, batch)
    old = [
        one
        for one in batch
        if one["_id"] in ages and ages[one["_id"]][:10] < oldest.get(networks.get(one["_id"], ""), otherwise)
    ]
    return await (place.expire or delete)(db, place.collection, old) if old else 0


async def _networks(db: Database, batch: list[Document]) -> dict[Any, str]:
    """Each document's network: its own field, else that of the stream it lies beside."""
    known = {one["_id"]: one[BY_NETWORK] for one in batch if one.get(BY_NETWORK)}
    others = [one["_id"] for one in batch if one["_id"] not in known and isinstance(one["_id"], str)]
    if others:
        async for row in db.streams.find({"_id": {"$in": others}}, {"network": 1}):
            known[row["_id"]] = row["network"]
    return known


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
