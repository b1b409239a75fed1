"""What this service's collections hold of persons: entries in the register of personal data."""

from shared.people.register import ANYWHERE, blank, not_personal, personal, since_stream, typed_by
from shared.spine.search import COLLECTION as SEARCH
from shared.spine.search import CURSOR as SEARCH_CURSOR

from .handlers import RUNS, WORDS


def enter() -> None:
    personal(
        "matching", WORDS, "Why you declined a proposal",
        find=typed_by(extra={"type": "liaison.matching.exchange.declined.v1"}), erase=blank("reason"), words=ANYWHERE,
        hidden=("network",), kept="requests", age=since_stream("_id"),
    )  # fmt: skip
    not_personal("matching", RUNS, "members, weeks and ids of interests and offers, with the rules' reasons")
    personal(
        "matching", SEARCH, "The words by which things are found, taken from what stands elsewhere here",
        words=("title", "words"),
    )  # fmt: skip
    not_personal("matching", SEARCH_CURSOR, "how far the search index has followed")
