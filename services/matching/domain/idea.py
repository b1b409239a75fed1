"""A project idea: it needs partners in roles, asks them, and becomes a project once all of them joined.

This stream guards its roles: never more partners in one than it needs, never a partner twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from services.matching.commands.ideas import (
    AcceptPartner,
    DeclinePartner,
    LapsePartner,
    MakeProject,
    ProposePartner,
    PutIdea,
    WithdrawIdea,
)
from shared.contracts.base import Command, Event
from shared.contracts.ideas import (
    IdeaBecameProject,
    IdeaPut,
    IdeaWithdrawn,
    PartnerAgreed,
    PartnerCalledOff,
    PartnerDeclined,
    PartnerEvent,
    PartnerJoined,
    PartnerLapsed,
    PartnerProposed,
)
from shared.contracts.refused import Refused


class Status(StrEnum):
    NEW = "new"
    OPEN = "open"
    PROJECT = "project"
    WITHDRAWN = "withdrawn"


class Answer(StrEnum):
    PROPOSED = "proposed"
    JOINED = "joined"
    DECLINED = "declined"
    LAPSED = "lapsed"
    CALLED_OFF = "called-off"


LIVING = (Answer.PROPOSED, Answer.JOINED)


@dataclass(frozen=True, slots=True)
class Seat:
    partner: str
    member: str
    role: str
    answer: Answer = Answer.PROPOSED
    answer_by: datetime | None = None
    agreed: tuple[str, ...] = ()
    """The sides that said yes."""
    run: str = ""
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Idea:
    status: Status = Status.NEW
    lead: str = ""
    theme: str = ""
    programme: str = ""
    roles: dict[str, int] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    partners_by: date | None = None
    words: str | None = None
    market: str = ""
    put_on: str = ""
    name: str = ""
    """As a project."""
    seats: dict[str, Seat] = field(default_factory=dict)
    why: str | None = None
    """Under which id the service keeps why it was withdrawn."""

    @property
    def living(self) -> dict[str, Seat]:
        return {key: one for key, one in self.seats.items() if one.answer in LIVING}

    @property
    def joined(self) -> dict[str, str]:
        """Role, by member."""
        return {one.member: one.role for one in self.seats.values() if one.answer is Answer.JOINED}

    @property
    def needed(self) -> int:
        return sum(self.roles.values())

    def missing(self) -> dict[str, int]:
        """Partners that nobody was asked to be yet, by role."""
        if self.status is not Status.OPEN:
            return {}
        taken = [one.role for one in self.living.values()]
        left = {role: number - taken.count(role) for role, number in self.roles.items()}
        return {role: number for role, number in left.items() if number > 0}


def decide(idea: Idea, command: Command) -> list[Event]:
    match command, idea.status:
        case PutIdea(), Status.NEW:
            return [_put(command)]
        case _, Status.NEW:
            raise Refused("not-found", "There is no such idea here.", status=404)
        case WithdrawIdea(), Status.OPEN:
            called_off = [PartnerCalledOff(**_who(idea, seat)) for seat in idea.living]
            return [*called_off, IdeaWithdrawn(lead=idea.lead, words=command.words or None)]
        case MakeProject(name=name), Status.OPEN:
            if len(idea.joined) < idea.needed:
                raise Refused("partners-missing", "Not all partners have joined yet.")
            told = {"lead": idea.lead, "theme": idea.theme, "programme": idea.programme, "partners": idea.joined}
            return [IdeaBecameProject(**told, name=name, on=command.when.date())]
        case MakeProject(name=name), Status.PROJECT if name == idea.name:
            return []
        case ProposePartner(), Status.OPEN:
            return _proposed(idea, command)
        case AcceptPartner(), Status.OPEN:
            return _accepted(idea, command)
        case DeclinePartner(seat=seat, member=by), Status.OPEN:
            if _of(idea, seat).answer not in LIVING:
                raise Refused("seat-closed", "This proposal is not open any more.")
            return [PartnerDeclined(**_who(idea, seat), by=_side(idea, seat, by), words=command.words or None)]
        case LapsePartner(seat=seat), Status.OPEN:
            waits = seat in idea.seats and idea.seats[seat].answer is Answer.PROPOSED
            return [PartnerLapsed(**_who(idea, seat))] if waits else []
        case LapsePartner(), _:
            return []
    raise Refused("idea-over", "This idea seeks no partners any more.")


def evolve(idea: Idea, event: Event) -> Idea:
    match event:
        case IdeaPut():
            names = (
                "lead", "theme", "programme", "roles", "languages", "wishes", "excluded", "partners_by", "words",
                "market", "put_on",
            )  # fmt: skip
            return Idea(Status.OPEN, **{name: getattr(event, name) for name in names})
        case IdeaWithdrawn():
            return replace(idea, status=Status.WITHDRAWN, why=event.words)
        case IdeaBecameProject():
            return replace(idea, status=Status.PROJECT, name=event.name)
        case PartnerProposed():
            asked = ("partner", "member", "role", "answer_by", "run")
            now = Seat(**{name: getattr(event, name) for name in asked})
            return replace(idea, seats={**idea.seats, event.seat: now})
        case PartnerAgreed():
            return _answered(idea, event, agreed=(*idea.seats[event.seat].agreed, event.by))
        case PartnerJoined():
            return _answered(idea, event, answer=Answer.JOINED)
        case PartnerDeclined():
            return _answered(idea, event, answer=Answer.DECLINED, words=event.words)
        case PartnerLapsed():
            return _answered(idea, event, answer=Answer.LAPSED)
        case PartnerCalledOff():
            return _answered(idea, event, answer=Answer.CALLED_OFF)
    return idea


def answer_deadline(stream: str, event: Event) -> Iterable[tuple[str, datetime | None, Command | None]]:
    match event:
        case PartnerProposed(seat=seat, answer_by=at):
            yield f"answer-{seat}", at, LapsePartner(idea=stream, seat=seat)
        case PartnerJoined() | PartnerDeclined() | PartnerLapsed() | PartnerCalledOff():
            yield f"answer-{event.seat}", None, None


def _put(command: PutIdea) -> IdeaPut:
    if command.partners_by and command.partners_by < command.when.date():
        raise Refused("closing-past", "The day by which partners are needed is over: choose a later one.", status=422)
    if command.lead in command.wishes or command.lead in command.excluded:
        raise Refused("own-partner", "The lead is no partner of its own idea: name others.", status=422)
    told = command.model_dump(exclude={"happened_at", "title", "summary"})
    return IdeaPut(**told, words=command.words, market=command.market, put_on=command.when.date().isoformat())


def _proposed(idea: Idea, command: ProposePartner) -> list[Event]:
    known = idea.seats.get(command.seat)
    if known and known.answer in LIVING and known.partner == command.partner:
        return []
    if known is None and command.member == idea.lead:
        raise Refused("own-partner", "The lead is no partner of its own idea: name others.", status=422)
    if known is None and not idea.missing().get(command.role):
        raise Refused("seats-taken", "This role has all its partners; run the match again.")
    if known or any(one.partner == command.partner for one in idea.seats.values()):
        raise Refused("asked-already", "This partner was asked to join this idea before.")
    told = {name: getattr(command, name) for name in ("seat", "partner", "member", "role", "run")}
    by = command.when + timedelta(days=command.answer_days)
    return [PartnerProposed(**told, lead=idea.lead, market=idea.market, answer_by=by)]


def _accepted(idea: Idea, command: AcceptPartner) -> list[Event]:
    """Said twice it counts once; with the second side's yes the partner has joined."""
    seat, side = _of(idea, command.seat), _side(idea, command.seat, command.member)
    if side in seat.agreed:
        return []
    if seat.answer is not Answer.PROPOSED:
        raise Refused("seat-closed", "This proposal is not open any more.")
    agreed = PartnerAgreed(**_who(idea, command.seat), by=side)
    if not seat.agreed:
        return [agreed]
    return [agreed, PartnerJoined(**_who(idea, command.seat), joined_on=command.when.date().isoformat())]


def _side(idea: Idea, seat: str, member: str) -> str:
    if member not in (idea.lead, _of(idea, seat).member):
        raise Refused("not-your-proposal", "Only the lead and this partner answer to it.", status=403)
    return member


def _of(idea: Idea, seat: str) -> Seat:
    if seat not in idea.seats:
        raise Refused("not-found", "There is no such proposal here.", status=404)
    return idea.seats[seat]


def _who(idea: Idea, seat: str) -> dict[str, Any]:
    one = _of(idea, seat)
    facts = {name: getattr(one, name) for name in ("partner", "member", "role")}
    return {"lead": idea.lead, "seat": seat, "market": idea.market, **facts}


def _answered(idea: Idea, event: PartnerEvent, **more: Any) -> Idea:
    return replace(idea, seats={**idea.seats, event.seat: replace(idea.seats[event.seat], **more)})
