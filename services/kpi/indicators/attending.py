"""What becomes of places: cancelled, waited for, not used."""

from services.kpi.engine.figures import Share, indicator
from services.kpi.engine.measures import Deltas, measure
from shared.contracts.events import (
    AttendanceRecorded,
    AttendanceTakenBack,
    RegistrationCancelled,
    RegistrationConfirmed,
    RegistrationRestored,
    RegistrationWaitlisted,
)


@measure("absences", by=("activity", "member", "kind", "mode"))
def absences(event: AttendanceRecorded | AttendanceTakenBack, day: str) -> Deltas:
    """People with a place who did not come; a correction takes back what it replaces, on the day it was recorded."""
    match event:
        case AttendanceRecorded(present=False):
            yield (event.activity, event.member, event.kind, event.mode), 1
    if event.previously_on and not event.previously_present:
        yield (event.activity, event.member, event.kind, event.mode), -1, event.previously_on


@measure("cancellations", by=("member", "kind", "mode"))
def cancellations(event: RegistrationCancelled | RegistrationRestored, day: str) -> Deltas:
    """Places given back, on the day they were given; one that is taken again counts no more."""
    match event:
        case RegistrationCancelled(previously="confirmed"):
            yield (event.member, event.kind, event.mode), 1, event.previously_on or day
        case RegistrationRestored():
            yield (event.member, event.kind, event.mode), -1, event.on or day


@measure("lines", by=("step", "member", "kind", "mode"))
def lines(event: RegistrationWaitlisted | RegistrationConfirmed | RegistrationCancelled, day: str) -> Deltas:
    """People who joined a waitlist, and of them those who got a place or left, on the day they joined."""
    match event:
        case RegistrationWaitlisted():
            yield ("joined", event.member, event.kind, event.mode), 1
        case RegistrationConfirmed(from_waitlist=True):
            yield ("placed", event.member, event.kind, event.mode), 1, event.waitlisted_on or day
        case RegistrationCancelled(previously="waitlisted"):
            yield ("left", event.member, event.kind, event.mode), 1, event.previously_on or day


indicator(
    "no-shows",
    title="No-shows",
    unit="share",
    value=lambda cells: Share(cells.total("absences"), cells.total("absences") + cells.total("participations")),
    says="Of the people whose attendance was recorded, those who had a place and did not come.",
    part="people absent",
    whole="people whose attendance was recorded",
)
indicator(
    "cancelled-places",
    title="Places cancelled",
    unit="share",
    value=lambda cells: Share(
        cells.total("cancellations"), cells.total("cancellations") + cells.total("registrations")
    ),
    says="Of the places given in the year, those that were given back.",
    part="places given back",
    whole="places given",
)
indicator(
    "waitlist-conversions",
    title="Places from the waitlist",
    unit="share",
    value=lambda cells: Share(cells.total("lines", step="placed"), cells.total("lines", step="joined")),
    says="Of the people who joined a waitlist in the year, those who got a place.",
    part="people who got a place",
    whole="people who waited",
)
