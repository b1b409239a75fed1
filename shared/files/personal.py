"""What files hold of persons, for the register of personal data: each service that keeps files enters it."""

from collections.abc import Sequence
from typing import Any

from shared.people.register import by, not_personal, personal, since_stream

from .scrubbing import scrub_contents
from .store import BUCKET, COLLECTION, Files


async def erase(db: Any, _collection: str, documents: Sequence[dict[str, Any]]) -> int:
    """The files go, each with its content where nobody else added the same."""
    return (await Files(db).erase({"_id": {"$in": [one["_id"] for one in documents]}})).files


def enter(service: str, kept: str) -> None:
    """`kept` is the kind of data by whose days the files age: as long as what they belong to."""
    personal(
        service, COLLECTION, "Files that you added, with their names", find=by("by"), erase=erase, words=("name",),
        shown=("name", "media_type", "size", "at", "about"), kept=kept, age=since_stream("about"), expire=erase,
        scrub=scrub_contents,
    )  # fmt: skip
    not_personal(service, f"{BUCKET}.files", "hashes and sizes of what is in files; names stand beside")
    personal(service, f"{BUCKET}.chunks", "What is in the files; it goes with the last document that names it")
