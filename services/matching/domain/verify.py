"""The smallest single change that would match an interest, and the hosts whose places would unlock most.

Nothing is said here that was not solved again with the change made. The functions take one argument: they run in the
solver's process, one call an interest or a few hosts, so that the service shows how far it is and can stop in between.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from services.matching.domain.budgets import Ladder
from services.matching.domain.candidates import Calendar, bits, candidates_of, candidates_of_one
from services.matching.domain.changes import Change, Closing, Kind, Unlocked, ranked
from services.matching.domain.estimate import Estimate
from services.matching.domain.explain import around
from services.matching.domain.market import Aim, Level, Market, Seeker
from services.matching.domain.program import Program
from services.matching.domain.relaxation import Goal, Held, Relaxation, ruled_out
from services.matching.domain.search import Search
from services.matching.domain.solution import Solution
from services.matching.domain.solver import solve
from services.matching.domain.standing import Standing
from services.matching.domain.whatif import with_cap, with_interpretation, with_places, with_seeker
from services.matching.week import later, monday, stay

__all__ = ["Change", "Closing", "Kind", "Unlocked", "change_for", "closing", "ranked", "unlocked"]

NEARBY = 8
"""Weeks before and after its own in which one more start week is looked for."""
EFFORT = 1.0
"""Deterministic time for each of these searches."""
ROUGH = 1e-6
"""By how much what is told from prices may be off."""
EFFORTS = 4
"""Changes that are solved again for one interest, of each kind, before the next kind is tried."""


OWN = (Kind.WEEK, Kind.LANGUAGE, Kind.FOCUS)
"""What the sender can change by itself."""


Look = tuple[Kind, Callable[[int], Iterator[tuple[str, Market, int]]]]
"""A kind of change, and its values for an interest: what it is called, the changed market, places more at a host."""


def change_for(ask: tuple[Market, Solution, str]) -> Change | None:
    """The smallest single change that matches this unmatched interest; none where no single one was found."""
    market, solution, interest = ask
    return _verifier(market, solution).change(interest)


def unlocked(ask: tuple[Market, Solution, tuple[str, ...]]) -> tuple[Unlocked, ...]:
    """For each of these offers: the exchanges that one more place unlocks."""
    market, solution, offers = ask
    verifier = _verifier(market, solution)
    return tuple(verifier.unlocked(offer) for offer in offers)


def closing(ask: tuple[Market, Solution, tuple[Unlocked, ...]]) -> Closing:
    """What closes the distance to the exchanges wanted, from the hosts that unlock most."""
    market, solution, hosts = ask
    verifier = _verifier(market, solution)
    held, wanted = len(market.held), market.terms.wanted
    standing = held + len(solution.matches)
    steps: list[Unlocked] = []
    reached, changed = len(solution.matches), verifier.market
    for one in ranked(hosts):
        if held + reached >= wanted:
            break
        changed = with_places(changed, {one.offer})
        now = verifier.count(changed)
        if now > reached:
            steps.append(Unlocked(one.offer, one.host, now - reached))
            reached = now
    return Closing(wanted, standing, tuple(steps))


_latest: list["_Verifier"] = []


def _verifier(market: Market, solution: Solution) -> "_Verifier":
    """The one before, where it is asked about the same run: what it worked out serves every interest."""
    market = market.sorted()
    if not _latest or _latest[0].market != market or _latest[0].solution != solution:
        _latest[:] = [_Verifier(market, solution)]
    return _latest[0]


@dataclass(frozen=True, slots=True)
class Found:
    """Where an interest went."""

    offer: str
    week: str
    language: str
    focus: str


@dataclass(frozen=True, slots=True)
class _More:
    program: Program
    chosen: list[int]
    """None where no such choice was found."""
    impossible: bool
    """Whether there is none."""


class _Verifier:
    def __init__(self, market: Market, solution: Solution) -> None:
        self.market, self.solution, self._matches = market, solution, solution.matches
        self._full = False
        self._estimate = Estimate(market, solution)
        self._ladder = Ladder(market, solution)
        self._values = {one.level: one.value for one in solution.levels}

    def change(self, interest: str) -> Change | None:
        place = next(at for at, one in enumerate(self.market.seekers) if one.id == interest)
        members = {one.id: one.member for one in self.market.hosts}
        self._full = False
        for kind, look in self._looks(place):
            for value, changed, places in islice(look(place), EFFORTS):
                if kind is Kind.BUDGET:  # it was solved for
                    found = _place_of(self._ladder.solved(int(value)), interest)
                else:
                    found = self._matched(changed, interest, own=kind in OWN)
                if found is not None:
                    return Change(kind, value, found.offer, members[found.offer], found.week, places)
        return None

    def unlocked(self, offer: str) -> Unlocked:
        host = next(one for one in self.market.hosts if one.id == offer)
        more = self.count(with_places(self.market, {offer})) - len(self._matches)
        return Unlocked(offer, host.member, max(0, more))

    def count(self, changed: Market) -> int:
        """Exchanges that the changed market has at least."""
        number = len(self._matches)
        while more := self._more(changed, number + 1).chosen:
            number = len(more)
        return number

    def _looks(self, place: int) -> list[Look]:
        own: list[Look]
        own = [(Kind.WEEK, self._weeks), (Kind.LANGUAGE, self._languages), (Kind.FOCUS, self._focus_areas)]
        others: list[Look]
        others = [
            (Kind.PLACE, self._places),
            (Kind.CAP, self._caps),
            (Kind.BUDGET, self._budgets),
            (Kind.INTERPRETATION, self._interpreted),
        ]
        wider = self._everything(place)
        hopeless = not self._could(wider, place) or self._found(wider, place) is None
        return others if hopeless else [*own, *others]

    def _could(self, changed: Market, place: int) -> bool:
        """Whether one exchange more could come of what the interest has in the changed market."""
        calendar = Calendar(changed)
        return self._enough(self._estimate.with_pairs(candidates_of_one(changed, place, calendar), calendar))

    def _enough(self, exchanges: float) -> bool:
        return exchanges >= len(self._matches) + 1 - ROUGH

    def _everything(self, place: int) -> Market:
        """The interest with every week near its own, every language and every focus area."""
        seeker = self.market.seekers[place]
        spoken = {language for one in self.market.hosts for language in one.languages}
        areas = {focus for one in self.market.hosts for focus in one.focus_areas} - set(seeker.focus_areas)
        return with_seeker(
            self.market,
            seeker.id,
            weeks=tuple(sorted({*seeker.weeks, *_near(seeker)})),
            languages=(*seeker.languages, *sorted(spoken - set(seeker.languages))),
            speaks={},
            also=(*seeker.also, *sorted(areas)),
        )

    def _matched(self, changed: Market, interest: str, *, own: bool) -> Found | None:
        """Where the interest goes once the changed market is solved again.

        Where the number of exchanges rises, and cannot without the interest, it is in every best choice: the levels up
        to that number decide. Where others could use the change as well, all levels do.
        """
        place = next(at for at, one in enumerate(changed.seekers) if one.id == interest)
        more = self._more(changed, first=place)
        if not more.chosen:
            return None
        found = _where(more, place)
        if own or (found is not None and self._more(_without(changed, interest)).impossible):
            return found
        if self._full:
            return None
        self._full = True
        return _place_of(solve(changed), interest)

    def _found(self, changed: Market, place: int) -> Found | None:
        """Where the interest goes in a choice of the changed market that makes one exchange more."""
        return _where(self._more(changed, first=place), place)

    def _more(self, changed: Market, least: int | None = None, first: int | None = None) -> _More:
        """A choice of more exchanges than before, with what the levels before that number came to.

        Where the interest named `first` can be added to what stands, that is one.
        """
        changed = changed.sorted()
        program = Program(changed, candidates_of(changed))
        stands = self._as_it_stands(program)
        if first is not None and len(stands) == len(self._matches):
            standing = Standing(program, stands)
            for column in program.of_seeker.get(first, []):
                if standing.limit(column) is None:
                    return _More(program, sorted([*stands, column]), impossible=False)
        low, high = [0] * len(program.upper), list(program.upper)
        held = []
        for aim in program.levels():
            goal = Goal.of(program.objective(aim))
            if Level.EXCHANGES not in aim.weights:
                if aim.level in self._values:
                    held.append(Held(goal, self._values[aim.level]))
                continue
            held.append(Held(Goal.of(program.objective(Aim({Level.EXCHANGES: 1}))), least or len(self._matches) + 1))
            break
        if not program.candidates or held[-1].goal.step == 0:
            return _More(program, [], impossible=True)
        relaxation = Relaxation(program, low, high, held[:-1])
        bound = relaxation.bound(held[-1].goal)
        if held[-1].goal.at_most(bound.scaled) < held[-1].least:
            return _More(program, [], impossible=True)
        low, high = ruled_out(bound, held[-1].least, low, high)
        found = Search(program, low, high, held).reach(EFFORT, stands)
        return _More(program, found.chosen or [], found.impossible)

    def _as_it_stands(self, program: Program) -> list[int]:
        hosts, seekers = program.market.hosts, program.market.seekers
        taken = {one.interest: (one.offer, one.week) for one in self._matches}
        return [
            column
            for column, one in enumerate(program.candidates)
            if taken.get(seekers[one.seeker].id) == (hosts[one.host].id, program.field.calendar.week(one.week))
        ]

    def _free(self, changed: Market, place: int) -> list[tuple[str, str]]:
        """Offers and start weeks that the interest could have in the changed market as things stand."""
        program, chosen = around(changed, self._matches, place)
        standing = Standing(program, chosen)
        columns = [one for one in program.of_seeker.get(place, []) if standing.limit(one) is None]
        week = program.field.calendar.week
        return [(changed.hosts[program.candidates[one].host].id, week(program.candidates[one].week)) for one in columns]

    def _weeks(self, place: int) -> Iterator[tuple[str, Market, int]]:
        seeker = self.market.seekers[place]
        more = sorted(_near(seeker), key=lambda week: _away(week, seeker))

        def with_more(*weeks: str) -> Market:
            return with_seeker(self.market, seeker.id, weeks=tuple(sorted((*seeker.weeks, *weeks))))

        wider = with_more(*more)
        free = {week for _, week in self._free(wider, place)}
        found = [week for week in more if week in free] or self._once_solved(wider, place, more, lambda one: one.week)
        for week in found:
            yield week, with_more(week), 0

    def _languages(self, place: int) -> Iterator[tuple[str, Market, int]]:
        seeker = self.market.seekers[place]
        spoken = sorted({language for one in self.market.hosts for language in one.languages})

        def with_more(*more: str) -> Market:
            languages = (*(one for one in seeker.languages if one not in more), *more)
            speaks = {one: level for one, level in seeker.speaks.items() if one not in more}
            return with_seeker(self.market, seeker.id, languages=languages, speaks=speaks)

        wider = with_more(*spoken)
        found = self._best_free(spoken, with_more, place)
        for one in found or self._once_solved(wider, place, spoken, lambda one: one.language):
            yield one, with_more(one), 0

    def _focus_areas(self, place: int) -> Iterator[tuple[str, Market, int]]:
        seeker = self.market.seekers[place]
        areas = sorted({focus for one in self.market.hosts for focus in one.focus_areas} - set(seeker.focus_areas))

        def with_more(*more: str) -> Market:
            return with_seeker(self.market, seeker.id, also=(*seeker.also, *more))

        found = self._best_free(areas, with_more, place)
        for one in found or self._once_solved(with_more(*areas), place, areas, lambda one: one.focus):
            yield one, with_more(one), 0

    def _best_free(self, values: list[str], with_more: Callable[..., Market], place: int) -> list[str]:
        """Those that open something as things stand, the most first."""
        opened = {one: len(self._free(with_more(one), place)) for one in values}
        return sorted((one for one in values if opened[one]), key=lambda one: (-opened[one], one))

    def _once_solved(self, wider: Market, place: int, values: list[str], what: Callable[[Found], str]) -> list[str]:
        """The value with which the interest is matched where it may have all of them at once."""
        found = self._found(wider, place)
        return [what(found)] if found is not None and what(found) in values else []

    def _places(self, place: int) -> Iterator[tuple[str, Market, int]]:
        """At hosts that fit but for their places: those wished for first."""
        seeker = self.market.seekers[place]
        others = {host.id for host in self.market.hosts if host.member != seeker.member}
        everywhere = with_places(self.market, others, seeker.officials)
        calendar = Calendar(everywhere)
        free = set(self._free(everywhere, place))
        starts: dict[str, list[tuple[bool, str]]] = defaultdict(list)
        for pair in candidates_of_one(everywhere, place, calendar):
            offer = self.market.hosts[pair.host].id
            for week in (calendar.week(bit) for bit in bits(pair.starts)):
                if self._enough(self._estimate.with_places(pair, week, seeker.officials)):
                    starts[offer].append(((offer, week) not in free, week))
        member = {one.id: one.member for one in self.market.hosts}
        wishes = [*seeker.wishes, *sorted(set(member.values()) - set(seeker.wishes))]
        for offer in sorted(starts, key=lambda one: (min(starts[one])[0], wishes.index(member[one]), one)):
            weeks = stay(min(starts[offer])[1], seeker.duration)
            yield offer, with_places(self.market, {offer}, seeker.officials, weeks), seeker.officials

    def _caps(self, place: int) -> Iterator[tuple[str, Market, int]]:
        member = self.market.seekers[place].member
        changed = with_cap(self.market, member)
        if changed is not self.market and self._enough(self._estimate.with_cap(member)):
            yield member, changed, 0

    def _budgets(self, place: int) -> Iterator[tuple[str, Market, int]]:
        if self._estimate.scarce:
            amount = self._ladder.amount(self.market.seekers[place].id)
            if amount is not None:
                yield str(amount), self.market, 0

    def _interpreted(self, place: int) -> Iterator[tuple[str, Market, int]]:
        if not self.market.terms.interpretation:
            changed = with_interpretation(self.market)
            if self._could(changed, place) and (self._free(changed, place) or self._found(changed, place)):
                yield "", changed, 0


def _where(more: _More, place: int) -> Found | None:
    for column in more.chosen:
        one = more.program.candidates[column]
        if one.seeker == place:
            pair = more.program.field.pairs[one.pair]
            week = more.program.field.calendar.week(one.week)
            return Found(more.program.market.hosts[one.host].id, week, pair.language, pair.focus)
    return None


def _place_of(solution: Solution, interest: str) -> Found | None:
    match = next((one for one in solution.matches if one.interest == interest), None)
    return None if match is None else Found(match.offer, match.week, match.language, match.focus)


def _near(seeker: Seeker) -> list[str]:
    first, last = seeker.weeks[0], seeker.weeks[-1]
    weeks = stay(later(first, -NEARBY), NEARBY * 2 + (_number(last) - _number(first)) + 1)
    return [one for one in weeks if one not in seeker.weeks]


def _without(market: Market, interest: str) -> Market:
    return replace(market, seekers=tuple(one for one in market.seekers if one.id != interest))


def _away(week: str, seeker: Seeker) -> tuple[int, str]:
    """How far a week is from those that suit."""
    near = [abs(_number(week) - _number(one)) for one in seeker.weeks]
    return min(near), week


def _number(week: str) -> int:
    return monday(week).toordinal() // 7
