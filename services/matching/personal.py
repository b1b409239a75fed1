"""What this service's collections hold of persons: entries in the register of personal data."""

from typing import Any

from shared.people.register import ANYWHERE, Query, blank, by, not_personal, personal, since_stream
from shared.people.subject import DataSubject
from shared.spine.search import COLLECTION as SEARCH
from shared.spine.search import CURSOR as SEARCH_CURSOR

from .handlers import RUNS, WORDS
from .handlers.workings import MARKETS, WORKINGS


async def _reasons(db: Any, who: DataSubject) -> Query:
    """Under the exchange that was declined, or under the id that the event names."""
    caused: dict[str, Any] = {"actor": who.any_of}
    declined = await db.events.distinct("stream", {**caused, "type": "liaison.matching.exchange.declined.v1"})
    named = await db.events.distinct("data.words", {**caused, "data.words": {"$type": "string"}})
    return {"_id": {"$in": [*declined, *named]}}


def enter() -> None:
    personal(
        "matching", WORDS, "Why you declined, took back or opened something again, and what you reported of exchanges",
        find=_reasons, erase=blank("reason"), words=ANYWHERE,
        hidden=("network",), kept="requests", age=since_stream("about", "_id"),
    )  # fmt: skip
    not_personal("matching", RUNS, "members, weeks and ids of interests and offers, with the rules' reasons")
    not_personal("matching", MARKETS, "what a run was made of: members, weeks, languages and ids, as in the streams")
    personal(
        "matching", WORKINGS, "Runs of a match that you asked for and that were not worked out to the end",
        find=by("actor"), erase=blank("actor"), shown=("call", "stage"),
    )  # fmt: skip
    personal(
        "matching", SEARCH, "The words by which things are found, taken from what stands elsewhere here",
        words=("title", "words"),
    )  # fmt: skip
    not_personal("matching", SEARCH_CURSOR, "how far the search index has followed")
