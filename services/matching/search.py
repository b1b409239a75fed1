"""What of this service can be found: calls, interests, offers and exchanges, each by those who may see it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.mongo import Database
from shared.profiles import Profile, load
from shared.spine.search import Entry, SearchIndex
from shared.web.formats import language_name
from shared.web.search import every_language

from .handlers import WORDS, focus_areas

_KINDS = ("call", "interest", "offer", "exchange")


async def _make(db: Database, ids: Sequence[str]) -> list[Entry]:
    query = {"_id": {"$in": list(ids)}, "aggregate": {"$in": list(_KINDS)}}
    streams = [one async for one in db.streams.find(query)]
    about = {"$or": [{"_id": {"$in": list(ids)}}, {"about": {"$in": list(ids)}}]}
    reasons: dict[str, list[str]] = {}
    async for one in db[WORDS].find(about):
        reasons.setdefault(one.get("about") or one["_id"], []).append(one.get("reason", ""))
    return [_entry(one, reasons.get(one["_id"], []), load(one["network"])) for one in streams]


def _entry(stream: Mapping[str, Any], reasons: Sequence[str], profile: Profile) -> Entry:
    kind, state = stream["aggregate"], stream["state"]
    areas, members = dict(focus_areas(profile)), _members(kind, state)
    names = [profile.title_of(member) for member in members]
    focus = [areas.get(one, one) for one in state.get("focus_areas") or [state.get("focus", "")]]
    spoken = state.get("languages") or [state.get("language")]
    weeks = [state["week"]] if "week" in state else list(state.get("weeks") or state.get("places") or ())
    if kind == "call":
        title = f"{state['year']}: {', '.join(focus)}"
    elif kind == "exchange":
        title = " \u2192 ".join(names) + f": {', '.join(focus)}"
    else:
        title = f"{names[0]}: {', '.join(focus)}"
    said = [*reasons, every_language(*names, *focus), *members, *(language_name(one) for one in spoken if one), *weeks]
    return Entry(
        id=stream["_id"],
        network=stream["network"],
        right="matching.read",
        kind=kind,
        title=title,
        words=" \u00b7 ".join(one for one in said if one),
        link=f"/matching/{kind}s/{stream['_id']}",
        day=state.get("filed_on") or state.get("made_on") or state.get("agreed_on") or "",
        members=tuple(members),
    )


def _members(kind: str, state: Mapping[str, Any]) -> list[str]:
    """Whose own it is; a call is everybody's."""
    if kind == "exchange":
        return [state["sender"], state["host"]]
    return [] if kind == "call" else [state["member"]]


async def _subjects(db: Database, ids: Sequence[str]) -> list[str]:
    reasons = db[WORDS].find({"_id": {"$in": [one for one in ids if one.startswith("words-")]}}, {"about": 1})
    return [one["about"] async for one in reasons if one.get("about")]


async def _all(db: Database) -> Iterable[str]:
    return [one["_id"] async for one in db.streams.find({"aggregate": {"$in": list(_KINDS)}}, {"_id": 1})]


INDEX = SearchIndex(
    make=_make,
    all_ids=_all,
    subjects=_subjects,
    watches=("streams", WORDS),
    prefixes=tuple(f"{kind}-" for kind in (*_KINDS, "words")),
)
