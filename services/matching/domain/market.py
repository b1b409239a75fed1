"""What a run decides on: who seeks, who hosts, the terms of the call, and what stands already.

Pure data: a run's input can be stored, sent to the solver's process, changed (`whatif.py`) and solved again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

V = TypeVar("V")


class Rule(StrEnum):
    """Why an offer, or one start week at it, does not come into question; in the order in which they are asked."""

    ELIGIBLE = "eligible"
    """The call does not admit the sender, or the host."""
    OWN_HOST = "own-host"
    TURNED_DOWN = "turned-down"
    EXCLUDED = "excluded"
    """One side does not want the other's member."""
    FOCUS = "focus"
    LANGUAGE = "language"
    """No common language at the level asked for, and no interpretation."""
    INSPECTION = "inspection"
    """One side wishes a joint inspection, the other wishes none."""
    SIZE = "size"
    """The host takes no delegation of this size."""
    DATES = "dates"
    """Some week of the stay is not offered."""
    CAPACITY = "capacity"
    """Some week of the stay has fewer places left than officials come."""


class Level(StrEnum):
    """What can be aimed at; a call orders and weighs them."""

    AGREED = "agreed"
    """Exchanges that both sides have agreed to and that stay; before everything else."""
    MINIMUM = "minimum"
    """Exchanges that count towards the minimum of their focus area."""
    EXCHANGES = "exchanges"
    KEPT = "kept"
    """Matches of the run before that stay as they were."""
    MEMBERS = "members"
    """Members that send for the first time in this call."""
    OFFICIALS = "officials"
    OPPORTUNITIES = "opportunities"
    """Participants with fewer opportunities."""
    WISHES = "wishes"
    INSPECTIONS = "inspections"
    """Joint inspections that both sides wish."""
    GROUPS = "groups"
    """Groups that are whole: ideas that have all their partners."""
    QUALITY = "quality"
    """The hosts' scores, such as an expert's assessment."""
    LIKES = "likes"
    """What the hosts wish for."""
    BALANCE = "balance"
    """The squares of what each host has, summed; the less the more evenly it is spread."""
    COST = "cost"
    """In the call's currency; the less the better."""
    ORDER = "order"
    """Early weeks and early interests: breaks ties."""
    WEIGHED = "weighed"
    """Several of them in one sum."""


LESS_IS_BETTER = frozenset({Level.BALANCE, Level.COST})
CEFR = ("A1", "A2", "B1", "B2", "C1", "C2")


@dataclass(frozen=True, slots=True)
class Seeker:
    """An interest as a run sees it. `languages`, `also` and `wishes` are in the sender's order, best first."""

    id: str
    member: str
    focus: str
    languages: tuple[str, ...]
    weeks: tuple[str, ...]
    officials: int = 1
    duration: int = 1
    wishes: tuple[str, ...] = ()
    """Members wished for as host."""
    excluded: tuple[str, ...] = ()
    """Offers that turned it down, or that it turned down."""
    avoided: tuple[str, ...] = ()
    """Members it does not want as host."""
    also: tuple[str, ...] = ()
    """Further focus areas that would do."""
    speaks: dict[str, str] = field(default_factory=dict)
    """CEFR level by language; a language without one is spoken well enough for any."""
    inspection: bool | None = None
    """A joint inspection: wished, not wished, or either."""
    organisation: str = ""
    """Who sends, where a reciprocal host asks; empty stands for the member."""
    opportunities: int = 0
    """Participants with fewer opportunities."""
    before: tuple[str, str] | None = None
    """Offer and start week that the run before gave it."""
    fixed: bool = False
    """What it was given before is agreed and stays."""
    group: str = ""
    """All of a group are matched or none, each with another host: the roles of an idea, the seats of an activity."""

    @property
    def focus_areas(self) -> tuple[str, ...]:
        return (self.focus, *self.also)

    @property
    def sends_for(self) -> str:
        return self.organisation or self.member


@dataclass(frozen=True, slots=True)
class Host:
    """An offer as a run sees it: `offered` and, after what is held already, `free` places by week."""

    id: str
    member: str
    focus_areas: tuple[str, ...]
    languages: tuple[str, ...]
    offered: dict[str, int]
    free: dict[str, int]
    asks: dict[str, str] = field(default_factory=dict)
    """The least CEFR level by language; a language without one is open to any."""
    inspection: bool | None = None
    avoided: tuple[str, ...] = ()
    """Members it does not receive."""
    organisation: str = ""
    only_if_sends: bool = False
    """It hosts only if its organisation sends somebody in this call."""
    most: int | None = None
    """Exchanges it still takes in all."""
    largest: int | None = None
    """Officials of one delegation at most."""
    smallest: int = 1
    yearly: dict[str, int] = field(default_factory=dict)
    """Exchanges it still takes, by the year in which they begin; a year that is left out has no limit."""
    score: int = 0
    likes: tuple[str, ...] = ()
    """Groups, or members, that it would like to have, best first."""
    load: dict[str, int] = field(default_factory=dict)
    """What it has already, by year; counts where it is to be spread evenly."""

    @property
    def hosts_for(self) -> str:
        return self.organisation or self.member


@dataclass(frozen=True, slots=True)
class Held:
    """An exchange proposed, agreed or held in this call already; it counts against caps, minimum and budget."""

    sender: str
    organisation: str
    focus: str
    cost: int = 0


