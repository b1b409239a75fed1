"""What is counted: each measure is one sentence and one function of an event.

Activities, requests, exchanges and persons have cells of their own, so that each counts once, however often it is
spoken of; an event that takes something back names the day on which it was counted.
"""

from datetime import date

from services.kpi.engine.measures import Deltas, measure
from shared.contracts.events import (
    ActivityCancelled,
    ActivityHeld,
    ActivityScheduled,
    AttendanceRecorded,
    AttendanceTakenBack,
    FeedbackGiven,
    RegistrationCancelled,
    RegistrationConfirmed,
    RegistrationOpened,
    RegistrationRestored,
    RegistrationWaitlisted,
)
from shared.contracts.matching import ExchangeAgreed, ExchangeCancelled, ExchangeHeld
from shared.contracts.requests import (
    ActivityMoved,
    ActivityPlanned,
    ActivityUnplanned,
    RequestAcceptedForCall,
    RequestDeclined,
    RequestDeferred,
    RequestFulfilled,
    RequestMerged,
    RequestPlanned,
    RequestReopened,
    RequestSubmitted,
    RequestWithdrawn,
)
from shared.contracts.vocabulary import Quarter


def quarter_of(day: date) -> str:
    return str(Quarter.of(day))


def year_of(week: str, day: str) -> int:
    """The year of `2024-W38`; of the day where no week is named."""
    return int((week or day)[:4])


@measure("planned", by=("year", "activity", "quarter", "line", "pillar", "kind", "member"))
def planned(event: ActivityPlanned | ActivityUnplanned | ActivityMoved, day: str) -> Deltas:
    """Activities that stand in the annual plan of the year; one that is moved counts where it stands now."""
    member = event.member or ""
    match event:
        case ActivityPlanned():
            yield (event.year, event.activity, event.quarter, event.line, event.pillar, event.kind, member), 1
        case ActivityUnplanned():
            counted = event.planned_on or day
            yield (event.year, event.activity, event.quarter, event.line, event.pillar, event.kind, member), -1, counted
        case ActivityMoved():
            counted, left = event.planned_on or day, event.previous_member or ""
            pillar, quarter = event.previous_pillar, event.previous_quarter
            yield (event.year, event.activity, quarter, event.previous_line, pillar, event.kind, left), -1, counted
            yield (event.year, event.activity, event.quarter, event.line, event.pillar, event.kind, member), 1, counted


@measure("scheduled", by=("activity",))
def scheduled(event: ActivityScheduled, stream: str) -> Deltas:
    """Activities that were given a date; more often where the date was moved."""
    yield (stream,), 1


@measure("held", by=("year", "activity", "quarter", "line", "pillar", "kind", "member", "planned", "mode"))
def held(event: ActivityHeld, stream: str) -> Deltas:
    """Activities held, on the day they were held; one of the plan counts for its plan's year and quarter."""
    quarter = event.quarter or quarter_of(event.held_on)
    place = event.member or ""
    year, on = int(quarter[:4]), event.held_on.isoformat()
    yield (year, stream, quarter, event.line, event.pillar, event.kind, place, event.planned, event.mode), 1, on


@measure("cancelled", by=("activity",))
def cancelled(event: ActivityCancelled, stream: str) -> Deltas:
    """Activities cancelled."""
    yield (stream,), 1


@measure("invitations", by=("activity", "member"))
def invitations(event: RegistrationOpened | ActivityCancelled, stream: str, day: str) -> Deltas:
    """Members invited to an activity when its registration opened; a cancelled activity takes its invitations back."""
    match event:
        case RegistrationOpened():
            for member in event.invited:
                yield (stream, member), 1
        case ActivityCancelled():
            for member in event.invited:
                yield (stream, member), -1, event.invited_days.get(member) or event.invited_on or day


@measure("registrations", by=("member", "kind", "mode"))
def registrations(event: RegistrationConfirmed | RegistrationCancelled | RegistrationRestored, day: str) -> Deltas:
    """Places given to people; a cancellation takes back its place, on the day it was given, and is taken back there."""
    match event:
        case RegistrationConfirmed():
            yield (event.member, event.kind, event.mode), 1
        case RegistrationCancelled(previously="confirmed"):
            yield (event.member, event.kind, event.mode), -1, event.previously_on or day
        case RegistrationRestored():
            yield (event.member, event.kind, event.mode), 1, event.on or day


