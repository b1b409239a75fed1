"""What may be told of attendance."""

from typing import Annotated

from pydantic import Field

from services.events.commands.words import ATTENDANCE_AT_ONCE, AboutActivity, Drawn, RegistrationId, Words


class RecordAttendance(AboutActivity):
    """Who was present; said again it corrects."""

    present: Annotated[dict[RegistrationId, bool], Field(min_length=1, max_length=ATTENDANCE_AT_ONCE)]


class TakeBackAttendance(AboutActivity):
    """What was told of these persons' presence was wrong: as if nothing had been said."""

    registrations: Annotated[tuple[RegistrationId, ...], Field(min_length=1, max_length=ATTENDANCE_AT_ONCE)]
    reason: Words = ""
    words: Annotated[str, Drawn] = ""
