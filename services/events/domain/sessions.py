"""The sessions of an activity: those that were set, else each of its days is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.events.commands.attendance import SessionAsked
from shared.contracts.refused import Refused

from .activity import Activity

MOST = 60


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    begins: datetime
    ends: datetime

    @property
    def minutes(self) -> int:
        return max(1, round((self.ends - self.begins).total_seconds() / 60))


def sessions_of(activity: Activity, own: Sequence[Session], zone: ZoneInfo) -> tuple[Session, ...]:
    """In the order of their beginning; none while the activity has no days."""
    if own:
        return tuple(own)
    if activity.starts_on is None or activity.ends_on is None:
        return ()
    days = (activity.starts_on + timedelta(days=n) for n in range((activity.ends_on - activity.starts_on).days + 1))
    return tuple(
        Session(day.isoformat(), *(datetime.combine(day, one, zone) for one in (time.min, time(23, 59))))
        for day in days
    )


def asked(sessions: Sequence[SessionAsked], activity: Activity) -> tuple[Session, ...]:
    """The sessions as they were set; each is known by the minute it begins."""
    if activity.starts_on is None or activity.ends_on is None:
        raise Refused("not-scheduled", "Set the date, the mode and the places first.")
    found: dict[str, Session] = {}
    for one in sorted(sessions, key=lambda one: one.begins):
        begins, ends = one.begins.astimezone(UTC), one.ends.astimezone(UTC)
        day = one.begins.date()
        if not activity.starts_on <= day <= activity.ends_on:
            raise Refused("other-day", "A session lies outside the days of the activity.", status=422)
        last = next(reversed(found.values()), None)
        if last and begins < last.ends:
            raise Refused("sessions-overlap", "Two sessions overlap; nobody can be in both.", status=422)
        id = begins.strftime("%Y-%m-%dT%H%MZ")
        found[id] = Session(id, begins, ends)
    return tuple(found.values())


def nearest(sessions: Sequence[Session], moment: datetime) -> Session:
    """The one going on, else the one whose beginning or end is nearest; raises ValueError where there is none."""

    def away(one: Session) -> timedelta:
        if one.begins <= moment <= one.ends:
            return timedelta()
        return min(abs(one.begins - moment), abs(one.ends - moment))

    return min(sessions, key=away)
