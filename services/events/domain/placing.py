"""Who gets a free place: never one too many, never one empty while somebody waits whom it may be given to.

A unit is a person, or a delegation that stays together. A unit is served when as many places are free for its member
as it needs: quotas of others are not free. Among those who can be served the first in line is next; with `coverage`
a member that has nobody goes before. A delegation larger than what is free keeps its place in line, and who comes after
it is served meanwhile.
"""

import hashlib
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta

from shared.contracts.base import Event
from shared.contracts.events import RegistrationConfirmed
from shared.contracts.refused import Refused
from shared.contracts.registering import RegistrationOffered

from .booking import Booking, Registration

MOST_PROMOTED = 450
"""At once: each is an event and a letter, and a transaction writes a thousand documents at most."""
Unit = tuple[str, ...]
Held = Mapping[str, int]


def free_for(booking: Booking, mode: str, member: str, held: Held | None = None) -> int:
    """How many more places of this mode this member may have now."""
    held = booking.held.get(mode, {}) if held is None else held
    free = booking.places.get(mode, 0) - sum(held.values())
    for quota in booking.quotas:
        if quota.mode == mode and quota.member != member:
            free -= max(quota.places - held.get(quota.member, 0), 0)
    return free


def units(booking: Booking, queue: Iterable[str]) -> Iterator[Unit]:
    """The line, delegations that stay together as one, where the first of them stands."""
    if not booking.together:
        yield from ((one,) for one in queue)
        return
    grouped: dict[str, list[str]] = {}
    for one in queue:
        grouped.setdefault(booking.registrations[one].group or one, []).append(one)
    yield from (tuple(unit) for unit in grouped.values())


def _next(booking: Booking, line: Iterable[Unit], covered: Container[str], free: Callable[[str], int]) -> Unit | None:
    """Whose turn it is; none where nobody in line can be served."""
    first: Unit | None = None
    room: dict[str, int] = {}
    for unit in line:
        member = booking.registrations[unit[0]].member
        if member not in room:
            room[member] = free(member)
        if room[member] < len(unit):
            continue
        if booking.policy != "coverage" or member not in covered:
            return unit
        first = first or unit
    return first


def served(booking: Booking, mode: str, most: int = MOST_PROMOTED) -> list[str]:
    """The registrations in line that get a place now, in the order in which they do; of more than `most` the first."""
    queue = booking.waiting.get(mode, ())
    if not queue or booking.before_draw:
        return []
    held = dict(booking.held.get(mode, {}))
    empty = booking.places.get(mode, 0) - sum(held.values())
    if empty <= 0:
        return []
    if booking.plain:
        return list(queue[: min(empty, most)])
    line = list(units(booking, queue))
    covered = {member for by_member in booking.held.values() for member, number in by_member.items() if number}
    found: list[str] = []

    def free(member: str) -> int:
        return free_for(booking, mode, member, held)

    while (unit := _next(booking, line, covered, free)) and len(found) + len(unit) <= most:
        member = booking.registrations[unit[0]].member
        held[member] = held.get(member, 0) + len(unit)
        covered.add(member)
        line.remove(unit)
        found += unit
    return found


def somebody_next(booking: Booking, mode: str) -> bool:
    """Whether somebody in line can be served still, as after a draw that gave away only the first of its places."""
    queue = booking.waiting.get(mode, ())
    if not queue or booking.before_draw:
        return False
    covered = {member for by_member in booking.held.values() for member, number in by_member.items() if number}
    return _next(booking, units(booking, queue), covered, lambda member: free_for(booking, mode, member)) is not None


def in_order(booking: Booking, mode: str) -> list[str]:
    """The line as it would be served, place after place: what everybody's position is."""
    queue = booking.waiting.get(mode, ())
    if booking.policy != "coverage":
        return [one for unit in units(booking, queue) for one in unit]
    covered = {member for by_member in booking.held.values() for member, number in by_member.items() if number}
    found: list[Unit] = []
    later: list[Unit] = []
    for unit in units(booking, queue):
        member = booking.registrations[unit[0]].member
        (later if member in covered else found).append(unit)
        covered.add(member)
    return [one for unit in [*found, *later] for one in unit]


def fill(booking: Booking, when: datetime, most: int = MOST_PROMOTED) -> list[Event]:
    """Give those in line the places that are empty: theirs at once, or offered for a while where the activity says so.

    Every mode is filled for itself; a member counts as covered by a place in any. Stops before more than `most` leave
    the line: whatever is decided next goes on.
    """
    until = offered_until(booking, when)
    events: list[Event] = []
    for mode in booking.waiting:
        for registration in served(booking, mode, most - len(events)):
            one = booking.registrations[registration]
            common = common_of(booking, registration, one, mode, when.date().isoformat())
            if until is None:
                events.append(
                    RegistrationConfirmed(**common, from_waitlist=True, waitlisted_on=one.on, group=one.group)
                )
            else:
                events.append(RegistrationOffered(**common, until=until, waitlisted_on=one.on))
    return events


def fill_all(booking: Booking, when: datetime) -> list[Event]:
    """As `fill`, refused where it would not be done at once."""
    events = fill(booking, when, len(booking.registrations))
    if len(events) > MOST_PROMOTED:
        raise Refused(
            "too-many-at-once",
            "Raise the places in steps: %(most)s at most leave the waitlist at once.",
            most=MOST_PROMOTED,
        )
    return events


def offered_until(booking: Booking, when: datetime) -> datetime | None:
    """Until when an offer made now stands: never beyond the first day; none where there is no time to ask."""
    if booking.offer_hours is None:
        return None
    until = when.astimezone(UTC) + timedelta(hours=booking.offer_hours)
    if booking.starts_on is not None:
        until = min(until, datetime.combine(booking.starts_on, time(), UTC))
    return until if until > when else None


def common_of(
    booking: Booking, registration: str, who: Registration, mode: str, on: str, *, person: str = ""
) -> dict[str, str]:
    names = {"registration": registration, "person": person or who.person, "member": who.member}
    return names | {"mode": mode, "kind": booking.kind, "on": on}


def commitment_of(seed: str) -> str:
    """What is published of a seed before the draw."""
    return hashlib.sha256(seed.encode()).hexdigest()


def rank(seed: str, name: str) -> str:
    """The place of a registration, or of a delegation that stays together, in the draw: the smallest is first."""
    return hashlib.sha256(f"{seed}{name}".encode()).hexdigest()


def drawn(booking: Booking, seed: str) -> dict[str, tuple[str, ...]]:
    """Every line in the order of the draw."""

    def key(registration: str) -> tuple[str, str]:
        return rank(seed, booking.registrations[registration].group or registration), registration

    return {mode: tuple(sorted(queue, key=key)) for mode, queue in booking.waiting.items()}
