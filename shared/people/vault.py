"""Names and addresses by random id, over the database `<namespace>_people`."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from shared import clock
from shared.contracts.refused import Refused
from shared.mongo import is_duplicate_key

from .directory import Directory
from .erasures import Erasures
from .keys import Keys
from .logins import Logins
from .merging import merge
from .notices import Told
from .person import Person, normal_address
from .reads import Reads
from .remembering import Remembering, being_erased, fence_of
from .sessions import Sessions
from .standing import NEVER_LAST, standing
from .subject import DataSubject

FENCE_S = 180
"""How long an erased address stays unknown: longer than any process remembers who was signed in."""


class People:
    """Names, addresses and keys, over the database `<namespace>_people`.

    A person has one document: an address is one person in a network, however it is written. What other services keep
    is the random id; subjects under which somebody signs in and ids of persons merged into this one lead here too.
    """

    def __init__(self, db: Any, *, reads_kept: timedelta = timedelta(days=365)) -> None:
        self.db = db
        self._persons, self._fences = db["persons"], db["fences"]
        self.keys = Keys(db)
        self._key_names = db["keys"]
        self._remembering = Remembering(db)
        self.logins, self.sessions = Logins(db), Sessions(db)
        self.erasures = Erasures(db)
        self.directory, self.reads = Directory(db), Reads(db, reads_kept)

    async def prepare(self) -> None:
        addressed = {"address": {"$exists": True}}
        await self._persons.create_index(
            [("network", 1), ("address", 1)], unique=True, partialFilterExpression=addressed
        )
        for name in ("subjects", "merged", "address", "other_addresses"):
            await self._persons.create_index(name)
        with_roles = {"roles": {"$exists": True}}
        await self._persons.create_index(
            [("network", 1), ("roles", 1), ("member", 1), ("_id", 1)], partialFilterExpression=with_roles
        )
        await self._fences.create_index("until", expireAfterSeconds=0)
        await self.erasures.prepare()
        await self.keys.prepare()
        await self.sessions.prepare()
        await self.directory.prepare()
        await self.reads.prepare()

    async def remember(
        self, name: str, email: str, member: str | None, network: str, *, told: Told | None = None
    ) -> str:
        """The person's id: the one already known for this address in this network, else a new random one.

        `told` is what the form that was filled in said about their data. Refused while the person is being erased.
        """
        return await self._remembering.remember(name, email, member, network, told=told)

    async def know(self, person: Person) -> str:
        """Remember one who signs in, so that `name_of` also answers to the subject; their id."""
        row = await self._persons.find_one({"subjects": person.subject, "network": person.network}, {"erasing": 1})
        if row is not None:  # whatever their name and address are by now
            if "erasing" in row:
                raise being_erased()
            return str(row["_id"])
        own = await self._remembering.remember(
            person.name, person.email, person.member, person.network, subject=person.subject
        )
        roles = [str(role) for role in person.roles]
        signs_in = {"name": person.name, "member": person.member, "roles": roles, "language": person.language}
        await self._persons.update_one({"_id": own, "roles": {"$exists": False}}, {"$set": signs_in})
        return own

    async def person(self, subject: str) -> Person | None:
        """Who signs in under this subject or id, as they are now; none who holds no role or is being erased."""
        row = await self._persons.find_one(
            {**_any([subject]), "roles.0": {"$exists": True}, "erasing": {"$exists": False}}
        )
        if row is None:
            return None
        roles, member = standing(row, clock.now().date())
        return Person(subject, row["name"], row["email"], roles, member, row["network"], row.get("language", ""))

    async def tell(self, person_id: str, told: Told) -> None:
        """Keep what a form said about the person's data; said again it is kept once."""
        row = await self._persons.find_one({"_id": person_id}, {"purposes": 1})
        if row is not None:
            await self._tell(row, told)

    async def _tell(self, row: dict[str, Any], told: Told) -> None:
        if not any(told.is_entry(one) for one in row.get("purposes", ())):
            await self._persons.update_one({"_id": row["_id"]}, {"$push": {"purposes": told.entry(clock.now())}})

    async def name_of(self, ids: Iterable[str]) -> dict[str, str]:
        """Names by person id or subject; key ids give the key's name; unknown ids are left out."""
        wanted = set(ids)
        if not wanted:
            return {}
        names: dict[str, str] = {}
        async for row in self._persons.find(_any(sorted(wanted)), {"name": 1, "subjects": 1, "merged": 1}):
            known = (row["_id"], *row.get("subjects", ()), *row.get("merged", ()))
            names |= dict.fromkeys(known, row["name"])
        missing = sorted(wanted - names.keys())
        if missing:
            async for row in self._key_names.find({"_id": {"$in": missing}}, {"name": 1}):
                names[row["_id"]] = row["name"]
        return {one: names[one] for one in sorted(wanted & names.keys())}

    async def contact(self, person_id: str) -> tuple[str, str] | None:
        """Name and address, for a letter to that person, by any of their ids; none who is being erased."""
        query = {**_any([person_id]), "erasing": {"$exists": False}}
        row = await self._persons.find_one(query, {"name": 1, "email": 1})
        return (row["name"], row["email"]) if row else None

    async def data_subject(self, any_id: str, network: str | None = None) -> DataSubject | None:
        """Everything this person is known by, by any of their ids; None where nobody is known by it (any more)."""
        row = await self.row(any_id, network)
        return DataSubject.of(row) if row else None

    async def row(self, any_id: str, network: str | None = None) -> dict[str, Any] | None:
        """The person's document as kept, by any of their ids."""
        query = _any([any_id]) | ({"network": network} if network else {})
        found: dict[str, Any] | None = await self._persons.find_one(query)
        return found

    async def of_address(self, address: str) -> list[tuple[str, str]]:
        """Id and network of everybody of this (normalised) address who is not being erased."""
        query = {"$or": [{"address": address}, {"other_addresses": address}], "erasing": {"$exists": False}}
        return [(row["_id"], row["network"]) async for row in self._persons.find(query, {"network": 1})]

    async def correct(self, person_id: str, *, name: str, email: str) -> None:
        """Another name or address; the former ones stay known until the person is erased, so that they are found."""
        address, row = normal_address(email), await self.row(person_id)
        if row is None:
            raise Refused("not-found", "There is nobody of this name here.", status=404)
        new = {"name": name.strip(), "email": email.strip(), "address": address}
        if not new["name"]:
            raise Refused("name-missing", "Write the name.", status=422)
        former = {
            f"formerly.{field}s": row[one]
            for field, one in (("name", "name"), ("email", "email"))
            if row.get(one) and row[one] != new[one]
        }
        change = {"$set": new, "$inc": {"version": 1}} | ({"$addToSet": former} if former else {})
        try:
            await self._persons.update_one({"_id": row["_id"]}, change)
        except Exception as error:
            if not is_duplicate_key(error):
                raise
            sentence = "Somebody else here has this address; ask a coordinator to merge the two."
            raise Refused("address-taken", sentence) from None

    async def withdraw(self, person_id: str, purpose: str) -> None:
        """The person takes back what they agreed to; it stays on record with the day it ended."""
        ended = {"$set": {"purposes.$[one].withdrawn": clock.now()}}
        which = [{"one.purpose": purpose, "one.withdrawn": {"$exists": False}}]
        await self._persons.update_one({"_id": person_id}, ended, array_filters=which)

    async def merge(self, winner: str, loser: str, *, network: str, by: str) -> None:
        """Two documents are one person: the loser's ids, addresses, roles and purposes are the winner's from now on."""
        await merge(self._persons, winner, loser, network=network, by=by)

    async def erase(self, any_id: str, *, asked_by: str, network: str | None = None) -> str:
        """Begin to erase a person, everywhere; the erasure's id, the same where one is under way.

        From now on the person cannot sign in, is not written to, and is not remembered anew.
        """
        row = await self.row(any_id, network)
        if row is None:
            raise Refused("not-found", "There is nobody of this name here.", status=404)
        await self._keeps_last(row)
        erasure = await self.erasures.begin(row["_id"], row["network"], asked_by=asked_by)
        await self._persons.update_one({"_id": row["_id"]}, {"$set": {"erasing": erasure}})
        await self.sessions.end_of_subjects(list(DataSubject.of(row).ids))
        return erasure

    async def _keeps_last(self, row: dict[str, Any]) -> None:
        """As for closing an account: without these roles nobody could look after the network any more."""
        for role in set(row.get("roles", ())) & {str(one) for one in NEVER_LAST}:
            others = {"network": row["network"], "roles": role, "_id": {"$ne": row["_id"]}}
            if await self._persons.find_one({**others, "erasing": {"$exists": False}}, {"_id": 1}) is None:
                sentence = f"The network needs at least one {role}: give the role to somebody else first."
                raise Refused("last-of-role", sentence)

    async def forget(self, who: DataSubject) -> None:
        """The last step of erasing: the document goes. For a while its addresses lead to nobody new.

        A process that still remembers somebody signed in would otherwise bring them back.
        """
        until = datetime.now(UTC) + timedelta(seconds=FENCE_S)
        for address in {one.strip().casefold() for one in who.addresses}:
            mark = {"_id": fence_of(who.network, address)}
            await self._fences.replace_one(mark, {"until": until}, upsert=True)
        await self._persons.delete_one({"_id": who.id})


def _any(ids: list[str]) -> dict[str, Any]:
    return {"$or": [{"_id": {"$in": ids}}, {"subjects": {"$in": ids}}, {"merged": {"$in": ids}}]}
