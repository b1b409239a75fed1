"""The sessions of an activity, as pages name them."""

from zoneinfo import ZoneInfo

from services.events.domain.attendance import Attendance
from services.events.domain.sessions import Session, sessions_of
from services.events.queries.activity import Found
from shared.profiles import load
from shared.web.formats import span


def zone_of(network: str) -> ZoneInfo:
    return ZoneInfo(load(network).zone)


def named(one: Found, told: Attendance) -> list[tuple[str, str]]:
    """Each session's id and what it is called: its day, with its hours where it has any."""
    zone = zone_of(one.network)
    return [(session.id, _called(session, zone)) for session in sessions_of(one.state, told.sessions, zone)]


def _called(session: Session, zone: ZoneInfo) -> str:
    begins, ends = session.begins.astimezone(zone), session.ends.astimezone(zone)
    day = span(begins.date(), begins.date())
    return day if len(session.id) == len("2024-06-04") else f"{day}, {begins:%H:%M}–{ends:%H:%M}"
