"""Why a run came out as it did, as data: what spoke for a match, what stood against an interest.

Only what concerns the interest itself, and counts; the sentences, and who may read which, are the pages' business.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from services.matching.domain.market import Candidate, Fallen, Field, Market, common_language
from services.matching.week import stay


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


@dataclass(frozen=True, slots=True)
class Taken:
    """Who holds the places that an unmatched interest would have needed at one offer."""

    offer: str
    host: str
    starts: int
    """Start weeks that came into question there."""
    by: tuple[str, ...]
    """The interests that were given places there in these weeks."""


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


def explain(market: Market, field: Field, chosen: Iterable[Candidate]) -> Reasons:
    """The reasons for every interest of the market; works on what was solved, solves nothing again."""
    chosen = tuple(chosen)
    of_one: dict[int, list[Candidate]] = defaultdict(list)
    for one in field.candidates:
        of_one[one.seeker].append(one)
    at_host: dict[int, list[Candidate]] = defaultdict(list)
    for one in chosen:
        at_host[one.host].append(one)
    sent: dict[str, int] = defaultdict(int)
    for one in chosen:
        sent[market.seekers[one.seeker].member] += 1
    matched = {market.seekers[one.seeker].id: _why(market, one, of_one[one.seeker], sent) for one in chosen}
    unmatched = tuple(
        _why_not(market, place, field.fallen[place], of_one[place], at_host)
        for place, seeker in enumerate(market.seekers)
        if seeker.id not in matched
    )
    return Reasons(matched, unmatched)


def _why(market: Market, chosen: Candidate, candidates: list[Candidate], sent: dict[str, int]) -> Why:
    seeker, host = market.seekers[chosen.seeker], market.hosts[chosen.host]
    starts = [one.week for one in candidates if one.host == chosen.host]
    others = sent[seeker.member] - 1
    return Why(
        language=common_language(seeker, host) or "",
        first_of_member=others == 0 and seeker.member not in market.served,
        others_of_member=others,
        wish=seeker.wishes.index(host.member) + 1 if host.member in seeker.wishes else None,
        wishes=len(seeker.wishes),
        offers=len({one.host for one in candidates}),
        starts=len(starts),
        earlier_starts=sum(week < chosen.week for week in starts),
    )


def _why_not(
    market: Market,
    place: int,
    fallen: tuple[Fallen, ...],
    candidates: list[Candidate],
    at_host: dict[int, list[Candidate]],
) -> Unmatched:
    seeker = market.seekers[place]
    wanted: dict[int, list[str]] = defaultdict(list)
    for one in candidates:
        wanted[one.host].append(one.week)
    taken = []
    for host, starts in wanted.items():
        weeks = {week for start in starts for week in stay(start, seeker.duration)}
        by = [
            market.seekers[one.seeker].id
            for one in at_host[host]
            if weeks.intersection(stay(one.week, market.seekers[one.seeker].duration))
        ]
        taken.append(Taken(market.hosts[host].id, market.hosts[host].member, len(starts), tuple(sorted(by))))
    return Unmatched(seeker.id, seeker.member, fallen, len(candidates), tuple(taken))
