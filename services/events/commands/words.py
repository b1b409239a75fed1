"""The words that commands are made of."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from shared.contracts.base import Command
from shared.contracts.vocabulary import Quarter

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
