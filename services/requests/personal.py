"""What this service's collections hold of persons: entries in the register of personal data."""

from collections.abc import Mapping
from typing import Any

from shared.contracts.planning import ActionAgreed, ConsultationOpened
from shared.files import personal as files
from shared.people.register import ANYWHERE, Query, blank, by, delete, not_personal, personal, since, since_stream
from shared.people.subject import DataSubject
from shared.spine.search import COLLECTION as SEARCH
from shared.spine.search import CURSOR as SEARCH_CURSOR

from .hearing import HEARD
from .streams import (
    ACTION_WORDS,
    ACTIVITIES,
    ASSIGNMENTS,
    BASELINES,
    CALLS,
    CONSULTATION_WORDS,
    CYCLE_WORDS,
    DRAFTS,
    WORDS,
)

_WRITTEN = (
    "liaison.requests.request.submitted.v1", "liaison.requests.needs.recorded.v1", "liaison.requests.needs.revised.v1",
    "liaison.requests.project.entered.v1", "liaison.requests.project.changed.v1",
)  # fmt: skip
"""Events whose words lie under their stream's id."""


async def _typed(db: Any, who: DataSubject) -> Query:
    """Requests they submitted, and reasons and questions under the ids that their events name."""
    caused: Mapping[str, Any] = {"actor": who.any_of}
    streams = await db.events.distinct("stream", {**caused, "type": {"$in": list(_WRITTEN)}})
    named = await db.events.distinct("data.words", {**caused, "data.words": {"$type": "string"}})
    return {"_id": {"$in": [*streams, *named]}}


async def _consulted(db: Any, who: DataSubject) -> Query:
    """Drafts and actions they set up, and what they said under the ids that their events name."""
    caused: Mapping[str, Any] = {"actor": who.any_of}
    begun = {"$in": [ConsultationOpened.type, ActionAgreed.type]}
    streams = await db.events.distinct("stream", {**caused, "type": begun})
    named = await db.events.distinct("data.words", {**caused, "data.words": {"$type": "string"}})
    return {"_id": {"$in": [*streams, *named]}}


def enter() -> None:
    files.enter("requests", kept="requests")
    personal(
        "requests", WORDS, "What you wrote in requests and as reasons of decisions",
        # A request's title stays, without anybody's name in it: the plan and other members know the request by it.
        find=_typed,
        erase=blank(
            "description", "audience", "inside_event", "agenda", "contact", "reason", "question", "answer", "summary",
            "source",
        ),
        words=ANYWHERE, hidden=("network",), kept="requests", age=since_stream("about", "_id"),
    )  # fmt: skip
    personal(
        "requests", DRAFTS, "Requests that you have not sent yet",
        find=by("by"), erase=delete, words=ANYWHERE, hidden=("network", "by"), kept="requests", age=since("saved"),
    )  # fmt: skip
    not_personal("requests", CALLS, "which calls are open, by ids and years")
    personal("requests", ACTIVITIES, "What became of planned activities, by ids and days", words=ANYWHERE)
    personal("requests", HEARD, "What became of activities and exchanges, by ids and days", words=ANYWHERE)
    personal(
        "requests", ASSIGNMENTS, "The contact person of an activity of the plan", words=("contact",),
        kept="requests", age=since_stream("plan"),
    )  # fmt: skip
    personal(
        "requests", CONSULTATION_WORDS, "What you wrote in consultations",
        find=_consulted, erase=blank("text", "comment"), words=ANYWHERE, hidden=("network",),
        kept="requests", age=since_stream("about", "_id"),
    )  # fmt: skip
    personal(
        "requests", ACTION_WORDS, "What you wrote of agreed actions",
        find=_consulted, erase=blank("text", "said"), words=ANYWHERE, hidden=("network",),
        kept="requests", age=since_stream("about", "_id"),
    )  # fmt: skip
    personal(
        "requests", CYCLE_WORDS, "What was written of documents of the programming cycle", words=ANYWHERE,
        kept="requests", age=since_stream("about", "_id"),
    )  # fmt: skip
    personal("requests", BASELINES, "Plans as they were adopted, with the titles of their activities", words=ANYWHERE)
    personal(
        "requests", SEARCH, "The words by which things are found, taken from what stands elsewhere here",
        words=("title", "words"),
    )  # fmt: skip
    not_personal("requests", SEARCH_CURSOR, "how far the search index has followed")
