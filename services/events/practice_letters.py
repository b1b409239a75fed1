"""Whom `events` writes to about good practices and alerts: senders, reviewers, coordinators, named members' officers.

A letter about an alert says that there is something, and nothing more.
"""

from collections.abc import Callable, Iterable
from typing import Any

from services.events.practising import FORMS, PRACTICE, REASONS
from shared.contracts.practices import (
    AlertCorrected,
    AlertRaised,
    PracticeCallOpened,
    PracticePublished,
    PracticeRecognised,
    PracticeReturned,
    PracticeReused,
    PracticeSubmitted,
    ReviewersNamed,
)
from shared.messages import letter, members
from shared.messages.correspondence import Correspondence, Happened, Telling, Write
from shared.people import Role
from shared.spine.draft import Once


def to_sender(kind: str) -> Write:
    """To the liaison officers of the practice's member."""

    def write(happened: Happened) -> Iterable[Once]:
        to = members(Role.NLO, happened.event.member)
        return [letter(kind, to, happened.network, _about(happened), happened.id)]

    return write


def _about(happened: Happened) -> dict[str, Any]:
    return {"practice": happened.stream, "words": getattr(happened.event, "words", None) or ""}


def submitted(happened: Happened) -> Iterable[Once]:
    """To its sender, and to the coordinators, who name reviewers."""
    data = _about(happened)
    both = (members(Role.NLO, happened.event.member), members(Role.COORDINATOR))
    return [letter("practice-submitted", to, happened.network, data, happened.id) for to in both]


def to_reviewers(happened: Happened) -> Iterable[Once]:
    """Each once a practice, however often the reviewers are named."""
    key = f"{happened.stream}/reviewers"
    return [
        letter("practice-to-review", one, happened.network, {"practice": happened.stream, "reviewer": one}, key)
        for one in happened.event.reviewers
    ]


def called(happened: Happened) -> Iterable[Once]:
    event = happened.event
    data = {"year": event.year, "due": event.closes_on.isoformat()}
    return [letter("practice-call", members(Role.NLO), happened.network, data, happened.stream)]


def warned(happened: Happened) -> Iterable[Once]:
    """To the liaison officers of the members it is for; the letter does not say what it is about."""
    event, data = happened.event, {"warning": happened.stream}
    return [letter("alert-there", members(Role.NLO, one), happened.network, data, happened.id) for one in event.to]


async def tell_of_practice(telling: Telling) -> dict[str, Any] | None:
    id, kind = telling.data["practice"], telling.letter.kind
    stream = await telling.db.streams.find_one({"_id": id, "network": telling.network})
    kept = await telling.db[FORMS].find_one({"_id": id})
    if stream is None or kept is None:
        return None
    state = PRACTICE.load(stream["state"])
    if not STILL.get(kind, lambda _state: True)(state):
        return None
    words = await telling.db[REASONS].find_one({"_id": telling.data.get("words")})
    link = f"/events/practices/{id}"
    reason = words["reason"] if words else ""
    return {"title": kept["fields"].get("title", ""), "reason": reason, "link": link, "about": link}


async def tell_of_call(telling: Telling) -> dict[str, Any] | None:
    return {**telling.data, "link": "/events/practices", "about": "/events/practices"}


async def tell_of_alert(telling: Telling) -> dict[str, Any] | None:
    return {"link": "/events/alerts", "about": "/events/alerts"}


STILL: dict[str, Callable[[Any], bool]] = {
    "practice-published": lambda state: state.status == "published",
    "practice-recognised": lambda state: state.exemplary,
    "practice-returned": lambda state: state.status == "draft",
    "practice-to-review": lambda state: state.status in ("submitted", "reviewed"),
}
"""What a practice must be still for the letter to be true."""


def write_into(letters: Correspondence) -> None:
    letters.on(PracticeSubmitted, submitted)
    letters.on(ReviewersNamed, to_reviewers)
    letters.on(PracticeReturned, to_sender("practice-returned"))
    letters.on(PracticePublished, to_sender("practice-published"))
    letters.on(PracticeRecognised, to_sender("practice-recognised"))
    letters.on(PracticeReused, to_sender("practice-reused"))
    letters.on(PracticeCallOpened, called)
    letters.on(AlertRaised, warned)
    letters.on(AlertCorrected, warned)
    kinds = ("submitted", "to-review", "returned", "published", "recognised", "reused")
    for kind in kinds:
        letters.tell(f"practice-{kind}", tell_of_practice)
    letters.tell("practice-call", tell_of_call)
    letters.tell("alert-there", tell_of_alert)
