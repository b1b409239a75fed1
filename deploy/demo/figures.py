"""The figures that the dashboard shows, read through its API and held against an account."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from .account import Account
from .door import Door
from .keys import COORDINATOR

API = "/kpi/api/v1"
BY_MEMBER = ("registrations", "participations", "national-events", "members-reached")
ASK_EVERY_S = 0.25


@dataclass(frozen=True)
class Figures:
    """What the dashboard said at one moment; `by_member` has a number for each member that is not zero."""

    year: int = 0
    shown: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_member: dict[str, Counter[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure: what the account says it must be, and what is shown."""

    name: str
    wanted: Any
    shown: Any

    @property
    def equal(self) -> bool:
        return bool(self.wanted == self.shown)


async def read_figures(door: Door, year: int | None = None) -> Figures:
    asked = {"year": year} if year else {}
    told = await door.read(COORDINATOR, f"{API}/figures", **asked)
    tables = await asyncio.gather(*(door.read(COORDINATOR, f"{API}/figures/{id}", **asked) for id in BY_MEMBER))
    by_member = {
        id: Counter({row[0].split()[0]: int(row[1]) for row in table["by_member"]["rows"] if row[1]})
        for id, table in zip(BY_MEMBER, tables, strict=True)
        if table["by_member"]
    }
    return Figures(told["year"], {one["id"]: one for one in told["figures"]}, by_member)


def compare(account: Account, before: Figures, after: Figures) -> list[Compared]:
    """Every figure that the account can tell: what stood there before and what came, against what stands there now.

    A score that was hidden before (fewer answers than five) cannot be told and is left out.
    """
    rows = [*_counts(account, before, after), *_shares(account, before, after), *_scores(account, before, after)]
    return rows + _members(account, before, after)


def _counts(account: Account, before: Figures, after: Figures) -> list[Compared]:
    mine = {
        "registrations": len(account.confirmed),
        "waiting": len(account.waiting),
        "participations": len(account.came),
        "persons": len(account.persons()),
        "activities-planned": account.activities_in_plan(),
        "activities-held": len(account.held_in_year()),
        "requests": account.fates().total(),
        "exchanges-agreed": account.exchanges_agreed(),
        "staff-exchanges": account.exchanges_held(),
    }
    return [Compared(id, _number(before, id) + number, _number(after, id)) for id, number in mine.items()]


def _number(figures: Figures, id: str) -> int:
    return int(figures.shown[id]["value"] or 0) if id in figures.shown else 0


def _shares(account: Account, before: Figures, after: Figures) -> list[Compared]:
    invitations, fates = account.invitations(), account.fates()
    mine = {
        "completed-to-planned": (account.activities_completed(), account.activities_in_plan()),
        "participation-rate": (len(invitations & account.participations()), len(invitations)),
        "requests-decided": (fates.total() - fates["submitted"], fates.total()),
    }
    rows = []
    for id, (part, whole) in mine.items():
        then, now = _share(before, id), _share(after, id)
        rows.append(Compared(id, (then[0] + part, then[1] + whole), now))
    return rows


def _share(figures: Figures, id: str) -> tuple[int, int]:
    one = figures.shown.get(id, {})
    return (one.get("part") or 0, one.get("whole") or 0)


def _scores(account: Account, before: Figures, after: Figures) -> list[Compared]:
    mine = {
        "relevance": [relevance for _, relevance, _ in account.marks],
        "added-value": [added for _, _, added in account.marks],
    }
    rows = []
    for id, marks in mine.items():
        then = _score(before, id)
        if then is None:
            continue
        points, answers = then[0] + sum(marks), then[1] + len(marks)
        wanted = (points, answers) if answers >= FEWEST_SHOWN or not answers else None
        rows.append(Compared(id, wanted, _score(after, id)))
    return rows


FEWEST_SHOWN = 5


def _score(figures: Figures, id: str) -> tuple[int, int] | None:
    """Points and answers; None where there are too few answers to be shown."""
    one = figures.shown.get(id)
    if one is None or one["text"] == "–":
        return (0, 0)
    if one["value"] is None:
        return None
    return (round(one["value"] * one["answers"]), one["answers"])


def _members(account: Account, before: Figures, after: Figures) -> list[Compared]:
    counted = {
        "registrations": account.by_member(account.confirmed),
        "participations": account.by_member(account.came),
    }
    sets = {"national-events": account.national_events(), "members-reached": set(account.by_member(account.came))}
    rows = []
    for id, mine in counted.items():
        wanted = before.by_member.get(id, Counter()) + mine
        rows.append(Compared(f"{id} by member", dict(sorted(wanted.items())), _sorted(after, id)))
    for id, members in sets.items():
        if id in after.shown:
            known = members | set(before.by_member.get(id, ()))
            rows.append(Compared(id, len(known), _number(after, id)))
            rows.append(Compared(f"{id}: which", sorted(known), sorted(after.by_member.get(id, ()))))
    return rows


def _sorted(figures: Figures, id: str) -> dict[str, int]:
    return dict(sorted(figures.by_member.get(id, Counter()).items()))


async def caught_up(door: Door, account: Account, before: Figures, within_s: float = 30) -> list[Compared]:
    """The comparison once every figure is equal, or as it stands when the time is up."""
    end = time.monotonic() + within_s
    while True:
        rows = compare(account, before, await read_figures(door, before.year))
        if all(row.equal for row in rows) or time.monotonic() > end:
            return rows
        await asyncio.sleep(ASK_EVERY_S)
