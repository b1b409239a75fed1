"""Whom an identity provider's subject stands for: linked once, by an address that the provider has verified."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from shared.contracts.refused import Refused
from shared.mongo import Session, transaction

from .trail import Trail

_MAY_SIGN_IN = {"roles.0": {"$exists": True}, "erasing": {"$exists": False}}


def login_of(issuer: str, subject: str) -> str:
    """How a provider's subject is written among a person's `subjects`."""
    return f"{issuer}|{subject}"


@dataclass(frozen=True, slots=True)
class Login:
    """A login as pages show it: what the provider calls somebody is told by its end alone."""

    id: str
    """For the form that unlinks it."""
    provider: str
    ending: str

    @classmethod
    def of(cls, login: str) -> "Login":
        issuer, _at, subject = login.partition("|")
        return cls(hashlib.sha256(login.encode()).hexdigest()[:32], urlsplit(issuer).netloc or issuer, subject[-4:])


def logins_of(row: Mapping[str, Any]) -> list[str]:
    """The logins of a person's document; the subjects of ready-made persons are none."""
    return [one for one in row.get("subjects", ()) if "|" in one]


class Logins:
    """Over the collection `persons` of the database `<namespace>_people`."""

    def __init__(self, db: Any) -> None:
        self._db, self._persons, self._sessions, self._trail = db, db["persons"], db["sessions"], Trail(db)

    async def of(self, network: str, person: str) -> list[Login]:
        """Those linked to a person, by any of their ids."""
        row = await self._persons.find_one(_one(network, person), {"subjects": 1})
        return [Login.of(one) for one in logins_of(row or {})]

    async def unlink(self, network: str, person: str, login: str, *, by: str) -> None:
        """Take a login (`Login.id`) away from a person and end what it has open as them.

        Who signs in with it afterwards is linked as anybody is: by a verified address of a person with a role.
        """

        async def body(session: Session) -> tuple[str, list[str]]:
            row = await self._persons.find_one(_one(network, person), session=session)
            linked = next((one for one in logins_of(row or {}) if Login.of(one).id == login), None)
            if row is None or linked is None:
                raise Refused("login-unknown", "This login is not linked any more; look at the page again.", status=409)
            change = {"$pull": {"subjects": linked}, "$inc": {"version": 1}}
            await self._persons.update_one({"_id": row["_id"]}, change, session=session)
            version = int(row.get("version", 0)) + 1
            await self._trail.add(network, by, "login-unlinked", row["_id"], version=version, session=session)
            return linked, [row["_id"], *row.get("subjects", ()), *row.get("merged", ())]

        linked, ids = await transaction(self._db.client, body, attempts=8)
        await self._sessions.delete_many({"login": linked, "subject": {"$in": ids}})

    async def persons(self, login: str) -> list[str]:
        """The ids of the persons with a role that this login is linked to: one in each network it belongs to."""
        rows = self._persons.find({"subjects": login, **_MAY_SIGN_IN}, {"_id": 1})
        return [str(row["_id"]) async for row in rows.sort([("since", 1), ("_id", 1)])]

    async def link(self, login: str, address: str) -> list[str]:
        """Link the login to every person of this address whom a coordinator gave a role; as `persons` afterwards.

        Whoever has another login of the same provider already stays with it: an address that passed to somebody else
        does not hand over the person.
        """
        issuer = login.partition("|")[0]
        taken = {"$not": re.compile("^" + re.escape(f"{issuer}|"))}
        known_by = {"$or": [{"address": address}, {"other_addresses": address}]}
        await self._persons.update_many(
            {**known_by, **_MAY_SIGN_IN, "subjects": taken}, {"$addToSet": {"subjects": login}}
        )
        return await self.persons(login)


def _one(network: str, person: str) -> dict[str, Any]:
    known = {"$or": [{"_id": person}, {"subjects": person}, {"merged": person}]}
    return {"network": network, **known, "erasing": {"$exists": False}}
