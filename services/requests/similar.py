"""Requests that ask for much the same: by kind, topic, member and words of the title, near in time."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from shared.contracts.vocabulary import Quarter
from shared.mongo import Database

from . import queries
from .domain.merging import LEADS
from .queries import Shown

MOST_LOOKED_AT, MOST_SHOWN, NEAR_DAYS = 400, 5, 120
_WEIGHTS = {"kind": 3, "topic": 3, "title": 2, "member": 1}
ENOUGH = 4
"""Kind and member, kind and topic, topic and title and so on; one of them alone is not alike."""
_WORD = re.compile(r"\w{5,}")


@dataclass(frozen=True, slots=True)
class Similar:
    shown: Shown
    alike: tuple[str, ...]
    """In what they are alike, the weightiest first."""

    @property
    def weight(self) -> int:
        return sum(_WEIGHTS[one] for one in self.alike)


async def similar_to(db: Database, shown: Shown, *, member: str | None = None) -> list[Similar]:
    """Those that it could be merged with, the most alike first; of one member alone where the reader sees no other."""
    state = shown.state
    alike: list[dict[str, Any]] = [{"state.kind": state["kind"]}]
    if state["topic"]:
        alike.append({"state.topic": state["topic"]})
    statuses = [status.value for status in LEADS]
    query: dict[str, Any] = {"aggregate": "request", "network": shown.network, "_id": {"$ne": shown.id}, "$or": alike}
    query |= {"state.status": {"$in": statuses}} | ({"state.member": member} if member else {})
    rows = await db.streams.find(query).sort("state.submitted_on", -1).to_list(MOST_LOOKED_AT)
    near = [row for row in rows if near_in_time(state, row["state"])]
    found = [Similar(one, tuple(_alike(shown, one))) for one in await queries.shown(db, near)]
    enough = [one for one in found if one.weight >= ENOUGH]
    return sorted(enough, key=lambda one: (-one.weight, one.shown.id))[:MOST_SHOWN]


def _alike(one: Shown, other: Shown) -> Iterator[str]:
    if one.kind == other.kind:
        yield "kind"
    if one.state["topic"] and one.state["topic"] == other.state["topic"]:
        yield "topic"
    if _words(one.title) & _words(other.title):
        yield "title"
    if one.member == other.member:
        yield "member"


def _words(title: str) -> set[str]:
    return set(_WORD.findall(title.casefold()))


def near_in_time(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Wished for the same or the next quarter; else sent within a third of a year."""
    if one["quarter_wished"] and other["quarter_wished"]:
        return abs(_quarters(one["quarter_wished"]) - _quarters(other["quarter_wished"])) <= 1
    sent, other_sent = (date.fromisoformat(state["submitted_on"]) for state in (one, other))
    return abs((sent - other_sent).days) <= NEAR_DAYS


def _quarters(text: str) -> int:
    parsed = Quarter.parse(text)
    return parsed.year * 4 + parsed.number
