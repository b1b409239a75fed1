"""Places and waitlists: never a place too many, never one empty while somebody waits for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar
from uuid import NAMESPACE_URL, uuid5

from services.events.commands import CancelRegistration, RegisterPersons, Registrant, RestoreRegistration
from shared.contracts.base import Event
from shared.contracts.events import (
    RegistrationCancelled,
    RegistrationConfirmed,
    RegistrationEvent,
    RegistrationRestored,
    RegistrationWaitlisted,
)
from shared.contracts.refused import Refused, Sentence

CONFIRMED, WAITLISTED, CANCELLED = "confirmed", "waitlisted", "cancelled"
MOST_REGISTRATIONS = 40_000
"""An activity is one document; this many stay well below the 16 MB that MongoDB takes."""
MOST_PROMOTED = 900
"""A transaction writes a thousand documents at most."""


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


@dataclass(frozen=True, slots=True)
class Booking:
    """The part of an activity's state that guards its places."""

    activity: str = ""
    kind: str = ""
    places: dict[str, int] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Registrations in line, by mode, first come first."""
    registrations: dict[str, Registration] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    """The registration of each person who has one that is not cancelled."""


B = TypeVar("B", bound=Booking)


def id_of(booking: Booking, person: str) -> str:
    """The next registration of this person here: drawn from their names, so that the decision stays pure."""
    number = 1
    while True:
        found = f"registration-{uuid5(NAMESPACE_URL, f'{booking.activity}/{person}/{number}')}"
        if found not in booking.registrations:
            return found
        number += 1


def register(booking: Booking, command: RegisterPersons) -> list[Event]:
    day = command.when.date().isoformat()
    if len(booking.registrations) + len(command.persons) > MOST_REGISTRATIONS:
        raise Refused("too-many", "More than this cannot be registered for one activity; set up a second one.")
    taken = dict(booking.taken)
    line = {mode: len(queue) for mode, queue in booking.waiting.items()}
    known: set[str] = set()
    events: list[Event] = []
    for number, one in enumerate(command.persons, 1):
        if one.person in booking.people or one.person in known:
            raise _already(number, len(command.persons))
        known.add(one.person)
        mode = _mode(booking, one)
        registration = id_of(booking, one.person)
        common = _common(booking, registration, one, mode, day)
        if taken.get(mode, 0) < booking.places[mode] and not line.get(mode):
            taken[mode] = taken.get(mode, 0) + 1
            events.append(RegistrationConfirmed(**common))
        else:
            line[mode] = line.get(mode, 0) + 1
            events.append(RegistrationWaitlisted(**common, position=line[mode]))
    return events


def cancel(booking: Booking, command: CancelRegistration) -> list[Event]:
    """Give the place back; the first in line in that mode gets it in the same decision."""
    day = command.when.date()
    before = booking.registrations.get(command.registration)
    if before is None:
        raise Refused("not-found", "There is nothing of this name here.", status=404)
    if before.status == CANCELLED:
        raise Refused("is-cancelled", "This registration is cancelled already.")
    cancelled = RegistrationCancelled(
        **_common(booking, command.registration, before, before.mode, day.isoformat()),
        previously=before.status,
        previously_on=before.on,
    )
    return [cancelled, *fill(evolve(booking, cancelled), day)]


def restore(booking: Booking, command: RestoreRegistration) -> list[Event]:
    """Take a cancellation back: the place counts from the day it was first given. Nobody in line is passed over."""
    before = booking.registrations.get(command.registration)
    if before is None:
        raise Refused("not-found", "There is nothing of this name here.", status=404)
    if before.status != CANCELLED:
        raise Refused("not-cancelled", "This registration is not cancelled.")
    if before.person in booking.people:
        raise Refused("already-registered", "This person has registered again since; nothing is to be taken back.")
    free = booking.places.get(before.mode, 0) - booking.taken.get(before.mode, 0)
    if before.had != CONFIRMED or free < 1 or booking.waiting.get(before.mode):
        raise Refused("place-gone", "The place is not free any more: register again to join the line.")
    common = _common(booking, command.registration, before, before.mode, before.had_on)
    return [RegistrationRestored(**common, cancelled_on=before.on, words=command.words or None)]


def fill(booking: Booking, day: date) -> list[Event]:
    """Confirm those in line for the places that are empty."""
    events: list[Event] = []
    for mode, queue in booking.waiting.items():
        empty = booking.places.get(mode, 0) - booking.taken.get(mode, 0)
        for registration in queue[: max(empty, 0)]:
            one = booking.registrations[registration]
            common = _common(booking, registration, one, mode, day.isoformat())
            events.append(RegistrationConfirmed(**common, from_waitlist=True, waitlisted_on=one.on))
    if len(events) > MOST_PROMOTED:
        raise Refused(
            "too-many-at-once",
            "Raise the places in steps: %(most)s at most leave the waitlist at once.",
            most=MOST_PROMOTED,
        )
    return events


def demand_room(booking: Booking, places: Mapping[str, int]) -> None:
    """Refuse places that are fewer than those given away already."""
    for mode, taken in booking.taken.items():
        if taken > places.get(mode, 0):
            raise Refused(
                "places-taken",
                "%(taken)s have a place %(where)s: give at least as many.",
                taken=taken,
                where=_where(mode),
            )
    for mode, queue in booking.waiting.items():
        if queue and mode not in places:
            raise Refused(
                "waited-for",
                "%(waiting)s wait for a place %(where)s: keep that mode.",
                waiting=len(queue),
                where=_where(mode),
            )


def evolve(booking: B, event: RegistrationEvent) -> B:
    before = booking.registrations.get(event.registration)
    match event:
        case RegistrationConfirmed() | RegistrationRestored():
            status, taken = CONFIRMED, 1
        case RegistrationWaitlisted():
            status, taken = WAITLISTED, 0
        case RegistrationCancelled():
            status, taken = CANCELLED, 0
        case _:
            return booking
    if before and before.status == CONFIRMED:
        taken -= 1
    waiting = booking.waiting
    queue = waiting.get(event.mode, ())
    if status == WAITLISTED:
        waiting = {**waiting, event.mode: (*queue, event.registration)}
    elif before and before.status == WAITLISTED:
        waiting = {**waiting, event.mode: tuple(one for one in queue if one != event.registration)}
    people = {**booking.people, event.person: event.registration}
    if status == CANCELLED:
        del people[event.person]
    since = before.since if before else event.on
    had = (before.status, before.on) if before and status == CANCELLED else ("", "")
    after = Registration(event.person, event.member, event.mode, status, event.on, since, *had)
    return replace(
        booking,
        taken={**booking.taken, event.mode: booking.taken.get(event.mode, 0) + taken} if taken else booking.taken,
        waiting=waiting,
        registrations={**booking.registrations, event.registration: after},
        people=people,
    )


def _common(booking: Booking, registration: str, who: Registrant | Registration, mode: str, on: str) -> dict[str, str]:
    names = {"registration": registration, "person": who.person, "member": who.member}
    return names | {"mode": mode, "kind": booking.kind, "on": on}


def _mode(booking: Booking, one: Registrant) -> str:
    if one.mode is None:
        return "on-site" if "on-site" in booking.places else next(iter(booking.places))
    if one.mode not in booking.places:
        raise Refused(
            "mode-not-offered", "There are no places %(where)s; choose another way to attend.", where=_where(one.mode)
        )
    return one.mode


def _where(mode: str) -> Sentence:
    words = {"on-site": Sentence("on site"), "online": Sentence("online")}
    return words.get(mode) or Sentence(mode)


def _already(number: int, of: int) -> Refused:
    if of == 1:
        return Refused("already-registered", "This person is registered for this activity already.")
    return Refused(
        "already-registered",
        "Person %(number)s of the list is registered already; take them off the list.",
        number=number,
    )
