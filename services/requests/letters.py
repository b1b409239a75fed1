"""Whom `requests` writes to: the liaison officers of the member that asked, about what became of it."""

from collections.abc import Iterable
from typing import Any

from shared.contracts.requests import RequestDeclined, RequestDeferred, RequestPlanned, RequestReopened
from shared.messages import letter, members
from shared.messages.correspondence import Correspondence, Happened, Telling, Write
from shared.people import Role
from shared.spine.draft import Once

from . import queries
from .streams import WORDS


def decided(kind: str) -> Write:
    """To all liaison officers of the member: whoever of them is there today takes it up."""

    def write(happened: Happened) -> Iterable[Once]:
        event = happened.event
        data = {"request": happened.stream, "words": event.words, "quarter": getattr(event, "quarter", None)}
        return [letter(kind, members(Role.NLO, event.member), happened.network, data, happened.id)]

    return write


async def tell_of_request(telling: Telling) -> dict[str, Any] | None:
    """Its title and the reason of this decision, be there others since."""
    request = telling.data["request"]
    shown = await queries.one(telling.db, telling.network, request)
    if shown is None:
        return None
    words = telling.data.get("words")
    kept = await telling.db[WORDS].find_one({"_id": words}) if words else None
    return {
        "title": shown.title,
        "sent": shown.state["submitted_on"],
        "reason": (kept or {}).get("reason", ""),
        "quarter": telling.data.get("quarter") or "",
        "link": f"/requests/{request}",
    }


letters = Correspondence()
letters.on(RequestPlanned, decided("request-planned"))
letters.on(RequestDeferred, decided("request-deferred"))
letters.on(RequestDeclined, decided("request-declined"))
letters.on(RequestReopened, decided("request-reopened"))
for _kind in ("request-planned", "request-deferred", "request-declined", "request-reopened", "request-question"):
    letters.tell(_kind, tell_of_request)
