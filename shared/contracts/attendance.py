"""Events of check-in and of sessions. Who was there at all is told by `AttendanceRecorded`, which indicators count."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from .base import Event

How = Literal["list", "scan", "code", "self", "report"]
"""An organiser's list, a scanned code, a typed one, the rotating code on the wall, a meeting's report."""


class SessionTimes(BaseModel):
    """A part of an activity that is attended or missed as a whole."""

    model_config = ConfigDict(frozen=True)

    id: str
    begins: datetime
    ends: datetime


class SessionsSet(Event, type="liaison.events.attendance.sessions-set.v1"):
    """Into which sessions the activity is divided; before, and where there are none, each day is one."""

    activity: str
    sessions: tuple[SessionTimes, ...] = ()


class AttendanceEvent(Event):
    activity: str
    registration: str
    person: str
    member: str
    session: str
    kind: str = ""
    mode: str = "on-site"
    how: How = "list"
    on: str = ""


class SessionAttended(AttendanceEvent, type="liaison.events.attendance.session-attended.v1"):
    """Whether a person was there in one session; said again, it corrects and says what it takes back."""

    present: bool
    share: int | None = None
    """Percent of the session's time, where a meeting's report tells it."""
    previously_present: bool | None = None
    previously_on: str = ""


class CheckedIn(AttendanceEvent, type="liaison.events.attendance.checked-in.v1"):
    at: datetime
    scan: str = ""
    """The id that the phone gave the scan."""


class CheckedOut(AttendanceEvent, type="liaison.events.attendance.checked-out.v1"):
    at: datetime
    scan: str = ""


EVENTS = (SessionsSet, SessionAttended, CheckedIn, CheckedOut)
