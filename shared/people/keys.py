"""API keys: shown once, kept as a hash, expiring, and told when they were last used."""

import contextlib
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from pymongo.errors import PyMongoError

from .person import Role

USE_NOTED = timedelta(minutes=1)
"""How coarse the last use is: a busy key costs a write a minute and process."""


@dataclass(frozen=True, slots=True)
class Key:
    """An API key as kept: never the key itself. Its times are the real clock's."""

    id: str
    name: str
    roles: tuple[Role, ...]
    member: str | None
    network: str
    rights: tuple[str, ...] = ()
    """Actions beyond those of its roles, such as `history.write`."""
    created: datetime | None = None
    created_by: str = ""
    scopes: tuple[str, ...] = ()
    """The only actions it may use of those its roles allow; empty for all of them."""
    expires: datetime | None = None
    last_used: datetime | None = None

    @property
    def expired(self) -> bool:
        return self.expires is not None and self.expires <= datetime.now(UTC)

    @property
    def seconds_left(self) -> float | None:
        """Until it expires; None for one that does not."""
        return max((self.expires - datetime.now(UTC)).total_seconds(), 0.001) if self.expires else None


def _hash(bearer: str) -> str:
    # A plain hash is enough for 256 random bits: there is nothing to guess.
    return hashlib.sha256(bearer.encode("utf-8", "surrogatepass")).hexdigest()


class Keys:
    """The collection `keys` of the database `<namespace>_people`."""

    def __init__(self, db: Any) -> None:
        self._keys = db["keys"]

    async def prepare(self) -> None:
        await self._keys.create_index("hash", unique=True)
        await self._keys.create_index([("network", 1), ("created", 1)])

    async def create(
        self,
        name: str,
        roles: Sequence[Role],
        member: str | None,
        network: str,
        *,
        rights: Sequence[str] = (),
        created_by: str = "",
        scopes: Sequence[str] = (),
        expires: datetime | None = None,
    ) -> tuple[str, str]:
        """Its id, and the key itself, which is shown once and kept nowhere."""
        key_id, bearer = f"key-{uuid4().hex}", secrets.token_urlsafe(32)
        facts = {"name": name, "roles": [str(role) for role in roles], "member": member, "network": network}
        limits = {"rights": list(rights), "scopes": list(scopes), "expires": expires}
        origin = {"created": datetime.now(UTC), "created_by": created_by}
        await self._keys.insert_one({"_id": key_id, "hash": _hash(bearer), **facts, **limits, **origin})
        return key_id, bearer

    async def principal(self, bearer: str) -> Key | None:
        """The key that this bearer token is; none where there is none, or where it has expired."""
        row = await self._keys.find_one({"hash": _hash(bearer)})
        if row is None or (key := _key(row)).expired:
            return None
        await self._note_use(key)
        return key

    async def _note_use(self, key: Key) -> None:
        now = datetime.now(UTC)
        if key.last_used is not None and now - key.last_used < USE_NOTED:
            return
        with contextlib.suppress(PyMongoError):  # a key works though its use cannot be noted
            await self._keys.update_one({"_id": key.id}, {"$max": {"last_used": now}})

    async def of_network(self, network: str) -> list[Key]:
        return [_key(row) async for row in self._keys.find({"network": network}).sort([("created", 1), ("_id", 1)])]

    async def revoke(self, key_id: str, network: str | None = None) -> bool:
        """False where there was none, or none of that network. Processes may honour it for another minute."""
        query = {"_id": key_id} | ({"network": network} if network else {})
        deleted = await self._keys.delete_one(query)
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
        scopes=tuple(row.get("scopes", ())),
        expires=row.get("expires"),
        last_used=row.get("last_used"),
    )
