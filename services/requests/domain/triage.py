"""Which requests a year can afford: the problem, what a proposal is worth, and why a request is left out.

A proposal decides nothing. Amounts are whole numbers in the order of `resources.RESOURCES`: euros, half days of
trainers, slots, half days of interpretation.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

Need = tuple[int, int, int, int]
Left = tuple[int | None, ...]
"""None where a resource does not limit."""

CHOOSE = "services.requests.domain.choosing:choose"
"""What runs in the solver's process, on a `Search`."""
FIRST_EFFORT, NEAR = 0.6, 0.005
EFFORTS = (2.0, 8.0, 24.0)
"""Of the steps of a proof."""


@dataclass(frozen=True, slots=True)
class Item:
    """An open request: what it costs, and its points in each quarter that it could have, the wished one first."""

    id: str
    member: str
    kind: str
    cost: Need
    points: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Problem:
    free: Mapping[str, Left]
    """Quarter -> what the plan has not used yet."""
    items: tuple[Item, ...]
    caps: Mapping[str, int] = field(default_factory=dict)
    """Kind -> how many more the year may have; kinds without a cap are not in it."""
    most_a_member: int | None = None
    first: frozenset[str] = frozenset()
    """Members without any activity so far."""
    first_points: int = 0
    """Once for each of them that gets one."""

    @property
    def key(self) -> str:
        """The same for the same problem, in whichever order its items come."""
        free = sorted(self.free.items())
        told = (free, sorted(self.items, key=_id), sorted(self.caps.items()), self.most_a_member, sorted(self.first))
        return hashlib.sha256(repr((*told, self.first_points)).encode()).hexdigest()

    def given(self, quarter: str, more: tuple[int, ...]) -> "Problem":
        """With more of each resource in that quarter, or less; never less than nothing."""
        left = self.free[quarter]
        changed = tuple(one if one is None else max(0, one + by) for one, by in zip(left, more, strict=True))
        return replace(self, free={**self.free, quarter: changed})


Chosen = Mapping[str, str]
"""Request -> its quarter."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A set that fits. No set is worth more than `bound`."""

    chosen: Chosen
    value: int
    bound: int
    proven: bool

    @property
    def gap(self) -> float:
        """By which fraction of its value the best set could be worth more, at most."""
        return (self.bound - self.value) / self.value if self.value else float(self.bound > 0)


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked of the solver's process."""

    problem: Problem
    begin_with: Chosen = field(default_factory=dict)
    """A set known already. Of sets that are worth the same, the one nearest to it is proposed."""
    effort: float = FIRST_EFFORT
    """In the solver's own unit, about a second of one core."""
    near: float = NEAR
    """It stops where no set is worth more by this fraction; 0 for the proof."""
    known_bound: int | None = None


