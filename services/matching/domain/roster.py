"""A call for experts: open while applications come in, then closed; who is listed stays listed."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from services.matching.commands.experts import Apply, CloseRoster, OpenRoster
from shared.contracts.base import Command, Event
from shared.contracts.experts import RosterClosed, RosterOpened
from shared.contracts.refused import Refused


class Status(StrEnum):
    NEW = "new"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Roster:
    status: Status = Status.NEW
    year: int = 0
    number: int = 1
    areas: tuple[str, ...] = ()
    closes_on: date | None = None


def decide(roster: Roster, command: Command) -> list[Event]:
    match command, roster.status:
        case OpenRoster(closes_on=on), Status.NEW:
            if on is not None and on < command.when.date():
                raise Refused(
                    "closing-past", "The last day of the call is over already: choose a later one.", status=422
                )
            return [RosterOpened(year=command.year, areas=command.areas, closes_on=on, number=command.number)]
        case _, Status.NEW:
            raise Refused("not-found", "There is no such call here.", status=404)
        case CloseRoster(), Status.OPEN:
            return [RosterClosed(year=roster.year)]
        case CloseRoster(), _:
            return []
        case Apply(), Status.CLOSED:
            raise Refused("call-closed", "This call for experts is closed; wait for the next one.")
        case Apply(areas=areas), _:
            if roster.closes_on and command.when.date() > roster.closes_on:
                raise Refused("call-closed", "This call for experts is closed; wait for the next one.")
            if not set(areas) <= set(roster.areas):
                raise Refused("focus-not-in-call", "Choose fields of expertise that this call names.", status=422)
    return []


def evolve(roster: Roster, event: Event) -> Roster:
    match event:
        case RosterOpened():
            return Roster(Status.OPEN, event.year, event.number, event.areas, event.closes_on)
        case RosterClosed():
            return replace(roster, status=Status.CLOSED)
    return roster
