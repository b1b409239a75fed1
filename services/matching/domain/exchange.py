"""An exchange: proposed to both sides, agreed when both say yes, then held, cancelled or missed; both sides report.

Who declines or lets the time pass ends it; a new proposal is a new exchange.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from services.matching.commands import (
    AcceptExchange,
    AskWeek,
    CancelExchange,
    DeclineExchange,
    ExpireProposal,
    HoldExchange,
    ProposeExchange,
    RecordNoShow,
    ReportExchange,
    SetCosts,
    TakeBackProposal,
)
from services.matching.domain.costs import Costs
from services.matching.week import monday
from shared.contracts.base import Command, Event
from shared.contracts.matching import (
    ExchangeAccepted,
    ExchangeAgreed,
    ExchangeCancelled,
    ExchangeCosted,
    ExchangeDeclined,
    ExchangeHeld,
    ExchangeLapsed,
    ExchangeMissed,
    ExchangeMoved,
    ExchangeProposed,
    ExchangeReported,
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
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Report:
    """What one side says afterwards; its words are kept under their id."""

    useful: int
    joint_inspection: bool
    words: str | None = None


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
    request: str | None = None
    """What it answers, where its interest came of a request."""
    language: str | None = None
    answer_by: datetime | None = None
    accepted: tuple[str, ...] = ()
    """Members that said yes."""
    declined_by: str | None = None
    agreed_on: str = ""
    activity: str | None = None
    taken_back: bool = False
    """Cancelled before it was agreed, by the coordinator who proposed it."""
    asked: tuple[str, ...] = ()
    """Members that asked for another week."""
    absent: str | None = None
    """Who did not turn up."""
    planned: Costs = field(default_factory=Costs)
    paid: Costs | None = None
    reports: dict[str, Report] = field(default_factory=dict)
    """By the member that reports."""

    @property
    def sides(self) -> tuple[str, str]:
        return self.sender, self.host


_DIMENSIONS = ("call", "sender", "host", "focus", "week", "duration", "officials", "request")
_WHY_CLOSED = {
    Status.AGREED: "Both sides agreed to this exchange already.",
    Status.DECLINED: "This exchange was declined; the interest takes part in the next run.",
    Status.LAPSED: "The time to answer has passed; the interest takes part in the next run.",
    Status.HELD: "This exchange was held already.",
    Status.CANCELLED: "This exchange was cancelled.",
    Status.MISSED: "One side did not turn up for this exchange.",
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
        case AskWeek(member=member), Status.PROPOSED:
            _must_be_side(exchange, member)
            return _moved(exchange, command)
        case ((AcceptExchange() | DeclineExchange() | ExpireProposal() | TakeBackProposal() | AskWeek()), status):
            raise Refused("exchange-closed", _WHY_CLOSED[status])
        case SetCosts(), Status.PROPOSED | Status.AGREED | Status.HELD | Status.MISSED:
            return _costed(exchange, command)
        case SetCosts(), status:
            raise Refused("exchange-closed", _WHY_CLOSED[status])
        case RecordNoShow(absent=absent), Status.AGREED:
            _must_be_side(exchange, absent)
            return _missed(exchange, command)
        case RecordNoShow(), _:
            raise Refused("not-agreed", "Only an agreed exchange that was not held can be a no-show.")
        case ReportExchange(member=member), Status.HELD:
            _must_be_side(exchange, member)
            return _reported(exchange, command)
        case ReportExchange(), _:
            raise Refused("not-held", "Report once the exchange was held.")
        case HoldExchange(activity=activity), Status.AGREED:
            return [ExchangeHeld(**_dimensions(exchange), activity=activity, agreed_on=exchange.agreed_on)]
        case CancelExchange(), Status.AGREED:
            words = command.words or None
            return [ExchangeCancelled(**_dimensions(exchange), agreed_on=exchange.agreed_on, words=words)]
        case CancelExchange(reason=reason), status if reason:
            raise Refused("exchange-closed", _WHY_CLOSED.get(status, "Only what is agreed can be cancelled."))
        case ((HoldExchange() | CancelExchange()), _):
            return []  # heard too late: it was cancelled before it was held, or the other way round
    raise Refused("wrong-status", "This exchange is %(state)s.", state=exchange.status)


def evolve(exchange: Exchange, event: Event) -> Exchange:
    match event:
        case ExchangeProposed():
            more = {name: getattr(event, name) for name in ("run", "interest", "offer", "language", "answer_by")}
            return Exchange(Status.PROPOSED, **_dimensions(event), **more, planned=_costs(event))
        case ExchangeMoved():
            asked = (*exchange.asked, event.by)
            return replace(exchange, week=event.week, answer_by=event.answer_by, accepted=(event.by,), asked=asked)
        case ExchangeCosted():
            costs = _costs(event)
            return replace(exchange, paid=costs) if event.actual else replace(exchange, planned=costs)
        case ExchangeMissed():
            return replace(exchange, status=Status.MISSED, absent=event.absent)
        case ExchangeReported():
            report = Report(event.useful, event.joint_inspection, event.words)
            return replace(exchange, reports={**exchange.reports, event.by: report})
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
        case ExchangeMoved(answer_by=at) if at is not None:
            yield name, at, ExpireProposal(exchange=stream)
        case ExchangeAgreed() | ExchangeDeclined() | ExchangeLapsed() | ExchangeTakenBack():
            yield name, None, None


def _proposed(command: ProposeExchange) -> ExchangeProposed:
    told = command.model_dump(exclude={"happened_at", "exchange", "answer_days"})
    by = command.when + timedelta(days=command.answer_days)
    return ExchangeProposed(**told, request=command.request or None, answer_by=by)


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


def _moved(exchange: Exchange, command: AskWeek) -> list[Event]:
    """Each side may ask once, and has said yes to what it asks for."""
    if command.week == exchange.week:
        raise Refused("week-same", "The proposal is for that week already: accept it, or choose another.", status=422)
    if command.member in exchange.asked:
        raise Refused("week-asked", "You asked for another week once already: accept or decline now.")
    if exchange.answer_by is not None and command.when > exchange.answer_by:
        raise Refused("exchange-closed", _WHY_CLOSED[Status.LAPSED])
    told = {**_dimensions(exchange), "week": command.week, "previously": exchange.week}
    by = command.when + timedelta(days=command.answer_days)
    return [ExchangeMoved(**told, by=command.member, answer_by=by, words=command.words or None)]


def _costed(exchange: Exchange, command: SetCosts) -> list[Event]:
    costs = _costs(command)
    if costs == (exchange.paid if command.actual else exchange.planned):
        return []
    if not command.actual and exchange.paid is not None:
        raise Refused("costs-paid", "What was paid stands already; change that instead.")
    told = {name: getattr(costs, name) for name in ("travel", "accommodation", "interpretation")}
    return [ExchangeCosted(**_dimensions(exchange), actual=command.actual, **told)]


def _missed(exchange: Exchange, command: RecordNoShow) -> list[Event]:
    """It is cancelled for all who count exchanges, and counts for who was absent."""
    if command.when.date() < monday(exchange.week):
        raise Refused("not-begun", "It has not begun yet: cancel it instead.")
    told = {**_dimensions(exchange), "agreed_on": exchange.agreed_on, "words": command.words or None}
    return [ExchangeCancelled(**told), ExchangeMissed(**told, absent=command.absent)]


def _reported(exchange: Exchange, command: ReportExchange) -> list[Event]:
    """Said again, the later report takes the place of the earlier."""
    told = {"by": command.member, "useful": command.useful, "joint_inspection": command.joint_inspection}
    return [ExchangeReported(**_dimensions(exchange), **told, words=command.words or None)]


def _costs(source: Any) -> Costs:
    return Costs(source.travel, source.accommodation, source.interpretation)


def _must_be_side(exchange: Exchange, member: str) -> None:
    if member not in exchange.sides:
        raise Refused("not-found", "There is no such exchange here.", status=404)


def _dimensions(source: Any) -> dict[str, Any]:
    return {name: getattr(source, name) for name in _DIMENSIONS}
