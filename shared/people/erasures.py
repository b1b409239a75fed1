"""The erasures under way: who is to be erased, and how far each service has come.

A document names the person by the random id alone and stays as the record that it was done. Each service works every
erasure twice: the second round begins when all have done the first, and finds what was under way meanwhile. The vault
erases last, since names and addresses are read from it until then.
"""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from shared import clock
from shared.contracts.catalogue import SERVICES

ROUNDS = 2


class Erasures:
    """The collection `erasures` of the database `<namespace>_people`."""

    def __init__(self, db: Any) -> None:
        self._rows = db["erasures"]

    async def prepare(self) -> None:
        open_ones = {"finished": None}
        await self._rows.create_index("person", unique=True, partialFilterExpression={"finished": {"$eq": None}})
        await self._rows.create_index("network")
        await self._rows.create_index("asked", partialFilterExpression=open_ones)

    async def begin(self, person: str, network: str, *, asked_by: str, services: Sequence[str] = SERVICES) -> str:
        """The erasure's id: that of the one under way, or a new one."""
        new = {
            "_id": f"erasure-{uuid4().hex}",
            "network": network,
            "asked_by": asked_by,
            "asked": clock.now(),
            "rounds": dict.fromkeys(services, 0),
            "touched": {},
        }
        under_way = {"person": person, "finished": None}
        found = await self._rows.find_one_and_update(
            under_way, {"$setOnInsert": new}, upsert=True, return_document=True, projection=["_id"]
        )
        return str(found["_id"])

    async def find(self, erasure: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = await self._rows.find_one({"_id": erasure})
        return found

    async def of_network(self, network: str, most: int = 200) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self._rows.find({"network": network}).sort("asked", -1).to_list(most)
        return found

    async def waiting_for(self, service: str) -> list[dict[str, Any]]:
        """Those whose next round this service has yet to do, and may: the others are not behind it."""
        found = await self._rows.find({"finished": None}).sort("asked", 1).to_list(100)
        return [
            one
            for one in found
            if service in one["rounds"]
            and one["rounds"][service] < ROUNDS
            and one["rounds"][service] == min(one["rounds"].values())
        ]

    async def waiting_for_the_vault(self) -> list[dict[str, Any]]:
        found = await self._rows.find({"finished": None}).sort("asked", 1).to_list(100)
        return [one for one in found if min(one["rounds"].values()) >= ROUNDS]

    async def done(self, erasure: dict[str, Any], service: str, touched: dict[str, int]) -> None:
        """One round more; told twice after a crash it counts once."""
        before = erasure["rounds"][service]
        counts = {f"touched.{service}.{name}": number for name, number in touched.items() if number}
        change: dict[str, Any] = {"$set": {f"rounds.{service}": before + 1}}
        await self._rows.update_one(
            {"_id": erasure["_id"], f"rounds.{service}": before}, change | ({"$inc": counts} if counts else {})
        )

    async def finish(self, erasure: str) -> None:
        await self._rows.update_one({"_id": erasure}, {"$set": {"finished": clock.now()}})
