"""What the needs pages read: analyses, and the matrix of target groups and topics over all that tells of needs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from shared.mongo import Database

from .analysing import AGENDA, EVALUATION, NEEDS, agenda_id
from .domain.needs import Agenda, Analysis, weight_of
from .hearing import HEARD
from .streams import WORDS

REQUEST_WEIGHT = 3
"""What a request adds to a cell, where a finding adds its weight from 1 to 5."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An analysis as its readers see it."""

    id: str
    version: int
    state: Analysis
    words: Mapping[str, Any]

    @property
    def title(self) -> str:
        return str(self.words.get("title", ""))


@dataclass(frozen=True, slots=True)
class View:
    """Whose needs are looked at. `members` may hold None: what is of the whole network. None itself narrows nothing."""

    members: tuple[str | None, ...] | None = None
    since: int | None = None
    """The first year that counts."""

    @classmethod
    def of(cls, own: str | None, member: str, since: int | None = None) -> "View":
        """A member's officer sees its own needs and the network's; who sees all may choose one member."""
        if own is not None:
            return cls((own, None), since)
        return cls((member,) if member else None, since)

    def query(self, aggregate: str, network: str, day: str) -> dict[str, Any]:
        query: dict[str, Any] = {"aggregate": aggregate, "network": network}
        if self.members is not None:
            query["state.member"] = {"$in": list(self.members)}
        if self.since:
            query[f"state.{day}"] = {"$gte": f"{self.since}-01-01"}
        return query


class Sign(NamedTuple):
    """Something that tells of a need: a finding, an evaluation, requests of one kind of need."""

    kind: str
    """`finding`, `evaluation` or `request`."""
    group: str
    topic: str
    member: str
    weight: int
    many: int = 1


@dataclass(slots=True)
class Cell:
    """What a target group and a topic (or a member and a topic) have in all."""

    weight: int = 0
    findings: int = 0
    evaluations: int = 0
    requests: int = 0

    def add(self, sign: Sign) -> None:
        self.weight += sign.weight
        match sign.kind:
            case "finding":
                self.findings += sign.many
            case "evaluation":
                self.evaluations += sign.many
            case _:
                self.requests += sign.many


Cells = dict[tuple[str, str], Cell]


@dataclass(slots=True)
class Matrix:
    by_group: Cells = field(default_factory=dict)
    by_member: Cells = field(default_factory=dict)

    @classmethod
    def of(cls, signs: Iterable[Sign]) -> "Matrix":
        matrix = cls()
        for sign in signs:
            matrix.by_group.setdefault((sign.group, sign.topic), Cell()).add(sign)
            matrix.by_member.setdefault((sign.member, sign.topic), Cell()).add(sign)
        return matrix

    @property
    def heaviest(self) -> tuple[str, str] | None:
        """The target group and topic that weigh most; the first by name of several."""
        named = {key: cell.weight for key, cell in self.by_group.items() if all(key)}
        return min(named, key=lambda key: (-named[key], key)) if named else None


