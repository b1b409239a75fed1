"""The one place that knows names and addresses; everything else carries a random id.

Collections of the database `<namespace>_people`: `persons` (name, address, member, network) and `keys` (the hash of
an API key and what it may do).
"""

import hashlib
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from shared.contracts.refused import Refused
from shared.mongo import is_duplicate_key

# Deliberately loose: only a mail that arrives proves an address.
_ADDRESS = re.compile(r"[^\s@<>,;]{1,64}@[^\s@<>,;]+\.[^\s@<>,;.]+")


class Role(StrEnum):
    NLO = "nlo"
    COORDINATOR = "coordinator"
    ORGANISER = "organiser"
    PARTICIPANT = "participant"
    BOARD = "board"
    OPERATOR = "operator"
    FORM = "form"
    """A form tool that sends answers; never a human being."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in."""

    subject: str
    name: str
    email: str
    roles: tuple[Role, ...]
    member: str | None
    network: str
    language: str = ""


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


def normal_address(email: str) -> str:
    """The form in which addresses are compared; refuses what cannot be one."""
    address = email.strip().casefold()
    if len(address) > 254 or not _ADDRESS.fullmatch(address):
        raise Refused("address-invalid", "Write the e-mail address in full, such as anna@example.eu.", status=422)
    return address


def _hash(bearer: str) -> str:
    # A plain hash is enough for 256 random bits: there is nothing to guess.
    return hashlib.sha256(bearer.encode("utf-8", "surrogatepass")).hexdigest()


class People:
    """Names, addresses and keys, over the database `<namespace>_people`."""

    def __init__(self, db: Any) -> None:
        self._persons = db["persons"]
        self._keys = db["keys"]

    async def prepare(self) -> None:
        await self._persons.create_index("address", unique=True)
        await self._persons.create_index("subjects")
        await self._keys.create_index("hash", unique=True)

    async def remember(self, name: str, email: str, member: str | None, network: str) -> str:
        """The person's id: the one already known for this address, else a new random one."""
        return await self._remember(name, email, member, network, subject=None)

    async def know(self, person: Person) -> str:
        """Remember one who signs in, so that `name_of` also answers to the subject; their id."""
        return await self._remember(person.name, person.email, person.member, person.network, subject=person.subject)

    async def _remember(self, name: str, email: str, member: str | None, network: str, subject: str | None) -> str:
        address = normal_address(email)
        first = {"_id": uuid4().hex, "email": email.strip(), "since": datetime.now(UTC)}
        facts = {"name": name.strip(), "member": member, "network": network}
        update: dict[str, Any] = {"$setOnInsert": {**first, **facts}}
        if subject is not None:
            update = {"$setOnInsert": first, "$set": facts, "$addToSet": {"subjects": subject}}
        for last_try in (False, True):
            try:
                found = await self._persons.find_one_and_update(
                    {"address": address}, update, projection=["_id"], upsert=True, return_document=True
                )
            except Exception as error:
                # Two upserts of one address at once: the loser finds the winner's document.
                if last_try or not is_duplicate_key(error):
                    raise
            else:
                return str(found["_id"])
        raise AssertionError("unreachable: the last try returns or raises")

    async def name_of(self, ids: Iterable[str]) -> dict[str, str]:
        """Names by person id or subject; key ids give the key's name; unknown ids are left out."""
        wanted = sorted(set(ids))
        if not wanted:
            return {}
        names: dict[str, str] = {}
        query = {"$or": [{"_id": {"$in": wanted}}, {"subjects": {"$in": wanted}}]}
        async for row in self._persons.find(query, {"name": 1, "subjects": 1}):
            names |= dict.fromkeys((row["_id"], *row.get("subjects", ())), row["name"])
        missing = [one for one in wanted if one not in names]
        if missing:
            async for row in self._keys.find({"_id": {"$in": missing}}, {"name": 1}):
                names[row["_id"]] = row["name"]
        return {one: names[one] for one in wanted if one in names}

    async def contact(self, person_id: str) -> tuple[str, str] | None:
        """Name and address, for a letter to that person."""
        row = await self._persons.find_one({"_id": person_id}, {"name": 1, "email": 1})
        return (row["name"], row["email"]) if row else None

    async def create_key(
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

    async def key_principal(self, bearer: str) -> Key | None:
        """The key that this bearer token is, or none."""
        row = await self._keys.find_one({"hash": _hash(bearer)})
        return _key(row) if row else None

    async def keys(self, network: str) -> list[Key]:
        return [_key(row) async for row in self._keys.find({"network": network}).sort("created", 1)]

    async def revoke_key(self, key_id: str) -> bool:
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
