"""The words of which commands are made.

A `week` is an ISO week, `2024-W38`; a `focus` is a focus area's id of the network's profile.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from services.matching.week import in_order, real_week
from shared.contracts.base import Command


def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _in_reach(moment: datetime) -> datetime:
    if not 2000 <= moment.year <= 2100:
        raise ValueError("Give a time between the years 2000 and 2100.")
    return moment.astimezone(UTC)


def printable(text: str) -> str:
    if any(not (one.isprintable() or one in "\n\t") for one in text):
        raise ValueError("Write letters, digits and marks only.")
    return text


def _stream(aggregate: str) -> StringConstraints:
    return StringConstraints(pattern=rf"^{aggregate}-[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$")


Moment = Annotated[AwareDatetime, AfterValidator(_in_reach)]
CallId = Annotated[str, _stream("call")]
InterestId = Annotated[str, _stream("interest")]
OfferId = Annotated[str, _stream("offer")]
ExchangeId = Annotated[str, _stream("exchange")]
RunId = Annotated[str, _stream("run")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,60}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Week = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-W[0-9]{2}$"), AfterValidator(real_week)]
Places = Annotated[int, Field(ge=1, le=500)]
Languages = Annotated[tuple[Language, ...], Field(min_length=1, max_length=24), AfterValidator(_once)]


Reason = Annotated[str, Field(max_length=2_000), AfterValidator(printable)]
# Ids drawn by a handler stay out of the content's hash: a command sent again with its id is still the same command.
Drawn = Field(exclude=True)
Euros = Annotated[int, Field(ge=0, le=100_000_000)]
Members = Annotated[tuple[Code, ...], Field(max_length=300), AfterValidator(_once)]
Areas = Annotated[tuple[Code, ...], Field(min_length=1, max_length=30), AfterValidator(_once)]
Weeks = Annotated[tuple[Week, ...], Field(min_length=1, max_length=106), AfterValidator(in_order)]
Level = Literal["A1", "A2", "B1", "B2", "C1", "C2"]
Levels = Annotated[dict[Language, Level], Field(max_length=24)]
"""CEFR, by language; one without is good enough for any."""
Wishes = Annotated[tuple[Code, ...], Field(max_length=5), AfterValidator(_once)]


class Ask(Command):
    happened_at: Moment | None = None
