"""What is being worked out of a run: its match first, then what would change it; kept beside it, within bounds."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256

from services.matching.domain.changes import Change, Closing, Unlocked
from services.matching.domain.market import Host, Market, Seeker
from services.matching.domain.solution import Solution

MOST_INTERESTS, MOST_OFFERS = 600, 300
"""Beyond that nothing is worked out for the further ones: a run's document stays small."""


class Stage(StrEnum):
    SOLVING = "solving"
    EXPLAINING = "explaining"
    DONE = "done"
    STOPPED = "stopped"
    """Somebody had enough of it; what was worked out until then stays."""
    SUPERSEDED = "superseded"
    """A newer run of the call came before all was worked out."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Working:
    """Of one run. While it is solved `step` of `steps` levels are done and `found` exchanges chosen so far."""

    stage: Stage
    solved: bool = True
    """Whether the run is there; else it is still to come of this."""
    step: int = 0
    steps: int = 0
    found: int = 0
    interests: tuple[str, ...] = ()
    """Without a match: for each the smallest change is looked for."""
    offers: tuple[str, ...] = ()
    """For each it is worked out what one place more unlocks."""
    changes: dict[str, Change | None] = field(default_factory=dict)
    """None where no single change was found that suffices."""
    failed: tuple[str, ...] = ()
    """Interests whose change could not be worked out."""
    asked: int = 0
    """Offers that were looked at."""
    unlocked: tuple[Unlocked, ...] = ()
    closing: Closing | None = None
    large: bool = False
    """Nothing more is worked out of a market of this size."""
    why: str = ""
    """Where it failed."""
    prints: dict[str, str] = field(default_factory=dict)
    """By interest or offer: what it said when the run was made, in short."""

    @property
    def todo(self) -> int:
        return len(self.interests) + len(self.offers)

    @property
    def done(self) -> int:
        return len(self.changes) + len(self.failed) + self.asked

    @property
    def under_way(self) -> bool:
        return self.stage in (Stage.SOLVING, Stage.EXPLAINING)

    def next_interest(self) -> str | None:
        known = {*self.changes, *self.failed}
        return next((one for one in self.interests if one not in known), None)


def working_of(market: Market, solution: Solution) -> Working:
    """What is to be worked out of a run that was just made."""
    if not solution.explained:
        return Working(Stage.DONE, large=True)
    unmatched = tuple(one.interest for one in solution.unmatched[:MOST_INTERESTS])
    offers = tuple(sorted(one.id for one in market.hosts))[:MOST_OFFERS] if unmatched else ()
    standing = len(market.held) + len(solution.matches)
    distance = None if unmatched else Closing(market.terms.wanted, standing, ())
    stage = Stage.EXPLAINING if unmatched else Stage.DONE
    return Working(stage, interests=unmatched, offers=offers, closing=distance, prints=prints_of(market))


def prints_of(market: Market) -> dict[str, str]:
    """What each side says, in short: another print, another saying. What is held of an offer does not count."""
    said: list[tuple[str, object]] = [(one.id, _asks(one)) for one in market.seekers]
    said += [(one.id, _offers(one)) for one in market.hosts]
    return {name: sha256(repr(what).encode()).hexdigest()[:8] for name, what in said}


def _asks(one: Seeker) -> Seeker:
    return replace(
        one,
        weeks=tuple(sorted(set(one.weeks))),
        excluded=tuple(sorted(one.excluded)),
        avoided=tuple(sorted(one.avoided)),
        speaks=dict(sorted(one.speaks.items())),
        before=None,
    )


def _offers(one: Host) -> Host:
    return replace(
        one,
        focus_areas=tuple(sorted(one.focus_areas)),
        languages=tuple(sorted(one.languages)),
        offered=dict(sorted(one.offered.items())),
        free={},
        asks=dict(sorted(one.asks.items())),
        avoided=tuple(sorted(one.avoided)),
    )


@dataclass(frozen=True, slots=True)
class Since:
    """What came after a run: interests and offers that say something else by now, are gone, or are new."""

    interests: tuple[str, ...] = ()
    """Of the run, and no longer as they were."""
    offers: int = 0
    filed: int = 0
    made: int = 0

    def __bool__(self) -> bool:
        return bool(self.interests or self.offers or self.filed or self.made)


def since(prints: dict[str, str], now: Market, matched: set[str]) -> Since:
    """`matched`: interests that an exchange holds by now; they left the market, but did not change."""
    current = prints_of(now)
    gone = {name for name in prints if name not in current} - matched
    changed = {name for name, said in prints.items() if name in current and current[name] != said}
    new = current.keys() - prints.keys()
    moved = gone | changed
    return Since(
        interests=tuple(sorted(one for one in moved if one.startswith("interest-"))),
        offers=sum(one.startswith("offer-") for one in moved),
        filed=sum(one.startswith("interest-") for one in new),
        made=sum(one.startswith("offer-") for one in new),
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """A run beside the one before: what stayed. `standing` are exchanges proposed or agreed, which no run touches."""

    standing: int = 0
    kept: int = 0
    changed: int = 0


def kept_of(market: Market, solution: Solution) -> Kept:
    """Of the matches of the run before that no exchange holds yet."""
    now = {one.interest: (one.offer, one.week) for one in solution.matches}
    before = {one.id: one.before for one in market.seekers if one.before}
    kept = sum(now.get(interest) == place for interest, place in before.items())
    return Kept(len(market.held), kept, len(before) - kept)
