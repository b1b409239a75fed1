"""The register of personal data: every place where they may lie, and how they are found, erased and aged there.

A place is declared beside the code that makes its collection, when the module is imported:

    personal("events", "reasons", "Why an activity was called off", words=("reason",))

What holds nothing of anybody is declared too, with the reason; a test finds a collection that is in neither list.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .scrub import Scrubber
from .subject import DataSubject

EVERY = "*"
"""For `database`: of every service."""
PEOPLE = "people"
ANYWHERE = ("*",)
"""For `words`: any text of the document."""

Document = dict[str, Any]
Query = Mapping[str, Any]
Find = Callable[[Any, DataSubject], Awaitable[Query | None]]
"""From a database and a person to the query for the documents that are theirs; None where there can be none."""
Erase = Callable[[Any, str, Sequence[Document]], Awaitable[int]]
"""Erases what of these documents (of that collection of the database) is the person's; how many it touched."""
Age = Callable[[Any, Sequence[Document]], Awaitable[Mapping[Any, str]]]
"""The day (ISO) since which each document, by its id, has not been touched; what it leaves out is kept."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where personal data may lie."""

    database: str
    """A service's name, `people`, or `*` for every service."""
    collection: str
    holds: str
    """In words, for the page "my data" and the documentation."""
    find: Find | None = None
    """Whose a document is. None: texts of others, in which the person may be named."""
    erase: Erase | None = None
    """None: the document stays, it names the person by a random id alone."""
    words: tuple[str, ...] = ()
    """Fields of free text, in which anybody may be named: name and address are taken out of them."""
    scrub: Callable[[Any, Scrubber, str], Awaitable[int]] | None = None
    """What else is to be done where others named the person, beyond `words`; how many documents it changed."""
    unpack: Callable[[Document], str] | None = None
    """For packed texts (a mail's MIME): the readable text. A document in which it names the person is deleted."""
    shown: tuple[str, ...] = ()
    """Fields shown to the person as theirs; empty for all of them."""
    hidden: tuple[str, ...] = ()
    """Fields not shown, because another one says the same or they guard something."""
    kept: str = ""
    """The kind of data by whose days (`retention` in the network's profile) it ages; empty: it does not by itself."""
    age: Age | None = None
    expire: Erase | None = None
    """What happens at that age; None: the document is deleted."""


@dataclass(frozen=True, slots=True)
class Free:
    """A collection without personal data, and why that is so."""

    database: str
    collection: str
    why: str


PLACES: list[Place] = []
FREE: list[Free] = []


def personal(database: str, collection: str, holds: str, **facts: Any) -> Place:
    """Enter a place; the further facts are the fields of `Place`. Entered twice, the later one counts."""
    place = Place(database, collection, holds, **facts)
    PLACES[:] = [one for one in PLACES if (one.database, one.collection) != (database, collection)] + [place]
    return place


def not_personal(database: str, collection: str, why: str) -> None:
    FREE[:] = [one for one in FREE if (one.database, one.collection) != (database, collection)]
    FREE.append(Free(database, collection, why))


def places_of(database: str) -> list[Place]:
    """The places of a service (those of every service included), or of `people`; a service's own entry wins."""
    own = {one.collection: one for one in PLACES if one.database == database}
    common = [one for one in PLACES if one.database == EVERY and one.collection not in own]
    return [*own.values(), *(common if database != PEOPLE else [])]


def is_known(database: str, collection: str) -> bool:
    """Whether the register answers for this collection."""
    databases = (database,) if database == PEOPLE else (database, EVERY)
    declared: list[Place | Free] = [*PLACES, *FREE]
    return any(one.collection == collection for one in declared if one.database in databases)


def by(*fields: str) -> Find:
    """Documents that name the person's id or subject in one of these fields."""

    async def find(_db: Any, who: DataSubject) -> Query:
        return {"$or": [{field: who.any_of} for field in fields]}

    return find


def typed_by(*, id: str = "stream", extra: Mapping[str, Any] | None = None) -> Find:
    """Documents beside the streams whose words this person typed: those named by an event that they caused.

    `id` is where the event names the document: its stream, or a field such as `data.words`.
    """

    async def find(db: Any, who: DataSubject) -> Query:
        return {"_id": {"$in": await db["events"].distinct(id, {"actor": who.any_of, **(extra or {})})}}

    return find


async def delete(db: Any, collection: str, documents: Sequence[Document]) -> int:
    """An `Erase`: the documents go."""
    done = await db[collection].delete_many({"_id": {"$in": [one["_id"] for one in documents]}})
    return int(done.deleted_count)


def blank(*fields: str, to: Any = "[removed]") -> Erase:
    """An `Erase`: these fields, where filled, say `[removed]`."""

    async def erase(db: Any, collection: str, documents: Sequence[Document]) -> int:
        touched = 0
        for one in documents:
            new = {field: to for field in fields if one.get(field) not in (None, "", [], {}, to)}
            if new:
                await db[collection].update_one({"_id": one["_id"]}, {"$set": new})
                touched += 1
        return touched

    return erase


def since(field: str) -> Age:
    """An `Age`: the moment that this field names."""

    async def age(_db: Any, documents: Sequence[Document]) -> Mapping[Any, str]:
        found = {one["_id"]: one.get(field) for one in documents}
        return {id: value if isinstance(value, str) else value.isoformat() for id, value in found.items() if value}

    return age


def since_stream(*fields: str) -> Age:
    """An `Age`: the last event of the stream that the first filled one of these fields names."""

    async def age(db: Any, documents: Sequence[Document]) -> Mapping[Any, str]:
        streams = {one["_id"]: next((one[name] for name in fields if one.get(name)), None) for one in documents}
        asked = [
            {"$match": {"stream": {"$in": [stream for stream in streams.values() if stream]}}},
            {"$group": {"_id": "$stream", "last": {"$max": "$time"}}},
        ]
        last = {row["_id"]: row["last"] async for row in db["events"].aggregate(asked)}
        return {id: last[stream] for id, stream in streams.items() if stream in last}

    return age
