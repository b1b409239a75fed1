"""What this service's collections hold of persons, and what it does before it erases one: give the places back."""

import logging
from typing import Any

from shared.contracts.refused import Refused
from shared.files import personal as files
from shared.people.register import ANYWHERE, Query, blank, by, delete, not_personal, personal, since_stream, typed_by
from shared.people.subject import DataSubject
from shared.spine.origin import Origin
from shared.spine.search import COLLECTION as SEARCH
from shared.spine.search import CURSOR as SEARCH_CURSOR
from shared.spine.service import Service

from . import answers, certifying, handlers, practising, vouchers, warning
from .badges.keys import COLLECTION as SIGNING_KEYS
from .commands import CancelRegistration
from .domain.activity import Activity
from .handlers.rules import ANSWERS, DRAFTS, QUESTIONS, SEEDS
from .passes import COLLECTION
from .queries.registration import activities_of_person
from .streams import ACTIVITY

log = logging.getLogger(__name__)


async def _links(db: Any, who: DataSubject) -> Query:
    registrations = await db.events.distinct("data.registration", {"data.person": who.any_of})
    return {"registration": {"$in": registrations}}


async def _reasons(db: Any, who: DataSubject) -> Query:
    """Under the activity that was cancelled, or under the id that the event names."""
    caused: dict[str, Any] = {"actor": who.any_of}
    cancelled = await db.events.distinct("stream", {**caused, "type": "liaison.events.activity.cancelled.v1"})
    named = await db.events.distinct("data.words", {**caused, "data.words": {"$regex": "^reason-"}})
    return {"_id": {"$in": [*cancelled, *named]}}


async def _connections(_db: Any, who: DataSubject) -> Query:
    return {"created_by": who.any_of}


async def _own_answers(_db: Any, who: DataSubject) -> Query:
    return {"person": who.any_of}


def enter() -> None:
    files.enter("events", kept="activities")
    # Titles, places and descriptions of activities stay, without anybody's name in them: others look for them.
    personal(
        "events", "words", "Titles, places and descriptions of activities", words=ANYWHERE,
        kept="activities", age=since_stream("_id"),
    )  # fmt: skip
    personal(
        "events", "reasons", "Why you called an activity off, or took something back",
        find=_reasons, erase=blank("reason"), words=ANYWHERE, kept="activities", age=since_stream("about", "_id"),
    )  # fmt: skip
    personal(
        "events", "feedback_words", "What participants wrote, without a name: nobody can tell which are yours",
        words=ANYWHERE, kept="feedback", age=since_stream("activity"),
    )  # fmt: skip
    personal(
        "events", vouchers.COLLECTION, "Tokens of surveys that you have not answered yet", find=_links, erase=delete,
        shown=("survey", "registration"),
    )  # fmt: skip
    personal(
        "events", answers.HELD, "Answers to surveys until they are released, without a name: nobody can tell whose",
        words=ANYWHERE, kept="feedback", age=since_stream("survey"),
    )  # fmt: skip
    not_personal("events", answers.CHOICES, "choices made in surveys, each by itself")
    _practices()
    not_personal("events", COLLECTION, "how often the link of a registration was replaced, by the registration's id")
    personal(
        "events", ANSWERS, "What you answered when you registered", find=_own_answers, erase=delete,
        words=("answers",), shown=("activity", "answers"), kept="activities", age=since_stream("activity"),
    )  # fmt: skip
    personal(
        "events", DRAFTS, "What you began to fill in for a registration", find=_own_answers, erase=delete,
        words=("answers",), shown=("activity", "answers"), kept="activities", age=since_stream("activity"),
    )  # fmt: skip
    personal(
        "events", QUESTIONS, "What organisers ask of those who register", words=ANYWHERE,
        kept="activities", age=since_stream("_id"),
    )  # fmt: skip
    not_personal("events", SEEDS, "the sealed seeds of draws, by the activity's id")
    personal(
        "events", "connections", "Connections of form tools that you made", find=_connections, erase=blank("name"),
        words=("name",), shown=("name", "activity", "created"), kept="activities", age=since_stream("activity"),
    )  # fmt: skip
    personal(
        "events", certifying.NAMES, "How your name is written on a certificate, where it was corrected",
        find=by("person"), erase=delete, shown=("name",),
    )  # fmt: skip
    not_personal("events", SIGNING_KEYS, "the keys that sign certificates, sealed, and when each was made")
    personal(
        "events", SEARCH, "The words by which things are found, taken from what stands elsewhere here",
        words=("title", "words"),
    )  # fmt: skip
    not_personal("events", SEARCH_CURSOR, "how far the search index has followed")


def _practices() -> None:
    personal(
        "events", practising.FORMS, "Good practices that you wrote, with the contact person they name",
        find=typed_by(extra={"type": "liaison.events.practice.drafted.v1"}), words=ANYWHERE, kept="activities",
        age=since_stream("_id"),
    )  # fmt: skip
    personal(
        "events", practising.REVIEWS, "What you wrote about good practices as a reviewer",
        find=typed_by(id="data.words", extra={"type": "liaison.events.practice.reviewed.v1"}),
        erase=blank("remarks", to={}), words=ANYWHERE, kept="activities", age=since_stream("practice"),
    )  # fmt: skip
    personal(
        "events", practising.REUSES, "How good practices are reused",
        find=typed_by(id="data.reuse", extra={"type": "liaison.events.practice.reused.v1"}), erase=blank("how"),
        words=ANYWHERE, kept="activities", age=since_stream("practice"),
    )  # fmt: skip
    personal(
        "events", practising.REASONS, "Why you took something about a good practice back",
        find=typed_by(id="data.words", extra={"stream": {"$regex": "^practice-"}}), erase=blank("reason"),
        words=ANYWHERE, kept="activities", age=since_stream("about"),
    )  # fmt: skip
    personal(
        "events", practising.CALLS, "Themes of calls for good practices", words=ANYWHERE, kept="activities",
        age=since_stream("_id"),
    )  # fmt: skip
    personal(
        "events", warning.WORDS, "What you said about restricted alerts, sealed", find=warning.written_by,
        erase=delete, shown=("alert", "expires"), scrub=warning.scrub, kept="activities", age=since_stream("alert"),
    )  # fmt: skip


def gives_places_back(service: Service) -> None:
    """Have the service cancel what a person is still registered for before they are erased: others wait for it."""

    async def give_back(who: DataSubject, erasure: str) -> int:
        given = 0
        for person in who.ids:
            for activity in await activities_of_person(service.db, who.network, person):
                given += await _cancel(service, who, activity, person, erasure)
        return given

    service.erasing.before.append(give_back)


async def _cancel(service: Service, who: DataSubject, activity: str, person: str, erasure: str) -> int:
    found = await service.db.streams.find_one({"_id": activity, "network": who.network})
    state: Activity | None = ACTIVITY.load(found["state"]) if found else None
    registration = state.people.get(person) if state else None
    if registration is None:
        return 0
    origin = Origin(who.network, source="erasure", command_id=f"{erasure}:{registration}")
    command = CancelRegistration(activity=activity, registration=registration)
    try:
        await handlers.change_activity(command, activity, service.grouping.on_behalf_of(origin))
    except Refused as refused:
        log.info("a place is not given back: %s", refused.code)  # it was held, or is over
        return 0
    return 1
