"""What the hard rules leave: which interest may go to which offer, from which week on; and what fell, rule by rule.

Weeks are bits of a number, so that a pair's windows are compared at once: 10,000 interests beside 8,000 offers take a
second or two.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from services.matching.domain.market import Fallen, Host, Level, Market, Rule, Seeker, common_language
from services.matching.week import later, monday

WISHES = 5
"""Wishes that count; the first is worth as many points."""


class Pair(NamedTuple):
    """An interest that may go to an offer; places in the market's order. `starts` has a bit for each start week."""

    seeker: int
    host: int
    starts: int
    focus: str
    language: str
    """Empty where an interpreter is needed."""
    cost: int
    wish: int
    """Points: 5 for the first wish down to 1 for the fifth."""


class Candidate(NamedTuple):
    """One start week of a pair; `pair` is its place in the field."""

    pair: int
    seeker: int
    host: int
    week: int


@dataclass(frozen=True, slots=True)
class Field:
    """The pairs of a market in its order, and what its weeks are called."""

    pairs: tuple[Pair, ...]
    calendar: "Calendar"

    @property
    def size(self) -> int:
        return sum(pair.starts.bit_count() for pair in self.pairs)

    def candidates(self) -> Iterator[Candidate]:
        for place, pair in enumerate(self.pairs):
            for week in bits(pair.starts):
                yield Candidate(place, pair.seeker, pair.host, week)


class Calendar:
    """The weeks of a market as bits, counted from its first."""

    def __init__(self, market: Market) -> None:
        named = {week for one in market.seekers for week in one.weeks} | {
            week for one in market.hosts for week in one.offered
        }
        self.first = min(named, default="2024-W01")
        self._bit: dict[str, int] = {}

    def bit(self, week: str) -> int:
        found = self._bit.get(week)
        if found is None:
            found = self._bit[week] = (monday(week) - monday(self.first)).days // 7
        return found

    def mask(self, weeks: Iterator[str] | tuple[str, ...] | list[str]) -> int:
        found = 0
        for week in weeks:
            found |= 1 << self.bit(week)
        return found

    def week(self, bit: int) -> str:
        return later(self.first, bit)


class Starts:
    """Start weeks at each host by length of stay and size of delegation, worked out once."""

    def __init__(self, market: Market, calendar: Calendar) -> None:
        self._calendar, self._hosts = calendar, market.hosts
        self._offered = [calendar.mask(tuple(one.offered)) for one in market.hosts]
        self._free: dict[tuple[int, int, int], int] = {}
        self._stays: dict[tuple[int, int], int] = {}

    def offered(self, host: int, duration: int) -> int:
        if duration == 1:
            return self._offered[host]
        found = self._stays.get((host, duration))
        if found is None:
            found = self._stays[host, duration] = _whole(self._offered[host], duration)
        return found

    def free(self, host: int, duration: int, officials: int) -> int:
        key = (host, duration, officials)
        found = self._free.get(key)
        if found is None:
            places = self._hosts[host].free
            enough = self._calendar.mask([week for week, left in places.items() if left >= officials])
            found = self._free[key] = _whole(enough, duration)
        return found


def candidates_of(market: Market) -> Field:
    """Everything the hard rules leave; the market must be sorted."""
    calendar = Calendar(market)
    starts = Starts(market, calendar)
    near = _Near(market)
    pairs: list[Pair] = []
    for place, seeker in enumerate(market.seekers):
        among = range(len(market.hosts)) if market.terms.interpretation else near(seeker)
        pairs += _pairs(market, place, among, calendar, starts)
    return Field(tuple(pairs), calendar)


def candidates_of_one(market: Market, place: int, calendar: Calendar) -> list[Pair]:
    return _pairs(market, place, range(len(market.hosts)), calendar, Starts(market, calendar))


def _pairs(market: Market, place: int, among: Iterable[int], calendar: Calendar, starts: Starts) -> list[Pair]:
    found = []
    seeker = market.seekers[place]
    wanted = calendar.mask(seeker.weeks)
    for at in among:
        host = market.hosts[at]
        fitting = wanted & starts.offered(at, seeker.duration) & starts.free(at, seeker.duration, seeker.officials)
        if not fitting or broken_by_pair(market, seeker, host) is not None:
            continue
        if seeker.fixed and seeker.before is not None:
            offer, week = seeker.before
            fitting &= 1 << calendar.bit(week) if host.id == offer else 0
            if not fitting:
                continue
        found.append(pair_of(market, place, at, fitting))
    return found


def pair_of(market: Market, place: int, at: int, starts: int) -> Pair:
    seeker, host = market.seekers[place], market.hosts[at]
    language = common_language(seeker, host) or ""
    focus = next(one for one in seeker.focus_areas if one in host.focus_areas)
    cost = market.terms.costs.of(seeker, host, not language)
    return Pair(place, at, starts, focus, language, cost, wish_points(seeker.wishes, host.member))


