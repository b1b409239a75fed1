"""What is said about one registration: an offer accepted or lapsed, endorsed, approved, declined, replaced."""

from datetime import datetime

from services.events.commands import (
    AcceptOffer,
    ApproveRegistration,
    DeclineRegistration,
    EndorseRegistration,
    LapseOffer,
    SubstitutePerson,
)
from shared.contracts.base import Event
from shared.contracts.events import (
    RegistrationCancelled,
    RegistrationConfirmed,
    RegistrationEvent,
    RegistrationWaitlisted,
)
from shared.contracts.refused import Refused
from shared.contracts.registering import (
    RegistrationDeclined,
    RegistrationEndorsed,
    RegistrationRequested,
    RegistrationWithdrawn,
)

from .booking import CONFIRMED, ENDORSED, OFFERED, PENDING, REQUESTED, WAITLISTED, Booking, Registration
from .placing import common_of
from .registration import Placing, after, given_back, id_of, known


def accept(booking: Booking, command: AcceptOffer) -> list[Event]:
    """A delegation that stays together has one offer: whoever of it accepts accepts for all."""
    before = known(booking, command.registration)
    if before.status == CONFIRMED:
        return []
    if before.status != OFFERED:
        raise Refused("no-offer", "No place is offered at present; you are told at once when one is.")
    if datetime.fromisoformat(before.offered_until) <= command.when:
        raise Refused("offer-over", "The time to accept is over: the place goes to the next in line.")
    day = command.when.date().isoformat()
    return [
        RegistrationConfirmed(
            **common_of(booking, id, one, one.mode, day),
            from_waitlist=True,
            waitlisted_on=one.waitlisted_on,
            group=one.group,
        )
        for id, one in _offered(booking, command.registration, before)
    ]


def lapse(booking: Booking, command: LapseOffer) -> list[Event]:
    """Not answered in time: the place passes on, and the registration ends; they may register again."""
    before = booking.registrations.get(command.registration)
    if before is None or before.status != OFFERED or datetime.fromisoformat(before.offered_until) > command.when:
        return []
    day = command.when.date().isoformat()
    over = [
        given_back(common_of(booking, id, one, one.mode, day), one, "lapsed")
        for id, one in _offered(booking, command.registration, before)
    ]
    return [*over, *after(booking, over, command.when)]


def _offered(booking: Booking, id: str, one: Registration) -> list[tuple[str, Registration]]:
    """Those whose places were offered together with this one's."""
    if not one.group:
        return [(id, one)]
    alike = (one.group, one.mode, one.status, one.offered_until)
    return [
        (name, other)
        for name, other in booking.registrations.items()
        if (other.group, other.mode, other.status, other.offered_until) == alike
    ]


def endorse(booking: Booking, command: EndorseRegistration) -> list[Event]:
    before = known(booking, command.registration)
    if before.status != REQUESTED:
        return []
    return [
        RegistrationEndorsed(
            **common_of(booking, command.registration, before, before.mode, command.when.date().isoformat())
        )
    ]


def approve(booking: Booking, command: ApproveRegistration) -> list[Event]:
    """A place, or a place in line; a delegation that stays together is approved as one."""
    before = known(booking, command.registration)
    if before.status == REQUESTED:
        raise Refused("not-endorsed", "Their liaison officer has not endorsed it yet.")
    if before.status != ENDORSED:
        return []
    unit = _unit(booking, command.registration, before)
    if any(one.status == REQUESTED for _, one in unit):
        raise Refused("not-endorsed", "Their liaison officer has not endorsed it yet.")
    return Placing(booking, command.when.date().isoformat()).place(unit, before.group)


def _unit(booking: Booking, id: str, one: Registration) -> list[tuple[str, Registration]]:
    if not one.group:
        return [(id, one)]
    return [
        (name, other)
        for name, other in booking.registrations.items()
        if other.group == one.group and other.status in PENDING
    ]


def decline(booking: Booking, command: DeclineRegistration) -> list[Event]:
    before = known(booking, command.registration)
    if before.status not in PENDING:
        raise Refused("is-approved", "It is approved already; cancel it instead.")
    return [
        RegistrationDeclined(
            **common_of(booking, command.registration, before, before.mode, command.when.date().isoformat())
        )
    ]


def substitute(booking: Booking, command: SubstitutePerson) -> list[Event]:
    """Somebody else of the same member has the place, or the place in line, from now on."""
    before = known(booking, command.registration)
    if command.person in booking.people:
        raise Refused("already-registered", "This person is registered for this activity already.")
    day, new = command.when.date().isoformat(), id_of(booking, command.person)
    gone = common_of(booking, command.registration, before, before.mode, day)
    comes = common_of(booking, new, before, before.mode, day, person=command.person)
    if before.status in PENDING:
        ready = before.status == ENDORSED
        return [
            RegistrationWithdrawn(**gone), RegistrationRequested(**comes, endorsed=ready, group=before.group)
        ]  # fmt: skip
    if before.status == OFFERED:
        raise Refused("offer-open", "Accept the place that is offered first; then somebody else can take it.")
    over = RegistrationCancelled(**gone, previously=before.status, previously_on=before.on, because="replaced")
    if before.status == WAITLISTED:
        position = booking.waiting[before.mode].index(command.registration) + 1
        instead: RegistrationEvent = RegistrationWaitlisted(
            **comes, position=position, group=before.group, instead_of=command.registration
        )
        return [instead, over]
    return [over, RegistrationConfirmed(**comes, group=before.group)]
