"""Who was present, told once or corrected; each correction says what it takes back.

A person is present, absent or excused in the whole, which indicators count, and in each session, which certificates
count. Whoever was there in a session was there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.events.commands import RecordAttendance, TakeBackAttendance
from services.events.commands.attendance import CheckIn, RecordReport, SetSessions
from shared.contracts.attendance import CheckedIn, CheckedOut, How, SessionAttended, SessionsSet, SessionTimes
from shared.contracts.base import Command, Event
from shared.contracts.events import AttendanceRecorded, AttendanceTakenBack
from shared.contracts.refused import Refused

from . import sessions
from .activity import Activity, Status, demand_begun
from .registration import CONFIRMED, Registration
from .sessions import Session, sessions_of


@dataclass(frozen=True, slots=True)
class Presence:
    present: bool
    on: str
    """The day it was told of."""
    excused: bool = False


@dataclass(frozen=True, slots=True)
class InSession:
    present: bool
    on: str
    share: int | None = None
    came: datetime | None = None
    left: datetime | None = None
    scans: tuple[str, ...] = ()
    """The ids of the scans that told of it."""


@dataclass(frozen=True, slots=True)
class Attendance:
    activity: str = ""
    present: dict[str, Presence] = field(default_factory=dict)
    """By registration."""
    sessions: tuple[Session, ...] = ()
    """Those that were set."""
    attended: dict[str, dict[str, InSession]] = field(default_factory=dict)
    """By registration, then session."""

    def was_present(self, registration: str) -> bool:
        told = self.present.get(registration)
        return bool(told and told.present)

    def share(self, registration: str, of: Sequence[Session]) -> int:
        """Percent of these sessions attended; all of them where somebody was present and no session is told of."""
        if not self.was_present(registration):
            return 0
        told = self.attended.get(registration)
        if not told or not of:
            return 100
        there = sum(one.id in told and told[one.id].present for one in of)
        return 100 * there // len(of)


def decide(attendance: Attendance, command: RecordAttendance, activity: Activity) -> list[Event]:
    _demand(activity, command)
    events: list[Event] = []
    for registration, present in command.present.items():
        one = placed(activity, registration)
        excused = not present and registration in command.excused
        about = _about(activity, registration, one, command)
        if command.session:
            told = _in_session(attendance, about, command.session, present=present, how="list")
            attendance = _folded(attendance, told)
            events += told
            present = any(each.present for each in attendance.attended.get(registration, {}).values())  # noqa: PLW2901
        elif not present:  # and in no session: else what is told of the next one would bring it back
            for session, told_of in attendance.attended.get(registration, {}).items():
                if told_of.present:
                    events += _in_session(attendance, about, session, present=False, how="list")
        events += _recorded(attendance, about, present=present, excused=excused)
    return events


def check_in(attendance: Attendance, command: CheckIn, activity: Activity, zone: ZoneInfo) -> list[Event]:
    """Nothing where the same was told before: a scan that is sent twice counts once."""
    _demand(activity, command)
    one = placed(activity, command.registration)
    session = sessions.nearest(sessions_of(activity, attendance.sessions, zone), command.when)
    about = _about(activity, command.registration, one, command)
    before = attendance.attended.get(command.registration, {}).get(session.id)
    if before and command.scan and command.scan in before.scans:
        return []  # what was corrected since stays so
    events: list[Event] = []
    kind = CheckedOut if command.out else CheckedIn
    if before is None or _is_news(before, command):
        facts = {**about, "session": session.id, "how": command.how, "at": command.when, "scan": command.scan or ""}
        events.append(kind.model_validate(facts))
    events += _in_session(attendance, about, session.id, present=True, how=command.how)
    return [*events, *_recorded(attendance, about, present=True)]


def _is_news(before: InSession, command: CheckIn) -> bool:
    """They came when they first came, and left when they last left, in whatever order it is told."""
    if command.out:
        return before.left is None or command.when > before.left
    return before.came is None or command.when < before.came


def record_report(attendance: Attendance, command: RecordReport, activity: Activity, zone: ZoneInfo) -> list[Event]:
    _demand(activity, command)
    if command.session not in {one.id for one in sessions_of(activity, attendance.sessions, zone)}:
        raise Refused("no-session", "There is no such session any more; choose one of the list.", status=422)
    events: list[Event] = []
    for registration, share in command.shares.items():
        about = _about(activity, registration, placed(activity, registration), command)
        present = share >= command.minimum
        told = _in_session(attendance, about, command.session, present=present, how="report", share=share)
        attendance = _folded(attendance, told)
        events += told
        there = any(each.present for each in attendance.attended.get(registration, {}).values())
        events += _recorded(attendance, about, present=there)
    return events


def set_sessions(attendance: Attendance, command: SetSessions, activity: Activity) -> list[Event]:
    asked = sessions.asked(command.sessions, activity)
    kept = {one.id for one in asked}
    told = {session for each in attendance.attended.values() for session in each}
    if asked != attendance.sessions and told - kept:
        raise Refused("session-told", "Attendance is recorded for a session that would be gone; keep its beginning.")
    if asked == attendance.sessions:
        return []
    times = tuple(SessionTimes(id=one.id, begins=one.begins, ends=one.ends) for one in asked)
    return [SessionsSet(activity=command.activity, sessions=times)]


def placed(activity: Activity, registration: str) -> Registration:
    """The registration, which has a place."""
    one = activity.registrations.get(registration)
    if one is None or one.status != CONFIRMED:
        raise Refused("no-place", "Only who has a place can be present; reload the list.", status=422)
    return one


def _demand(activity: Activity, command: Command) -> None:
    if activity.status == Status.CANCELLED:
        raise Refused("is-cancelled", "This activity was cancelled; nobody was present.")
    demand_begun(activity, command.when.date())


def _about(activity: Activity, registration: str, one: Registration, command: Command) -> dict[str, Any]:
    return {
        "activity": activity.activity or getattr(command, "activity", ""), "registration": registration,
        "person": one.person, "member": one.member, "kind": activity.kind, "mode": one.mode,
        "on": command.when.date().isoformat(),
    }  # fmt: skip


def _recorded(attendance: Attendance, about: dict[str, Any], *, present: bool, excused: bool = False) -> list[Event]:
    before = attendance.present.get(about["registration"])
    if before and (before.present, before.excused) == (present, excused):
        return []
    return [
        AttendanceRecorded(
            **about,
            present=present,
            excused=excused,
            previously_present=before.present if before else False,
            previously_on=before.on if before else "",
        )
    ]


def _in_session(
    attendance: Attendance, about: dict[str, Any], session: str, *, present: bool, how: How, share: int | None = None
) -> list[Event]:
    before = attendance.attended.get(about["registration"], {}).get(session)
    if before and (before.present, before.share if share is not None else None) == (present, share):
        return []
    told = {"previously_present": before.present if before else None, "previously_on": before.on if before else ""}
    return [SessionAttended(**about, session=session, present=present, share=share, how=how, **told)]


def _folded(attendance: Attendance, events: Sequence[Event]) -> Attendance:
    for event in events:
        attendance = evolve(attendance, event)
    return attendance


def take_back(attendance: Attendance, command: TakeBackAttendance, activity: Activity) -> list[Event]:
    """As if nothing had been told of them; who was not told of is passed over."""
    events: list[Event] = []
    for registration in dict.fromkeys(command.registrations):
        told, one = attendance.present.get(registration), activity.registrations.get(registration)
        if told is None or one is None:
            continue
        events.append(
            AttendanceTakenBack(
                **{**_about(activity, registration, one, command), "activity": command.activity},
                previously_present=told.present,
                previously_on=told.on,
                words=command.words or None,
            )
        )
    if not events:
        raise Refused("not-told", "Nothing was recorded of their presence.")
    return events


def evolve(attendance: Attendance, event: Event) -> Attendance:
    match event:
        case AttendanceRecorded():
            told = Presence(event.present, event.on, event.excused)
            return replace(
                attendance, activity=event.activity, present={**attendance.present, event.registration: told}
            )
        case AttendanceTakenBack():
            left = {name: one for name, one in attendance.present.items() if name != event.registration}
            attended = {name: one for name, one in attendance.attended.items() if name != event.registration}
            return replace(attendance, present=left, attended=attended)
        case SessionsSet():
            own = tuple(Session(one.id, one.begins, one.ends) for one in event.sessions)
            return replace(attendance, activity=event.activity, sessions=own)
        case SessionAttended():
            before = _told(attendance, event.registration, event.session, event.on)
            after = replace(before, present=event.present, on=event.on, share=event.share)
            return _with(attendance, event, after)
        case CheckedIn():
            before = _told(attendance, event.registration, event.session, event.on)
            return _with(attendance, event, replace(before, came=event.at, scans=_scans(before, event.scan)))
        case CheckedOut():
            before = _told(attendance, event.registration, event.session, event.on)
            return _with(attendance, event, replace(before, left=event.at, scans=_scans(before, event.scan)))
    return attendance


def _scans(before: InSession, scan: str) -> tuple[str, ...]:
    return (*before.scans, scan) if scan else before.scans


def _told(attendance: Attendance, registration: str, session: str, on: str) -> InSession:
    return attendance.attended.get(registration, {}).get(session) or InSession(present=False, on=on)


def _with(attendance: Attendance, event: SessionAttended | CheckedIn | CheckedOut, after: InSession) -> Attendance:
    told = {**attendance.attended.get(event.registration, {}), event.session: after}
    return replace(attendance, activity=event.activity, attended={**attendance.attended, event.registration: told})
