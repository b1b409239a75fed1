"""Whom `requests` writes to: the liaison officers of the member that asked, about what became of it."""

from collections.abc import Iterable
from typing import Any

from shared.contracts.requests import (
    RequestAcceptedForCall,
    RequestAnswered,
    RequestDeclined,
    RequestDeferred,
    RequestJoined,
    RequestMerged,
    RequestPlanned,
    RequestQuestioned,
    RequestReopened,
    RequestWithdrawn,
)
from shared.messages import letter, members
from shared.messages.correspondence import Correspondence, Happened, Telling, Write
from shared.people import Role
from shared.spine.draft import Once

from . import queries
from .streams import WORDS


def decided(kind: str) -> Write:
    """To all liaison officers of the member: whoever of them is there today takes it up.

    Those whose requests are merged into this one read of the decision as one on their own.
    """

    def write(happened: Happened) -> Iterable[Once]:
        event = happened.event
        data = {"words": event.words, "quarter": getattr(event, "quarter", None)}
        for request, member in ((happened.stream, event.member), *getattr(event, "joined", ())):
            told = {**data, "request": request}
            yield letter(kind, members(Role.NLO, member), happened.network, told, f"{happened.id} {request}")

    return write


def merged(happened: Happened) -> Iterable[Once]:
    """To both senders, each about their own request."""
    event = happened.event
    ours = {"request": happened.stream, "words": event.words}
    if isinstance(event, RequestMerged):
        data = {**ours, "other": event.into_member}
        yield letter("request-merged", members(Role.NLO, event.member), happened.network, data, happened.id)
    else:
        data = {**ours, "other": event.request_member}
        yield letter("request-joined", members(Role.NLO, event.member), happened.network, data, happened.id)


def questioned(happened: Happened) -> Iterable[Once]:
    data = {"request": happened.stream, "question": happened.event.words}
    yield letter("request-question", members(Role.NLO, happened.event.member), happened.network, data, happened.id)


def answered(happened: Happened) -> Iterable[Once]:
    event = happened.event
    data = {"request": happened.stream, "question": event.question, "answer": event.words, "other": event.member}
    yield letter("request-answer", members(Role.COORDINATOR), happened.network, data, happened.id)


async def tell_of_request(telling: Telling) -> dict[str, Any] | None:
    """Its title and the reason of this decision, be there others since."""
    data = telling.data
    request = data["request"]
    shown = await queries.one(telling.db, telling.network, request)
    if shown is None:
        return None
    return {
        "title": shown.title,
        "sent": shown.state["submitted_on"],
        "reason": await _kept(telling, "words", "reason"),
        "question": await _kept(telling, "question", "question"),
        "answer": await _kept(telling, "answer", "answer"),
        "quarter": data.get("quarter") or "",
        "other": data.get("other", ""),
        "link": f"/requests/{request}",
    }


async def _kept(telling: Telling, named: str, field: str) -> str:
    """What somebody wrote, under the id that the letter names."""
    words = telling.data.get(named)
    kept = await telling.db[WORDS].find_one({"_id": words}) if words else None
    return str((kept or {}).get(field, ""))


letters = Correspondence()
letters.on(RequestPlanned, decided("request-planned"))
letters.on(RequestDeferred, decided("request-deferred"))
letters.on(RequestDeclined, decided("request-declined"))
letters.on(RequestAcceptedForCall, decided("request-accepted"))
letters.on(RequestWithdrawn, decided("request-withdrawn"))
letters.on(RequestReopened, decided("request-reopened"))
letters.on(RequestMerged, merged)
letters.on(RequestJoined, merged)
letters.on(RequestQuestioned, questioned)
letters.on(RequestAnswered, answered)
_KINDS = ("planned", "deferred", "declined", "accepted", "withdrawn", "reopened", "merged", "joined", "question",
          "answer")  # fmt: skip
for _kind in _KINDS:
    letters.tell(f"request-{_kind}", tell_of_request)
