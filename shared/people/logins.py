"""Whom an identity provider's subject stands for: linked once, by an address that the provider has verified."""

import re
from typing import Any

_MAY_SIGN_IN = {"roles.0": {"$exists": True}, "erasing": {"$exists": False}}


def login_of(issuer: str, subject: str) -> str:
    """How a provider's subject is written among a person's `subjects`."""
    return f"{issuer}|{subject}"


class Logins:
    """Over the collection `persons` of the database `<namespace>_people`."""

    def __init__(self, db: Any) -> None:
        self._persons = db["persons"]

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
