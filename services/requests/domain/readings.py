"""Figures from outside: taken with source and day, corrected with a trace."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field, StringConstraints

from services.requests.commands import Drawn, Id, Moment, Reason
from shared.contracts.base import Command, Event
from shared.contracts.readings import ReadingCorrected, ReadingRemoved, ReadingTaken
from shared.contracts.refused import Refused

MOST = 10_000_000_000
Count = Annotated[int, Field(ge=0, le=MOST)]
ReadingId = Annotated[str, StringConstraints(pattern=r"^reading-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("Leave out characters that cannot be printed.")
    return text


Source = Annotated[
    str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True), AfterValidator(_one_line)
]
"""Where it was read, in words: `LinkedIn, page statistics`."""


class TakeReading(Command):
    """Somebody read a figure outside."""

    happened_at: Moment | None = None
    figure: Id
    on: date
    value: Count
    of: Count | None = None
    """The whole that `value` is a part of, for figures that are shares."""
    member: Id | None = None
    source: Source
    words: Annotated[str, Drawn] = ""


class CorrectReading(Command):
    happened_at: Moment | None = None
    reading: ReadingId
    value: Count
    of: Count | None = None
    reason: Annotated[Reason, StringConstraints(min_length=1)]
    words: Annotated[str, Drawn] = ""


class RemoveReading(Command):
    """It was no reading of this figure at all."""

    happened_at: Moment | None = None
    reading: ReadingId
    reason: Annotated[Reason, StringConstraints(min_length=1)]
    words: Annotated[str, Drawn] = ""


class Figure(NamedTuple):
    """What a network reads outside; `share` where a part of a whole is told."""

    id: str
    share: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    figure: str = ""
    on: str = ""
    member: str | None = None
    value: int = 0
    of: int | None = None
    words: str | None = None
    corrections: int = 0
    removed: bool = False


def take(reading: Reading, command: TakeReading, *, figure: Figure, members: frozenset[str]) -> list[Event]:
    """Told again with the same figures it stays one; with others it is to be corrected instead."""
    if command.on > command.when.date():
        raise Refused("on-in-the-future", "Give the day that the figure is of; it has not come yet.", status=422)
    if command.member is not None and command.member not in members:
        raise Refused("member-unknown", "Choose a member of this network.", status=422)
    _check(figure, command.value, command.of)
    if reading.figure and not reading.removed:
        if (reading.value, reading.of) == (command.value, command.of):
            return []
        raise Refused("reading-there", "There is a reading of this day already; correct it on its page.")
    facts = command.model_dump(include={"figure", "on", "member", "value", "of"})
    return [ReadingTaken(**facts, words=command.words or None)]


def correct(reading: Reading, command: CorrectReading, *, figure: Figure) -> list[Event]:
    _there(reading)
    _check(figure, command.value, command.of)
    if (reading.value, reading.of) == (command.value, command.of):
        return []
    return [
        ReadingCorrected(
            figure=reading.figure,
            on=date.fromisoformat(reading.on),
            member=reading.member,
            value=command.value,
            of=command.of,
            previously=reading.value,
            previously_of=reading.of,
            words=command.words or None,
        )
    ]


def remove(reading: Reading, command: RemoveReading) -> list[Event]:
    _there(reading)
    facts = {"figure": reading.figure, "member": reading.member, "value": reading.value, "of": reading.of}
    return [ReadingRemoved(**facts, on=date.fromisoformat(reading.on), words=command.words or None)]


def _check(figure: Figure, value: int, of: int | None) -> None:
    if figure.share and of is None:
        raise Refused("of-missing", "Give the whole too: this figure is a share.", status=422)
    if not figure.share and of is not None:
        raise Refused("of-unwanted", "Leave the whole open: this figure is a plain number.", status=422)
    if of is not None and value > of:
        raise Refused("of-too-small", "The part cannot be larger than the whole.", status=422)


def _there(reading: Reading) -> None:
    if not reading.figure or reading.removed:
        raise Refused("not-found", "There is no such reading any more.", status=404)


def evolve(reading: Reading, event: Event) -> Reading:
    match event:
        case ReadingTaken():
            on = event.on.isoformat()
            return Reading(event.figure, on, event.member, event.value, event.of, event.words, reading.corrections)
        case ReadingCorrected():
            return replace(reading, value=event.value, of=event.of, corrections=reading.corrections + 1)
        case ReadingRemoved():
            return replace(reading, removed=True)
    return reading
