"""An installation that signs people in at a real identity provider, for tests."""

import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import count
from typing import Any
from uuid import uuid4

from fastapi import FastAPI

from shared.mongo import connect
from shared.people import People
from shared.settings import Settings
from tests.support.identity_provider import CLIENT, SECRET, Browser, IdentityProvider, client, identity_provider
from tests.support.ports import free_port
from tests.support.sample_app import SECRET as OURS
from tests.support.sample_app import sample_app
from tests.support.stack import Brokers

BASE = "http://127.0.0.1:8080"
ACCOUNTS = {
    "iva": {"name": "Iva", "email": "Iva@bg.example.test", "email_verified": True},
    "miro": {"name": "Miro", "email": "miro@ela.example.test", "email_verified": True},
    "unproven": {"name": "X", "email": "nobody-checked@ela.example.test", "email_verified": False},
    "again": {"name": "Again", "email": "iva@bg.example.test", "email_verified": True},
    "first": {"name": "Ana", "email": "ana@etf.example.test", "email_verified": True},
    "stranger": {"name": "S", "email": "stranger@elsewhere.example.test", "email_verified": True},
}


@dataclass
class Place:
    """An installation with its provider and vault."""

    provider: IdentityProvider
    people: People
    settings: Settings
    port: int
    db: Any
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def app(self, **changes: Any) -> FastAPI:
        return sample_app(settings=self.settings.model_copy(update=changes), people=self.people)

    def browser(self, app: FastAPI | None = None, address: str = "") -> Browser:
        """With an address of its own: what one test does wrong slows down no other."""
        return Browser(app or self.shared, BASE, self.provider, address or f"198.51.100.{next(self.numbers)}")

    @cached_property
    def shared(self) -> FastAPI:
        return self.app()


@contextlib.asynccontextmanager
async def installation(brokers: Brokers) -> AsyncIterator[Place]:
    """With a vault of its own; whoever has a role there is in `ACCOUNTS`."""
    port = free_port()
    mongo = connect(brokers.mongo_url)
    namespace = f"t{uuid4().hex[:12]}"
    db = mongo[f"{namespace}_people"]
    people = People(db)
    await people.prepare()
    for name, address, role, member, network in (
        ("Iva", "iva@bg.example.test", "nlo", "BG", "ela"),
        ("Iva", "iva@bg.example.test", "coordinator", None, "eures"),
        ("Miro", "miro@ela.example.test", "coordinator", None, "ela"),
        ("Nora", "nobody-checked@ela.example.test", "coordinator", None, "ela"),
    ):
        facts = {"name": name, "email": address, "address": address, "roles": [role], "member": member}
        now = datetime.now(UTC)
        await db.persons.insert_one({"_id": uuid4().hex, "network": network, "since": now, **facts})
    there = f"http://127.0.0.1:{port}"
    back_channel = {
        "backchannel_logout_uri": f"{there}/sign-in/back-channel",
        "backchannel_logout_session_required": True,
    }
    clients = [client(BASE), client(there, "liaison-in-a-browser", **back_channel)]
    async with identity_provider(clients, ACCOUNTS) as provider:
        settings = Settings(
            profile="production", secret=OURS, base_url=BASE, oidc_issuer=provider.issuer, oidc_client_id=CLIENT,
            oidc_client_secret=SECRET, limit_sign_in=1000, mongo_url=brokers.mongo_url, namespace=namespace,
        )  # fmt: skip
        yield Place(provider, people, settings, port, db)
    await mongo.drop_database(db.name)
    mongo.close()


def good_claims(place: Place, **changed: Any) -> dict[str, Any]:
    """What an ID token for `iva` says; None leaves a claim out."""
    now = int(time.time())
    claims = {"iss": place.provider.issuer, "aud": CLIENT, "sub": "iva", "nonce": "n", "iat": now, "exp": now + 300}
    return {name: value for name, value in {**claims, **changed}.items() if value is not None}
