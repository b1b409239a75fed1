"""A letter as it waits in a service's outbox: to whom by id, of which kind, with ids for what it is about."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from shared.spine.draft import Once

OUTBOX = "outbox"
EACH = "each@"
"""For `to`: the persons in the data, each with data of their own."""


class State(StrEnum):
    WAITING = "waiting"
    DIGEST = "digest"
    """Kept for the person's daily letter."""
    SENT = "sent"
    SPREAD = "spread"
    """It named a group; each of them has a letter of their own now."""
    DROPPED = "dropped"
    """There was nothing left to say, or the person wants no letters of this kind."""
    BOUNCED = "bounced"
    FAILED = "failed"
    NOBODY = "nobody"
    """Nobody is there to write to."""


UNDELIVERED = (State.BOUNCED, State.FAILED, State.NOBODY)
"""What somebody must see."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A document of the collection `outbox`."""

    id: str
    kind: str
    to: str
    network: str
    data: Mapping[str, Any] = field(default_factory=dict)
    state: State = State.WAITING
    attempts: int = 0
    again: int = 0
    """How often somebody asked to send it again: each time is a new message to the receiver."""
    made: datetime = datetime.min
    due: datetime = datetime.min
    sent: datetime | None = None
    reason: str = ""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Letter":
        known = {name: document[name] for name in cls.__dataclass_fields__ if name in document}
        return cls(id=document["_id"], **known | {"state": State(document["state"])})


def members(role: str, member: str | None = None) -> str:
    """For `to`: all who hold a role, of one member or of the whole network; looked up when the letter is sent."""
    return f"{role}@{member or ''}"


def letter(
    kind: str,
    to: str,
    network: str,
    data: Mapping[str, Any],
    key: str,
) -> Once:
    """A letter to put into `beside` of a handler's command: sent once it is committed, at least once.

    `kind` names a template of `shared/messages/templates`. `to` is a person's id or subject, or what
    `members(role, member)` gives. `data` holds ids, days and numbers, never a name, an address or a text: those are
    looked up when it is sent. `key` is the same whenever it is the same letter, such as the event's id; a second one
    of a key is not written.
    History that is imported sends nothing.
    """
    facts = document(kind, to, network, data)
    return Once(OUTBOX, letter_id(kind, to, key), facts, current=True)


def letter_id(kind: str, to: str, key: str) -> str:
    return "letter-" + hashlib.sha256(f"{kind}|{to}|{key}".encode()).hexdigest()[:32]


def document(kind: str, to: str, network: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """A letter's document, due at once; the real clock counts, for letters are waited for by it."""
    now = datetime.now(UTC)
    facts = {"kind": kind, "to": to, "network": network, "data": dict(data)}
    return facts | {"state": State.WAITING.value, "attempts": 0, "again": 0, "made": now, "due": now}
