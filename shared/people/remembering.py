"""Persons met by name and address: those asked for at the same moment are looked up and written together.

A thousand people who register within a second would be three thousand questions to the store, each waited for by
itself; together they are a handful. What each of them is told is the same as if they had come alone.
"""

import asyncio
import hashlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from shared import clock
from shared.contracts.refused import Refused
from shared.mongo import is_duplicate_key

from .notices import Told
from .person import normal_address

AT_ONCE = 250
_KNOWN = {"purposes": 1, "erasing": 1, "known": 1, "subjects": 1, "address": 1, "other_addresses": 1}


@dataclass(frozen=True, slots=True)
class Met:
    """Somebody to be remembered. `told` is what the form that named them said about their data."""

    name: str
    email: str
    member: str | None
    network: str
    address: str
    subject: str | None = None
    told: Told | None = None


def fence_of(network: str, address: str) -> str:
    """Under which id an address is kept from leading to anybody for a while after its person was erased."""
    return hashlib.sha256(f"{network}|{address}".encode()).hexdigest()


def being_erased() -> Refused:
    return Refused("being-erased", "This person's data are being erased; wait some minutes.", status=409)


class Remembering:
    """Each caller gets its person's id, or the refusal that is its own."""

    def __init__(self, db: Any) -> None:
        self._persons, self._fences = db["persons"], db["fences"]
        self._waiting: deque[tuple[Met, asyncio.Future[str]]] = deque()
        self._flusher: asyncio.Task[None] | None = None

    async def remember(
        self,
        name: str,
        email: str,
        member: str | None,
        network: str,
        *,
        subject: str | None = None,
        told: Told | None = None,
    ) -> str:
        met = Met(name.strip(), email.strip(), member, network, normal_address(email), subject, told)
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting.append((met, future))
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush(), name="people: remember")
        return await future

    async def _flush(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), AT_ONCE))]
            outcomes: Sequence[str | BaseException]
            try:
                outcomes = await self._work([met for met, _ in batch])
            except Exception as error:
                outcomes = [error] * len(batch)
            for (_, future), outcome in zip(batch, outcomes, strict=True):
                if future.cancelled():
                    continue
                if isinstance(outcome, BaseException):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)

    async def _work(self, batch: Sequence[Met]) -> list[str | BaseException]:
        wanted: dict[tuple[str, str], Met] = {}
        for met in batch:
            wanted.setdefault((met.network, met.address), met)
        fences = {fence_of(*one): one for one in wanted}
        fenced_ids, known = await asyncio.gather(
            self._fences.find({"_id": {"$in": list(fences)}}, {"_id": 1}).to_list(None), self._look_up(list(wanted))
        )
        closed = {fences[one["_id"]] for one in fenced_ids}
        closed |= {one for one, row in known.items() if "erasing" in row}
        known |= await self._insert([met for one, met in wanted.items() if one not in closed and one not in known])
        await self._note([(known[one], met) for met in batch if (one := (met.network, met.address)) not in closed])
        outcomes: list[str | BaseException] = []
        for met in batch:
            one = (met.network, met.address)
            outcomes.append(being_erased() if one in closed else str(known[one]["_id"]))
        return outcomes

    async def _look_up(self, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
        """The documents of those who are known by one of these addresses, former second addresses included."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for network in {network for network, _ in wanted}:
            addresses = [address for other, address in wanted if other == network]
            among = {"$in": addresses}
            query = {"network": network, "$or": [{"address": among}, {"other_addresses": among}]}
            async for row in self._persons.find(query, _KNOWN):
                for address in (row.get("address"), *row.get("other_addresses", ())):
                    if address:
                        found.setdefault((network, address), row)
        return {one: found[one] for one in wanted if one in found}

    async def _insert(self, new: Sequence[Met]) -> dict[tuple[str, str], dict[str, Any]]:
        """Their documents; where another was faster with the same address, that one's."""
        if not new:
            return {}
        now = clock.now()
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        for met in new:
            first = {"_id": uuid4().hex, "email": met.email, "address": met.address, "since": now}
            facts = {"name": met.name, "member": met.member, "network": met.network, "known": today}
            rows[met.network, met.address] = {**first, **facts} | (
                {"purposes": [met.told.entry(now)]} if met.told else {}
            )
        try:
            await self._persons.insert_many(list(rows.values()), ordered=False)
        except BulkWriteError as error:
            if not is_duplicate_key(error):
                raise
            faster = [one["op"]["_id"] for one in (error.details or {}).get("writeErrors", ())]
            lost = [one for one, row in rows.items() if row["_id"] in faster]
            there = await self._look_up(lost)
            if set(lost) - there.keys():
                raise
            rows |= there
        return rows

    async def _note(self, met: Sequence[tuple[dict[str, Any], Met]]) -> None:
        """That they are still known, under which subject, and what they were told; only where it is new."""
        now = clock.now()
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        writes: list[UpdateOne] = []
        for row, one in met:
            change: dict[str, Any] = {}
            if row.get("known") is None or row["known"] < today:
                change["$max"] = {"known": today}
            if one.subject is not None and one.subject not in row.get("subjects", ()):
                change["$addToSet"] = {"subjects": one.subject}
            if one.told is not None and not any(one.told.is_entry(told) for told in row.get("purposes", ())):
                entry = one.told.entry(now)
                change["$push"] = {"purposes": entry}
                row.setdefault("purposes", []).append(entry)  # told once, however often they stand in the list
            if change:
                writes.append(UpdateOne({"_id": row["_id"]}, change))
        if writes:
            await self._persons.bulk_write(writes, ordered=False)