@dataclass(frozen=True, slots=True)
class Costs:
    """What the network pays: per official for the way and for each week, per exchange and week for interpretation."""

    travel: int = 0
    week: int = 0
    interpretation: int = 0
    fares: dict[str, int] = field(default_factory=dict)
    """Instead of `travel`, by `sender>host`."""

    def of(self, seeker: Seeker, host: Host, interpreted: bool) -> int:
        fare = self.fares.get(f"{seeker.member}>{host.member}", self.travel) if self.fares else self.travel
        between = self.interpretation * seeker.duration if interpreted else 0
        return seeker.officials * (fare + self.week * seeker.duration) + between


@dataclass(frozen=True, slots=True)
class Aim:
    """One level of a call: a single one, or several weighed in one sum (cost counts against)."""

    weights: dict[Level, int]

    @property
    def level(self) -> Level:
        return next(iter(self.weights)) if len(self.weights) == 1 else Level.WEIGHED


def aims(*levels: Level) -> tuple[Aim, ...]:
    return tuple(Aim({level: 1}) for level in levels)


@dataclass(frozen=True, slots=True)
class Terms:
    """The call as the solver needs it. A minimum or what was kept joins the levels where there is any; ties are broken
    by ORDER at the end."""

    levels: tuple[Aim, ...] = aims(Level.EXCHANGES, Level.KEPT, Level.MEMBERS, Level.WISHES, Level.COST)
    eligible: tuple[str, ...] = ()
    """Members that take part; empty stands for all."""
    cap: int | None = None
    """Exchanges that a member sends at most."""
    caps: dict[str, int] = field(default_factory=dict)
    """By member, instead of `cap`."""
    minimum: dict[str, int] = field(default_factory=dict)
    """Exchanges wanted at least, by focus area: as many as can be had come before everything else."""
    wanted: int = 0
    """Exchanges that the whole call wants at least."""
    budget: int | None = None
    costs: Costs = field(default_factory=Costs)
    interpretation: bool = False
    """Whether the call pays an interpreter where no language is shared."""
    effort: float | None = None
    """Deterministic time that each search may take, about seconds on a slow core; the solver's own where none."""


@dataclass(frozen=True, slots=True)
class Market:
    """`served` are the members that send somebody already by an exchange proposed or agreed in this call."""

    seekers: tuple[Seeker, ...]
    hosts: tuple[Host, ...]
    served: tuple[str, ...] = ()
    terms: Terms = field(default_factory=Terms)
    held: tuple[Held, ...] = ()

    def sorted(self) -> "Market":
        """The same market in the one order in which it is solved, whatever order it came in."""
        seekers = tuple(
            replace(
                one,
                weeks=tuple(sorted(set(one.weeks))),
                excluded=tuple(sorted(one.excluded)),
                avoided=tuple(sorted(one.avoided)),
                speaks=_in_order(one.speaks),
            )
            for one in sorted(self.seekers, key=lambda seeker: seeker.id)
        )
        hosts = tuple(
            replace(
                one,
                focus_areas=tuple(sorted(one.focus_areas)),
                languages=tuple(sorted(one.languages)),
                offered=_in_order(one.offered),
                free=_in_order(one.free),
                asks=_in_order(one.asks),
                avoided=tuple(sorted(one.avoided)),
                yearly=_in_order(one.yearly),
                load=_in_order(one.load),
            )
            for one in sorted(self.hosts, key=lambda host: host.id)
        )
        served = {*self.served, *(one.sender for one in self.held)}
        held = tuple(sorted(self.held, key=lambda one: (one.sender, one.organisation, one.focus, one.cost)))
        terms = replace(
            self.terms,
            eligible=tuple(sorted(self.terms.eligible)),
            caps=_in_order(self.terms.caps),
            minimum=_in_order(self.terms.minimum),
        )
        return Market(seekers, hosts, tuple(sorted(served)), terms, held)

    @property
    def budget_left(self) -> int | None:
        if self.terms.budget is None:
            return None
        return self.terms.budget - sum(one.cost for one in self.held)

    def cap_left(self, member: str) -> int | None:
        """Exchanges that the member may still send; None where nothing limits it."""
        cap = self.terms.caps.get(member, self.terms.cap)
        return None if cap is None else max(0, cap - sum(one.sender == member for one in self.held))

    def minimum_left(self) -> dict[str, int]:
        """Exchanges still missing to the minimum, by focus area."""
        left = {
            focus: least - sum(one.focus == focus for one in self.held) for focus, least in self.terms.minimum.items()
        }
        return {focus: missing for focus, missing in left.items() if missing > 0}


@dataclass(frozen=True, slots=True)
class Fallen:
    """How far a rule thinned out what came into question for one interest."""

    rule: Rule
    offers: int
    """Offers that no start week brought past this rule."""
    candidates: int
    """Pairs of offer and start week."""


def common_language(seeker: Seeker, host: Host) -> str | None:
    """The sender's best language that the host works in and that the officials speak well enough."""
    for one in seeker.languages:
        if one in host.languages and _speaks(seeker.speaks.get(one), host.asks.get(one)):
            return one
    return None


def _speaks(level: str | None, asked: str | None) -> bool:
    return asked is None or level is None or CEFR.index(level) >= CEFR.index(asked)


def _in_order(mapping: Mapping[str, V]) -> dict[str, V]:
    return dict(sorted(mapping.items()))
