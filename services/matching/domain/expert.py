"""An expert: applied, assessed, on the list for a time. This stream guards their load: weeks held, and how many a year.

One person is one expert of a network; who was turned down, left or let the time pass may apply again.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from services.matching.commands.experts import (
    Apply,
    Assess,
    ChangeExpert,
    DeclineSeat,
    ExpireExpert,
    LapseSeat,
    ProposeExpert,
    RemindExpert,
    RenewExpert,
    WithdrawDemand,
    WithdrawExpert,
)
from services.matching.week import week_of
from shared.contracts.base import Command, Event
from shared.contracts.experts import (
    ExpertApplied,
    ExpertAssessed,
    ExpertBooked,
    ExpertChanged,
    ExpertExpired,
    ExpertReleased,
    ExpertReminded,
    ExpertRenewed,
    ExpertWithdrawn,
)
from shared.contracts.refused import Refused


class Status(StrEnum):
    NEW = "new"
    APPLIED = "applied"
    LISTED = "listed"
    REFUSED = "refused"
    EXPIRED = "expired"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Booking:
    """The weeks that one activity keeps, proposed or accepted."""

    demand: str
    weeks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expert:
    status: Status = Status.NEW
    person: str = ""
    member: str | None = None
    roster: str = ""
    areas: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    levels: dict[str, str] = field(default_factory=dict)
    weeks: tuple[str, ...] = ()
    most: int = 1
    scores: dict[str, int] = field(default_factory=dict)
    score: int = 0
    valid_until: date | None = None
    reminded: bool = False
    applied_on: str = ""
    statement: str | None = None
    """Under which id the service keeps what they wrote."""
    reason: str | None = None
    """Under which id the service keeps why they were listed or turned down."""
    bookings: dict[str, Booking] = field(default_factory=dict)
    """By seat."""

    def load(self) -> Counter[str]:
        """Assignments by the year in which they begin."""
        return Counter(one.weeks[0][:4] for one in self.bookings.values())

    def to_come(self, today: date) -> dict[str, Booking]:
        """Those whose last week is not over."""
        return {key: one for key, one in self.bookings.items() if one.weeks[-1] >= week_of(today)}

    def free(self) -> tuple[str, ...]:
        """Weeks available and not held."""
        held = {week for one in self.bookings.values() for week in one.weeks}
        return tuple(week for week in self.weeks if week not in held)


_TERMS = ("areas", "languages", "levels", "weeks", "most")


def decide(expert: Expert, command: Command) -> list[Event]:
    match command, expert.status:
        case Apply(), Status.APPLIED | Status.LISTED:
            raise Refused("applied-already", "You applied already: change what you said instead.")
        case Apply(), _:
            told = {name: getattr(command, name) for name in (*_TERMS, "person", "member", "roster")}
            on = command.when.date().isoformat()
            return [ExpertApplied(**told, applied_on=on, words=command.words or None)]
        case _, Status.NEW:
            raise Refused("not-found", "There is no such expert here.", status=404)
        case ChangeExpert(), Status.APPLIED | Status.LISTED:
            return _changed(expert, command)
        case Assess(), Status.APPLIED | Status.LISTED | Status.REFUSED:
            return _assessed(expert, command)
        case RemindExpert(), Status.LISTED:
            known = expert.valid_until
            return [] if expert.reminded or known is None else [ExpertReminded(**_who(expert), valid_until=known)]
        case RenewExpert(valid_until=until, remind_on=on), Status.LISTED if until and expert.valid_until:
            if until <= expert.valid_until:
                raise Refused("renewed-already", "Your time on the list goes that far already.")
            return [ExpertRenewed(**_who(expert), valid_until=until, previously=expert.valid_until, remind_on=on)]
        case ExpireExpert(), Status.LISTED:
            known = expert.valid_until
            over = known is not None and known < command.when.date()
            return [ExpertExpired(**_who(expert), valid_until=known)] if over and known else []
        case WithdrawExpert(), Status.APPLIED | Status.LISTED:
            freed = [_released(expert, seat) for seat in expert.to_come(command.when.date())]
            return [*freed, ExpertWithdrawn(**_who(expert))]
        case ProposeExpert(), _:
            return _booked(expert, command)
        case ((DeclineSeat(seat=seat) | LapseSeat(seat=seat)), _):
            return [_released(expert, seat)] if seat in expert.bookings else []
        case WithdrawDemand(demand=demand), _:
            return [_released(expert, seat) for seat, one in expert.bookings.items() if one.demand == demand]
        case ((RemindExpert() | ExpireExpert()), _):
            return []
    raise Refused("wrong-status", "That cannot be done: this expert is not on the list.")


def evolve(expert: Expert, event: Event) -> Expert:
    match event:
        case ExpertApplied():
            told = {name: getattr(event, name) for name in (*_TERMS, "person", "member", "roster", "applied_on")}
            return Expert(Status.APPLIED, **told, statement=event.words, bookings=expert.bookings)
        case ExpertChanged():
            return replace(expert, **{name: getattr(event, name) for name in _TERMS})
        case ExpertAssessed():
            status = Status.LISTED if event.listed else Status.REFUSED
            areas = event.areas or expert.areas
            told = {name: getattr(event, name) for name in ("scores", "score", "valid_until")}
            return replace(expert, status=status, areas=areas, reason=event.words, reminded=False, **told)
        case ExpertReminded():
            return replace(expert, reminded=True)
        case ExpertRenewed():
            return replace(expert, valid_until=event.valid_until, reminded=False)
        case ExpertExpired():
            return replace(expert, status=Status.EXPIRED)
        case ExpertWithdrawn():
            return replace(expert, status=Status.LEFT)
        case ExpertBooked():
            return replace(expert, bookings={**expert.bookings, event.seat: Booking(event.demand, event.weeks)})
        case ExpertReleased():
            return replace(expert, bookings={key: one for key, one in expert.bookings.items() if key != event.seat})
    return expert


def time_on_list(stream: str, event: Event) -> Iterable[tuple[str, datetime | None, Command | None]]:
    """A reminder before the end, and the end itself; cleared for who is listed no more."""
    match event:
        case ExpertAssessed(listed=True, valid_until=until) | ExpertRenewed(valid_until=until) if until is not None:
            remind = event.remind_on
            yield f"remind-{stream}", _begin(remind), RemindExpert(expert=stream) if remind else None
            yield f"expire-{stream}", _begin(until + timedelta(days=1)), ExpireExpert(expert=stream)
        case ExpertAssessed() | ExpertExpired() | ExpertWithdrawn():
            yield f"remind-{stream}", None, None
            yield f"expire-{stream}", None, None


def _begin(on: date | None) -> datetime | None:
    return datetime.combine(on, time(), UTC) if on else None


def _who(expert: Expert) -> dict[str, Any]:
    return {"person": expert.person, "member": expert.member}


def _released(expert: Expert, seat: str) -> ExpertReleased:
    return ExpertReleased(**_who(expert), seat=seat, demand=expert.bookings[seat].demand)


def _changed(expert: Expert, command: ChangeExpert) -> list[Event]:
    """Who is listed stays within the fields they are listed for, and within what they have said yes to."""
    if expert.status is Status.LISTED and not set(command.areas) <= set(expert.areas):
        raise Refused("area-not-assessed", "You are listed for some fields only: another one needs a new application.")
    event = ExpertChanged(**_who(expert), **{name: getattr(command, name) for name in _TERMS}, market=command.market)
    return [event] if evolve(expert, event) != expert else []


def _assessed(expert: Expert, command: Assess) -> list[Event]:
    if not set(command.areas) <= set(expert.areas):
        raise Refused("area-not-asked", "List them for fields of expertise that they applied for.", status=422)
    if not command.listed and expert.to_come(command.when.date()):
        raise Refused("expert-booked", "Activities count on this expert: withdraw what they need first.")
    told = {name: getattr(command, name) for name in ("listed", "scores", "score", "areas", "market")}
    until = {"valid_until": command.valid_until, "remind_on": command.remind_on} if command.listed else {}
    return [ExpertAssessed(**_who(expert), **told, **until, words=command.words or None)]


def _booked(expert: Expert, command: ProposeExpert) -> list[Event]:
    if command.seat in expert.bookings:
        return []
    if expert.status is not Status.LISTED:
        raise Refused("expert-gone", "This expert is not on the list any more; run the match again.")
    if expert.valid_until and command.until and command.until > expert.valid_until:
        raise Refused("expert-gone", "This expert's time on the list ends before that; run the match again.")
    if command.area not in expert.areas or not _speaks(expert, command) or not set(command.weeks) <= set(expert.free()):
        raise Refused("expert-changed", "This expert is not free for it any more; run the match again.")
    if expert.load()[command.weeks[0][:4]] >= expert.most:
        raise Refused("load-reached", "This expert has as many assignments that year as they take.")
    return [ExpertBooked(**_who(expert), seat=command.seat, demand=command.demand, weeks=command.weeks)]


def _speaks(expert: Expert, command: ProposeExpert) -> bool:
    """A language without a level is good enough for any."""
    if command.language is None:
        return True
    known = expert.levels.get(command.language)
    return command.language in expert.languages and (known is None or known >= (command.level or ""))
