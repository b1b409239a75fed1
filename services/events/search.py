"""What of this service can be found: activities, by title, place, description and what they are about.

What participants wrote without a name is not in the index: nobody should find out by words whose answer it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.mongo import Database
from shared.profiles import Profile, load
from shared.spine.search import Entry, SearchIndex
from shared.web.formats import language_name
from shared.web.search import every_language

from .queries.activity import default_title

_NEEDED = (
    "kind", "pillar", "line", "quarter", "member", "members", "exchange", "language", "topic", "target_groups",
    "starts_on", "held_on",
)  # fmt: skip


async def _make(db: Database, ids: Sequence[str]) -> list[Entry]:
    named = list(ids)
    fields = {"network": 1, **{f"state.{name}": 1 for name in _NEEDED}}  # its registrations are many
    streams = [one async for one in db.streams.find({"_id": {"$in": named}, "aggregate": "activity"}, fields)]
    words = {one["_id"]: one async for one in db.words.find({"_id": {"$in": named}})}
    reasons = {one["_id"]: one.get("reason", "") async for one in db.reasons.find({"_id": {"$in": named}})}
    return [
        _entry(one, words.get(one["_id"], {}), reasons.get(one["_id"], ""), load(one["network"])) for one in streams
    ]


def _entry(stream: Mapping[str, Any], words: Mapping[str, Any], reason: str, profile: Profile) -> Entry:
    state = stream["state"]
    about = (state["kind"], state["topic"], *state["target_groups"], state["member"], *state["members"])
    line = profile.line_title(state["line"]) if state["line"] else ""
    said = (
        words.get("place"), words.get("description"), reason,
        every_language(*(profile.title_of(one) for one in about if one), line), state["quarter"], state["member"],
        language_name(state["language"]) if state["language"] else "",
    )  # fmt: skip
    return Entry(
        id=stream["_id"],
        network=stream["network"],
        right="events.read",
        kind="activity",
        title=words.get("title") or default_title(state, profile),
        words=" \u00b7 ".join(dict.fromkeys(one for one in said if one)),
        link=f"/events/{stream['_id']}",
        day=state["held_on"] or state["starts_on"] or "",
    )


async def _all(db: Database) -> Iterable[str]:
    return [one["_id"] async for one in db.streams.find({"aggregate": "activity"}, {"_id": 1})]


INDEX = SearchIndex(make=_make, all_ids=_all, watches=("streams", "words", "reasons"), prefixes=("activity-",))
