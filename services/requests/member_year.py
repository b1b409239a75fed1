"""What belongs to a member's year: its requests, its exchanges, and the activities that it hosts or is invited to."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.mongo import Database

from . import queries
from .hearing import HEARD
from .queries import Filter, Shown
from .streams import WORDS

MOST = 1_000


@dataclass(frozen=True, slots=True)
class Exchange:
    """As `matching` told of it last."""

    id: str
    sender: str
    host: str
    focus: str
    week: str
    officials: int
    status: str

    def other(self, member: str) -> str:
        return self.host if member == self.sender else self.sender


@dataclass(frozen=True, slots=True)
class Activity:
    """As `events` told of it last; `on` is its first day, or the quarter it is planned for."""

    id: str
    kind: str
    title: str
    quarter: str
    on: str
    status: str
    """planned, scheduled, held or cancelled."""
    hosted: bool
    """Whether it is the member's own, not one it is invited to."""

    @property
    def order(self) -> tuple[str, str]:
        return self.quarter or "9999", self.on


@dataclass(frozen=True, slots=True)
class MemberYear:
    requests: Sequence[Shown]
    exchanges: Sequence[Exchange]
    activities: Sequence[Activity]


async def member_year(db: Database, network: str, member: str, year: int) -> MemberYear:
    only = Filter(member=member, year=year)
    requests, _total = await queries.listed(db, network, only, limit=MOST, sort="sent")
    return MemberYear(
        [one for one in requests if one.status.value != "draft"],
        await _exchanges(db, network, member, year),
        await _activities(db, network, member, year),
    )


async def _exchanges(db: Database, network: str, member: str, year: int) -> list[Exchange]:
    query = {"network": network, "members": member, "aspect": "exchange", "week": {"$regex": f"^{year}-"}}
    rows = await db[HEARD].find(query).sort([("week", 1), ("_id", 1)]).to_list(MOST)
    return [
        Exchange(row["about"], row["sender"], row["host"], row["focus"], row["week"], row["officials"], row["status"])
        for row in rows
    ]


async def _activities(db: Database, network: str, member: str, year: int) -> list[Activity]:
    """Exchanges are activities too, and stand among the exchanges."""
    query = {"network": network, "members": member, "aspect": {"$ne": "exchange"}}
    known = await db[HEARD].distinct("about", query)
    told: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    async for row in db[HEARD].find({"about": {"$in": known[:MOST]}, "network": network}):
        told[row["about"]][row["aspect"]] = row
    asked = [aspects["announced"].get("request") for aspects in told.values() if "announced" in aspects]
    ids = [*told, *(one for one in asked if one)]
    titles = {
        row["_id"]: row.get("title", "")
        async for row in db[WORDS].find({"_id": {"$in": ids}, "network": network}, {"title": 1, "member": 1})
        if row.get("member") in (None, member)
    }
    made = [_activity(about, aspects, titles, member) for about, aspects in told.items()]
    return sorted((one for one in made if one and _year_of(one) == year), key=lambda one: one.order)


def _year_of(one: Activity) -> int:
    return int((one.on or one.quarter or "0")[:4])


def _activity(
    about: str, aspects: Mapping[str, Mapping[str, Any]], titles: Mapping[str, str], member: str
) -> Activity | None:
    announced, dated = aspects.get("announced", {}), aspects.get("dated", {})
    ended: Mapping[str, Any] = aspects.get("ended", {})
    if announced.get("exchange"):
        return None
    any_of: Mapping[str, Any] = announced or dated or ended or next(iter(aspects.values()))
    status = ended.get("status") or ("scheduled" if dated else "planned")
    on = dated.get("starts_on") or (ended.get("on") if status == "held" else "") or ""
    quarter = any_of.get("quarter") or ""
    title = titles.get(announced.get("request") or "", "") or titles.get(about, "")
    hosted = member in announced.get("members", ())
    return Activity(about, any_of["kind"], title, quarter, on, status, hosted)
