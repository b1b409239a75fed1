"""What may be told of attendance."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from services.events.commands.words import ATTENDANCE_AT_ONCE, AboutActivity, Drawn, Id, RegistrationId, Words
from shared.contracts.attendance import How

SessionId = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}(T\d{4}Z)?$")]


class RecordAttendance(AboutActivity):
    """Who was present; said again it corrects. `session`: in that one alone, else as a whole."""

    present: Annotated[dict[RegistrationId, bool], Field(min_length=1, max_length=ATTENDANCE_AT_ONCE)]
    excused: Annotated[tuple[RegistrationId, ...], Field(max_length=ATTENDANCE_AT_ONCE)] = ()
    """Of those absent, who said beforehand that they could not come."""
    session: SessionId | None = None


class TakeBackAttendance(AboutActivity):
    """What was told of these persons' presence was wrong: as if nothing had been said."""

    registrations: Annotated[tuple[RegistrationId, ...], Field(min_length=1, max_length=ATTENDANCE_AT_ONCE)]
    reason: Words = ""
    words: Annotated[str, Drawn] = ""


class CheckIn(AboutActivity):
    """Somebody came, or left (`out`); `happened_at` is the moment of the scan, however late it is sent."""

    registration: RegistrationId
    out: bool = False
    scan: Id | None = None
    how: How = "scan"


class SessionAsked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    begins: AwareDatetime
    ends: AwareDatetime

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not timedelta() < self.ends - self.begins <= timedelta(days=1):
            raise ValueError("A session ends after it begins, within a day.")
        return self


class SetSessions(AboutActivity):
    """Divide the activity into sessions; none: each day is one."""

    sessions: Annotated[tuple[SessionAsked, ...], Field(max_length=60)] = ()


class RecordReport(AboutActivity):
    """What a meeting's report tells of a session: for how much of it (percent) each was there."""

    session: SessionId
    shares: Annotated[
        dict[RegistrationId, Annotated[int, Field(ge=0, le=100)]], Field(min_length=1, max_length=ATTENDANCE_AT_ONCE)
    ]
    minimum: Annotated[int, Field(ge=1, le=100)]
    """So many percent count as present."""
