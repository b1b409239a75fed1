"""What every service's own collections hold of persons: entries in the register of personal data."""

import re
from typing import Any

from shared.people import own
from shared.people.register import ANYWHERE, EVERY, Query, by, delete, not_personal, personal, since
from shared.people.subject import DataSubject


async def _receipts(_db: Any, who: DataSubject) -> Query:
    """A receipt's id begins with who gave the command."""
    return {"$or": [{"_id": {"$regex": f"^{re.escape(id)}\\|"}} for id in who.ids]}


def enter() -> None:
    """Enter the vault's own places and those of every service; entered again they are the same."""
    own.enter()
    personal(
        EVERY, "events", "What you did, and what was done about you: under a random number, without words",
        find=by("data.person", "actor", "onbehalfof"), shown=("type", "time", "stream"),
    )  # fmt: skip
    personal(
        EVERY, "receipts", "Answers to what you sent, so that nothing counts twice", find=_receipts, erase=delete,
        words=ANYWHERE, shown=("expires", "refused"),
    )  # fmt: skip
    personal(
        EVERY, "outbox", "Letters to you", find=by("to"), erase=delete, words=ANYWHERE, shown=("kind", "made", "state"),
        kept="letters", age=since("made"),
    )  # fmt: skip
    personal(
        EVERY, "dead", "Messages that could not be worked, with reason and trace", words=ANYWHERE,
        kept="dead-letters", age=since("at"),
    )  # fmt: skip
    personal(EVERY, "deadlines", "What falls due, by ids", words=ANYWHERE)
    personal(EVERY, "parking", "Keys of messages that could not be worked", words=ANYWHERE)
    not_personal(EVERY, "streams", "folded from the events: ids, days and numbers")
    not_personal(EVERY, "offsets", "how far the log is read")
    not_personal(EVERY, "leases", "which replica does what")
    not_personal(EVERY, "relay", "how far the log is written")
