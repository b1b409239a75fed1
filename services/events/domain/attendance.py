"""Who was present, told once or corrected; each correction says what it takes back."""

from dataclasses import dataclass, field, replace

from services.events.commands import RecordAttendance, TakeBackAttendance
from shared.contracts.base import Event
from shared.contracts.events import AttendanceRecorded, AttendanceTakenBack
from shared.contracts.refused import Refused

from .activity import Activity, Status, demand_begun
from .registration import CONFIRMED


@dataclass(frozen=True, slots=True)
class Presence:
    present: bool
    on: str
    """The day it was told of."""


@dataclass(frozen=True, slots=True)
class Attendance:
    activity: str = ""
    present: dict[str, Presence] = field(default_factory=dict)
    """By registration."""

    def was_present(self, registration: str) -> bool:
        told = self.present.get(registration)
        return bool(told and told.present)


def decide(attendance: Attendance, command: RecordAttendance, activity: Activity) -> list[Event]:
    if activity.status == Status.CANCELLED:
        raise Refused("is-cancelled", "This activity was cancelled; nobody was present.")
    demand_begun(activity, command.when.date())
    events: list[Event] = []
    for registration, present in command.present.items():
        one = activity.registrations.get(registration)
        if one is None or one.status != CONFIRMED:
            raise Refused("no-place", "Only who has a place can be present; reload the list.", status=422)
        before = attendance.present.get(registration)
        if before and before.present == present:
            continue
        events.append(
            AttendanceRecorded(
                activity=command.activity,
                registration=registration,
                person=one.person,
                member=one.member,
                kind=activity.kind,
                mode=one.mode,
                present=present,
                previously_present=before.present if before else False,
                previously_on=before.on if before else "",
                on=command.when.date().isoformat(),
            )
        )
    return events


def take_back(attendance: Attendance, command: TakeBackAttendance, activity: Activity) -> list[Event]:
    """As if nothing had been told of them; who was not told of is passed over."""
    events: list[Event] = []
    for registration in dict.fromkeys(command.registrations):
        told, one = attendance.present.get(registration), activity.registrations.get(registration)
        if told is None or one is None:
            continue
        events.append(
            AttendanceTakenBack(
                activity=command.activity,
                registration=registration,
                person=one.person,
                member=one.member,
                kind=activity.kind,
                mode=one.mode,
                previously_present=told.present,
                previously_on=told.on,
                on=command.when.date().isoformat(),
                words=command.words or None,
            )
        )
    if not events:
        raise Refused("not-told", "Nothing was recorded of their presence.")
    return events


def evolve(attendance: Attendance, event: Event) -> Attendance:
    match event:
        case AttendanceRecorded():
            present = {**attendance.present, event.registration: Presence(event.present, event.on)}
            return replace(attendance, activity=event.activity, present=present)
        case AttendanceTakenBack():
            left = {name: one for name, one in attendance.present.items() if name != event.registration}
            return replace(attendance, present=left)
    return attendance
