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
    practices = [one for one in named if one.startswith("practice-")]
    return [*await _activities(db, named), *(await _practices(db, practices) if practices else ())]


async def _practices(db: Database, ids: Sequence[str]) -> list[Entry]:
    """Those in the library, by all that their form says."""
    library = {"_id": {"$in": list(ids)}, "aggregate": "practice", "state.status": "published"}
    streams = [one async for one in db.streams.find(library)]
    forms = {one["_id"]: one["fields"] async for one in db.practices.find({"_id": {"$in": list(ids)}})}
    return [_practice(one, forms.get(one["_id"], {}), load(one["network"])) for one in streams]


def _practice(stream: Mapping[str, Any], fields: Mapping[str, str], profile: Profile) -> Entry:
    state = stream["state"]
    said = [text for name, text in fields.items() if name not in ("title", "contact-person")]
    said += [state["member"], every_language(profile.title_of(state["member"]))]
    if state["topic"]:
        said.append(every_language(profile.title_of(state["topic"])))
    return Entry(
        id=stream["_id"],
        network=stream["network"],
        right="practices.read",
        kind="practice",
        title=fields.get("title", ""),
        words=" \u00b7 ".join(dict.fromkeys(one for one in said if one)),
        link=f"/events/practices/{stream['_id']}",
        day=state["published_on"],
    )


async def _activities(db: Database, named: Sequence[str]) -> list[Entry]:
    named = list(named)
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
    found = {"aggregate": {"$in": ["activity", "practice"]}}
    return [one["_id"] async for one in db.streams.find(found, {"_id": 1})]


INDEX = SearchIndex(
    make=_make,
    all_ids=_all,
    watches=("streams", "words", "reasons", "practices"),
    prefixes=("activity-", "practice-"),
    version=2,
)
