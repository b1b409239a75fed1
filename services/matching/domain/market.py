"""What a run decides on: the interests and offers of a call, and the candidates that the hard rules leave."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from services.matching.week import stay


class Rule(StrEnum):
    """Why an offer, or one start week at it, does not come into question; in the order in which they are asked."""

    OWN_HOST = "own-host"
    TURNED_DOWN = "turned-down"
    FOCUS = "focus"
    LANGUAGE = "language"
    DATES = "dates"
    """Some week of the stay is not offered."""
    CAPACITY = "capacity"
    """Some week of the stay has fewer places left than officials come."""


@dataclass(frozen=True, slots=True)
class Seeker:
    """An interest as a run sees it. `languages` and `wishes` are in the sender's order, best first."""

    id: str
    member: str
    focus: str
    languages: tuple[str, ...]
    weeks: tuple[str, ...]
    officials: int = 1
    duration: int = 1
    wishes: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    """Offers that turned it down, or that it turned down."""


@dataclass(frozen=True, slots=True)
class Host:
    """An offer as a run sees it: `offered` and, after what is held already, `free` places by week."""

    id: str
    member: str
    focus_areas: tuple[str, ...]
    languages: tuple[str, ...]
    offered: dict[str, int]
    free: dict[str, int]


@dataclass(frozen=True, slots=True)
class Market:
    """`served` are the members that send somebody already by an exchange proposed or agreed in this call."""

    seekers: tuple[Seeker, ...]
    hosts: tuple[Host, ...]
    served: tuple[str, ...] = ()

    def sorted(self) -> "Market":
        """The same market in the one order in which it is solved, whatever order it came in."""
        seekers = tuple(
            replace(one, weeks=tuple(sorted(set(one.weeks))), excluded=tuple(sorted(one.excluded)))
            for one in sorted(self.seekers, key=lambda seeker: seeker.id)
        )
        hosts = tuple(
            replace(
                one,
                focus_areas=tuple(sorted(one.focus_areas)),
                languages=tuple(sorted(one.languages)),
                offered=dict(sorted(one.offered.items())),
                free=dict(sorted(one.free.items())),
            )
            for one in sorted(self.hosts, key=lambda host: host.id)
        )
        return Market(seekers, hosts, tuple(sorted(set(self.served))))


@dataclass(frozen=True, slots=True)
class Candidate:
    """An interest at an offer from a start week on; places in the market's order."""

    seeker: int
    host: int
    week: str


@dataclass(frozen=True, slots=True)
class Fallen:
    """How far a rule thinned out what came into question for one interest."""

    rule: Rule
    offers: int
    """Offers that no start week brought past this rule."""
    candidates: int
    """Pairs of offer and start week."""


@dataclass(frozen=True, slots=True)
class Field:
    """The candidates of a market, and per interest what fell."""

    candidates: tuple[Candidate, ...]
    fallen: tuple[tuple[Fallen, ...], ...] = field(default=())


def candidates_of(market: Market) -> Field:
    """Everything the hard rules leave; the market must be sorted."""
    found: list[Candidate] = []
    fallen: list[tuple[Fallen, ...]] = []
    for place, seeker in enumerate(market.seekers):
        stays = {week: stay(week, seeker.duration) for week in seeker.weeks}
        offers: dict[Rule, int] = {}
        starts: dict[Rule, int] = {}
        for at, host in enumerate(market.hosts):
            rule = broken_by_pair(seeker, host)
            if rule is not None:
                broken = {rule: len(stays)}
                fitting: list[str] = []
            else:
                broken, fitting = _broken_by_week(seeker, host, stays)
            for rule, count in broken.items():
                starts[rule] = starts.get(rule, 0) + count
            if fitting:
                found += [Candidate(place, at, week) for week in fitting]
            elif broken:
                furthest = max(broken, key=list(Rule).index)
                offers[furthest] = offers.get(furthest, 0) + 1
        fallen.append(tuple(Fallen(rule, offers.get(rule, 0), starts[rule]) for rule in Rule if rule in starts))
    return Field(tuple(found), tuple(fallen))


def broken_by_pair(seeker: Seeker, host: Host) -> Rule | None:
    """The first rule that the two break whatever the week."""
    if host.member == seeker.member:
        return Rule.OWN_HOST
    if host.id in seeker.excluded:
        return Rule.TURNED_DOWN
    if seeker.focus not in host.focus_areas:
        return Rule.FOCUS
    if common_language(seeker, host) is None:
        return Rule.LANGUAGE
    return None


def broken_by_stay(seeker: Seeker, host: Host, weeks: Iterable[str]) -> Rule | None:
    """The first rule that a stay of these weeks breaks."""
    within = tuple(weeks)
    if any(week not in host.offered for week in within):
        return Rule.DATES
    if any(host.free.get(week, 0) < seeker.officials for week in within):
        return Rule.CAPACITY
    return None


def common_language(seeker: Seeker, host: Host) -> str | None:
    """The sender's best language that the host works in."""
    return next((one for one in seeker.languages if one in host.languages), None)


def _broken_by_week(seeker: Seeker, host: Host, stays: dict[str, tuple[str, ...]]) -> tuple[dict[Rule, int], list[str]]:
    broken: dict[Rule, int] = {}
    fitting: list[str] = []
    for week, weeks in stays.items():
        rule = broken_by_stay(seeker, host, weeks)
        if rule is None:
            fitting.append(week)
        else:
            broken[rule] = broken.get(rule, 0) + 1
    return broken, fitting
