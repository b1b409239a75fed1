"""What of this service can be found: requests, activities of the plan that nobody requested, analyses, projects."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from shared.mongo import Database
from shared.profiles import Profile, load
from shared.spine.search import Entry, SearchIndex
from shared.web.formats import language_name
from shared.web.search import every_language

from .domain.projects import WORDS_OF
from .streams import WORDS

Stream = Mapping[str, Any]
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
    known = {"_id": {"$in": list(ids)}, "aggregate": {"$in": list(_MADE)}}
    streams = [one async for one in db.streams.find(known)]
    reasons = [one["state"]["words"] for one in streams if one["state"].get("words")]
    words = {one["_id"]: one async for one in db[WORDS].find({"_id": {"$in": [*ids, *reasons]}})}
    made = (_MADE[one["aggregate"]](one, words, load(one["network"])) for one in streams)
    found = [one for one in made if one is not None]
    for id in ids:
        if id.startswith("activity-") and id in words:
            found += await _planned(db, id, words[id])
    return found


def _request(stream: Stream, words: Mapping[str, Stream], profile: Profile) -> Entry:
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


def _analysis(stream: Stream, words: Mapping[str, Stream], profile: Profile) -> Entry | None:
    """One of the whole network is seen by all who may see needs, one of a member by that member."""
    state, said = stream["state"], words.get(stream["_id"], {})
    if state["withdrawn"]:
        return None
    sources = {one.id: one.title for one in profile.needs.sources} if profile.needs else {}
    source = sources.get(state["source"], state["source"])
    about = dict.fromkeys(one for group, topic, _weight in state["findings"] for one in (group, topic))
    named = [profile.title_of(one) for one in (*about, *([state["member"]] if state["member"] else []))]
    return Entry(
        id=stream["_id"],
        network=stream["network"],
        right="needs.read",
        kind="analysis",
        title=said.get("title") or source,
        words=_joined(said.get("summary"), every_language(source, *named), state["member"]),
        link=f"/requests/needs/{stream['_id']}",
        day=state["on"],
        members=(state["member"],) if state["member"] else (),
    )


def _project(stream: Stream, words: Mapping[str, Stream], profile: Profile) -> Entry | None:
    state, said = stream["state"], words.get(stream["_id"], {})
    if state["removed"]:
        return None
    told = (said.get(name) for name in WORDS_OF if name != "title")
    named = every_language(*(profile.title_of(one) for one in state["members"]))
    return Entry(
        id=stream["_id"],
        network=stream["network"],
        right="projects.read",
        kind="project",
        title=said.get("title") or state["stage"],
        words=_joined(*told, named, *state["members"]),
        link=f"/requests/projects/{stream['_id']}",
        day=state["starts_on"] or "",
    )


_MADE: dict[str, Callable[[Stream, Mapping[str, Stream], Profile], Entry | None]] = {
    "request": _request,
    "needs": _analysis,
    "project": _project,
}
"""How each kind of stream is found; None where it is there no more."""


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
    """A reason is about its request, analysis or project."""
    reasons = db[WORDS].find({"_id": {"$in": [one for one in ids if one.startswith("words-")]}}, {"about": 1})
    return [one["about"] async for one in reasons if one.get("about")]


async def _all(db: Database) -> Iterable[str]:
    requests = [one["_id"] async for one in db.streams.find({"aggregate": {"$in": list(_MADE)}}, {"_id": 1})]
    own = [one["_id"] async for one in db[WORDS].find({"_id": {"$regex": "^activity-"}}, {"_id": 1})]
    return [*requests, *own]


INDEX = SearchIndex(
    make=_make,
    all_ids=_all,
    subjects=_subjects,
    watches=("streams", WORDS),
    prefixes=("request-", "activity-", "needs-", "project-", "words-"),
    version=2,
)
