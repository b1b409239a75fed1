"""A consultation: units and members read a draft, then comment, agree or object by a day; silence is told too."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.requests.commands import Address, Drawn, Id, Moment, Several, Title, Words, Year
from shared.contracts.base import Command, Event
from shared.contracts.planning import (
    ConsultationAnswered,
    ConsultationClosed,
    ConsultationExtended,
    ConsultationOpened,
)
from shared.contracts.refused import Refused

ConsultationId = Annotated[str, StringConstraints(pattern=r"^consultation-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]


class Position(StrEnum):
    AGREE = "agree"
    OBJECT = "object"
    COMMENT = "comment"


class OpenConsultation(Command):
    """Ask members and units about a draft; none named means every member of the network."""

    happened_at: Moment | None = None
    about: Id
    title: Title
    text: Words = ""
    link: Address | None = None
    year: Year | None = None
    due_on: Day
    members: Several = ()
    units: Several = ()
    closes_at: Annotated[datetime | None, Drawn] = None
    consultation: Annotated[str, Drawn] = ""


class AnswerConsultation(Command):
    """Of a member or a unit; the last position counts, every comment is kept."""

    happened_at: Moment | None = None
    consultation: ConsultationId
    member: Id | None = None
    unit: Id | None = None
    position: Literal["agree", "object", "comment"]
    comment: Words = ""
    line: Id | None = None
    words: Annotated[str, Drawn] = ""


class ExtendConsultation(Command):
    happened_at: Moment | None = None
    consultation: ConsultationId
    due_on: Day
    closes_at: Annotated[datetime | None, Drawn] = None


class CloseConsultation(Command):
    """By the coordinator, or by itself once its day is over; that of an earlier day comes too late."""

    happened_at: Moment | None = None
    consultation: ConsultationId
    closes_at: Annotated[datetime | None, Field()] = None
    """Which closing it is; a later one has taken its place where the day was moved."""


@dataclass(frozen=True, slots=True)
class Consultation:
    about: str = ""
    year: int | None = None
    members: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    due_on: str = ""
    closes_at: str = ""
    status: str = ""
    """`open` or `closed`."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """Party -> its position; a unit as `unit:<id>`."""

    @property
    def parties(self) -> tuple[str, ...]:
        return (*self.members, *(f"unit:{one}" for one in self.units))

    @property
    def silent(self) -> tuple[str, ...]:
        return tuple(one for one in self.parties if one not in self.answers)

    def count(self, position: str) -> int:
        return sum(one == position for one in self.answers.values())


def open_it(state: Consultation, command: OpenConsultation) -> list[Event]:
    if state.status:
        return []
    assert command.closes_at is not None
    if command.closes_at <= command.when:
        raise Refused("due-over", "Choose a day that is still to come.", status=422)
    return [
        ConsultationOpened(
            about=command.about,
            year=command.year,
            members=command.members,
            units=command.units,
            due_on=command.due_on.isoformat(),
            closes_at=command.closes_at,
        )
    ]


def decide(state: Consultation, command: Command) -> list[Event]:
    if not state.status:
        raise Refused("not-found", "There is nothing of this name here.", status=404)
    if isinstance(command, CloseConsultation):
        return _close(state, command)
    if state.status == "closed":
        raise Refused("consultation-closed", "This consultation is closed; its summary stays to be read.")
    match command:
        case AnswerConsultation():
            return [_answered(state, command)]
        case ExtendConsultation():
            return _extended(state, command)
    raise TypeError(type(command).__name__)


def _answered(state: Consultation, command: AnswerConsultation) -> ConsultationAnswered:
    party = f"unit:{command.unit}" if command.unit else command.member or ""
    if party not in state.parties:
        raise Refused("not-consulted", "This consultation does not ask for that answer.", status=422)
    if command.when > datetime.fromisoformat(state.closes_at):
        raise Refused("consultation-closed", "This consultation is closed; its summary stays to be read.")
    if command.position != "agree" and not command.comment:
        raise Refused("comment-missing", "Write what you comment on or object to.", status=422)
    return ConsultationAnswered(
        about=state.about,
        member=None if command.unit else command.member,
        unit=command.unit,
        position=command.position,
        previously=state.answers.get(party),
        line=command.line,
        words=command.words or None,
    )


def _extended(state: Consultation, command: ExtendConsultation) -> list[Event]:
    assert command.closes_at is not None
    if command.closes_at <= command.when:
        raise Refused("due-over", "Choose a day that is still to come.", status=422)
    due_on = command.due_on.isoformat()
    if due_on == state.due_on:
        return []
    facts = {"due_on": due_on, "closes_at": command.closes_at, "previously": state.due_on}
    return [ConsultationExtended(about=state.about, **facts)]


def _close(state: Consultation, command: CloseConsultation) -> list[Event]:
    """By itself only where no later day was set; said twice it counts once."""
    moved = command.closes_at is not None and command.closes_at != datetime.fromisoformat(state.closes_at)
    if state.status == "closed" or moved:
        return []
    return [
        ConsultationClosed(
            about=state.about,
            agreed=state.count(Position.AGREE),
            objected=state.count(Position.OBJECT),
            commented=state.count(Position.COMMENT),
            silent=len(state.silent),
        )
    ]


def evolve(state: Consultation, event: Event) -> Consultation:
    match event:
        case ConsultationOpened():
            return Consultation(
                about=event.about, year=event.year, members=event.members, units=event.units, due_on=event.due_on,
                closes_at=event.closes_at.isoformat(), status="open",
            )  # fmt: skip
        case ConsultationExtended():
            return replace(state, due_on=event.due_on, closes_at=event.closes_at.isoformat())
        case ConsultationAnswered():
            party = f"unit:{event.unit}" if event.unit else event.member or ""
            return replace(state, answers={**state.answers, party: event.position})
        case ConsultationClosed():
            return replace(state, status="closed")
    return state


def closing(stream: str, event: Event) -> Iterable[tuple[str, datetime | None, Command | None]]:
    """It closes by itself; another day moves that, and closing it by hand clears it."""
    name = f"close-{stream}"
    match event:
        case ConsultationOpened(closes_at=at) | ConsultationExtended(closes_at=at):
            yield name, at, CloseConsultation(consultation=stream, closes_at=at)
        case ConsultationClosed():
            yield name, None, None
