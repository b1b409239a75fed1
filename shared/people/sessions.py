"""Who is signed in: one row a session, the same for all services.

The browser keeps a random token; here is its hash alone. The row ends with sign-out, with its time, and with what the
identity provider says; a process may believe a row for a few seconds longer (`shared.web.session`).
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

SEEN_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in as kept; from `login` on empty where no identity provider stands behind it."""

    id: str
    """The hash of the token in the cookie."""
    subject: str
    """Whom it stands for, as `People.person` knows them."""
    begun: datetime
    expires: datetime
    seen: datetime
    """Coarse: moved once an hour."""
    login: str = ""
    """Issuer and subject at the provider."""
    sid: str = ""
    """The provider's own name of the session, for its sign-out."""
    due: datetime | None = None
    """When the provider is asked again whether it lives on."""
    vouched: datetime | None = None
    """When the provider last said so."""
    sealed: bytes = b""
    """The provider's tokens, encrypted."""


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def begin(token: str, subject: str, lifetime: timedelta) -> Session:
    now = datetime.now(UTC)
    return Session(hash_of(token), subject, now, now + lifetime, now)


class SessionStore(Protocol):
    async def open(self, session: Session) -> None: ...

    async def find(self, session_id: str) -> Session | None:
        """None where it ended."""

    async def seen(self, session_id: str) -> None: ...

    async def claim(self, session: Session, until: datetime) -> bool:
        """Whether it is the caller who asks the provider now; others go on with the session until then."""

    async def renew(self, session: Session) -> None:
        """Keep what the provider said; nothing where the session has ended meanwhile."""

    async def end(self, session_id: str) -> None: ...

    async def of(self, session: Session) -> list[Session]:
        """The live sessions of whoever this one belongs to, itself included, newest first."""

    async def end_all(self, session: Session) -> None:
        """End all of `of(session)`."""

    async def end_of_subjects(self, subjects: list[str]) -> None:
        """End what a person has open, by any of their ids."""

    async def end_at_provider(self, login: str, sid: str) -> None:
        """End the provider's session `sid`, or all of this login where none is named."""


class Sessions:
    """The collection `sessions` of the database `<namespace>_people`."""

    def __init__(self, db: Any) -> None:
        self._rows = db["sessions"]

    async def prepare(self) -> None:
        await self._rows.create_index("expires", expireAfterSeconds=0)
        for name in ("subject", "login", "sid"):
            await self._rows.create_index(name, sparse=True)

    async def open(self, session: Session) -> None:
        await self._rows.insert_one(_document(session))

    async def find(self, session_id: str) -> Session | None:
        row = await self._rows.find_one({"_id": session_id, **_live()})
        return _session(row) if row else None

    async def seen(self, session_id: str) -> None:
        await self._rows.update_one({"_id": session_id}, {"$set": {"seen": datetime.now(UTC)}})

    async def claim(self, session: Session, until: datetime) -> bool:
        mine = await self._rows.update_one({"_id": session.id, "due": session.due}, {"$set": {"due": until}})
        return bool(mine.modified_count)

    async def renew(self, session: Session) -> None:
        kept = {"due": session.due, "vouched": session.vouched, "sealed": session.sealed, "expires": session.expires}
        await self._rows.update_one({"_id": session.id}, {"$set": kept})

    async def end(self, session_id: str) -> None:
        await self._rows.delete_one({"_id": session_id})

    async def of(self, session: Session) -> list[Session]:
        rows = self._rows.find({**owner_of(session), **_live()}).sort("begun", -1).limit(100)
        return [_session(row) async for row in rows]

    async def end_all(self, session: Session) -> None:
        await self._rows.delete_many(owner_of(session))

    async def end_of_subjects(self, subjects: list[str]) -> None:
        await self._rows.delete_many({"subject": {"$in": subjects}})

    async def end_at_provider(self, login: str, sid: str) -> None:
        both = {"login": login, "sid": sid}
        await self._rows.delete_many({name: value for name, value in both.items() if value})


def owner_of(session: Session) -> dict[str, str]:
    """What all sessions of the same person have in common."""
    # One login may be a person in each of several networks.
    return {"login": session.login} if session.login else {"subject": session.subject}


def _live() -> dict[str, Any]:
    return {"expires": {"$gt": datetime.now(UTC)}}  # the index sweeps once a minute


_OPTIONAL = ("login", "sid", "due", "vouched", "sealed")


def _document(session: Session) -> dict[str, Any]:
    facts = {"subject": session.subject, "begun": session.begun, "expires": session.expires, "seen": session.seen}
    optional = {name: getattr(session, name) for name in _OPTIONAL}
    return {"_id": session.id, **facts, **{name: value for name, value in optional.items() if value}}


def _session(row: dict[str, Any]) -> Session:
    return Session(**{"id" if name == "_id" else name: value for name, value in row.items()})
