"""What the local profile's mailbox holds: the letters of a running service, as a person finds them."""

import re
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from .tally import until


@dataclass
class Mailbox:
    """Over the people's database of a namespace."""

    db: Any

    async def letters(self, to: str = "", kind: str = "") -> list[EmailMessage]:
        """Oldest first, each once however often it was sent; `to` is part of the address."""
        query: dict[str, Any] = {"to": {"$regex": re.escape(to)}} | ({"kind": kind} if kind else {})
        found = await self.db.mailbox.find(query).sort("at", 1).to_list(None)
        parse = BytesParser(policy=policy.default).parsebytes
        letters = [parse(one["raw"]) for one in found]
        return list({str(one["Message-ID"]): one for one in letters}.values())

    async def letter(self, to: str, kind: str, number: int = 1) -> EmailMessage:
        """The n-th letter of that kind to that address, once it is there."""
        found: list[EmailMessage] = []

        async def arrived() -> bool:
            found[:] = await self.letters(to, kind)
            return len(found) >= number

        await until(arrived, 20, f"letter {number} of kind {kind} to {to}")
        return found[number - 1]


def text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link(letter: EmailMessage, part: str = "") -> str:
    """The path of the first link in a letter that has this part."""
    found = re.search(rf"https?://[^/\s]+(/\S*{re.escape(part)}\S*)", text(letter))
    assert found is not None, text(letter)
    return found[1]


def calendar(letter: EmailMessage) -> str:
    """The calendar file in a letter, empty where it has none; long lines put together again."""
    parts = [part for part in letter.walk() if part.get_content_type() == "text/calendar"]
    return str(parts[0].get_content()).replace("\r\n", "\n").replace("\n ", "") if parts else ""
