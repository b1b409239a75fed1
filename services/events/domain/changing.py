"""Another way to attend: the place of one mode is given back for one of the other, in one decision."""

from services.events.commands import ChangeMode
from shared.contracts.base import Event
from shared.contracts.events import RegistrationConfirmed
from shared.contracts.refused import Refused
from shared.contracts.registering import RegistrationRequested

from . import registration
from .booking import ENDORSED, OFFERED, PENDING, Booking
from .placing import common_of, free_for


def change_mode(booking: Booking, command: ChangeMode) -> list[Event]:
    """Who has a place loses it only for one that is free; who waits may leave the line for one."""
    day = command.when.date().isoformat()
    before = registration.known(booking, command.registration)
    if command.mode not in booking.places:
        raise Refused("mode-not-offered", "There are no such places; choose another way to attend.", status=422)
    if before.mode == command.mode:
        return []
    taken_common = common_of(booking, command.registration, before, command.mode, day)
    if before.status in PENDING:
        return [RegistrationRequested(**taken_common, endorsed=before.status == ENDORSED)]
    if before.status == OFFERED:
        raise Refused("offer-open", "Accept the place that is offered first, or give it back.")
    line = booking.plain and booking.waiting.get(command.mode)
    if booking.before_draw or line or free_for(booking, command.mode, before.member) < 1:
        raise Refused("mode-full", "There is no free place of that kind; yours stays as it is.")
    common = common_of(booking, command.registration, before, before.mode, day)
    given_back = registration.given_back(common, before)
    taken = RegistrationConfirmed(**taken_common)
    return [given_back, taken, *registration.after(booking, [given_back, taken], command.when)]
