"""A member's wish to send officials: filed, held by a proposal while both sides answer, freed if that fails."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from services.matching.commands import (
    CancelExchange,
    ChangeInterest,
    DeclineExchange,
    EndorseInterest,
    ExpireProposal,
    FileInterest,
    ProposeExchange,
    ReleaseProposal,
    TakeBackProposal,
    WithdrawInterest,
)
from shared.contracts.base import Command, Event
from shared.contracts.matching import (
    InterestChanged,
    InterestEndorsed,
    InterestFiled,
    InterestFreed,
    InterestMatched,
    InterestWithdrawn,
)
from shared.contracts.refused import Refused


class Status(StrEnum):
    NEW = "new"
    FILED = "filed"
    MATCHED = "matched"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Interest:
    status: Status = Status.NEW
    call: str = ""
    member: str = ""
    focus: str = ""
    languages: tuple[str, ...] = ()
    officials: int = 1
    weeks: tuple[str, ...] = ()
    duration: int = 1
    wishes: tuple[str, ...] = ()
    joint_inspection: bool = False
    fewer_opportunities: int = 0
    excluded: tuple[str, ...] = ()
    """Members to which it does not want to go."""
    levels: dict[str, str] = field(default_factory=dict)
    """CEFR, by language."""
    endorsed: bool = False
    """Whether the member's liaison officer stands behind it."""
    filed_on: str = ""
    exchange: str | None = None
    offer: str | None = None
    """The one that its exchange is with."""
    turned_down: tuple[str, ...] = ()
    """Offers with which a proposal was declined."""
    request: str | None = None
    """What it came of, where a request was accepted for the call."""


def decide(interest: Interest, command: Command) -> list[Event]:
    match command, interest.status:
        case FileInterest(), Status.NEW:
            return [_filed(command)]
        case FileInterest(), Status.WITHDRAWN | Status.MATCHED if command.request:
            return [_filed(command)]  # what it was for came to nothing, and its request was accepted anew
        case _, Status.NEW:
            raise Refused("not-found", "There is no such interest here.", status=404)
        case ChangeInterest(), Status.FILED:
            return _changed(interest, command)
        case ChangeInterest(), Status.MATCHED:
            raise Refused("interest-matched", "An exchange was proposed for it: it can be changed once that has ended.")
        case ChangeInterest(), Status.WITHDRAWN:
            raise Refused("interest-withdrawn", "This interest was withdrawn; file another one.")
        case EndorseInterest(), Status.WITHDRAWN:
            raise Refused("interest-withdrawn", "This interest was withdrawn; file another one.")
        case EndorseInterest(), _:
            return [] if interest.endorsed else [InterestEndorsed(call=interest.call, member=interest.member)]
        case WithdrawInterest(), Status.FILED:
            return [_withdrawn(interest)]
        case WithdrawInterest(), Status.MATCHED:
            raise Refused("interest-matched", "An exchange was proposed for it: accept or decline that first.")
        case WithdrawInterest(), Status.WITHDRAWN:
            raise Refused("interest-withdrawn", "This interest was withdrawn already.")
        case ProposeExchange(exchange=exchange, offer=offer), Status.FILED:
            _must_still_be_meant(interest, command)
            return [InterestMatched(call=interest.call, member=interest.member, exchange=exchange, offer=offer)]
        case ProposeExchange(), Status.MATCHED:
            raise Refused(
                "interest-matched", "An exchange was proposed for this interest already; run the match again."
            )
        case ProposeExchange(), Status.WITHDRAWN:
            raise Refused("interest-withdrawn", "This interest was withdrawn since the run; run the match again.")
        case ((CancelExchange(exchange=exchange) | ReleaseProposal(exchange=exchange)), Status.MATCHED):
            return _let_go(interest, exchange)
        case ((ExpireProposal(exchange=exchange) | TakeBackProposal(exchange=exchange)), Status.MATCHED):
            return _freed(interest, exchange, turned_down=False)
        case DeclineExchange(exchange=exchange), Status.MATCHED:
            return _freed(interest, exchange, turned_down=True)
    return []


