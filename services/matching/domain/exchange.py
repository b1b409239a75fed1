"""An exchange: proposed to both sides, agreed when both say yes, then held or cancelled.

Who declines or lets the time pass ends it; a new proposal is a new exchange.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from services.matching.commands import (
    AcceptExchange,
    CancelExchange,
    DeclineExchange,
    ExpireProposal,
    HoldExchange,
    ProposeExchange,
    TakeBackProposal,
)
from shared.contracts.base import Command, Event
from shared.contracts.matching import (
    ExchangeAccepted,
    ExchangeAgreed,
    ExchangeCancelled,
    ExchangeDeclined,
    ExchangeHeld,
    ExchangeLapsed,
    ExchangeProposed,
    ExchangeTakenBack,
)
from shared.contracts.refused import Refused


class Status(StrEnum):
    NEW = "new"
    PROPOSED = "proposed"
    AGREED = "agreed"
    DECLINED = "declined"
    LAPSED = "lapsed"
    HELD = "held"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Exchange:
    status: Status = Status.NEW
    call: str = ""
    run: str | None = None
    interest: str = ""
    offer: str = ""
    sender: str = ""
    host: str = ""
    focus: str = ""
    week: str = ""
    duration: int = 1
    officials: int = 1
    language: str | None = None
    answer_by: datetime | None = None
    accepted: tuple[str, ...] = ()
    """Members that said yes."""
    declined_by: str | None = None
    agreed_on: str = ""
    activity: str | None = None
    taken_back: bool = False
    """Cancelled before it was agreed, by the coordinator who proposed it."""

    @property
    def sides(self) -> tuple[str, str]:
        return self.sender, self.host


_DIMENSIONS = ("call", "sender", "host", "focus", "week", "duration", "officials")
_WHY_CLOSED = {
    Status.AGREED: "Both sides agreed to this exchange already.",
    Status.DECLINED: "This exchange was declined; the interest takes part in the next run.",
    Status.LAPSED: "The time to answer has passed; the interest takes part in the next run.",
    Status.HELD: "This exchange was held already.",
    Status.CANCELLED: "This exchange was cancelled.",
}


def decide(exchange: Exchange, command: Command) -> list[Event]:
    match command, exchange.status:
        case ProposeExchange(), Status.NEW:
            return [_proposed(command)]
        case ProposeExchange(), _:
            raise Refused("proposed-already", "This match was proposed already.")
        case _, Status.NEW:
            raise Refused("not-found", "There is no such exchange here.", status=404)
        case AcceptExchange(member=member), Status.PROPOSED | Status.AGREED:
            _must_be_side(exchange, member)
            return _accepted(exchange, member, command.when)
        case DeclineExchange(member=member), Status.PROPOSED:
            _must_be_side(exchange, member)
            return [ExchangeDeclined(**_dimensions(exchange), by=member)]
        case ExpireProposal(), Status.PROPOSED:
            return [ExchangeLapsed(**_dimensions(exchange))]
        case TakeBackProposal(), Status.PROPOSED:
            return [ExchangeTakenBack(**_dimensions(exchange), words=command.words or None)]
        case ((AcceptExchange() | DeclineExchange() | ExpireProposal() | TakeBackProposal()), status):
            raise Refused("exchange-closed", _WHY_CLOSED[status])
        case HoldExchange(activity=activity), Status.AGREED:
            return [ExchangeHeld(**_dimensions(exchange), activity=activity, agreed_on=exchange.agreed_on)]
        case CancelExchange(), Status.AGREED:
            return [ExchangeCancelled(**_dimensions(exchange), agreed_on=exchange.agreed_on)]
        case ((HoldExchange() | CancelExchange()), _):
            return []  # heard too late: it was cancelled before it was held, or the other way round
    raise Refused("wrong-status", "This exchange is %(state)s.", state=exchange.status)


def evolve(exchange: Exchange, event: Event) -> Exchange:
    match event:
        case ExchangeProposed():
            more = {name: getattr(event, name) for name in ("run", "interest", "offer", "language", "answer_by")}
            return Exchange(Status.PROPOSED, **_dimensions(event), **more)
        case ExchangeAccepted():
            return replace(exchange, accepted=(*exchange.accepted, event.by))
        case ExchangeAgreed():
            return replace(exchange, status=Status.AGREED, agreed_on=event.agreed_on)
        case ExchangeDeclined():
            return replace(exchange, status=Status.DECLINED, declined_by=event.by)
        case ExchangeLapsed():
            return replace(exchange, status=Status.LAPSED)
        case ExchangeTakenBack():
            return replace(exchange, status=Status.CANCELLED, taken_back=True)
        case ExchangeHeld():
            return replace(exchange, status=Status.HELD, activity=event.activity)
        case ExchangeCancelled():
            return replace(exchange, status=Status.CANCELLED)
    return exchange


def answer_deadline(stream: str, event: Event) -> Iterable[tuple[str, datetime | None, Command | None]]:
    """The time to answer: set by the proposal, cleared by whatever ends the wait."""
    name = f"answer-{stream}"
    match event:
        case ExchangeProposed(answer_by=at) if at is not None:
            yield name, at, ExpireProposal(exchange=stream)
        case ExchangeAgreed() | ExchangeDeclined() | ExchangeLapsed() | ExchangeTakenBack():
            yield name, None, None


def _proposed(command: ProposeExchange) -> ExchangeProposed:
    told = command.model_dump(exclude={"happened_at", "exchange", "answer_days"})
    return ExchangeProposed(**told, answer_by=command.when + timedelta(days=command.answer_days))


def _accepted(exchange: Exchange, member: str, when: datetime) -> list[Event]:
    """Said twice it counts once."""
    if member in exchange.accepted:
        return []
    if exchange.status is not Status.PROPOSED:
        raise Refused("exchange-closed", _WHY_CLOSED[exchange.status])
    if exchange.answer_by is not None and when > exchange.answer_by:
        raise Refused("exchange-closed", _WHY_CLOSED[Status.LAPSED])
    said: list[Event] = [ExchangeAccepted(**_dimensions(exchange), by=member)]
    if {*exchange.accepted, member} == set(exchange.sides):
        on = when.date().isoformat()
        said.append(ExchangeAgreed(**_dimensions(exchange), language=exchange.language, agreed_on=on))
    return said


def _must_be_side(exchange: Exchange, member: str) -> None:
    if member not in exchange.sides:
        raise Refused("not-found", "There is no such exchange here.", status=404)


def _dimensions(source: Any) -> dict[str, Any]:
    return {name: getattr(source, name) for name in _DIMENSIONS}
