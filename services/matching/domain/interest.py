"""A member's wish to send officials: filed, held by a proposal while both sides answer, freed if that fails."""

from dataclasses import dataclass, replace
from enum import StrEnum

from services.matching.commands import (
    CancelExchange,
    ChangeInterest,
    DeclineExchange,
    ExpireProposal,
    FileInterest,
    ProposeExchange,
    TakeBackProposal,
    WithdrawInterest,
)
from shared.contracts.base import Command, Event
from shared.contracts.matching import (
    InterestChanged,
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
    filed_on: str = ""
    exchange: str | None = None
    offer: str | None = None
    """The one that its exchange is with."""
    turned_down: tuple[str, ...] = ()
    """Offers with which a proposal was declined."""


def decide(interest: Interest, command: Command) -> list[Event]:
    match command, interest.status:
        case FileInterest(), Status.NEW:
            return [_filed(command)]
        case _, Status.NEW:
            raise Refused("not-found", "There is no such interest here.", status=404)
        case ChangeInterest(), Status.FILED:
            return _changed(interest, command)
        case ChangeInterest(), Status.MATCHED:
            raise Refused("interest-matched", "An exchange was proposed for it: it can be changed once that has ended.")
        case ChangeInterest(), Status.WITHDRAWN:
            raise Refused("interest-withdrawn", "This interest was withdrawn; file another one.")
        case WithdrawInterest(), Status.FILED:
            return [
                InterestWithdrawn(
                    call=interest.call, member=interest.member, focus=interest.focus, filed_on=interest.filed_on
                )
            ]
        case WithdrawInterest(), Status.MATCHED:
            raise Refused("interest-matched", "An exchange was proposed for it: accept or decline that first.")
        case WithdrawInterest(), Status.WITHDRAWN:
            raise Refused("interest-withdrawn", "This interest was withdrawn already.")
        case ProposeExchange(exchange=exchange, offer=offer), Status.FILED:
            return [InterestMatched(call=interest.call, member=interest.member, exchange=exchange, offer=offer)]
        case ProposeExchange(), Status.MATCHED:
            raise Refused(
                "interest-matched", "An exchange was proposed for this interest already; run the match again."
            )
        case ProposeExchange(), Status.WITHDRAWN:
            raise Refused("interest-withdrawn", "This interest was withdrawn since the run; run the match again.")
        case (
            (
                ExpireProposal(exchange=exchange)
                | CancelExchange(exchange=exchange)
                | TakeBackProposal(exchange=exchange)
            ),
            Status.MATCHED,
        ):
            return _freed(interest, exchange, turned_down=False)
        case DeclineExchange(exchange=exchange), Status.MATCHED:
            return _freed(interest, exchange, turned_down=True)
    return []


def evolve(interest: Interest, event: Event) -> Interest:
    match event:
        case InterestFiled():
            shown = {name: getattr(event, name) for name in ("call", "member", "focus", "languages", "officials")}
            more = {name: getattr(event, name) for name in ("weeks", "duration", "wishes", "filed_on")}
            return Interest(status=Status.FILED, **shown, **more)
        case InterestChanged():
            names = ("focus", "languages", "officials", "weeks", "duration", "wishes")
            return replace(interest, **{name: getattr(event, name) for name in names})
        case InterestWithdrawn():
            return replace(interest, status=Status.WITHDRAWN)
        case InterestMatched():
            return replace(interest, status=Status.MATCHED, exchange=event.exchange, offer=event.offer)
        case InterestFreed():
            turned_down = (*interest.turned_down, event.offer) if event.turned_down else interest.turned_down
            return replace(interest, status=Status.FILED, exchange=None, offer=None, turned_down=turned_down)
    return interest


def _filed(command: FileInterest) -> InterestFiled:
    if command.member in command.wishes:
        raise Refused("own-host", "Wish for another member than your own: nobody is its own host.", status=422)
    told = command.model_dump(exclude={"happened_at"})
    return InterestFiled(**told, filed_on=command.when.date().isoformat())


def _changed(interest: Interest, command: ChangeInterest) -> list[Event]:
    """Nothing where all is as it was."""
    if interest.member in command.wishes:
        raise Refused("own-host", "Wish for another member than your own: nobody is its own host.", status=422)
    told = command.model_dump(exclude={"happened_at", "interest"})
    event = InterestChanged(call=interest.call, member=interest.member, **told)
    return [event] if evolve(interest, event) != interest else []


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
