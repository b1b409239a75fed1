"""Another way to attend: the place of one mode is given back for one of the other, in one decision."""

from services.events.commands import ChangeMode
from shared.contracts.base import Event
from shared.contracts.events import RegistrationCancelled, RegistrationConfirmed
from shared.contracts.refused import Refused

from . import registration
from .registration import CANCELLED, Booking


def change_mode(booking: Booking, command: ChangeMode) -> list[Event]:
    """Who has a place loses it only for one that is free; who waits may leave the line for one."""
    day = command.when.date()
    before = booking.registrations.get(command.registration)
    if before is None:
        raise Refused("not-found", "There is nothing of this name here.", status=404)
    if before.status == CANCELLED:
        raise Refused("is-cancelled", "This registration is cancelled already.")
    if command.mode not in booking.places:
        raise Refused("mode-not-offered", "There are no such places; choose another way to attend.", status=422)
    if before.mode == command.mode:
        return []
    free = booking.places[command.mode] - booking.taken.get(command.mode, 0)
    if free < 1 or booking.waiting.get(command.mode):
        raise Refused("mode-full", "There is no free place of that kind; yours stays as it is.")
    common = {
        "registration": command.registration, "person": before.person, "member": before.member,
        "kind": booking.kind, "on": day.isoformat(),
    }  # fmt: skip
    given_back = RegistrationCancelled(**common, mode=before.mode, previously=before.status, previously_on=before.on)
    taken = RegistrationConfirmed(**common, mode=command.mode)
    after = registration.evolve(registration.evolve(booking, given_back), taken)
    return [given_back, taken, *registration.fill(after, day)]
