"""What of this service can be found: requests, and the activities of the plan that nobody requested."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.mongo import Database
from shared.profiles import Profile, load
from shared.spine.search import Entry, SearchIndex
from shared.web.formats import language_name
from shared.web.search import every_language

from .streams import WORDS

_SAID = (
    "description",
    "audience",
    "host_place",
    "inside_event",
    "weeks",
    "website",
    "network_named",
    "form",
    "agenda",
    "format",
    "period",
)


async def _make(db: Database, ids: Sequence[str]) -> list[Entry]:
    streams = [one async for one in db.streams.find({"_id": {"$in": list(ids)}, "aggregate": "request"})]
    reasons = [one["state"]["words"] for one in streams if one["state"]["words"]]
    words = {one["_id"]: one async for one in db[WORDS].find({"_id": {"$in": [*ids, *reasons]}})}
    found = [_request(one, words, load(one["network"])) for one in streams]
    for id in ids:
        if id.startswith("activity-") and id in words:
            found += await _planned(db, id, words[id])
    return found


def _request(stream: Mapping[str, Any], words: Mapping[str, Mapping[str, Any]], profile: Profile) -> Entry:
    state, said = stream["state"], words.get(stream["_id"], {})
    reason = words.get(state["words"] or "", {}).get("reason", "")
    return Entry(
        id=stream["_id"],
        network=stream["network"],
        right="requests.read",
        kind="request",
        title=said.get("title") or profile.title_of(state["kind"]),
        words=_joined(
            *(said.get(name) for name in _SAID),
            reason,
            every_language(*_terms(profile, state)),
            state["member"],
            language_name(state["language"]) if state["language"] else "",
            state["quarter"] or state["quarter_wished"],
        ),
        link=f"/requests/{stream['_id']}",
        day=state["submitted_on"],
        members=(state["member"],),
    )


def _terms(profile: Profile, state: Mapping[str, Any]) -> list[str]:
    named = (state["kind"], state["topic"], *state["target_groups"], state["member"])
    line = profile.line_title(state["line"]) if state["line"] else ""
    return [*(profile.title_of(one) for one in named if one), line]


async def _planned(db: Database, id: str, said: Mapping[str, Any]) -> list[Entry]:
    """An activity of the network's own, as its plan has it now; none once it has left the plan."""
    planned = {f"state.activities.{id}": {"$exists": True}, "aggregate": "plan", "network": said["network"]}
    plan = await db.streams.find_one(planned, {f"state.activities.{id}": 1, "state.year": 1})
    if plan is None:
        return []
    one, profile = plan["state"]["activities"][id], load(said["network"])
    about = (one["kind"], one["member"], one["pillar"])
    told = [profile.title_of(about_it) for about_it in about if about_it]
    return [
        Entry(
            id=id,
            network=said["network"],
            right="plan.read",
            kind="planned",
            title=said.get("title") or profile.title_of(one["kind"]),
            words=_joined(every_language(*told, profile.line_title(one["line"])), one["quarter"], one["member"]),
            link=f"/requests/plan/{plan['state']['year']}#{id}",
            day=one["planned_on"],
        )
    ]


def _joined(*parts: object) -> str:
    return " \u00b7 ".join(str(part) for part in parts if part)


async def _subjects(db: Database, ids: Sequence[str]) -> list[str]:
    """A reason is about its request."""
    reasons = db[WORDS].find({"_id": {"$in": [one for one in ids if one.startswith("words-")]}}, {"about": 1})
    return [one["about"] async for one in reasons if one.get("about")]


async def _all(db: Database) -> Iterable[str]:
    requests = [one["_id"] async for one in db.streams.find({"aggregate": "request"}, {"_id": 1})]
    own = [one["_id"] async for one in db[WORDS].find({"_id": {"$regex": "^activity-"}}, {"_id": 1})]
    return [*requests, *own]


INDEX = SearchIndex(
    make=_make,
    all_ids=_all,
    subjects=_subjects,
    watches=("streams", WORDS),
    prefixes=("request-", "activity-", "words-"),
)
