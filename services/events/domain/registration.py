"""Registering and giving back: each decision gives every place away that it can."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from services.events.commands import CancelRegistration, RegisterPersons, Registrant, RestoreRegistration
from shared.contracts.base import Event
from shared.contracts.events import (
    RegistrationCancelled,
    RegistrationConfirmed,
    RegistrationRestored,
    RegistrationWaitlisted,
)
from shared.contracts.refused import Refused, Sentence
from shared.contracts.registering import RegistrationRequested, RegistrationWithdrawn

from .booking import (
    CANCELLED,
    CONFIRMED,
    ENDORSED,
    OFFERED,
    PENDING,
    REQUESTED,
    WAITLISTED,
    Booking,
    Registration,
    evolve,
)
from .placing import MOST_PROMOTED, common_of, fill, fill_all, free_for, somebody_next

__all__ = [
    "CANCELLED", "CONFIRMED", "ENDORSED", "MOST_PROMOTED", "OFFERED", "PENDING", "REQUESTED", "WAITLISTED", "Booking",
    "Registration", "evolve", "fill", "fill_all",
]  # fmt: skip
MOST_REGISTRATIONS = 25_000
"""An activity is one document; this many stay below the 16 MB that MongoDB takes."""
MOST_OF_PERSON = 20


def id_of(booking: Booking, person: str) -> str:
    """The next registration of this person here: drawn from their names, so that the decision stays pure."""
    number = 1
    while True:
        found = f"registration-{uuid5(NAMESPACE_URL, f'{booking.activity}/{person}/{number}')}"
        if found not in booking.registrations:
            return found
        number += 1
        if number > MOST_OF_PERSON:
            raise Refused(
                "too-often",
                "This person was registered here %(most)s times already; have the last cancellation taken back.",
                most=MOST_OF_PERSON,
            )


@dataclass(slots=True)
class Placing:
    """Places as a decision gives them away, one unit after the other."""

    booking: Booking
    day: str
    held: dict[str, dict[str, int]] = field(default_factory=dict)
    line: dict[str, int] = field(default_factory=dict)

    def place(self, unit: Sequence[tuple[str, Registration]], group: str = "") -> list[Event]:
        """A place each, or a place in line each."""
        booking, (_, first) = self.booking, unit[0]
        mode, member = first.mode, first.member
        held = self.held.get(mode)
        if held is None:
            held = self.held[mode] = dict(booking.held.get(mode, {}))
        line = self.line.setdefault(mode, len(booking.waiting.get(mode, ())))
        waits = booking.before_draw or (booking.plain and not group and line)
        fits = not waits and free_for(booking, mode, member, held) >= len(unit)
        # After a large draw or release some in line are still to be served: they go before.
        if fits and not (line and somebody_next(booking, mode)):
            held[member] = held.get(member, 0) + len(unit)
            return [
                RegistrationConfirmed(**common_of(booking, id, one, mode, self.day), group=group) for id, one in unit
            ]
        self.line[mode] = line + len(unit)
        return [
            RegistrationWaitlisted(**common_of(booking, id, one, mode, self.day), position=position, group=group)
            for position, (id, one) in enumerate(unit, line + 1)
        ]


def register(booking: Booking, command: RegisterPersons) -> list[Event]:
    day = command.when.date().isoformat()
    if len(booking.registrations) + len(command.persons) > MOST_REGISTRATIONS:
        raise Refused("too-many", "More than this cannot be registered for one activity; set up a second one.")
    wanted: list[tuple[str, Registration]] = []
    known: set[str] = set()
    for number, one in enumerate(command.persons, 1):
        if one.person in booking.people or one.person in known:
            raise _already(number, len(command.persons))
        known.add(one.person)
        wanted.append(
            (id_of(booking, one.person), Registration(one.person, one.member, _mode(booking, one), "", day, day))
        )
    together = command.together and len(wanted) > 1
    if together:
        _demand_one_delegation(wanted)
    group = wanted[0][0] if together else ""
    if booking.approval != "none" and command.standing != "approved":
        endorsed = booking.approval == "one" or command.standing == "endorsed"
        return [
            RegistrationRequested(**common_of(booking, id, one, one.mode, day), endorsed=endorsed, group=group)
            for id, one in wanted
        ]
    placing = Placing(booking, day)
    several = [wanted] if together else [[one] for one in wanted]
    return [event for unit in several for event in placing.place(unit, group)]


def _demand_one_delegation(wanted: Sequence[tuple[str, Registration]]) -> None:
    if len({(one.member, one.mode) for _, one in wanted}) > 1:
        sentence = "Who stays together is of one member and attends in one way; register the others apart."
        raise Refused("not-together", sentence, status=422)


def cancel(booking: Booking, command: CancelRegistration) -> list[Event]:
    """Give the place back, or leave the line; who is next gets the place in the same decision."""
    day = command.when.date().isoformat()
    before = known(booking, command.registration)
    common = common_of(booking, command.registration, before, before.mode, day)
    if before.status in PENDING:
        return [RegistrationWithdrawn(**common)]
    return [given_back(common, before), *after(booking, [given_back(common, before)], command.when)]


def given_back(common: Mapping[str, str], before: Registration, because: str = "") -> RegistrationCancelled:
    """Of one that had a place, an offer or a place in line; an offer counts as waiting still."""
    if before.status == OFFERED:
        because = because or "refused"
        return RegistrationCancelled(
            **common, previously=WAITLISTED, previously_on=before.waitlisted_on, because=because
        )
    return RegistrationCancelled(**common, previously=before.status, previously_on=before.on, because=because)


def after(booking: Booking, events: Sequence[Event], when: datetime) -> list[Event]:
    """What follows for those in line."""
    for event in events:
        booking = evolve(booking, event)  # type: ignore[arg-type]
    return fill(booking, when, MOST_PROMOTED - len(events))


def known(booking: Booking, registration: str) -> Registration:
    """The registration; refused where there is none or it is cancelled."""
    before = booking.registrations.get(registration)
    if before is None:
        raise Refused("not-found", "There is nothing of this name here.", status=404)
    if before.status == CANCELLED:
        raise Refused("is-cancelled", "This registration is cancelled already.")
    return before


def restore(booking: Booking, command: RestoreRegistration) -> list[Event]:
    """Take a cancellation back: the place counts from the day it was first given. Nobody in line is passed over."""
    before = booking.registrations.get(command.registration)
    if before is None:
        raise Refused("not-found", "There is nothing of this name here.", status=404)
    if before.status != CANCELLED:
        raise Refused("not-cancelled", "This registration is not cancelled.")
    if before.person in booking.people:
        raise Refused("already-registered", "This person has registered again since; nothing is to be taken back.")
    if before.had != CONFIRMED or free_for(booking, before.mode, before.member) < 1 or booking.before_draw:
        raise Refused("place-gone", "The place is not free any more: register again to join the line.")
    common = common_of(booking, command.registration, before, before.mode, before.had_on)
    return [RegistrationRestored(**common, cancelled_on=before.on, words=command.words or None)]


def demand_room(booking: Booking, places: Mapping[str, int]) -> None:
    """Refuse places that are fewer than those given away, offered or kept already."""
    for mode, held in booking.held.items():
        taken = sum(held.values())
        if taken > places.get(mode, 0):
            raise Refused(
                "places-taken",
                "%(taken)s have a place %(where)s: give at least as many.",
                taken=taken,
                where=where(mode),
            )
    for mode, queue in booking.waiting.items():
        if queue and mode not in places:
            raise Refused(
                "waited-for",
                "%(waiting)s wait for a place %(where)s: keep that mode.",
                waiting=len(queue),
                where=where(mode),
            )
    for one in booking.registrations.values() if booking.approval != "none" else ():
        if one.status in PENDING and one.mode not in places:
            raise Refused(
                "waited-for",
                "%(waiting)s wait for a place %(where)s: keep that mode.",
                waiting=1,
                where=where(one.mode),
            )


def _mode(booking: Booking, one: Registrant) -> str:
    if one.mode is None:
        return "on-site" if "on-site" in booking.places else next(iter(booking.places))
    if one.mode not in booking.places:
        raise Refused(
            "mode-not-offered", "There are no places %(where)s; choose another way to attend.", where=where(one.mode)
        )
    return one.mode


def where(mode: str) -> Sentence:
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
