"""What is asked of the market for experts: calls, applications, assessments, activities' needs, answers."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from services.matching.commands.words import (
    Areas,
    Ask,
    Code,
    Drawn,
    Languages,
    Levels,
    Reason,
    RunId,
    Weeks,
    _stream,
    printable,
)

RosterId = Annotated[str, _stream("roster")]
ExpertId = Annotated[str, _stream("expert")]
DemandId = Annotated[str, _stream("demand")]
SeatId = Annotated[str, _stream("seat")]
ActivityId = Annotated[str, _stream("activity")]
Score = Annotated[int, Field(ge=1, le=5)]
Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(printable)
]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]
Told = Annotated[Reason, Field(min_length=1)]


class OpenRoster(Ask):
    """Experts may apply from now on; after `closes_on` they may not."""

    year: int = Field(ge=2000, le=2100)
    areas: Areas
    closes_on: Day | None = None
    number: Annotated[int, Drawn] = 1


class CloseRoster(Ask):
    roster: RosterId


class Profiled(Ask):
    """What somebody can do, when, and how often in a calendar year."""

    areas: Areas
    languages: Languages
    levels: Levels = Field(default_factory=dict)
    weeks: Weeks
    most: int = Field(1, ge=1, le=52)


class Apply(Profiled):
    """`statement` is read by coordinators alone; it stays in this service."""

    roster: RosterId
    expert: Annotated[str, Drawn] = ""
    person: Annotated[str, Drawn] = ""
    member: Code | None = None
    statement: Told
    words: Annotated[str, Drawn] = ""


class ChangeExpert(Profiled):
    expert: ExpertId
    market: Annotated[str, Drawn] = ""


class Assess(Ask):
    """By the profile's criteria, 1 to 5 each; without `listed` the application is turned down."""

    expert: ExpertId
    listed: bool
    scores: dict[Code, Score] = Field(max_length=20)
    areas: Annotated[tuple[Code, ...], Field(max_length=30)] = ()
    """For which they are listed; left out: all that they applied for."""
    reason: Told
    words: Annotated[str, Drawn] = ""
    score: Annotated[int, Drawn] = 0
    valid_until: Annotated[date | None, Drawn] = None
    remind_on: Annotated[date | None, Drawn] = None
    market: Annotated[str, Drawn] = ""


class RemindExpert(Ask):
    expert: ExpertId


class RenewExpert(Ask):
    """Stay on the list for as long again."""

    expert: ExpertId
    valid_until: Annotated[date | None, Drawn] = None
    remind_on: Annotated[date | None, Drawn] = None


class ExpireExpert(Ask):
    expert: ExpertId


class WithdrawExpert(Ask):
    """Leave the list, or take the application back; what they were asked to is free again."""

    expert: ExpertId


class SeekExperts(Ask):
    """An activity needs `experts` of one profile: an area, a language that all of them speak, days."""

    title: Title
    words: Annotated[str, Drawn] = ""
    activity: ActivityId | None = None
    area: Code
    languages: Languages
    levels: Levels = Field(default_factory=dict)
    begins: Day
    ends: Day
    experts: int = Field(1, ge=1, le=20)
    wishes: Annotated[tuple[ExpertId, ...], Field(max_length=5)] = ()
    market: Annotated[str, Drawn] = ""


class WithdrawDemand(Ask):
    """Who was asked reads the reason."""

    demand: DemandId
    reason: Told
    words: Annotated[str, Drawn] = ""


class RunMarket(Ask):
    """Match everything that is open in this market now."""

    market: Literal["experts", "ideas"]


class RematchMarket(Ask):
    """Something came free, or arrived: match what is left, by itself."""

    market: Literal["experts", "ideas"]


class ProposeExpert(Ask):
    """One match of a run: the expert is asked, their weeks are held until they answer."""

    demand: DemandId
    seat: SeatId
    run: RunId
    expert: ExpertId
    person: Annotated[str, Drawn] = ""
    member: Annotated[str | None, Drawn] = None
    language: str | None = None
    answer_days: Annotated[int, Drawn] = 10
    market: Annotated[str, Drawn] = ""
    area: Annotated[str, Drawn] = ""
    weeks: Annotated[tuple[str, ...], Drawn] = ()
    until: Annotated[date | None, Drawn] = None
    level: Annotated[str | None, Drawn] = None
    """The least CEFR level of the language."""


class AcceptSeat(Ask):
    demand: DemandId
    seat: SeatId


class DeclineSeat(Ask):
    """`reason` is read by the coordinator and the organiser."""

    demand: DemandId
    seat: SeatId
    reason: Reason = ""
    words: Annotated[str, Drawn] = ""


class LapseSeat(Ask):
    demand: DemandId
    seat: SeatId


class UseExperts(Ask):
    """The activity was held."""

    demand: DemandId
    held_on: date
