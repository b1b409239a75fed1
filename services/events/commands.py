"""What may be asked of `events`."""

import re
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from shared.contracts.base import Command
from shared.contracts.vocabulary import Mode, Quarter

PLACES_AT_MOST, PERSONS_AT_ONCE, ATTENDANCE_AT_ONCE = 20_000, 200, 500
LONGEST_DAYS = 366
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def _printable(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("Leave out control characters.")
    return text


def _quarter(text: str) -> str:
    return str(Quarter.parse(text))


Text = Annotated[str, AfterValidator(_printable)]
Title = Annotated[Text, Field(max_length=200)]
Words = Annotated[Text, Field(max_length=5_000)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
"""A code of the profile (kind, member, line) or a person's id."""
ActivityId = Annotated[str, Field(pattern=f"^activity-{_UUID}$")]
RegistrationId = Annotated[str, Field(pattern=f"^registration-{_UUID}$")]
QuarterText = Annotated[str, Field(max_length=7), AfterValidator(_quarter)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
Attended = Literal["on-site", "online"]
Places = Annotated[int, Field(ge=0, le=PLACES_AT_MOST)]
Members = Annotated[tuple[Id, ...], Field(max_length=200)]


# Ids drawn by a handler stay out of the content's hash: a command sent again with its id is still the same command.
Drawn = Field(exclude=True)


class AboutActivity(Command):
    activity: ActivityId


class AnnounceActivity(AboutActivity):
    """An activity is to be held: from the plan, or set up by an organiser (`title` is theirs to give)."""

    kind: Id
    pillar: str = ""
    line: str = ""
    quarter: str = ""
    member: Id | None = None
    planned: bool = False
    request: str | None = None
    language: str | None = Field(default=None, max_length=10)
    topic: str | None = None
    target_groups: tuple[str, ...] = ()
    participants: int | None = None
    title: Title = ""


class AnnounceExchange(AnnounceActivity):
    """An agreed exchange is to be held: its week and places are settled already."""

    exchange: str
    members: Members
    starts_on: date
    ends_on: date
    officials: int


class ReplanActivity(AboutActivity):
    """The plan gave it another line, quarter or member."""

    pillar: str = ""
    line: str = ""
    quarter: str = ""
    member: str | None = None


class UnplanActivity(AboutActivity):
    """The activity left the plan, or its exchange was called off: it is cancelled unless it is over."""


class Schedule(BaseModel):
    """When, how and for how many; the words (title, place, description) are kept beside."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    starts_on: Day
    ends_on: Day
    mode: Mode
    places: dict[Attended, Places]
    invited: Members | None = None
    """Members it is meant for; left open, they stay as they are."""
    title: Title | None = None
    place: Title | None = None
    description: Words | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.ends_on < self.starts_on:
            raise ValueError("The last day comes before the first; change one of them.")
        if (self.ends_on - self.starts_on).days > LONGEST_DAYS:
            raise ValueError("An activity lasts a year at most; change one of its days.")
        wanted = {"on-site", "online"} if self.mode == Mode.HYBRID else {str(self.mode)}
        if set(self.places) != wanted or not any(self.places.values()):
            raise ValueError(f"Give the places for {' and '.join(sorted(wanted))}, at least one in all.")
        return self


class ScheduleActivity(Schedule, AboutActivity):
    pass


class OpenRegistration(AboutActivity):
    """Invite and let register; opened again it may invite more members, never fewer."""

    invited: Members = ()


class CloseRegistration(AboutActivity):
    pass


class HoldActivity(AboutActivity):
    """It took place; the present may then give feedback. `closing`: registration, where it is open still, ends too."""

    closing: bool = False


class CancelActivity(AboutActivity):
    reason: Annotated[Words, Field(min_length=1)]


class Registrant(BaseModel):
    """Who is to be registered: an id of the people's register."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person: Id
    member: Id
    mode: Attended | None = None
    """Left open: on site where there are such places."""


class RegisterPersons(AboutActivity):
    """Register one or many, all or none; who finds no place joins the waitlist of their mode."""

    persons: Annotated[tuple[Registrant, ...], Field(min_length=1, max_length=PERSONS_AT_ONCE)]


class CancelRegistration(AboutActivity):
    registration: RegistrationId


class RestoreRegistration(AboutActivity):
    """Take a cancellation back, where the place is still free."""

    registration: RegistrationId
    reason: Words = ""
    words: Annotated[str, Drawn] = ""


class TakeBackAttendance(AboutActivity):
    """What was told of these persons' presence was wrong: as if nothing had been said."""

    registrations: Annotated[tuple[RegistrationId, ...], Field(min_length=1, max_length=ATTENDANCE_AT_ONCE)]
    reason: Words = ""
    words: Annotated[str, Drawn] = ""


class ChangeMode(AboutActivity):
    """Attend in another way, where there is a free place for it."""

    registration: RegistrationId
    mode: Attended


class RecordAttendance(AboutActivity):
    """Who was present; said again it corrects."""

    present: Annotated[dict[RegistrationId, bool], Field(min_length=1, max_length=ATTENDANCE_AT_ONCE)]


class GiveFeedback(AboutActivity):
    """An answer without a name; `voucher` is the hash of the one-time token."""

    voucher: str
    relevance: Annotated[int, Field(ge=1, le=5)]
    added_value: Annotated[int, Field(ge=1, le=5)]
    words: Words = ""