@dataclass(frozen=True, slots=True)
class Short:
    """Of which resource (its place in `RESOURCES`) there is too little."""

    resource: int
    needs: int
    left: int

    @property
    def by(self) -> int:
        return self.needs - self.left


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a request is left out, and what it would take beside everything that is proposed."""

    request: str
    quarter: str | None
    """The one in which it lacks least; none where no quarter is left for it."""
    short: tuple[Short, ...] = ()
    kind_cap: int | None = None
    """How many of its kind the year may still have, where that is used up."""
    member_cap: int | None = None
    instead_of: str | None = None
    """The proposed request worth least that would have to stay out to let it in; none where no single one would do."""
    verified: bool = False
    """Whether, given what it takes, it was checked to fit beside everything that is proposed."""


def _id(item: Item) -> str:
    return item.id


def by_id(problem: Problem) -> dict[str, Item]:
    return {item.id: item for item in problem.items}


def worth(problem: Problem, chosen: Chosen) -> int:
    items = by_id(problem)
    points = sum(dict(items[one].points)[quarter] for one, quarter in chosen.items())
    reached = problem.first & {items[one].member for one in chosen}
    return points + problem.first_points * len(reached)


def left_of(problem: Problem, chosen: Chosen) -> dict[str, list[int | None]]:
    """What the proposal leaves of each resource, by quarter."""
    items = by_id(problem)
    left = {quarter: list(amounts) for quarter, amounts in problem.free.items()}
    for one, quarter in chosen.items():
        for place, cost in enumerate(items[one].cost):
            amount = left[quarter][place]
            if amount is not None:
                left[quarter][place] = amount - cost
    return left


def fits(problem: Problem, chosen: Chosen) -> bool:
    """Whether all of it can be afforded and no cap is broken; asked of every answer, however it was found."""
    items = by_id(problem)
    if any(quarter not in dict(items[one].points) for one, quarter in chosen.items()):
        return False
    if any(amount is not None and amount < 0 for left in left_of(problem, chosen).values() for amount in left):
        return False
    kinds = Counter(items[one].kind for one in chosen)
    members = Counter(items[one].member for one in chosen)
    most = problem.most_a_member
    return all(kinds[kind] <= cap for kind, cap in problem.caps.items()) and (
        most is None or all(count <= most for count in members.values())
    )


def filled(problem: Problem, chosen: Chosen) -> dict[str, str]:
    """With whatever still fits, dearest points first: nothing is left out that lacks nothing."""
    dearest = sorted(problem.items, key=lambda one: (-_most(one), one.id))
    return _filled(problem, chosen, dearest)


def _most(item: Item) -> int:
    return max((points for _quarter, points in item.points), default=0)


def _filled(problem: Problem, chosen: Chosen, items: Iterable[Item]) -> dict[str, str]:
    now = dict(chosen)
    count = _Count(problem, now)
    for item in items:
        if item.id in now or count.cap(item) != (None, None):
            continue
        for quarter, _points in item.points:
            if not count.short(item, quarter):
                now[item.id] = quarter
                count.add(item, quarter)
                break
    return now


def at_once(problem: Problem) -> Proposal:
    """A set that fits, without a search; its bound is what all requests together would be worth."""
    chosen = _filled(problem, {}, _worthwhile(problem))
    members = {item.member for item in problem.items if item.points}
    bound = sum(map(_most, problem.items)) + problem.first_points * len(problem.first & members)
    value = worth(problem, chosen)
    return Proposal(chosen, value, bound, value == bound)


def _worthwhile(problem: Problem) -> list[Item]:
    """Most points for what it takes first, each resource measured by all that there is of it."""
    there = [sum(left[place] or 0 for left in problem.free.values()) for place in range(4)]

    def share(item: Item) -> float:
        return sum(cost / amount for cost, amount in zip(item.cost, there, strict=True) if amount)

    return sorted(problem.items, key=lambda one: (-_most(one) / (share(one) + 1e-6), one.id))


class _Count:
    """What is left while requests are added to a proposal."""

    def __init__(self, problem: Problem, chosen: Chosen) -> None:
        items = by_id(problem)
        self.problem = problem
        self.left = left_of(problem, chosen)
        self.kinds = Counter(items[one].kind for one in chosen)
        self.members = Counter(items[one].member for one in chosen)

    def add(self, item: Item, quarter: str) -> None:
        left = self.left[quarter]
        self.left[quarter] = [None if one is None else one - by for one, by in zip(left, item.cost, strict=True)]
        self.kinds[item.kind] += 1
        self.members[item.member] += 1

    def cap(self, item: Item) -> tuple[int | None, int | None]:
        """The caps that keep it out: its kind's, its member's."""
        kind, most = self.problem.caps.get(item.kind), self.problem.most_a_member
        return (
            kind if kind is not None and self.kinds[item.kind] >= kind else None,
            most if most is not None and self.members[item.member] >= most else None,
        )

    def short(self, item: Item, quarter: str) -> tuple[Short, ...]:
        left = self.left[quarter]
        return tuple(
            Short(place, cost, amount)
            for place, (cost, amount) in enumerate(zip(item.cost, left, strict=True))
            if amount is not None and cost > amount
        )


def reasons(problem: Problem, proposal: Proposal) -> list[Reason]:
    """Of every request that is left out, in the order of the problem."""
    chosen = proposal.chosen
    count = _Count(problem, chosen)
    return [_reason(problem, chosen, count, item) for item in problem.items if item.id not in chosen]


def _reason(problem: Problem, chosen: Chosen, count: _Count, item: Item) -> Reason:
    if not item.points:
        return Reason(item.id, None)
    tried = [(quarter, count.short(item, quarter)) for quarter, _points in item.points]
    quarter, short = min(tried, key=lambda one: sum(lack.by / lack.needs for lack in one[1]))
    kind_cap, member_cap = count.cap(item)
    why = Reason(item.id, quarter, short, kind_cap, member_cap)
    capped = kind_cap is not None or member_cap is not None
    instead = None if capped else _instead_of(problem, chosen, item, quarter, short)
    return replace(why, instead_of=instead, verified=_enough(problem, count, item, why))


def _instead_of(problem: Problem, chosen: Chosen, item: Item, quarter: str, short: tuple[Short, ...]) -> str | None:
    items = by_id(problem)
    enough = [
        (dict(items[one].points)[quarter], one)
        for one, at in chosen.items()
        if at == quarter and all(items[one].cost[lack.resource] >= lack.by for lack in short)
    ]
    return min(enough)[1] if enough else None


def _enough(problem: Problem, count: _Count, item: Item, why: Reason) -> bool:
    """Whether it fits beside the proposal, given what it lacks; only its quarter, kind and member are touched."""
    assert why.quarter is not None
    more = {lack.resource: lack.by for lack in why.short}
    left = count.left[why.quarter]
    fits_now = all(
        have is None or cost <= have + more.get(place, 0)
        for place, (have, cost) in enumerate(zip(left, item.cost, strict=True))
    )
    kind, most = problem.caps.get(item.kind), problem.most_a_member
    of_kind = kind is None or count.kinds[item.kind] < kind + (why.kind_cap is not None)
    of_member = most is None or count.members[item.member] < most + (why.member_cap is not None)
    return fits_now and of_kind and of_member


@dataclass(frozen=True, slots=True)
class Difference:
    """What another amount would change: requests that come in, go out, and move to another quarter."""

    comes: tuple[str, ...]
    goes: tuple[str, ...]
    moves: tuple[str, ...]


def difference(before: Chosen, after: Chosen) -> Difference:
    return Difference(
        tuple(one for one in after if one not in before),
        tuple(one for one in before if one not in after),
        tuple(one for one in after if one in before and after[one] != before[one]),
    )
