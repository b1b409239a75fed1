"""Events of the market for experts: calls, applications with their assessment, what activities need, who is asked.

Persons are ids of the people's register; what they wrote stays in the service. Areas are focus areas of the profile.
"""

from datetime import date, datetime

from pydantic import Field

from .base import Event


class RosterOpened(Event, type="liaison.matching.roster.opened.v1"):
    """A call for experts: who is listed by it may be asked to activities."""

    year: int
    areas: tuple[str, ...]
    closes_on: date | None = None
    number: int = 1


class RosterClosed(Event, type="liaison.matching.roster.closed.v1"):
    year: int


class ExpertEvent(Event):
    person: str
    member: str | None = None


class ExpertTerms(ExpertEvent):
    areas: tuple[str, ...]
    languages: tuple[str, ...]
    levels: dict[str, str] = Field(default_factory=dict)
    """CEFR, by language."""
    weeks: tuple[str, ...] = ()
    """In which they are available."""
    most: int = Field(default=1, ge=1)
    """Assignments in a calendar year at most."""


class ExpertApplied(ExpertTerms, type="liaison.matching.expert.applied.v1"):
    roster: str
    applied_on: str = ""
    words: str | None = None


class ExpertChanged(ExpertTerms, type="liaison.matching.expert.changed.v1"):
    """Other languages, weeks or limits from now on; the assessment stands."""

    market: str = ""


class ExpertAssessed(ExpertEvent, type="liaison.matching.expert.assessed.v1"):
    listed: bool
    scores: dict[str, int] = Field(default_factory=dict)
    """1 to 5, by criterion of the profile."""
    score: int = 0
    """The scores together, weighed as the profile says."""
    areas: tuple[str, ...] = ()
    """For which they are listed."""
    valid_until: date | None = None
    remind_on: date | None = None
    words: str | None = None
    market: str = ""


class ExpertReminded(ExpertEvent, type="liaison.matching.expert.reminded.v1"):
    """The time on the list ends soon; they may renew it."""

    valid_until: date


class ExpertRenewed(ExpertEvent, type="liaison.matching.expert.renewed.v1"):
    valid_until: date
    previously: date
    remind_on: date | None = None


class ExpertExpired(ExpertEvent, type="liaison.matching.expert.expired.v1"):
    valid_until: date


class ExpertWithdrawn(ExpertEvent, type="liaison.matching.expert.withdrawn.v1"):
    """They are no longer on the list, or no longer ask to be."""


class ExpertBooked(ExpertEvent, type="liaison.matching.expert.booked.v1"):
    """An activity holds these weeks, while they are asked and once they said yes."""

    seat: str
    demand: str
    weeks: tuple[str, ...]


class ExpertReleased(ExpertEvent, type="liaison.matching.expert.released.v1"):
    seat: str
    demand: str


class DemandEvent(Event):
    """What an activity needs, with the dimensions that its indicators need."""

    area: str
    quarter: str = ""
    activity: str | None = None


class ExpertsSought(DemandEvent, type="liaison.matching.demand.sought.v1"):
    words: str
    """Under which id the service keeps what the activity is called."""
    experts: int = Field(default=1, ge=1)
    languages: tuple[str, ...]
    levels: dict[str, str] = Field(default_factory=dict)
    """The least CEFR level, by language."""
    begins: date
    ends: date
    wishes: tuple[str, ...] = ()
    """Experts that would be liked best, best first."""
    market: str = ""
    sought_on: str = ""


class DemandWithdrawn(DemandEvent, type="liaison.matching.demand.withdrawn.v1"):
    """The activity needs no experts any more; who was asked is free again."""

    words: str | None = None


class SeatEvent(DemandEvent):
    seat: str
    expert: str
    person: str
    member: str | None = None
    market: str = ""


class ExpertProposed(SeatEvent, type="liaison.matching.demand.expert-proposed.v1"):
    run: str
    language: str | None = None
    answer_by: datetime


class ExpertAccepted(SeatEvent, type="liaison.matching.demand.expert-accepted.v1"):
    accepted_on: str = ""


class ExpertDeclined(SeatEvent, type="liaison.matching.demand.expert-declined.v1"):
    words: str | None = None


class ExpertLapsed(SeatEvent, type="liaison.matching.demand.expert-lapsed.v1"):
    """No answer in time."""


class ExpertCalledOff(SeatEvent, type="liaison.matching.demand.expert-called-off.v1"):
    """They are not needed any more, or left the list; `accepted_on` where they had said yes."""

    accepted_on: str = ""


class ExpertUsed(SeatEvent, type="liaison.matching.demand.expert-used.v1"):
    """The activity was held with them."""

    held_on: date
    accepted_on: str = ""


class MarketRunCompleted(Event, type="liaison.matching.market.run-completed.v1"):
    """Experts, or partners, were matched; the run's document holds the reasons."""

    market: str
    """`experts` or `ideas`."""
    run: str
    sought: int
    offered: int
    matched: int
    proven: bool
    by_itself: bool = False


EVENTS = (
    RosterOpened, RosterClosed, ExpertApplied, ExpertChanged, ExpertAssessed, ExpertReminded, ExpertRenewed,
    ExpertExpired, ExpertWithdrawn, ExpertBooked, ExpertReleased, ExpertsSought, DemandWithdrawn, ExpertProposed,
    ExpertAccepted, ExpertDeclined, ExpertLapsed, ExpertCalledOff, ExpertUsed, MarketRunCompleted,
)  # fmt: skip
