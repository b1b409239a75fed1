"""What was changed about persons and keys: who, when, which fields; words about persons are not repeated here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import uuid4

from shared import clock
from shared.mongo import Session

What = Literal[
    "added", "changed", "closed", "opened", "deputy-named", "deputy-ended", "login-unlinked", "key-made", "key-revoked"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One step. `fields` are names alone; `told` holds roles and members before and after, which name nobody."""

    at: datetime
    by: str
    what: What
    about: str
    """The person's or the key's id."""
    fields: tuple[str, ...] = ()
    told: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    version: int = 0
    """The version that it made of the person."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list of changes is narrowed to."""

    by: Sequence[str] = ()
    begin: datetime | None = None
    end: datetime | None = None


class Trail:
    """The collection `trail` of the database `<namespace>_people`."""

    def __init__(self, db: Any) -> None:
        self._rows = db["trail"]

    async def prepare(self) -> None:
        await self._rows.create_index([("network", 1), ("at", -1)])
        await self._rows.create_index([("about", 1), ("at", -1)])

    async def add(
        self,
        network: str,
        by: str,
        what: What,
        about: str,
        *,
        fields: Sequence[str] = (),
        told: Mapping[str, Sequence[Any]] | None = None,
        version: int = 0,
        session: Session | None = None,
    ) -> None:
        facts = {"fields": list(fields), "told": dict(told or {}), "version": version}
        row = {"_id": uuid4().hex, "network": network, "at": clock.now(), "by": by, "what": what, "about": about}
        await self._rows.insert_one(row | facts, session=session)

    async def of(self, network: str, about: str, *, since: int = -1, limit: int = 50) -> list[Change]:
        """What was changed about one person or key above that version, newest first."""
        query = {"about": about, "network": network, "version": {"$gt": since}}
        return [_change(row) async for row in self._rows.find(query).sort("at", -1).limit(limit)]

    async def page(self, network: str, asked: Asked, *, skip: int, limit: int) -> tuple[list[Change], int]:
        query: dict[str, Any] = {"network": network}
        if asked.by:
            query["by"] = {"$in": list(asked.by)}
        limits = {"$gte": asked.begin, "$lt": asked.end}
        if any(limits.values()):
            query["at"] = {sign: moment for sign, moment in limits.items() if moment}
        rows = self._rows.find(query).sort([("at", -1), ("_id", 1)]).skip(skip).limit(limit)
        return [_change(row) async for row in rows], await self._rows.count_documents(query)


def _change(row: Mapping[str, Any]) -> Change:
    return Change(row["at"], row["by"], row["what"], row["about"], tuple(row["fields"]), row["told"], row["version"])
