"""Why a run came out as it did, as data: what spoke for a match, what stood against an interest.

Only what concerns the interest itself, and counts; the sentences, and who may read which, are the pages' business.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from services.matching.domain.candidates import fallen_of
from services.matching.domain.market import Fallen, Level
from services.matching.domain.program import Program
from services.matching.domain.standing import Limit, Standing


@dataclass(frozen=True, slots=True)
class NextBest:
    """The best other host for an interest that is matched."""

    offer: str
    host: str
    week: str
    level: Level | None = None
    """The first level on which it would have been worse; none where it is as good."""
    less: int = 0
    """By how much."""
    limit: Limit | None = None
    """What stops it as things stand; none where it is free."""


@dataclass(frozen=True, slots=True)
class Why:
    """What spoke for a match, level by level."""

    language: str
    first_of_member: bool
    """The only exchange in which the sender's member is served: it counts on the second level."""
    others_of_member: int
    """Further exchanges that this run gives the member."""
    wish: int | None
    """Which of its wishes the host was, 1 the first; none where it was not wished for."""
    wishes: int
    offers: int
    """Offers that came into question for this interest, this one included."""
    starts: int
    """Start weeks at this offer that came into question."""
    earlier_starts: int
    """Of these, how many are before the one chosen."""
    adds: dict[Level, int] = field(default_factory=dict)
    """What the match adds to each level, in the call's order; cost as it is."""
    next: NextBest | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """Who holds the places that an unmatched interest would have needed at one offer."""

    offer: str
    host: str
    starts: int
    """Start weeks that came into question there."""
    by: tuple[str, ...]
    """The interests that were given places there in these weeks."""
    limit: Limit | None = None
    """What stops the start week that is nearest to fit."""
    level: Level | None = None
    """The level that would lose if the interest took the place of one of those who have it."""


@dataclass(frozen=True, slots=True)
class Unmatched:
    interest: str
    sender: str
    fallen: tuple[Fallen, ...]
    """In the order of the rules; what they left is `open`."""
    open: int
    """Candidates that broke no rule: pairs of offer and start week."""
    taken: tuple[Taken, ...]


@dataclass(frozen=True, slots=True)
class Reasons:
    matched: dict[str, Why]
    unmatched: tuple[Unmatched, ...]


def explain(program: Program, chosen: list[int]) -> Reasons:
    """The reasons for every interest of the market; works on what was solved, solves nothing again."""
    explainer = Explainer(program, chosen)
    seekers = program.market.seekers
    without = tuple(place for place in range(len(seekers)) if place not in explainer.standing.of_seeker)
    fallen = fallen_of(program.market, without)
    matched = {seekers[program.candidates[column].seeker].id: explainer.why(column) for column in chosen}
    return Reasons(matched, tuple(explainer.why_not(place, fallen[place]) for place in without))


class Explainer:
    """Reasons one by one, for a choice that stands."""

    def __init__(self, program: Program, chosen: list[int]) -> None:
        self.program, self.market = program, program.market
        self.standing = Standing(program, chosen)
        levels = [level for aim in program.levels() for level in aim.weights]
        self._worth = {level: program.worth(level) for level in levels}

    def why(self, column: int) -> Why:
        one = self.program.candidates[column]
        pair = self.program.field.pairs[one.pair]
        seeker, host = self.market.seekers[one.seeker], self.market.hosts[one.host]
        columns = self.program.of_seeker[one.seeker]
        starts = [
            self.program.candidates[other].week for other in columns if self.program.candidates[other].host == one.host
        ]
        others = len(self.standing.sent[seeker.member]) - 1
        first = others == 0 and seeker.member not in self.market.served
        return Why(
            language=pair.language,
            first_of_member=first,
            others_of_member=others,
            wish=seeker.wishes.index(host.member) + 1 if host.member in seeker.wishes else None,
            wishes=len(seeker.wishes),
            offers=len({self.program.candidates[other].host for other in columns}),
            starts=len(starts),
            earlier_starts=sum(week < one.week for week in starts),
            adds=self._adds(column, first),
            next=self._next(column),
        )

    def why_not(self, place: int, fallen: tuple[Fallen, ...]) -> Unmatched:
        seeker = self.market.seekers[place]
        at_host: dict[int, list[int]] = defaultdict(list)
        for column in self.program.of_seeker.get(place, []):
            at_host[self.program.candidates[column].host].append(column)
        taken = tuple(self._taken(host, columns) for host, columns in at_host.items())
        return Unmatched(seeker.id, seeker.member, fallen, sum(len(one) for one in at_host.values()), taken)

    def _adds(self, column: int, first: bool) -> dict[Level, int]:
        adds: dict[Level, int] = {
            level: worth.get(column, 0) for level, worth in self._worth.items() if level is not Level.ORDER
        }
        if Level.COST in adds:
            adds[Level.COST] *= -1
        if Level.MEMBERS in adds:
            adds[Level.MEMBERS] = int(first)
        if Level.MINIMUM in adds:
            adds[Level.MINIMUM] = int(self.program.focus(column) in self.market.minimum_left())
        return adds

    def _next(self, column: int) -> NextBest | None:
        one = self.program.candidates[column]
        best: tuple[bool, list[int]] | None = None
        found: tuple[int, Limit | None] | None = None
        for other in self.program.of_seeker[one.seeker]:
            if self.program.candidates[other].host == one.host:
                continue
            limit = self.standing.limit(other, without=column)
            rank = (limit is None, [worth.get(other, 0) for worth in self._worth.values()])
            if best is None or rank > best:
                best, found = rank, (other, limit)
        if found is None:
            return None
        other, limit = found
        candidate = self.program.candidates[other]
        host = self.market.hosts[candidate.host]
        level, less = self._first_loss(other, column)
        return NextBest(host.id, host.member, self.program.field.calendar.week(candidate.week), level, less, limit)

    def _first_loss(self, column: int, holder: int) -> tuple[Level | None, int]:
        """The first level that is not equal if the candidate takes the holder's place, and what it loses."""
        for level, worth in self._worth.items():
            lost = self.standing.lost(level, column, holder, worth)
            if lost:
                return level, lost
        return None, 0

    def _taken(self, at: int, columns: list[int]) -> Taken:
        host = self.market.hosts[at]
        slots = {slot for column in columns for slot in self.standing.slots(column)}
        by = {self.program.candidates[holder].seeker for slot in slots for holder in self.standing.at.get(slot, [])}
        limits = [self.standing.limit(column) for column in columns]
        limit = max((one for one in limits if one), key=list(Limit).index, default=None)
        level = self._held_by(columns) if limit in (Limit.PLACES, Limit.VISITS, Limit.CAP) else None
        names = tuple(sorted(self.market.seekers[one].id for one in by))
        return Taken(host.id, host.member, len(columns), names, limit, level)

    def _held_by(self, columns: list[int]) -> Level:
        """The lowest level that still keeps the interest out: that of the holder who is nearest to giving way."""
        order = list(self._worth)
        nearest = Level.EXCHANGES
        for column in columns:
            for holder in self.standing.holders(column):
                if self.standing.limit(column, without=holder) is None:
                    level, lost = self._first_loss(column, holder)
                    if level and lost > 0 and order.index(level) > order.index(nearest):
                        nearest = level
        return nearest
