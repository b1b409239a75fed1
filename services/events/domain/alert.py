"""A restricted alert: raised by a member for named others, read with a receipt, corrected, withdrawn, expired.

The stream holds who and when; what it says is sealed beside it, and deleted when it ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from services.events.commands.alert import (
    CorrectAlert,
    DiscussAlert,
    ExpireAlert,
    RaiseAlert,
    ReadAlert,
    WithdrawAlert,
)
from shared.contracts.base import Command, Event
from shared.contracts.practices import (
    AlertCorrected,
    AlertDiscussed,
    AlertExpired,
    AlertRaised,
    AlertRead,
    AlertWithdrawn,
)
from shared.contracts.refused import Refused

MOST_MESSAGES = 500
AGAIN = timedelta(minutes=1)


class Status(StrEnum):
    STANDING = "standing"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Who opened it, and after which correction."""

    member: str
    number: int
    on: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    status: Status = Status.STANDING
    member: str = ""
    to: tuple[str, ...] = ()
    expires_on: date | None = None
    number: int = 0
    """Corrections so far."""
    receipts: dict[str, Receipt] = field(default_factory=dict)
    """By person."""
    messages: tuple[str, ...] = ()

    def is_for(self, member: str | None) -> bool:
        return bool(member) and member in (self.member, *self.to)

    def was_read_by(self, person: str | None) -> bool:
        """Whether this person opened it as it stands now."""
        receipt = self.receipts.get(person or "")
        return receipt is not None and receipt.number == self.number


def raise_(alert: Alert, command: RaiseAlert, *, named: Iterable[str], longest_days: int) -> list[Event]:
    """`named` are the members of the channel."""
    if alert.member:
        return []
    members, today = set(named), command.when.date()
    if command.member not in members or not set(command.to) <= members - {command.member}:
        raise Refused("not-named", "Choose other members of the channel.", status=422)
    if not today < command.expires_on <= today + timedelta(days=longest_days):
        sentence = "Choose a day of expiry within %(days)s days from today."
        raise Refused("expiry", sentence, status=422, days=longest_days)
    to = tuple(dict.fromkeys(command.to))
    return [AlertRaised(member=command.member, to=to, expires_on=command.expires_on)]


def decide(alert: Alert, command: Command) -> list[Event]:
    match command:
        case ExpireAlert():
            return [AlertExpired()] if alert.status is Status.STANDING and alert.member else []
        case CorrectAlert() | WithdrawAlert():
            if command.member != alert.member:
                raise Refused("other-member", "Only the member that raised it corrects or withdraws it.")
            _demand(alert)
            if isinstance(command, WithdrawAlert):
                return [AlertWithdrawn()]
            return [AlertCorrected(number=alert.number + 1, to=alert.to)]
        case ReadAlert():
            _demand(alert)
            if alert.was_read_by(command.person):
                return []
            return [AlertRead(person=command.person, member=command.member, number=alert.number)]
        case DiscussAlert():
            _demand(alert)
            if len(alert.messages) >= MOST_MESSAGES:
                raise Refused("too-many", "There is too much said about it already; raise another one.")
            return [AlertDiscussed(member=command.member, message=command.message)]
    raise TypeError(type(command).__name__)


def _demand(alert: Alert) -> None:
    if alert.status is not Status.STANDING:
        raise Refused("is-over", "It stands no more: what it said is deleted.", status=410)


def evolve(alert: Alert, event: Event) -> Alert:
    match event:
        case AlertRaised():
            return replace(alert, member=event.member, to=event.to, expires_on=event.expires_on)
        case AlertCorrected():
            return replace(alert, number=event.number)
        case AlertRead():
            receipts = {**alert.receipts, event.person: Receipt(event.member, event.number)}
            return replace(alert, receipts=receipts)
        case AlertDiscussed():
            return replace(alert, messages=(*alert.messages, event.message))
        case AlertWithdrawn():
            return replace(alert, status=Status.WITHDRAWN)
        case AlertExpired():
            return replace(alert, status=Status.EXPIRED)
    return alert


def falls_due(stream: str, event: Event, now: datetime) -> Iterable[tuple[str, datetime, Command]]:
    """It expires when its last day is over.

    Once it has ended that falls due again soon: it decides nothing, and deletes what a process that was stopped right
    after the end left.
    """
    match event:
        case AlertRaised():
            at = datetime.combine(event.expires_on + timedelta(days=1), time(0, tzinfo=UTC))
            yield f"expire/{stream}", at, ExpireAlert(alert=stream)
        case AlertWithdrawn() | AlertExpired():
            yield f"expire/{stream}", now + AGAIN, ExpireAlert(alert=stream)
