"""One-time tokens for feedback, and the documents that know whose they are until they are used.

A token is a random number. The survey's stream holds its hash (the voucher); a document in `survey_links`, named by
that voucher, holds the registration it is for and the token, sealed. The transaction that takes an answer removes the
document, so that afterwards nothing stored leads from an answer to a person.
"""

import hashlib
import random
import secrets
from collections.abc import Collection, Iterable

from shared.mongo import Database

from .sealed import Sealed

COLLECTION = "survey_links"


def voucher_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()[:32]


async def registrations_waiting(db: Database, survey: str, outstanding: Collection[str]) -> list[str]:
    """The registrations whose tokens were not used yet, in an order that tells nothing."""
    found = [one async for one in db[COLLECTION].find({"survey": survey}).sort("_id", 1)]
    return [str(one["registration"]) for one in found if one["_id"] in outstanding]


class Links:
    """Who was given which token, for as long as it is not used."""

    def __init__(self, db: Database, sealed: Sealed) -> None:
        self._links, self._sealed = db[COLLECTION], sealed

    async def prepare(self) -> None:
        await self._links.create_index([("survey", 1), ("registration", 1)])

    async def give(self, survey: str, registrations: Iterable[str]) -> list[str]:
        """A new token for each registration; returns their vouchers. They count once the survey has them."""
        documents = []
        for registration in registrations:
            token = secrets.token_urlsafe(24)
            link = {"_id": voucher_of(token), "survey": survey, "registration": registration}
            documents.append(link | {"token": self._sealed.seal(token)})
        random.SystemRandom().shuffle(documents)
        if documents:
            await self._links.insert_many(documents, ordered=False)
        return [str(one["_id"]) for one in documents]

    async def forget(self, vouchers: Collection[str]) -> None:
        if vouchers:
            await self._links.delete_many({"_id": {"$in": list(vouchers)}})

    async def close(self, survey: str) -> None:
        """The survey is closed: who was given which of its tokens is forgotten."""
        await self._links.delete_many({"survey": survey})

    async def registration_of(self, survey: str, voucher: str) -> str | None:
        found = await self._links.find_one({"_id": voucher, "survey": survey})
        return str(found["registration"]) if found else None

    async def token_of(self, survey: str, registration: str, outstanding: Collection[str]) -> str | None:
        """The token of one who has not answered yet."""
        links = await self._links.find({"survey": survey, "registration": registration}).to_list(10)
        return next((self._sealed.open(one["token"]) for one in links if one["_id"] in outstanding), None)

    async def tokens(self, survey: str, registrations: Collection[str], outstanding: Collection[str]) -> list[str]:
        """The tokens of these registrations that are not used yet, in an order that tells nothing."""
        found = [
            self._sealed.open(one["token"])
            async for one in self._links.find({"survey": survey})
            if one["_id"] in outstanding and one["registration"] in registrations
        ]
        tokens = [token for token in found if token]
        random.SystemRandom().shuffle(tokens)
        return tokens
