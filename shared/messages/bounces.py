"""Mails that come back: a delivery report (RFC 3464) is read, its letter marked, and the address if it is at fault."""

import email
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage, Message
from typing import Any

from shared.mongo import Client
from shared.people.mailing import Mailing
from shared.settings import Settings

from .letter import OUTBOX, State
from .transport import is_wrong_address

PLACES = ("requests", "matching", "events", "kpi", "people")
"""Whose outboxes there are, by the first part of a letter's Message-ID."""
MOST_BYTES = 4 * 1024 * 1024
_MESSAGE_ID = re.compile(r"<([a-z]+)\.[0-9a-f]{40}@[^>\s]+>")
_STATUS = re.compile(r"^[245]\.\d{1,3}\.\d{1,3}$")


@dataclass(frozen=True, slots=True)
class Report:
    """What a delivery report says of one mail."""

    message: str
    """Its Message-ID, angle brackets included."""
    recipients: tuple[str, ...]
    status: str
    """Such as `5.1.1`."""


def read_report(raw: bytes) -> Report | None:
    """The failure that a message reports of a letter of ours; none for a delay, a success or anything else."""
    message = email.message_from_bytes(raw[:MOST_BYTES], policy=policy.default)
    failed = [block for block in _blocks(message) if str(block.get("action", "")).strip().lower() == "failed"]
    own = _letter_named_in(message)
    if not failed or own is None:
        return None
    status = str(failed[0].get("status", "")).split("(")[0].strip()
    recipients = (_address(str(block.get(name, ""))) for block in failed for name in _RECIPIENTS)
    return Report(own, tuple(one for one in recipients if one), status if _STATUS.match(status) else "5.0.0")


_RECIPIENTS = ("original-recipient", "final-recipient")


def _blocks(message: Message) -> Iterator[Message]:
    """The part for each recipient; reports that are not marked as such have none."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            yield from (one for one in part.get_payload() if isinstance(one, Message))


def _letter_named_in(message: EmailMessage | Message) -> str | None:
    """The Message-ID of the mail that came back, from its copy or headers at the report's end."""
    for part in message.walk():
        if part.get_content_type() in ("message/rfc822", "message/global"):
            inner: Iterable[Any] = part.get_payload() if part.is_multipart() else ()
            texts = [str(one.get("Message-ID", "")) for one in inner if isinstance(one, Message)]
        elif part.get_content_type() in ("text/rfc822-headers", "message/global-headers"):
            packed = part.get_payload(decode=True)
            texts = [packed.decode("utf-8", "replace") if isinstance(packed, bytes) else str(part.get_payload())]
        else:
            continue
        for text in texts:
            if (found := _MESSAGE_ID.search(text)) and found[1] in PLACES:
                return found[0]
    return None


def _address(field: str) -> str:
    """`rfc822; anna@example.eu` without its type."""
    return field.partition(";")[2].strip().strip("<>").casefold()


async def take_report(raw: bytes, client: Client, settings: Settings) -> str:
    """Mark the letter that came back; returns a word of what was done: `bounced`, `known`, `not-ours`, `no-report`.

    A report counts only if it names a letter that was sent from here, by a Message-ID that nobody can make up, and,
    where it names a recipient, that letter's own.
    """
    report = read_report(raw)
    if report is None:
        return "no-report"
    place = report.message[1:].partition(".")[0]
    name = settings.people_database if place == "people" else settings.database(place)
    outbox = client[name][OUTBOX]
    found = await outbox.find_one({"message": report.message})
    if found is None:
        return "not-ours"
    if found["state"] != State.SENT:
        return "known"
    mailing = Mailing(client[settings.people_database])
    person = await mailing.addressee(found["network"], found["to"])
    if person and report.recipients and person.address.casefold() not in report.recipients:
        return "not-ours"  # forwarded by its receiver, and lost on the way from there
    change = {"state": State.BOUNCED.value, "reason": report.status, "ended": datetime.now(UTC)}
    await outbox.update_one(
        {"_id": found["_id"], "state": State.SENT.value}, {"$set": change, "$unset": {"expires": ""}}
    )
    if person and is_wrong_address(report.status):
        await mailing.bounced(person.id, person.address, report.status)
    return "bounced"
