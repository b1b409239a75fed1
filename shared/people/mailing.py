"""Whom a letter goes to: address, language, what they want to be written to about, and whether their address works."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .accounts import account_of
from .person import Person, Role
from .vault import People

WANTS = ("at-once", "daily", "never")
"""How somebody is told news; what they must know comes at once, whatever they choose."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """A person as the mail sees them."""

    id: str
    name: str
    address: str
    network: str
    language: str = ""
    wants: dict[str, str] = field(default_factory=dict)
    """By topic; a topic that is not named comes at once."""
    bouncing: str = ""
    """The mail server's code where letters to this address come back, such as `5.1.1`."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """An address to which no letter comes through: the mail server's code, and since when."""

    address: str
    status: str
    since: datetime | None


class Mailing:
    """Over the collection `persons`; `ready_made` are those of the local profile, remembered when first written to."""

    def __init__(self, db: Any, ready_made: Callable[[], Sequence[Person]] | None = None) -> None:
        self._persons, self._people, self._ready_made = db["persons"], People(db), ready_made
        self._seeded: set[tuple[str, str]] = set()

    async def addressee(self, network: str, who: str) -> Addressee | None:
        """The person of this id or subject in the network."""
        await self._seed(network, lambda person: person.subject == who, who)
        known = {"$or": [{"_id": who}, {"subjects": who}, {"merged": who}], "erasing": {"$exists": False}}
        row = await self._persons.find_one({"network": network, **known})
        if row is None or not row.get("email"):
            return None
        bounced = row.get("bouncing") or {}
        return Addressee(
            id=row["_id"],
            name=" ".join(row["name"].split()),
            address=row["email"],
            network=row["network"],
            language=row.get("language") or "",
            wants=row.get("mail") or {},
            bouncing=bounced.get("status", "") if bounced.get("address") == row["email"] else "",
        )

    async def holders(self, network: str, role: str, member: str | None) -> list[str]:
        """The ids of those who hold a role, of one member or of the whole network where none is named; for liaison
        officers also those who deputise for them today."""
        wanted = Role(role)
        seen = f"{role}@{member or ''}"
        await self._seed(network, lambda one: wanted in one.roles and member in (None, one.member), seen)
        query: dict[str, Any] = {"network": network, "roles": str(wanted), "erasing": {"$exists": False}}
        if member:
            query["member"] = member
        found = [row["_id"] async for row in self._persons.find(query, {"_id": 1}).sort("_id", 1)]
        if wanted is Role.NLO and found:
            deputies = self._persons.find({"network": network, "deputy.of": {"$in": found}}).sort("_id", 1)
            found += [row["_id"] async for row in deputies if account_of(row).deputises]
        return list(dict.fromkeys(found))

    async def _seed(self, network: str, fits: Callable[[Person], bool], seen: str) -> None:
        """The ready-made persons are remembered once they sign in; who has not yet can be written to all the same."""
        if self._ready_made is None or (network, seen) in self._seeded:
            return
        for person in self._ready_made():
            if person.network == network and fits(person):
                await self._people.know(person)
        self._seeded.add((network, seen))

    async def choose(self, person: str, wants: dict[str, str]) -> None:
        """What a person wants to be told, and how; refuses what there is not."""
        if not set(wants.values()) <= set(WANTS):
            raise ValueError("not a way to be told")
        await self._persons.update_one(
            {"_id": person}, {"$set": {f"mail.{topic}": how for topic, how in wants.items()}}
        )

    async def bounced(self, person: str, address: str, status: str) -> None:
        """Letters to this address come back: until it is another one, or works again, no news go there."""
        mark = {"address": address, "status": status, "since": datetime.now(UTC)}
        await self._persons.update_one({"_id": person, "email": address}, {"$set": {"bouncing": mark}})

    async def comes_back(self, network: str, person: str) -> Bounce | None:
        """Whether letters to the address that the person has now come back."""
        row = await self._persons.find_one({"_id": person, "network": network}, {"email": 1, "bouncing": 1})
        mark = (row or {}).get("bouncing")
        if row is None or not mark or mark.get("address") != row.get("email"):
            return None
        return Bounce(mark["address"], mark["status"], mark.get("since"))

    async def works(self, person: str) -> None:
        await self._persons.update_one({"_id": person, "bouncing": {"$exists": True}}, {"$unset": {"bouncing": ""}})