def evolve(interest: Interest, event: Event) -> Interest:
    match event:
        case InterestFiled():
            more = {name: getattr(event, name) for name in ("call", "member", "filed_on", "endorsed")}
            turned_down = interest.turned_down if interest.call == event.call else ()
            return Interest(
                status=Status.FILED, **_terms(event), **more, request=event.request, turned_down=turned_down
            )
        case InterestChanged():
            return replace(interest, **_terms(event))
        case InterestEndorsed():
            return replace(interest, endorsed=True)
        case InterestWithdrawn():
            return replace(interest, status=Status.WITHDRAWN)
        case InterestMatched():
            return replace(interest, status=Status.MATCHED, exchange=event.exchange, offer=event.offer)
        case InterestFreed():
            turned_down = (*interest.turned_down, event.offer) if event.turned_down else interest.turned_down
            return replace(interest, status=Status.FILED, exchange=None, offer=None, turned_down=turned_down)
    return interest


_TERMS = (
    "focus", "languages", "officials", "weeks", "duration", "wishes", "joint_inspection", "fewer_opportunities",
    "excluded", "levels",
)  # fmt: skip


def _terms(source: Any) -> dict[str, Any]:
    return {name: getattr(source, name) for name in _TERMS}


def _filed(command: FileInterest) -> InterestFiled:
    _must_be_possible(command, command.member)
    more = {name: getattr(command, name) for name in ("call", "member", "endorsed", "rolling")}
    on = command.when.date().isoformat()
    return InterestFiled(**_terms(command), **more, request=command.request or None, filed_on=on)


def _changed(interest: Interest, command: ChangeInterest) -> list[Event]:
    """Nothing where all is as it was."""
    _must_be_possible(command, interest.member)
    event = InterestChanged(call=interest.call, member=interest.member, **_terms(command))
    return [event] if evolve(interest, event) != interest else []


def _must_still_be_meant(interest: Interest, command: ProposeExchange) -> None:
    """What a run saw may have been changed since."""
    same = (interest.officials, interest.duration, interest.focus)
    spoken = command.language is None or command.language in interest.languages
    wanted = command.week in interest.weeks and command.host not in interest.excluded
    if same != (command.officials, command.duration, command.focus) or not (spoken and wanted):
        raise Refused("interest-changed", "This interest was changed since the run; run the match again.")


def _must_be_possible(command: FileInterest | ChangeInterest, member: str) -> None:
    if member in command.wishes:
        raise Refused("own-host", "Wish for another member than your own: nobody is its own host.", status=422)
    if both := [one for one in command.wishes if one in command.excluded]:
        sentence = "%(member)s is both wished for and excluded: choose one."
        raise Refused("wish-excluded", sentence, status=422, member=both[0])
    if command.fewer_opportunities > command.officials:
        sentence = "Of %(officials)s officials no more than that many can have fewer opportunities."
        raise Refused("too-many-counted", sentence, status=422, officials=command.officials)


def _withdrawn(interest: Interest) -> InterestWithdrawn:
    told = {name: getattr(interest, name) for name in ("call", "member", "focus", "filed_on")}
    return InterestWithdrawn(**told)


def _let_go(interest: Interest, exchange: str) -> list[Event]:
    """What came of a request leaves the call with its exchange: `requests` decides on it anew."""
    freed = _freed(interest, exchange, turned_down=False)
    return [*freed, _withdrawn(interest)] if freed and interest.request else freed


def _freed(interest: Interest, exchange: str, *, turned_down: bool) -> list[Event]:
    """Nothing to do where another exchange holds it by now."""
    if interest.exchange != exchange:
        return []
    freed = InterestFreed(
        call=interest.call,
        member=interest.member,
        exchange=exchange,
        offer=interest.offer or "",
        turned_down=turned_down,
    )
    return [freed]
