"""The use cases of the programming cycle's documents, and what their pages read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.contracts.refused import Refused
from shared.ids import new_id
from shared.mongo import Database
from shared.profiles import Profile
from shared.spine.aggregate import Aggregate
from shared.spine.draft import Put, Receipt
from shared.spine.store import Store

from .domain import deliverable
from .domain.deliverable import AskDeliverable, Deliver, Deliverable, MoveDue, TakeDeliveryBack
from .offered import profile_of
from .streams import CYCLE_WORDS

DELIVERABLE = Aggregate("deliverable", Deliverable, deliverable.evolve)


def offices(profile: Profile) -> tuple[str, ...]:
    """The coordination offices; every member where the network has none."""
    found = tuple(one.code for one in profile.members if one.kind == "coordination-office")
    return found or profile.member_codes


async def ask_deliverable(command: AskDeliverable, store: Store) -> Receipt:
    """Ask the offices for a document by a day."""
    network = store.origin.network
    profile = profile_of(network)
    if strangers := set(command.members) - set(profile.member_codes):
        sentence = "Choose members of this network; %(member)s is none."
        raise Refused("members-unknown", sentence, status=422, member=sorted(strangers)[0])
    name = command.deliverable or new_id("deliverable")
    whole = command.model_copy(update={"members": command.members or offices(profile)})
    said = {"network": network, "title": command.title, "text": command.text}
    return await store.execute(name, whole, deliverable.ask, [Put(CYCLE_WORDS, name, said)])


async def move_due(command: MoveDue, store: Store) -> Receipt:
    return await store.execute(command.deliverable, command, deliverable.decide)


async def deliver(command: Deliver, store: Store) -> Receipt:
    """An office says that it delivered the document, and where it lies."""
    network = store.origin.network
    said = {"network": network, "about": command.deliverable, "link": command.link or "", "note": command.note}
    beside = [Put(CYCLE_WORDS, delivery_id(command.deliverable, command.member), said)]
    return await store.execute(command.deliverable, command, deliverable.decide, beside)


async def take_delivery_back(command: TakeDeliveryBack, store: Store) -> Receipt:
    return await store.execute(command.deliverable, command, deliverable.decide)


def delivery_id(name: str, member: str) -> str:
    return f"{name}:{member}"


@dataclass(frozen=True, slots=True)
class Due:
    """A document of the cycle as its readers see it."""

    id: str
    network: str
    state: Deliverable
    title: str
    text: str
    said: Mapping[str, Mapping[str, Any]]
    """Office -> what it said when it delivered."""


async def prepare(db: Database) -> None:
    await db[CYCLE_WORDS].create_index([("network", 1)])


async def documents(db: Database, network: str, year: int) -> list[Due]:
    query = {"network": network, "aggregate": "deliverable", "state.year": year}
    rows = await db.streams.find(query).sort("_id", 1).to_list(500)
    return [await _due(db, row) for row in rows]


async def one_document(db: Database, network: str, name: str) -> Due | None:
    row = await db.streams.find_one({"_id": name, "network": network, "aggregate": "deliverable"})
    return await _due(db, row) if row else None


async def _due(db: Database, row: Mapping[str, Any]) -> Due:
    state = DELIVERABLE.load(row["state"])
    ids = [row["_id"], *(delivery_id(row["_id"], one) for one in state.due)]
    said = {one["_id"]: one async for one in db[CYCLE_WORDS].find({"_id": {"$in": ids}})}
    words = said.get(row["_id"], {})
    told = {one: said[delivery_id(row["_id"], one)] for one in state.due if delivery_id(row["_id"], one) in said}
    return Due(row["_id"], row["network"], state, str(words.get("title", "")), str(words.get("text", "")), told)
