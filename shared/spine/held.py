"""What is held about a person in one database, place by place, as the page "my data" and its export tell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from shared.mongo import Database
from shared.people.register import ANYWHERE, Document, Place, places_of
from shared.people.scrub import Scrubber
from shared.people.subject import DataSubject

from .erasing import naming, of_person

MOST, LONGEST = 5_000, 20_000


@dataclass(frozen=True, slots=True)
class Held:
    """One place's share. `rows` are the person's own documents, `named` texts of others that name the person."""

    place: str
    holds: str
    rows: list[dict[str, Any]]
    named: list[dict[str, Any]]


async def held_in(db: Database, database: str, who: DataSubject) -> list[Held]:
    """All places that hold something of this person; at most 5,000 documents of each."""
    existing = set(await db.list_collection_names())
    scrubber = Scrubber(who.names, who.addresses)
    found = []
    for place in places_of(database):
        if place.collection not in existing:
            continue
        own: list[Document] = []
        async for batch in of_person(db, place, who, MOST):
            own += batch
        named = await _named(db, place, scrubber, who, {one["_id"] for one in own}) if place.words else []
        if own or named:
            rows = [_row(one, place.shown, place.hidden) for one in own]
            found.append(Held(place.collection, place.holds, rows, named))
    return found


async def _named(
    db: Database, place: Place, scrubber: Scrubber, who: DataSubject, own: set[Any]
) -> list[dict[str, Any]]:
    """Where others wrote of the person: the texts themselves, and nothing beside them."""
    rows = []
    async for one, clean in naming(db, place.collection, place.words, scrubber, who.network):
        if one["_id"] in own or (place.words == ANYWHERE and "_id" in clean):
            continue
        rows.append({field: plain(one[field]) for field in clean})
        if len(rows) >= MOST:
            break
    return rows


def _row(document: Document, shown: Sequence[str], hidden: Sequence[str]) -> dict[str, Any]:
    if shown:
        return {field: plain(document[field]) for field in shown if document.get(field) not in (None, "", [], {})}
    return {field: plain(value) for field, value in document.items() if field not in hidden and value not in (None, "")}


def plain(value: Any) -> Any:
    """As JSON takes it."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")[:LONGEST]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
