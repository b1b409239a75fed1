"""The network's projects: the use cases (enter, change, remove one), and what the pages read of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from shared.ids import new_id
from shared.mongo import Database
from shared.spine.aggregate import Aggregate
from shared.spine.draft import Put, Receipt
from shared.spine.store import Store

from .domain import projects
from .domain.projects import WORDS_OF, AboutProject, ChangeProject, EnterProject, Project, RemoveProject, Stage
from .offered import profile_of
from .streams import WORDS

PROJECT = Aggregate("project", Project, projects.evolve)
MOST = 2_000


async def enter_project(command: EnterProject, store: Store) -> Receipt:
    network = store.origin.network
    name = command.project or new_id("project")
    decide = partial(projects.enter, members=_members(network))
    return await store.execute(name, command, decide, [_words(name, command, network)])


async def change_project(command: ChangeProject, store: Store, kept: Mapping[str, object]) -> Receipt:
    """It is something else from now on; `kept` are the words so far."""
    network = store.origin.network
    described = [name for name in WORDS_OF if getattr(command, name) != kept.get(name, "")]
    decide = partial(projects.change, members=_members(network), described=described)
    return await store.execute(command.project, command, decide, [_words(command.project, command, network)])


async def remove_project(command: RemoveProject, store: Store) -> Receipt:
    await store.load(command.project)
    command = command.model_copy(update={"words": new_id("words")})
    reason = {"network": store.origin.network, "about": command.project, "reason": command.reason}
    return await store.execute(command.project, command, projects.remove, [Put(WORDS, command.words, reason)])


def _members(network: str) -> frozenset[str]:
    return frozenset(profile_of(network).member_codes)


def _words(name: str, command: AboutProject, network: str) -> Put:
    return Put(WORDS, name, {"network": network, **command.model_dump(include=set(WORDS_OF))})


# What the pages read


@dataclass(frozen=True, slots=True)
class Shown:
    """A project as its readers see it."""

    id: str
    version: int
    state: Project
    words: Mapping[str, str]

    @property
    def title(self) -> str:
        return self.words.get("title", "")

    @property
    def stage(self) -> Stage:
        return Stage(self.state.stage)

    @property
    def eu_grant(self) -> float | None:
        return None if self.state.eu_grant is None else self.state.eu_grant / 100

    @property
    def own_grant(self) -> float | None:
        return None if self.state.own_grant is None else self.state.own_grant / 100


SORTS = {"title": lambda one: one.title.casefold(), "eu": lambda one: one.state.eu_grant or 0,
         "own": lambda one: one.state.own_grant or 0, "ends": lambda one: one.state.ends_on or "9999",
         "stage": lambda one: list(Stage).index(one.stage)}  # fmt: skip


async def listed(
    db: Database, network: str, *, stage: str = "", member: str = "", find: str = "", sort: str = "stage"
) -> list[Shown]:
    """All projects of the network that fit; a network has some dozens."""
    query: dict[str, Any] = {"aggregate": "project", "network": network, "state.removed": False}
    if stage:
        query["state.stage"] = stage
    if member:
        query["state.members"] = member
    rows = await _shown(db, await db.streams.find(query).sort("_id", 1).limit(MOST).to_list(MOST))
    wanted = find.casefold()
    found = [one for one in rows if any(wanted in str(text).casefold() for text in one.words.values())]
    key = SORTS.get(sort.removeprefix("-"), SORTS["stage"])
    return sorted(found, key=key, reverse=sort.startswith("-"))


async def one(db: Database, network: str, project: str) -> Shown | None:
    found = await db.streams.find_one({"_id": project, "aggregate": "project", "network": network})
    return (await _shown(db, [found]))[0] if found and not found["state"]["removed"] else None


async def _shown(db: Database, rows: Sequence[Mapping[str, Any]]) -> list[Shown]:
    words = {one["_id"]: one async for one in db[WORDS].find({"_id": {"$in": [row["_id"] for row in rows]}})}
    kept = {id: {name: str(one.get(name, "")) for name in WORDS_OF} for id, one in words.items()}
    return [Shown(row["_id"], row["version"], PROJECT.load(row["state"]), kept.get(row["_id"], {})) for row in rows]
