"""The vault's own entries in the register of personal data."""

from email import message_from_bytes, policy
from typing import Any

from .register import ANYWHERE, PEOPLE, Document, Query, blank, by, delete, not_personal, personal, since
from .subject import DataSubject


def _readable(letter: Document) -> str:
    """All of a mail that anybody could read: its headers and its texts, decoded."""
    message = message_from_bytes(letter.get("raw", b""), policy=policy.default)
    parts = [f"{name}: {value}" for name, value in message.items()]
    for part in message.walk():
        packed = part.get_payload(decode=True)
        text = packed.decode("utf-8", "replace") if isinstance(packed, bytes) else ""
        parts += [part.get_filename() or "", text]
    return "\n".join([*parts, str(letter.get("to", "")), str(letter.get("subject", ""))])


async def _person(_db: Any, who: DataSubject) -> Query:
    return {"_id": who.id}


def enter() -> None:
    # The document itself goes last, by `People.forget`.
    personal(
        PEOPLE, "persons", "Name, address, roles, member, language, and what you were told and agreed to",
        find=_person, hidden=("address", "erasing", "version"),
    )  # fmt: skip
    personal(
        PEOPLE, "sessions", "Where you are signed in", find=by("subject", "login"), erase=delete,
        shown=("begun", "expires", "seen"), kept="sessions", age=since("begun"),
    )  # fmt: skip
    personal(
        PEOPLE, "keys", "API keys that you made or that bear your name", find=by("created_by"), erase=blank("name"),
        words=("name",), shown=("name", "created", "expires", "last_used"),
    )  # fmt: skip
    personal(
        PEOPLE, "erasures", "That you are to be erased, and how far it is", find=by("person"),
        shown=("asked", "rounds"),
    )  # fmt: skip
    personal(
        PEOPLE, "reads", "Who was shown your name, when and what for; and what you were shown", find=by("of", "by"),
        shown=("at", "by", "purpose"),
    )  # fmt: skip
    personal(
        PEOPLE, "trail", "What was changed about you, and what you changed: fields, roles and members, no words",
        find=by("about", "by"), shown=("at", "by", "what", "fields"),
    )  # fmt: skip
    personal(
        PEOPLE, "outbox", "Letters about your account", find=by("to"), erase=delete, words=ANYWHERE,
        kept="letters", age=since("made"),
    )  # fmt: skip
    personal(PEOPLE, "digests", "What your daily letter will tell", find=by("person"), erase=delete, words=ANYWHERE)
    personal(
        PEOPLE, "mailbox", "Letters as they were sent, in the local profile alone", find=by("person", "to"),
        erase=delete, unpack=_readable, shown=("kind", "subject", "at"),
    )  # fmt: skip
    not_personal(PEOPLE, "fences", "hashes of erased addresses, for minutes")
    not_personal(PEOPLE, "guards", "counters that put changes in a row")
    not_personal(PEOPLE, "limits", "hashes with counters, for minutes")
    not_personal(PEOPLE, "clock", "the local profile's common clock")
    not_personal(PEOPLE, "leases", "which replica does what")
