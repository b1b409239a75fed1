"""What an activity needs: so many experts of one profile. This stream guards its seats.

A seat is asked for, taken or refused by one expert; who refused is not asked again for this activity.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from services.matching.commands.experts import (
    AcceptSeat,
    DeclineSeat,
    LapseSeat,
    ProposeExpert,
    SeekExperts,
    UseExperts,
    WithdrawDemand,
    WithdrawExpert,
)
from services.matching.week import between, week_of
from shared.contracts.base import Command, Event
from shared.contracts.experts import (
    DemandWithdrawn,
    ExpertAccepted,
    ExpertCalledOff,
    ExpertDeclined,
    ExpertLapsed,
    ExpertProposed,
    ExpertsSought,
    ExpertUsed,
    SeatEvent,
)
from shared.contracts.refused import Refused
from shared.contracts.vocabulary import Quarter

LONGEST = 26
"""Weeks."""


class Status(StrEnum):
    NEW = "new"
    OPEN = "open"
    WITHDRAWN = "withdrawn"
    HELD = "held"


class Answer(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    CALLED_OFF = "called-off"
    USED = "used"


LIVING = (Answer.PROPOSED, Answer.ACCEPTED, Answer.USED)


@dataclass(frozen=True, slots=True)
class Seat:
    expert: str
    person: str
    member: str | None = None
    answer: Answer = Answer.PROPOSED
    answer_by: datetime | None = None
    accepted_on: str = ""
    language: str | None = None
    run: str = ""
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    status: Status = Status.NEW
    words: str = ""
    """Under which id the service keeps what the activity is called."""
    activity: str | None = None
    area: str = ""
    quarter: str = ""
    languages: tuple[str, ...] = ()
    levels: dict[str, str] = field(default_factory=dict)
    begins: date | None = None
    ends: date | None = None
    experts: int = 0
    wishes: tuple[str, ...] = ()
    market: str = ""
    sought_on: str = ""
    seats: dict[str, Seat] = field(default_factory=dict)
    why: str | None = None
    """Under which id the service keeps why it was withdrawn."""

    @property
    def weeks(self) -> tuple[str, ...]:
        return between(week_of(self.begins), week_of(self.ends)) if self.begins and self.ends else ()

    @property
    def living(self) -> dict[str, Seat]:
        return {key: one for key, one in self.seats.items() if one.answer in LIVING}

    @property
    def accepted(self) -> int:
        return sum(one.answer in (Answer.ACCEPTED, Answer.USED) for one in self.seats.values())

    @property
    def missing(self) -> int:
        """Experts that nobody was asked to be yet."""
        return max(0, self.experts - len(self.living)) if self.status is Status.OPEN else 0


def decide(demand: Demand, command: Command) -> list[Event]:
    match command, demand.status:
        case SeekExperts(), Status.NEW:
            return [_sought(command)]
        case _, Status.NEW:
            raise Refused("not-found", "There is no such activity's need here.", status=404)
        case WithdrawDemand(), Status.OPEN:
            called_off = [_called_off(demand, key) for key in demand.living]
            return [*called_off, DemandWithdrawn(**_what(demand), words=command.words or None)]
        case ProposeExpert(), Status.OPEN:
            return _proposed(demand, command)
        case AcceptSeat(seat=seat), _:
            return _accepted(demand, seat, command)
        case DeclineSeat(seat=seat), _:
            return _declined(demand, seat, command)
        case LapseSeat(seat=seat), _:
            waits = seat in demand.seats and demand.seats[seat].answer is Answer.PROPOSED
            return [ExpertLapsed(**_seat(demand, seat))] if waits else []
        case WithdrawExpert(expert=expert), _:
            living = demand.living.items() if demand.status is Status.OPEN else ()
            return [_called_off(demand, key) for key, one in living if one.expert == expert]
        case UseExperts(held_on=on), Status.OPEN:
            taken = [key for key, one in demand.seats.items() if one.answer is Answer.ACCEPTED]
            told = [(key, demand.seats[key].accepted_on) for key in taken]
            return [ExpertUsed(**_seat(demand, key), held_on=on, accepted_on=accepted) for key, accepted in told]
        case UseExperts(), _:
            return []
    raise Refused("demand-over", "This activity seeks no experts any more.")


def evolve(demand: Demand, event: Event) -> Demand:
    match event:
        case ExpertsSought():
            names = (
                "words", "activity", "area", "quarter", "languages", "levels", "begins", "ends", "experts", "wishes",
                "market", "sought_on",
            )  # fmt: skip
            return Demand(Status.OPEN, **{name: getattr(event, name) for name in names})
        case DemandWithdrawn():
            return replace(demand, status=Status.WITHDRAWN, why=event.words)
        case ExpertProposed():
            asked = ("expert", "person", "member", "answer_by", "language", "run")
            return _with(demand, event.seat, Seat(**{name: getattr(event, name) for name in asked}))
        case ExpertAccepted():
            return _answered(demand, event, Answer.ACCEPTED, accepted_on=event.accepted_on)
        case ExpertDeclined():
            return _answered(demand, event, Answer.DECLINED, words=event.words)
        case ExpertLapsed():
            return _answered(demand, event, Answer.LAPSED)
        case ExpertCalledOff():
            return _answered(demand, event, Answer.CALLED_OFF)
        case ExpertUsed():
            return replace(_answered(demand, event, Answer.USED), status=Status.HELD)
    return demand


def answer_deadline(stream: str, event: Event) -> Iterable[tuple[str, datetime | None, Command | None]]:
    match event:
        case ExpertProposed(seat=seat, answer_by=at):
            yield f"answer-{seat}", at, LapseSeat(demand=stream, seat=seat)
        case ExpertAccepted() | ExpertDeclined() | ExpertLapsed() | ExpertCalledOff():
            yield f"answer-{event.seat}", None, None


def _sought(command: SeekExperts) -> ExpertsSought:
    if command.ends < command.begins:
        raise Refused("window-impossible", "The last day comes before the first: choose a later one.", status=422)
    if command.ends < command.when.date():
        raise Refused("window-past", "These days are over: choose later ones.", status=422)
    if len(between(week_of(command.begins), week_of(command.ends))) > LONGEST:
        raise Refused("window-too-long", "Experts are asked for 26 weeks at most: split it.", status=422)
    told = command.model_dump(exclude={"happened_at", "title"})
    quarter = str(Quarter.of(command.begins))
    drawn = {"words": command.words, "market": command.market}
    return ExpertsSought(**told, **drawn, quarter=quarter, sought_on=command.when.date().isoformat())


def _proposed(demand: Demand, command: ProposeExpert) -> list[Event]:
    known = demand.seats.get(command.seat)
    if known and known.answer in LIVING and known.expert == command.expert:
        return []
    if known or any(one.expert == command.expert for one in demand.seats.values()):
        raise Refused("asked-already", "This expert was asked for this activity before.")
    if demand.missing == 0:
        raise Refused("seats-taken", "This activity has all the experts it needs.")
    if demand.begins and demand.begins <= command.when.date():
        raise Refused("window-past", "This activity has begun: nobody more is asked.")
    told = command.model_dump(include={"seat", "expert", "run", "language"})
    who = {"person": command.person, "member": command.member, "market": command.market}
    by = command.when + timedelta(days=command.answer_days)
    return [ExpertProposed(**_what(demand), **told, **who, answer_by=by)]


def _accepted(demand: Demand, seat: str, command: Command) -> list[Event]:
    one = _of(demand, seat)
    if one.answer is Answer.ACCEPTED:
        return []
    if one.answer is not Answer.PROPOSED:
        raise Refused("seat-closed", "This question is not open any more.")
    return [ExpertAccepted(**_seat(demand, seat), accepted_on=command.when.date().isoformat())]


def _declined(demand: Demand, seat: str, command: DeclineSeat) -> list[Event]:
    """Who said yes may still say no, until the activity is held."""
    one = _of(demand, seat)
    if one.answer is Answer.DECLINED:
        return []
    if one.answer not in (Answer.PROPOSED, Answer.ACCEPTED):
        raise Refused("seat-closed", "This question is not open any more.")
    return [ExpertDeclined(**_seat(demand, seat), words=command.words or None)]


def _of(demand: Demand, seat: str) -> Seat:
    if seat not in demand.seats:
        raise Refused("not-found", "There is no such question here.", status=404)
    return demand.seats[seat]


def _what(demand: Demand) -> dict[str, Any]:
    return {name: getattr(demand, name) for name in ("area", "quarter", "activity")}


def _seat(demand: Demand, seat: str) -> dict[str, Any]:
    one = demand.seats[seat]
    who = {name: getattr(one, name) for name in ("expert", "person", "member")}
    return {**_what(demand), "seat": seat, "market": demand.market, **who}


def _called_off(demand: Demand, seat: str) -> ExpertCalledOff:
    return ExpertCalledOff(**_seat(demand, seat), accepted_on=demand.seats[seat].accepted_on)


def _with(demand: Demand, seat: str, now: Seat) -> Demand:
    return replace(demand, seats={**demand.seats, seat: now})


def _answered(demand: Demand, event: SeatEvent, answer: Answer, **more: Any) -> Demand:
    return _with(demand, event.seat, replace(demand.seats[event.seat], answer=answer, **more))
