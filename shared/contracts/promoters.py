"""Events of mobility promoters: who shows themselves, and whom they meet. Persons are ids of the people's register."""

from datetime import datetime

from .base import Event


class PromoterShown(Event, type="liaison.matching.promoter.shown.v1"):
    """Somebody shows themselves as a promoter, or changes what they show."""

    person: str
    member: str | None = None
    themes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    hosts: bool = False
    """Their organisation receives people."""
    sends: bool = False
    words: str | None = None


class PromoterHidden(Event, type="liaison.matching.promoter.hidden.v1"):
    person: str
    member: str | None = None


class MeetingEvent(Event):
    promoter: str
    asker: str
    person: str
    """The promoter's."""
    member: str | None = None


class MeetingAsked(MeetingEvent, type="liaison.matching.meeting.asked.v1"):
    times: tuple[datetime, ...]
    words: str | None = None


class MeetingMoved(MeetingEvent, type="liaison.matching.meeting.moved.v1"):
    """Other times, proposed by the other side."""

    by: str
    times: tuple[datetime, ...]


class MeetingAgreed(MeetingEvent, type="liaison.matching.meeting.agreed.v1"):
    by: str
    at: datetime


class MeetingDeclined(MeetingEvent, type="liaison.matching.meeting.declined.v1"):
    by: str
    words: str | None = None


class MeetingLapsed(MeetingEvent, type="liaison.matching.meeting.lapsed.v1"):
    """All times proposed are over."""


EVENTS = (
    PromoterShown, PromoterHidden, MeetingAsked, MeetingMoved, MeetingAgreed, MeetingDeclined, MeetingLapsed,
)  # fmt: skip