@measure("waiting", by=("member", "kind", "mode"))
def waiting(event: RegistrationWaitlisted | RegistrationConfirmed | RegistrationCancelled, day: str) -> Deltas:
    """People on a waitlist; who gets a place or cancels leaves it."""
    match event:
        case RegistrationWaitlisted():
            yield (event.member, event.kind, event.mode), 1
        case RegistrationConfirmed(from_waitlist=True):
            yield (event.member, event.kind, event.mode), -1, event.waitlisted_on or day
        case RegistrationCancelled(previously="waitlisted"):
            yield (event.member, event.kind, event.mode), -1, event.previously_on or day


@measure("participations", by=("activity", "member", "kind", "mode"))
def participations(event: AttendanceRecorded | AttendanceTakenBack, day: str) -> Deltas:
    """People present, once an activity; a correction takes back what it replaces, on the day it was recorded."""
    match event:
        case AttendanceRecorded(present=True):
            yield (event.activity, event.member, event.kind, event.mode), 1
    if event.previously_present:
        yield (event.activity, event.member, event.kind, event.mode), -1, event.previously_on or day


@measure("persons", by=("person", "member"))
def persons(event: AttendanceRecorded | AttendanceTakenBack, day: str) -> Deltas:
    """Persons reached, however many activities they took part in."""
    match event:
        case AttendanceRecorded(present=True):
            yield (event.person, event.member), 1
    if event.previously_present:
        yield (event.person, event.member), -1, event.previously_on or day


@measure("ratings", by=("question", "score", "kind"), opens=False)
def ratings(event: FeedbackGiven) -> Deltas:
    """Answers to the survey after an activity, from 1 to 5; whose they are, nobody can tell."""
    yield ("relevance", event.relevance, event.kind), 1
    yield ("added-value", event.added_value, event.kind), 1


@measure("exchanges", by=("year", "stage", "exchange", "sender", "host", "focus"))
def exchanges(event: ExchangeAgreed | ExchangeHeld | ExchangeCancelled, stream: str, day: str) -> Deltas:
    """Staff exchanges agreed by both sides, and held; one cancelled is agreed no more."""
    year = year_of(event.week, day)
    match event:
        case ExchangeAgreed():
            yield (year, "agreed", stream, event.sender, event.host, event.focus), 1
        case ExchangeHeld():
            yield (year, "held", stream, event.sender, event.host, event.focus), 1
        case ExchangeCancelled():
            yield (year, "agreed", stream, event.sender, event.host, event.focus), -1, event.agreed_on or day


@measure("requests", by=("fate", "request", "kind", "member"))
def requests(
    event: RequestSubmitted
    | RequestPlanned
    | RequestDeferred
    | RequestDeclined
    | RequestWithdrawn
    | RequestFulfilled
    | RequestReopened
    | RequestMerged
    | RequestAcceptedForCall,
    stream: str,
    day: str,
) -> Deltas:
    """Requests, and what became of them; a decision that is taken back counts no more, on the day it was taken."""
    match event:
        case RequestSubmitted():
            yield ("submitted", stream, event.kind, event.member), 1
        case RequestPlanned():
            yield ("planned", stream, event.kind, event.member), 1
        case RequestDeferred():
            yield ("deferred", stream, event.kind, event.member), 1
        case RequestDeclined():
            yield ("declined", stream, event.kind, event.member), 1
        case RequestWithdrawn():
            yield ("withdrawn", stream, event.kind, event.member), 1
        case RequestFulfilled():
            yield ("fulfilled", stream, event.kind, event.member), 1
        case RequestMerged():
            yield ("merged", stream, event.kind, event.member), 1
        case RequestAcceptedForCall():
            yield ("accepted", stream, event.kind, event.member), 1
        case RequestReopened():
            for fate, on in event.taken_back:
                yield (fate, stream, event.kind, event.member), -1, on or day