def broken_by_pair(market: Market, seeker: Seeker, host: Host) -> Rule | None:
    """The first rule that the two break whatever the week."""
    terms = market.terms
    if terms.eligible and not (seeker.member in terms.eligible and host.member in terms.eligible):
        return Rule.ELIGIBLE
    if host.member == seeker.member:
        return Rule.OWN_HOST
    if host.id in seeker.excluded:
        return Rule.TURNED_DOWN
    if host.member in seeker.avoided or seeker.member in host.avoided:
        return Rule.EXCLUDED
    if not any(one in host.focus_areas for one in seeker.focus_areas):
        return Rule.FOCUS
    if not terms.interpretation and common_language(seeker, host) is None:
        return Rule.LANGUAGE
    if None not in (seeker.inspection, host.inspection) and seeker.inspection != host.inspection:
        return Rule.INSPECTION
    if not host.smallest <= seeker.officials <= (host.largest or seeker.officials):
        return Rule.SIZE
    return None


def fallen(market: Market, place: int) -> tuple[Fallen, ...]:
    """What fell for one interest, rule by rule; every candidate there could be is counted once, or is in the field."""
    return fallen_of(market, (place,))[place]


def fallen_of(market: Market, places: tuple[int, ...]) -> dict[int, tuple[Fallen, ...]]:
    calendar = Calendar(market)
    starts = Starts(market, calendar)
    return {place: _fallen(market, market.seekers[place], calendar, starts) for place in places}


def _fallen(market: Market, seeker: Seeker, calendar: Calendar, starts: Starts) -> tuple[Fallen, ...]:
    offers: dict[Rule, int] = defaultdict(int)
    candidates: dict[Rule, int] = defaultdict(int)
    wanted = calendar.mask(seeker.weeks)
    for at, host in enumerate(market.hosts):
        rule = broken_by_pair(market, seeker, host)
        if rule is not None:
            candidates[rule] += wanted.bit_count()
            offers[rule] += 1
            continue
        offered = wanted & starts.offered(at, seeker.duration)
        fitting = offered & starts.free(at, seeker.duration, seeker.officials)
        if missing := (wanted & ~offered).bit_count():
            candidates[Rule.DATES] += missing
        if full := (offered & ~fitting).bit_count():
            candidates[Rule.CAPACITY] += full
        if not fitting:
            offers[Rule.CAPACITY if full else Rule.DATES] += 1
    return tuple(Fallen(rule, offers[rule], candidates[rule]) for rule in Rule if rule in candidates)


def wish_points(wishes: tuple[str, ...], host: str) -> int:
    """5 for the first wish down to 1 for the fifth, 0 for a host not wished for."""
    wished = wishes[:WISHES]
    return WISHES - wished.index(host) if host in wished else 0


def worth(market: Market, field: Field, one: Candidate, level: Level) -> int:
    """What a candidate adds to a level that is a plain sum; the more the better, so cost counts against."""
    seeker, pair = market.seekers[one.seeker], field.pairs[one.pair]
    match level:
        case Level.EXCHANGES:
            return 1
        case Level.KEPT:
            return int(seeker.before == (market.hosts[one.host].id, field.calendar.week(one.week)))
        case Level.OFFICIALS:
            return seeker.officials
        case Level.OPPORTUNITIES:
            return seeker.opportunities
        case Level.WISHES:
            return pair.wish
        case Level.INSPECTIONS:
            return int(bool(seeker.inspection and market.hosts[one.host].inspection))
        case Level.QUALITY:
            return market.hosts[one.host].score
        case Level.LIKES:
            return wish_points(market.hosts[one.host].likes, seeker.group or seeker.member)
        case Level.COST:
            return -pair.cost
    raise ValueError(f"{level} is no plain sum")


def bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _whole(mask: int, duration: int) -> int:
    """The weeks from which on `duration` weeks in a row are set."""
    found = mask
    for by in range(1, duration):
        found &= mask >> by
    return found


class _Near:
    """The hosts that share a focus area and a language with an interest, without looking at all of them."""

    def __init__(self, market: Market) -> None:
        self._hosts: dict[tuple[str, str], list[int]] = defaultdict(list)
        for at, host in enumerate(market.hosts):
            for focus in set(host.focus_areas):
                for language in set(host.languages):
                    self._hosts[focus, language].append(at)

    def __call__(self, seeker: Seeker) -> list[int]:
        keys = {(focus, language) for focus in seeker.focus_areas for language in seeker.languages}
        return sorted({at for key in keys for at in self._hosts.get(key, ())})
