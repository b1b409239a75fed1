"""The part of an activity's state that guards its places, and how each event of a registration changes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from shared.contracts.events import (
    RegistrationCancelled,
    RegistrationConfirmed,
    RegistrationEvent,
    RegistrationRestored,
    RegistrationWaitlisted,
)
from shared.contracts.registering import (
    RegistrationDeclined,
    RegistrationEndorsed,
    RegistrationOffered,
    RegistrationRequested,
    RegistrationWithdrawn,
)

CONFIRMED, WAITLISTED, CANCELLED = "confirmed", "waitlisted", "cancelled"
OFFERED, REQUESTED, ENDORSED = "offered", "requested", "endorsed"
HOLDING = (CONFIRMED, OFFERED)
"""Who has a place, or one kept for them."""
PENDING = (REQUESTED, ENDORSED)
IN_LINE = (WAITLISTED, OFFERED)


@dataclass(frozen=True, slots=True)
class Registration:
    person: str
    member: str
    mode: str
    status: str
    on: str
    """The day it got this status."""
    since: str
    """The day they registered."""
    had: str = ""
    """Of a cancelled one: the status it had."""
    had_on: str = ""
    """The day it got that."""
    group: str = ""
    """Of a delegation that stays together: the same for each of it."""
    waitlisted_on: str = ""
    """Of one with an offer: the day they joined the line."""
    offered_until: str = ""


@dataclass(frozen=True, slots=True)
class Quota:
    """Places kept for a member."""

    member: str
    mode: str
    places: int
    release_on: str = ""


@dataclass(frozen=True, slots=True)
class Booking:
    """What guards an activity's places."""

    activity: str = ""
    kind: str = ""
    starts_on: date | None = None
    places: dict[str, int] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Registrations in line, by mode, first come first, or as they were drawn."""
    registrations: dict[str, Registration] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    """The registration of each person who has one that is not cancelled."""
    held: dict[str, dict[str, int]] = field(default_factory=dict)
    """By mode and member: places taken or kept by an offer."""
    ruled: bool = False
    """Whether its organiser, or the network for it, said how places are given."""
    policy: str = "first-come"
    offer_hours: int | None = None
    approval: str = "none"
    quotas: tuple[Quota, ...] = ()
    draw_at: str = ""
    commitment: str = ""
    seed: str = ""
    """Of a draw that was made."""
    together: bool = False
    """Whether a delegation that stays together ever registered."""

    @property
    def before_draw(self) -> bool:
        return self.policy == "draw" and not self.seed

    @property
    def plain(self) -> bool:
        """First come, first served, each alone: the line needs no more than its order."""
        return self.policy != "coverage" and not self.quotas and not self.together


B = TypeVar("B", bound=Booking)
_BECOMES: Mapping[type[RegistrationEvent], str] = {
    RegistrationConfirmed: CONFIRMED,
    RegistrationRestored: CONFIRMED,
    RegistrationWaitlisted: WAITLISTED,
    RegistrationCancelled: CANCELLED,
    RegistrationDeclined: CANCELLED,
    RegistrationWithdrawn: CANCELLED,
    RegistrationOffered: OFFERED,
    RegistrationRequested: REQUESTED,
    RegistrationEndorsed: ENDORSED,
}


def evolve(booking: B, event: RegistrationEvent) -> B:
    status = _BECOMES.get(type(event))
    if status is None:
        return booking
    if isinstance(event, RegistrationRequested) and event.endorsed:
        status = ENDORSED
    before = booking.registrations.get(event.registration)
    had = before.status if before else ""
    people = {**booking.people, event.person: event.registration}
    if status == CANCELLED:
        del people[event.person]
    after = _after(before, event, status)
    taken, held = booking.taken, booking.held
    if change := (status == CONFIRMED) - (had == CONFIRMED):
        taken = {**taken, event.mode: taken.get(event.mode, 0) + change}
    if change := (status in HOLDING) - (had in HOLDING):
        mode = held.get(event.mode, {})
        held = {**held, event.mode: {**mode, event.member: mode.get(event.member, 0) + change}}
    return replace(
        booking,
        taken=taken,
        held=held,
        waiting=_waiting(booking, event, had, status),
        registrations={**booking.registrations, event.registration: after},
        people=people,
        together=booking.together or bool(after.group),
    )


def _after(before: Registration | None, event: RegistrationEvent, status: str) -> Registration:
    had = (before.status, before.on) if before and status == CANCELLED else ("", "")
    group = getattr(event, "group", "")
    if not group and before and status != CANCELLED and not isinstance(event, RegistrationRequested):
        group = before.group
    since = before.since if before else event.on
    if isinstance(event, RegistrationOffered):
        until = event.until.isoformat()
        return Registration(
            event.person, event.member, event.mode, status, event.on, since, *had, group, event.waitlisted_on, until
        )
    return Registration(event.person, event.member, event.mode, status, event.on, since, *had, group)


def _waiting(booking: Booking, event: RegistrationEvent, had: str, status: str) -> dict[str, tuple[str, ...]]:
    waiting = booking.waiting
    queue = waiting.get(event.mode, ())
    if status == WAITLISTED and had != WAITLISTED:
        instead = getattr(event, "instead_of", "")
        if instead in queue:
            at = queue.index(instead)
            return {**waiting, event.mode: (*queue[:at], event.registration, *queue[at:])}
        return {**waiting, event.mode: (*queue, event.registration)}
    if had == WAITLISTED and status != WAITLISTED:
        return {**waiting, event.mode: tuple(one for one in queue if one != event.registration)}
    return waiting
