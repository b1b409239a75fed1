"""Requests that are not sent yet: kept as they are typed, for whoever types them alone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.errors import DuplicateKeyError

from shared import clock
from shared.ids import new_id
from shared.mongo import Database

from .streams import DRAFTS

MOST, MOST_VALUES, MOST_TEXT = 50, 60, 5_000
_ID = re.compile(r"draft-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Draft:
    id: str
    kind: str
    values: Mapping[str, Sequence[str]]
    """As typed, by field."""
    saved: datetime

    @property
    def title(self) -> str:
        return next(iter(self.values.get("title", ())), "")


@dataclass(frozen=True, slots=True)
class Writer:
    """Whose drafts they are: nobody else sees them."""

    network: str
    by: str

    @property
    def query(self) -> dict[str, str]:
        return {"network": self.network, "by": self.by}


def new_draft() -> str:
    return new_id("draft")


async def prepare(db: Database) -> None:
    await db[DRAFTS].create_index([("network", 1), ("by", 1), ("saved", -1)])


async def save(db: Database, writer: Writer, draft: str, kind: str, values: Mapping[str, Sequence[str]]) -> bool:
    """Keep it under this id; whether it is kept: not under another's id, nor beyond as many as one person has."""
    if not _ID.fullmatch(draft):
        return False
    mine = writer.query
    kept = {name: [one[:MOST_TEXT] for one in several[:MOST_VALUES]] for name, several in values.items()}
    known = await db[DRAFTS].find_one({"_id": draft, **mine}, {"_id": 1})
    if known is None and await db[DRAFTS].count_documents(mine) >= MOST:
        return False
    facts = {"kind": kind, "values": kept, "saved": clock.now().isoformat()}
    try:
        await db[DRAFTS].update_one({"_id": draft, **mine}, {"$set": facts}, upsert=True)
    except DuplicateKeyError:
        return False
    return True


async def of(db: Database, writer: Writer) -> list[Draft]:
    """A person's drafts, the one saved last first."""
    rows = await db[DRAFTS].find(writer.query).sort("saved", -1).to_list(MOST)
    return [_draft(row) for row in rows]


async def one(db: Database, writer: Writer, draft: str) -> Draft | None:
    row = await db[DRAFTS].find_one({"_id": draft, **writer.query})
    return _draft(row) if row else None


async def remove(db: Database, writer: Writer, draft: str) -> bool:
    done = await db[DRAFTS].delete_one({"_id": draft, **writer.query})
    return bool(done.deleted_count)


def _draft(row: Mapping[str, Any]) -> Draft:
    return Draft(row["_id"], row["kind"], row["values"], datetime.fromisoformat(row["saved"]))
