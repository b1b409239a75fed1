"""What may be asked of an activity."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.events.commands.rules import Rules
from services.events.commands.words import (
    LONGEST_DAYS,
    AboutActivity,
    Attended,
    Day,
    Drawn,
    Id,
    Members,
    Places,
    Title,
    Words,
)
from shared.contracts.vocabulary import Mode


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
    rules: Annotated[Rules | None, Drawn] = None
    """The network's, where nobody said otherwise for this activity."""


class CloseRegistration(AboutActivity):
    pass


class HoldActivity(AboutActivity):
    """It took place; the present may then give feedback. `closing`: registration, where it is open still, ends too."""

    closing: bool = False


class CancelActivity(AboutActivity):
    reason: Annotated[Words, Field(min_length=1)]
