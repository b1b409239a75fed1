"""A call as it stands, and what it holds others to: its window, who may take part, its budget and caps."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from services.matching.commands import ChangeInterest, FileInterest, ProposeExchange, SetCosts, Terms
from services.matching.week import stay
from shared.contracts.base import Event
from shared.contracts.matching import CallMatched, ExchangeCounted, ExchangeUncounted
from shared.contracts.refused import Refused


class Status(StrEnum):
    NEW = "new"
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    MATCHED = "matched"
    RUNNING = "running"
    REPORTED = "reported"


@dataclass(frozen=True, slots=True)
class Counted:
    """An exchange, proposed or agreed, as it counts against the call's limits; `amount` in euros."""

    sender: str
    focus: str
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    status: Status = Status.NEW
    year: int = 0
    focus_areas: tuple[str, ...] = ()
    minimum: int = 0
    answer_days: int = 14
    runs: tuple[str, ...] = ()
    market: str = "staff-exchange"
    number: int = 1
    opened_on: str = ""
    closes_on: date | None = None
    first_week: str | None = None
    last_week: str | None = None
    budget: int | None = None
    travel: int = 0
    accommodation: int = 0
    interpretation: int = 0
    interpreted: bool = False
    cap: int | None = None
    focus_minimum: dict[str, int] = field(default_factory=dict)
    eligible: tuple[str, ...] = ()
    reciprocal: bool = False
    endorsed_only: bool = False
    rolling: bool = False
    automatic: bool = False
    levels: tuple[dict[str, int], ...] = ()
    """What a run aims at, instead of what its market lays down."""
    counted: dict[str, Counted] = field(default_factory=dict)
    """By exchange."""

    @property
    def committed(self) -> int:
        """Euros that its exchanges cost, as planned or paid."""
        return sum(one.amount for one in self.counted.values())

    @property
    def left(self) -> int | None:
        """Of the budget; none where it has none."""
        return None if self.budget is None else self.budget - self.committed

    def sent_by(self, member: str) -> int:
        return sum(one.sender == member for one in self.counted.values())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to, in figures."""

    run: str
    interests: int
    offers: int
    matched: int
    proven: bool
    by_itself: bool = False


def must_be_possible(terms: Terms) -> None:
    if terms.first_week and terms.last_week and terms.last_week < terms.first_week:
        raise Refused("window-impossible", "The last week comes before the first: choose a later one.", status=422)
    if terms.closes_on and terms.closes_on < terms.when.date():
        raise Refused("closing-past", "The last day of the call is over already: choose a later one.", status=422)
    if not terms.focus_minimum.keys() <= set(terms.focus_areas):
        raise Refused("focus-not-in-call", "Set a minimum only for focus areas that the call names.", status=422)
    named = [name for level in terms.levels for name in level]
    if named and ("exchanges" not in named or len(named) > len(set(named))):
        raise Refused(
            "levels-impossible", "Name the exchanges among what a run aims at, and nothing twice.", status=422
        )


def fits(call: Call, command: Any, areas: Iterable[str], weeks: Iterable[str]) -> list[Event]:
    if not set(areas) <= set(call.focus_areas):
        raise Refused("focus-not-in-call", "Choose a focus area that this call names.", status=422)
    member = getattr(command, "member", None)
    if member is not None and call.eligible and member not in call.eligible:
        raise Refused("member-not-eligible", "%(member)s may not take part in this call.", status=422, member=member)
    must_be_within(call, weeks)
    return []


def stays(command: FileInterest | ChangeInterest) -> list[str]:
    return [week for start in command.weeks for week in stay(start, command.duration)]


def must_be_within(call: Call, weeks: Iterable[str]) -> None:
    first, last = call.first_week or "", call.last_week or "9999"
    if outside := [week for week in weeks if not first <= week <= last]:
        sentence = "%(week)s lies outside the call: its exchanges take place from %(first)s to %(last)s."
        span = {"first": call.first_week or "…", "last": call.last_week or "…"}
        raise Refused("window-outside", sentence, status=422, week=outside[0], **span)


def counted(call: Call, command: ProposeExchange) -> list[Event]:
    if command.exchange in call.counted:
        return []
    if call.left is not None and command.amount > call.left:
        sentence = "The call's budget has %(left)s EUR left, and this exchange needs %(needed)s."
        raise Refused("budget-spent", sentence, left=max(0, call.left), needed=command.amount)
    if call.cap is not None and call.sent_by(command.sender) >= call.cap:
        sentence = "%(member)s sends as many exchanges as the call allows a member: %(cap)s."
        raise Refused("cap-reached", sentence, member=command.sender, cap=call.cap)
    counted = ExchangeCounted(
        exchange=command.exchange, sender=command.sender, focus=command.focus, amount=command.amount
    )
    return [counted, *([CallMatched(year=call.year)] if call.status is Status.CLOSED else [])]


def costed(call: Call, command: SetCosts) -> list[Event]:
    """Planned amounts must fit the budget; what was actually paid is a fact, and counts whatever it is."""
    known = call.counted.get(command.exchange)
    if known is None or known.amount == command.amount:
        return []
    if not command.actual and call.left is not None and command.amount - known.amount > call.left:
        sentence = "The call's budget has %(left)s EUR left, and this exchange needs %(needed)s more."
        needed = command.amount - known.amount
        raise Refused("budget-spent", sentence, left=max(0, call.left), needed=needed)
    told = {"exchange": command.exchange, "sender": known.sender, "focus": known.focus}
    return [ExchangeCounted(**told, amount=command.amount, previously=known.amount)]


def uncounted(call: Call, exchange: str) -> list[Event]:
    known = call.counted.get(exchange)
    if known is None:
        return []
    return [ExchangeUncounted(exchange=exchange, sender=known.sender, focus=known.focus, amount=known.amount)]