def heat(weight: int, most: int) -> int:
    """0 for nothing, else 1 to 5 by how it compares with the heaviest."""
    return 0 if weight <= 0 or most <= 0 else max(1, -(-5 * weight // most))


async def matrix(db: Database, network: str, view: View) -> Matrix:
    found = [*await _findings(db, network, view), *await _evaluations(db, network, view)]
    return Matrix.of([*found, *await _requests(db, network, view)])


async def weights(db: Database, network: str) -> dict[tuple[str, str], int]:
    """How much each target group needs each topic, for who weighs requests."""
    return {key: cell.weight for key, cell in (await matrix(db, network, View())).by_group.items()}


async def _findings(db: Database, network: str, view: View) -> list[Sign]:
    query = view.query("needs", network, "on") | {"state.withdrawn": False}
    return [
        Sign("finding", group, topic, row["state"]["member"] or "", weight)
        async for row in db.streams.find(query, {"state": 1})
        for group, topic, weight in row["state"]["findings"]
    ]


async def _evaluations(db: Database, network: str, view: View) -> list[Sign]:
    return [
        Sign("evaluation", group, one.topic, one.member, one.weight)
        for one in await evaluations(db, network, view)
        for group in one.groups or ("",)
    ]


async def _requests(db: Database, network: str, view: View) -> list[Sign]:
    query = view.query("request", network, "submitted_on") | {"state.status": {"$nin": ["draft", "withdrawn"]}}
    steps: list[dict[str, Any]] = [
        {"$match": query},
        {"$unwind": {"path": "$state.target_groups", "preserveNullAndEmptyArrays": True}},
        {"$group": {
            "_id": {"group": "$state.target_groups", "topic": "$state.topic", "member": "$state.member"},
            "many": {"$sum": 1},
        }},
    ]  # fmt: skip
    found = []
    async for row in db.streams.aggregate(steps):
        key, many = row["_id"], row["many"]
        group, topic = key.get("group") or "", key.get("topic") or ""
        found.append(Sign("request", group, topic, key.get("member") or "", REQUEST_WEIGHT * many, many))
    return found


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What an activity's participants said, as a finding."""

    activity: str
    kind: str
    topic: str
    groups: tuple[str, ...]
    member: str
    weight: int
    answers: int


async def evaluations(db: Database, network: str, view: View) -> list[Evaluated]:
    """Of activities whose topic is known and whose survey has answers enough."""
    rows = await db.streams.find({"aggregate": "evaluation", "network": network}, {"state": 1}).to_list(5_000)
    states = {row["state"]["activity"]: EVALUATION.load(row["state"]) for row in rows}
    query: dict[str, Any] = {"network": network, "aspect": "announced", "about": {"$in": list(states)}}
    query["topic"] = {"$gt": ""}
    if view.members is not None and None not in view.members:
        query["members"] = {"$in": list(view.members)}
    if view.since:
        query["quarter"] = {"$gte": str(view.since)}
    found = []
    async for about in db[HEARD].find(query):
        state = states[about["about"]]
        weight = weight_of(state.answers, state.relevance)
        if weight is not None:
            member = about["members"][0] if len(about["members"]) == 1 else ""
            found.append(
                Evaluated(
                    state.activity, state.kind, about["topic"], tuple(about["target_groups"]), member, weight,
                    state.answers,
                )
            )  # fmt: skip
    return sorted(found, key=lambda one: (-one.weight, one.activity))


@dataclass(frozen=True, slots=True)
class Opened:
    """What is in a cell of the matrix."""

    findings: Sequence[tuple[Shown, int]]
    """Analyses with the finding's weight."""
    evaluations: Sequence[Evaluated]
    requests: Sequence[Mapping[str, Any]]
    """Id, member, title, day sent and status."""
    activities: Sequence[Mapping[str, Any]]
    """Id, kind and quarter of activities about it."""


MOST_IN_CELL = 500


async def opened(db: Database, network: str, view: View, group: str, topic: str) -> Opened:
    """Everything that tells of a target group's need for a topic, and what is planned about it."""
    known = await analyses(db, network, view, limit=MOST_IN_CELL)
    findings = [(one, weight) for one in known for g, t, weight in one.state.findings if (g, t) == (group, topic)]
    evaluated = [
        one for one in await evaluations(db, network, view) if one.topic == topic and group in (one.groups or ("",))
    ]
    query = view.query("request", network, "submitted_on") | {"state.status": {"$nin": ["draft", "withdrawn"]}}
    query["state.topic"] = topic or None
    query["state.target_groups"] = group or {"$size": 0}
    rows = await db.streams.find(query).sort("state.submitted_on", -1).limit(MOST_IN_CELL).to_list(MOST_IN_CELL)
    words = {one["_id"]: one async for one in db[WORDS].find({"_id": {"$in": [row["_id"] for row in rows]}})}
    requests = [{**row["state"], "id": row["_id"], "title": words.get(row["_id"], {}).get("title", "")} for row in rows]
    return Opened(findings, evaluated, requests, await _activities(db, network, view, group, topic))


async def _activities(db: Database, network: str, view: View, group: str, topic: str) -> list[Mapping[str, Any]]:
    query: dict[str, Any] = {"network": network, "aspect": "announced", "topic": topic or None}
    query["target_groups"] = group or {"$size": 0}
    if view.members is not None and None not in view.members:
        query["members"] = {"$in": list(view.members)}
    if not topic:
        return []
    rows = await db[HEARD].find(query).sort("quarter", -1).limit(MOST_IN_CELL).to_list(MOST_IN_CELL)
    ends = db[HEARD].find({"_id": {"$in": [f"{row['about']}/ended" for row in rows]}})
    status = {one["about"]: one["status"] async for one in ends}
    return [{**row, "status": status.get(row["about"], "planned")} for row in rows]


async def analyses(
    db: Database, network: str, view: View, *, source: str = "", skip: int = 0, limit: int = 25
) -> list[Shown]:
    """One page of analyses, the newest first."""
    query = _query(network, view, source)
    rows = await db.streams.find(query).sort([("state.on", -1), ("_id", -1)]).skip(skip).limit(limit).to_list(limit)
    return await _shown(db, rows)


async def count(db: Database, network: str, view: View, source: str = "") -> int:
    return int(await db.streams.count_documents(_query(network, view, source)))


def _query(network: str, view: View, source: str) -> dict[str, Any]:
    query = view.query("needs", network, "on") | {"state.withdrawn": False}
    return query | ({"state.source": source} if source else {})


async def one(db: Database, network: str, needs: str) -> Shown | None:
    found = await db.streams.find_one({"_id": needs, "aggregate": "needs", "network": network})
    return (await _shown(db, [found]))[0] if found and not found["state"]["withdrawn"] else None


async def agenda(db: Database, network: str) -> Agenda:
    """When the network's newest analysis was made, and when it is too old."""
    found = await db.streams.find_one({"_id": agenda_id(network), "network": network})
    state: Agenda = AGENDA.load(found["state"]) if found else Agenda()
    return state


async def _shown(db: Database, rows: Sequence[Mapping[str, Any]]) -> list[Shown]:
    words = {one["_id"]: one async for one in db[WORDS].find({"_id": {"$in": [row["_id"] for row in rows]}})}
    return [Shown(row["_id"], row["version"], NEEDS.load(row["state"]), words.get(row["_id"], {})) for row in rows]
