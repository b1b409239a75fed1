"""The restricted channel: what alerts say is sealed at rest, opened for named members alone, and deleted in time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from services.events.commands.alert import (
    CorrectAlert,
    DiscussAlert,
    ExpireAlert,
    RaiseAlert,
    ReadAlert,
    WithdrawAlert,
)
from services.events.domain import alert
from services.events.domain.alert import Alert
from services.events.sealed import Sealed
from shared import clock
from shared.mongo import Database
from shared.people.register import Query
from shared.people.scrub import Scrubber
from shared.people.subject import DataSubject
from shared.profiles import load
from shared.settings import get_settings
from shared.spine.aggregate import Aggregate, Deadline
from shared.spine.draft import Put, Receipt, Remove
from shared.spine.store import Store

WARNING = Aggregate(
    "warning",
    Alert,
    alert.evolve,
    deadlines=lambda stream, event: [Deadline(*one) for one in alert.falls_due(stream, event, clock.now())],
)
WORDS = "sealed_words"


@dataclass(frozen=True, slots=True)
class Message:
    """Something said about an alert."""

    member: str
    person: str
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """An alert with what it says, opened."""

    id: str
    version: int
    state: Alert
    subject: str = ""
    text: str = ""
    topic: str = ""
    messages: tuple[Message, ...] = ()


class Channel:
    """Over `sealed_words`: a document for what an alert says, one for each message, all of them sealed texts."""

    def __init__(self, db: Database, sealed: Sealed) -> None:
        self._db, self._words, self._sealed = db, db[WORDS], sealed

    @staticmethod
    async def prepare(db: Database) -> None:
        await db[WORDS].create_index("alert")
        await db.streams.create_index([("aggregate", 1), ("network", 1), ("state.expires_on", 1)])

    async def raise_alert(self, command: RaiseAlert, store: Store, said: Mapping[str, str], person: str) -> Receipt:
        """Tell named members; `said` has topic, subject and text."""
        channel = load(store.origin.network).channel
        decide = partial(
            alert.raise_, named=channel.members if channel else (), longest_days=channel.longest_days if channel else 0
        )
        kept = self._kept(store, command.alert, command.alert, said, person, expires=command.expires_on)
        return await store.execute(command.alert, command, decide, [kept])

    async def correct(self, command: CorrectAlert, store: Store, said: Mapping[str, str], person: str) -> Receipt:
        """What it said before is gone; everybody named is told that there is something new to read."""
        state: Alert = await store.load(command.alert)
        kept = self._kept(store, command.alert, command.alert, said, person, expires=state.expires_on)
        return await store.execute(command.alert, command, alert.decide, [kept])

    async def withdraw(self, command: WithdrawAlert, store: Store) -> Receipt:
        return await self._end(command, store)

    async def expire(self, command: ExpireAlert, store: Store) -> Receipt:
        return await self._end(command, store)

    async def read(self, command: ReadAlert, store: Store) -> Receipt:
        return await store.execute(command.alert, command, alert.decide)

    async def discuss(self, command: DiscussAlert, store: Store, text: str, person: str) -> Receipt:
        state: Alert = await store.load(command.alert)
        said = {"text": text, "member": command.member}
        kept = self._kept(store, command.message, command.alert, said, person, expires=state.expires_on)
        return await store.execute(command.alert, command, alert.decide, [kept])

    async def _end(self, command: WithdrawAlert | ExpireAlert, store: Store) -> Receipt:
        """The words are deleted with the event."""
        ids = [one["_id"] async for one in self._words.find({"alert": command.alert}, {"_id": 1})]
        receipt = await store.execute(command.alert, command, alert.decide, [Remove(WORDS, id) for id in ids])
        await self._words.delete_many({"alert": command.alert})  # said in this very moment
        return receipt

    def _kept(
        self, store: Store, id: str, about: str, said: Mapping[str, str], person: str, *, expires: date | None
    ) -> Put:
        sealed = {name: self._sealed.seal(text) for name, text in said.items()}
        facts = {"alert": about, "network": store.origin.network, "by": person, "sealed": sealed}
        return Put(WORDS, id, {**facts, "expires": expires.isoformat() if expires else ""})

    async def of(self, network: str, member: str) -> list[Told]:
        """Alerts from or for this member, unopened; the latest first."""
        query = {"network": network, "aggregate": "warning", "$or": [{"state.member": member}, {"state.to": member}]}
        found = [one async for one in self._db.streams.find(query).sort("_id", -1).limit(200)]
        return [Told(one["_id"], int(one["version"]), WARNING.load(one["state"])) for one in found]

    async def one(self, network: str, id: str, member: str | None) -> Told | None:
        """The alert where this member is named; none for everybody else."""
        found = await self._db.streams.find_one({"_id": id, "network": network, "aggregate": "warning"})
        state = WARNING.load(found["state"]) if found else Alert()
        return Told(id, int(found["version"]), state) if found and state.is_for(member) else None

    async def subjects(self, alerts: Collection[str]) -> dict[str, str]:
        """What these alerts are about, by id."""
        found = self._words.find({"_id": {"$in": list(alerts)}}, {"sealed.subject": 1})
        return {one["_id"]: self._open(one).get("subject", "") async for one in found}

    async def opened(self, told: Told) -> Told:
        """With its words."""
        kept = {one["_id"]: one async for one in self._words.find({"alert": told.id})}
        said = self._open(kept.get(told.id))
        messages = tuple(
            Message(opened.get("member", ""), kept[id]["by"], opened.get("text", ""))
            for id in told.state.messages
            if id in kept and (opened := self._open(kept[id]))
        )
        return replace(
            told, subject=said.get("subject", ""), text=said.get("text", ""), topic=said.get("topic", ""),
            messages=messages,
        )  # fmt: skip

    def _open(self, document: Mapping[str, Any] | None) -> dict[str, str]:
        sealed = document.get("sealed", {}) if document else {}
        return {name: self._sealed.open(text) or "" for name, text in sealed.items()}


async def written_by(_db: Any, who: DataSubject) -> Query:
    """Messages; what an alert itself says belongs to its member, and only the name is taken out of it."""
    return {"by": who.any_of, "_id": {"$regex": "^message-"}}


async def scrub(db: Any, scrubber: Scrubber, network: str) -> int:
    """Where a sealed text names the person it is sealed anew without."""
    sealed, changed = Sealed(get_settings(), "alerts"), 0
    async for one in db[WORDS].find({"network": network}):
        clean = {}
        for name, text in one["sealed"].items():
            plain, found = scrubber.clean(sealed.open(text) or "")
            if found:
                clean[f"sealed.{name}"] = sealed.seal(plain)
        if clean:
            as_read = {"_id": one["_id"], "sealed": one["sealed"]}
            await db[WORDS].update_one(as_read, {"$set": clean})
            changed += 1
    return changed
