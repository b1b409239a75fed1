"""What triage weighs: a year's open requests with their costs and points, and what the plan has not used yet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from shared import clock
from shared.contracts.vocabulary import Quarter
from shared.mongo import Database
from shared.profiles import Profile
from shared.profiles.triage import OTHER, Size, Triage, triage_of

from . import matrix
from .domain.plan import Plan, Planned
from .domain.request import OPEN
from .domain.resources import RESOURCES as NAMES
from .domain.resources import Amounts, Resources
from .domain.triage import Item, Left, Need, Problem
from .offered import profile_of
from .spending import RESOURCES, resources_id
from .streams import PLAN, plan_id

HALVES = (1, 2, 1, 2)
"""Days are counted in halves."""
NOTHING: Need = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Scale:
    """What a year's requests are weighed by: the network's points, what is needed, and the day."""

    triage: Triage
    needs: Mapping[tuple[str, str], int]
    """Target group and topic -> how much, over analyses and requests."""
    today: date

    def item(self, name: str, state: Mapping[str, Any], year: int) -> Item:
        points, later = self.points(state), self.triage.weights.a_quarter_later
        return Item(
            name,
            state["member"],
            state["kind"],
            cost_of(self.triage.cost(state["kind"]).size(state["participants"])),
            tuple(
                (quarter, max(1, points - later * late))
                for late, quarter in enumerate(_quarters(state, year, self.today))
            ),
        )

    def points(self, state: Mapping[str, Any]) -> int:
        """What the request weighs in the quarter that it is wished for."""
        return self.triage.weights.base + sum(self.parts(state))

    def parts(self, state: Mapping[str, Any]) -> tuple[int, int]:
        """The points that need and age give."""
        weights = self.triage.weights
        heaviest = max(self.needs.values(), default=0)
        its = [self.needs.get((group, state["topic"] or ""), 0) for group in state["target_groups"] or ("",)]
        need = round(weights.need * max(its) / heaviest) if heaviest > 0 else 0
        sent = date.fromisoformat(state["submitted_on"]) if state["submitted_on"] else self.today
        months = max(0, (self.today - sent).days) // 30
        return need, min(weights.age_at_most, weights.age_a_month * months)


@dataclass(frozen=True, slots=True)
class Situation:
    """A year as triage sees it: one look at requests, plan and resources."""

    year: int
    problem: Problem
    undecided: frozenset[str]
    """Those that the plan waits for: the plan's own list."""
    requests: Mapping[str, Mapping[str, Any]]
    """The open requests' states by id; those deferred within the year are decided, and may still come in earlier."""
    resources: Resources
    version: int
    """Of the resources' stream."""
    scale: Scale
    used: Mapping[str, Need] = field(default_factory=dict)
    """By the activities of the plan, by quarter."""

    @property
    def limited(self) -> bool:
        """Whether anybody has said what can be spent."""
        return any(amount is not None for left in self.problem.free.values() for amount in left)


async def situation(db: Database, network: str, year: int) -> Situation:
    profile, triage = profile_of(network), triage_of(network)
    found = await db.streams.find_one({"_id": plan_id(network, year), "network": network})
    plan: Plan = PLAN.load(found["state"]) if found else Plan()
    stated, version = await resources(db, network, year)
    open_now = {"aggregate": "request", "network": network, "state.year": year}
    open_now["state.status"] = {"$in": [status.value for status in OPEN]}
    rows = await db.streams.find(open_now, {"state": 1}).sort("_id", 1).to_list(None)
    used = used_by(profile, triage, plan.activities.values(), await _sizes(db, network, plan))
    scale = Scale(triage, await matrix.weights(db, network), clock.now().date())
    items = tuple(scale.item(row["_id"], row["state"], year) for row in rows)
    return Situation(
        year,
        Problem(
            {
                str(quarter): _left(stated.of(str(quarter)), used.get(str(quarter), NOTHING))
                for quarter in Quarter.all_of(year)
            },
            items,
            _caps(profile, plan),
            triage.most_a_member,
            _without_activity(profile, plan),
            triage.weights.first_activity,
        ),
        frozenset(plan.undecided),
        {row["_id"]: row["state"] for row in rows},
        stated,
        version,
        scale,
        used,
    )


async def resources(db: Database, network: str, year: int) -> tuple[Resources, int]:
    """What somebody said can be spent in that year, and the stream's version."""
    found = await db.streams.find_one({"_id": resources_id(network, year), "network": network})
    return (RESOURCES.load(found["state"]), int(found["version"])) if found else (Resources(year), 0)


def cost_of(size: Size) -> Need:
    amounts = [round(getattr(size, name) * halves) for name, halves in zip(NAMES, HALVES, strict=True)]
    return amounts[0], amounts[1], amounts[2], amounts[3]


def used_by(
    profile: Profile, triage: Triage, activities: Iterable[Planned], participants: Mapping[str, int | None]
) -> dict[str, Need]:
    """What the plan's activities cost, by quarter; the size of one is that of the request which it answers."""
    kinds = {asked.activity_kind: asked.id for asked in reversed(profile.request_kinds.values())}
    used: dict[str, Need] = {}
    for one in activities:
        cost = cost_of(triage.cost(kinds.get(one.kind, OTHER)).size(participants.get(one.request or "")))
        before = used.get(one.quarter, NOTHING)
        used[one.quarter] = (
            before[0] + cost[0], before[1] + cost[1], before[2] + cost[2], before[3] + cost[3],
        )  # fmt: skip
    return used


async def _sizes(db: Database, network: str, plan: Plan) -> dict[str, int | None]:
    """How many take part in what the planned activities answer."""
    asked = [one.request for one in plan.activities.values() if one.request]
    query = {"_id": {"$in": asked}, "network": network}
    return {row["_id"]: row["state"]["participants"] async for row in db.streams.find(query, {"state.participants": 1})}


def _left(stated: Amounts, used: Need) -> Left:
    """What is left of a quarter's resources; never less than nothing where the plan takes more."""
    left: list[int | None] = []
    for name, halves, taken in zip(NAMES, HALVES, used, strict=True):
        amount = getattr(stated, name)
        left.append(None if amount is None else max(0, round(amount * halves) - taken))
    return tuple(left)


def _quarters(state: Mapping[str, Any], year: int, today: date) -> list[str]:
    """The quarter it is wished for or put off to, and those after it in the year, none of them over."""
    wished = state["quarter"] if state["status"] == "deferred" else state["quarter_wished"]
    first = max(str(Quarter.of(today)), wished or "")
    return [str(quarter) for quarter in Quarter.all_of(year) if str(quarter) >= first]


def _caps(profile: Profile, plan: Plan) -> dict[str, int]:
    """How many more of each capped kind the year may have."""
    planned = [one.kind for one in plan.activities.values() if one.request]
    return {
        kind.id: max(0, kind.cap - planned.count(kind.activity_kind))
        for kind in profile.request_kinds.values()
        if kind.cap is not None
    }


def _without_activity(profile: Profile, plan: Plan) -> frozenset[str]:
    """Members with nothing in the year's plan."""
    return frozenset(profile.member_codes) - {one.member for one in plan.activities.values() if one.member}
