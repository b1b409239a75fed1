"""Names and addresses by random id, over the database `<namespace>_people`."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from shared.mongo import is_duplicate_key

from .keys import Keys
from .logins import Logins
from .person import Person, Role, normal_address
from .sessions import Sessions


class People:
    """Names, addresses and keys, over the database `<namespace>_people`."""

    def __init__(self, db: Any) -> None:
        self._persons = db["persons"]
        self.keys = Keys(db)
        self._key_names = db["keys"]
        self.logins, self.sessions = Logins(db), Sessions(db)

    async def prepare(self) -> None:
        await self._persons.create_index("address", unique=True)
        await self._persons.create_index("subjects")
        await self.keys.prepare()
        await self.sessions.prepare()

    async def remember(self, name: str, email: str, member: str | None, network: str) -> str:
        """The person's id: the one already known for this address, else a new random one."""
        return await self._remember(name, email, member, network, subject=None)

    async def know(self, person: Person) -> str:
        """Remember one who signs in, so that `name_of` also answers to the subject; their id."""
        own = await self._remember(person.name, person.email, person.member, person.network, subject=person.subject)
        roles = [str(role) for role in person.roles]
        signs_in = {"name": person.name, "member": person.member, "roles": roles, "language": person.language}
        await self._persons.update_one({"_id": own, "roles": {"$exists": False}}, {"$set": signs_in})
        return own

    async def person(self, subject: str) -> Person | None:
        """Who signs in under this subject or id, as they are now; none who holds no role."""
        known = {"$or": [{"_id": subject}, {"subjects": subject}]}
        row = await self._persons.find_one({**known, "roles.0": {"$exists": True}})
        if row is None:
            return None
        roles = tuple(Role(role) for role in row["roles"])
        return Person(subject, row["name"], row["email"], roles, row["member"], row["network"], row.get("language", ""))

    async def _remember(self, name: str, email: str, member: str | None, network: str, subject: str | None) -> str:
        address = normal_address(email)
        first = {"_id": uuid4().hex, "email": email.strip(), "since": datetime.now(UTC)}
        facts = {"name": name.strip(), "member": member, "network": network}
        update: dict[str, Any] = {"$setOnInsert": {**first, **facts}}
        if subject is not None:
            update["$addToSet"] = {"subjects": subject}
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
            async for row in self._key_names.find({"_id": {"$in": missing}}, {"name": 1}):
                names[row["_id"]] = row["name"]
        return {one: names[one] for one in wanted if one in names}

    async def contact(self, person_id: str) -> tuple[str, str] | None:
        """Name and address, for a letter to that person."""
        row = await self._persons.find_one({"_id": person_id}, {"name": 1, "email": 1})
        return (row["name"], row["email"]) if row else None
