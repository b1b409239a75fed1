"""Registrations, attendance and answers of one activity."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from services.events.domain.activity import Activity
from services.events.domain.attendance import Attendance
from services.events.domain.booking import (
    CANCELLED,
    CONFIRMED,
    ENDORSED,
    OFFERED,
    REQUESTED,
    WAITLISTED,
    Registration,
)
from services.events.domain.placing import in_order
from services.events.domain.survey import Survey
from services.events.streams import ATTENDANCE, SURVEY, attendance_of, follow_up_of, survey_of
from shared.contracts.vocabulary import in_protocol_order
from shared.mongo import Database


async def attendance(db: Database, network: str, activity_id: str) -> Attendance:
    found = await db.streams.find_one({"_id": attendance_of(activity_id), "network": network})
    loaded: Attendance = ATTENDANCE.load(found["state"]) if found else Attendance()
    return loaded


async def survey(db: Database, network: str, activity_id: str, *, follow_up: bool = False) -> Survey:
    stream = follow_up_of(activity_id) if follow_up else survey_of(activity_id)
    return await survey_in(db, network, stream)


async def survey_in(db: Database, network: str, stream: str) -> Survey:
    found = await db.streams.find_one({"_id": stream, "network": network})
    loaded: Survey = SURVEY.load(found["state"]) if found else Survey()
    return loaded


async def network_of(db: Database, stream: str) -> str | None:
    """For a page that is open to who is not signed in."""
    found = await db.streams.find_one({"_id": stream}, {"network": 1})
    return str(found["network"]) if found else None


async def activities_of_person(db: Database, network: str, person: str) -> tuple[str, ...]:
    """The activities in which this person was ever registered."""
    told = {"data.person": person, "network": network, "type": {"$regex": r"^liaison\.events\.registration\."}}
    return tuple(sorted(await db.events.distinct("stream", told)))


ORDER = {CONFIRMED: 0, OFFERED: 1, ENDORSED: 2, REQUESTED: 3, WAITLISTED: 4, CANCELLED: 5}


@dataclass(frozen=True, slots=True)
class Registered:
    """A registration as lists show it; `position` is its place in line, from 1."""

    id: str
    person: str
    member: str
    mode: str
    status: str
    on: str
    since: str
    position: int | None
    present: bool | None
    """None where nothing was told yet."""
    excused: bool = False
    offered_until: str = ""
    """Of a place that is offered: by when to accept it."""


def registrations(
    state: Activity, attendance: Attendance, *, status: str = "", member: str | None = None, person: str | None = None
) -> list[Registered]:
    """Confirmed ones first, then those in line in their order, then the cancelled."""
    positions = {id: place for mode in state.waiting for place, id in enumerate(in_order(state, mode), 1)}

    def fits(one: Registration) -> bool:
        return status in ("", one.status) and member in (None, one.member) and person in (None, one.person)

    found = [
        Registered(
            id, one.person, one.member, one.mode, one.status, one.on, one.since, positions.get(id),
            told.present if (told := attendance.present.get(id)) else None, bool(told and told.excused),
            one.offered_until,
        )
        for id, one in state.registrations.items()
        if fits(one)
    ]  # fmt: skip
    return sorted(found, key=lambda one: (ORDER[one.status], one.mode != "on-site", one.position or 0))


@dataclass(frozen=True, slots=True)
class MemberRow:
    """What one member has at an activity."""

    member: str
    invited: bool
    confirmed: int
    waiting: int
    present: int


def by_member(state: Activity, attendance: Attendance) -> list[MemberRow]:
    """The invited members and those who came, in protocol order."""
    counts: Counter[tuple[str, str]] = Counter()
    for id, one in state.registrations.items():
        counts[one.member, one.status] += 1
        counts[one.member, "present"] += attendance.was_present(id)
    members: Iterable[str] = set(state.invited) | {member for member, _ in counts}
    return [
        MemberRow(
            member,
            member in state.invited,
            counts[member, CONFIRMED],
            counts[member, WAITLISTED] + counts[member, OFFERED],
            counts[member, "present"],
        )
        for member in in_protocol_order(members)
    ]


def of_surveys(network: str, activity: str, follow_up: Collection[bool]) -> dict[str, Any]:
    """Of these surveys alone: the first (False), the one that asks again (True); older documents are of the first."""
    kinds = [*follow_up, *([None] if False in follow_up else [])]
    return {"network": network, "activity": activity, "follow_up": {"$in": kinds}}


async def words_given(
    db: Database, network: str, activity: str, skip: int, limit: int, *, follow_up: Collection[bool]
) -> tuple[list[tuple[str, str]], int]:
    """Question and words that participants wrote, in the order of random ids, which tells nothing of when.

    `follow_up` says which surveys have enough answers to be shown.
    """
    query = of_surveys(network, activity, follow_up)
    found = await db.feedback_words.find(query).sort("_id", 1).skip(skip).limit(limit).to_list(None)
    given = [(str(one.get("question", "")), str(one["words"])) for one in found]
    return given, await db.feedback_words.count_documents(query)


async def choices_given(
    db: Database, network: str, activity: str, *, follow_up: Collection[bool]
) -> dict[str, Counter[str]]:
    """How often each choice of the network's questions was made, by question."""
    counted: dict[str, Counter[str]] = {}
    async for one in db.feedback_choices.find(of_surveys(network, activity, follow_up)):
        counted.setdefault(str(one["question"]), Counter())[str(one["choice"])] += 1
    return counted
