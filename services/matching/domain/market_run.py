"""The runs of a market that has no calls: experts to activities, partners to ideas."""

from collections import defaultdict
from dataclasses import dataclass, field, replace

from services.matching.domain.candidates import Calendar, Starts, broken_by_pair
from services.matching.domain.market import Market, Rule
from services.matching.domain.solution import Solution
from shared.contracts.base import Command, Event
from shared.contracts.experts import MarketRunCompleted


@dataclass(frozen=True, slots=True)
class Runs:
    market: str = ""
    runs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    market: str
    run: str
    sought: int
    offered: int
    matched: int
    proven: bool
    by_itself: bool = False


@dataclass(frozen=True, slots=True)
class Idle:
    """Why somebody who offered was not taken: by rule, how many of those who sought could not take them."""

    offer: str
    sought: int
    fallen: dict[Rule, int] = field(default_factory=dict)
    open: int = 0
    """They would have suited so many, who are served by others, or whom nothing serves as a whole."""


KEPT = 200
"""Runs that the list names; earlier ones are still found by their id."""


def decide_run(_runs: Runs, _command: Command, outcome: Outcome) -> list[Event]:
    return [MarketRunCompleted(**{name: getattr(outcome, name) for name in Outcome.__slots__})]


def evolve(runs: Runs, event: Event) -> Runs:
    if isinstance(event, MarketRunCompleted):
        return replace(runs, market=event.market, runs=(*runs.runs, event.run)[-KEPT:])
    return runs


def idle(market: Market, solution: Solution) -> list[Idle]:
    """The reason for each who was not taken at all; seats of one activity or idea count once."""
    market = market.sorted()
    calendar = Calendar(market)
    starts = Starts(market, calendar)
    taken = {one.offer for one in solution.matches}
    sought = {one.id.partition("#")[0]: one for one in reversed(market.seekers)}
    found = []
    for at, host in enumerate(market.hosts):
        if host.id in taken:
            continue
        fallen: dict[Rule, int] = defaultdict(int)
        for seeker in sought.values():
            rule = broken_by_pair(market, seeker, host)
            wanted = calendar.mask(seeker.weeks)
            if rule is None and not wanted & starts.offered(at, seeker.duration):
                rule = Rule.DATES
            if rule is None and not wanted & starts.free(at, seeker.duration, seeker.officials):
                rule = Rule.CAPACITY
            if rule is not None:
                fallen[rule] += 1
        found.append(Idle(host.id, len(sought), dict(fallen), len(sought) - sum(fallen.values())))
    return found
