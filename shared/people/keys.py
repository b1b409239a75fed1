"""API keys: shown once, kept as a hash."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from .person import Role


@dataclass(frozen=True, slots=True)
class Key:
    """An API key as kept: never the key itself."""

    id: str
    name: str
    roles: tuple[Role, ...]
    member: str | None
    network: str
    rights: tuple[str, ...] = ()
    """Actions beyond those of its roles, such as `history.write`."""
    created: datetime | None = None
    created_by: str = ""


def _hash(bearer: str) -> str:
    # A plain hash is enough for 256 random bits: there is nothing to guess.
    return hashlib.sha256(bearer.encode("utf-8", "surrogatepass")).hexdigest()


class Keys:
    """The collection `keys` of the database `<namespace>_people`."""

    def __init__(self, db: Any) -> None:
        self._keys = db["keys"]

    async def prepare(self) -> None:
        await self._keys.create_index("hash", unique=True)

    async def create(
        self,
        name: str,
        roles: Sequence[Role],
        member: str | None,
        network: str,
        *,
        rights: Sequence[str] = (),
        created_by: str = "",
    ) -> tuple[str, str]:
        """Its id, and the key itself, which is shown once and kept nowhere."""
        key_id, bearer = f"key-{uuid4().hex}", secrets.token_urlsafe(32)
        facts = {"name": name, "roles": [str(role) for role in roles], "member": member, "network": network}
        origin = {"rights": list(rights), "created": datetime.now(UTC), "created_by": created_by}
        await self._keys.insert_one({"_id": key_id, "hash": _hash(bearer), **facts, **origin})
        return key_id, bearer

    async def principal(self, bearer: str) -> Key | None:
        """The key that this bearer token is, or none."""
        row = await self._keys.find_one({"hash": _hash(bearer)})
        return _key(row) if row else None

    async def of_network(self, network: str) -> list[Key]:
        return [_key(row) async for row in self._keys.find({"network": network}).sort("created", 1)]

    async def revoke(self, key_id: str) -> bool:
        """False where there was none. Processes may honour it for another minute."""
        deleted = await self._keys.delete_one({"_id": key_id})
        return bool(deleted.deleted_count)


def _key(row: dict[str, Any]) -> Key:
    return Key(
        id=row["_id"],
        name=row["name"],
        roles=tuple(Role(role) for role in row["roles"]),
        member=row["member"],
        network=row["network"],
        rights=tuple(row.get("rights", ())),
        created=row.get("created"),
        created_by=row.get("created_by", ""),
    )
