"""A call for exchanges: open while interests and offers come in, then closed; its runs are counted here."""

from dataclasses import dataclass, replace
from enum import StrEnum

from services.matching.commands import (
    ChangeCall,
    ChangeInterest,
    ChangeOffer,
    CloseCall,
    FileInterest,
    MakeOffer,
    OpenCall,
    ProposeExchange,
    ReopenCall,
    RunMatch,
)
from shared.contracts.base import Command, Event
from shared.contracts.matching import CallChanged, CallClosed, CallOpened, CallReopened, MatchRunCompleted
from shared.contracts.refused import Refused


class Status(StrEnum):
    NEW = "new"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Call:
    status: Status = Status.NEW
    year: int = 0
    focus_areas: tuple[str, ...] = ()
    minimum: int = 0
    answer_days: int = 14
    runs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to, in figures."""

    run: str
    interests: int
    offers: int
    matched: int
    proven: bool


def decide(call: Call, command: Command) -> list[Event]:
    match command, call.status:
        case OpenCall(), Status.NEW:
            shown = command.model_dump(include={"year", "focus_areas", "minimum", "answer_days"})
            return [CallOpened(**shown)]
        case _, Status.NEW:
            raise Refused("not-found", "There is no such call here.", status=404)
        case CloseCall(), Status.OPEN:
            return [CallClosed(year=call.year)]
        case CloseCall(), Status.CLOSED:
            raise Refused("call-closed", "This call is closed already.")
        case ReopenCall(), Status.CLOSED:
            return [CallReopened(year=call.year, words=command.words or None)]
        case ReopenCall(), Status.OPEN:
            raise Refused("call-open", "This call is open; nothing is to be taken back.")
        case ChangeCall(), Status.OPEN:
            return _changed(call, command)
        case ChangeCall(), Status.CLOSED:
            raise Refused("call-closed", "This call is closed; open it again first.")
        case (ChangeInterest(focus=focus), _):
            return _known_focus(call, focus)
        case (ChangeOffer(focus_areas=focus_areas), _):
            return _known_focus(call, *focus_areas)
        case ((FileInterest() | MakeOffer()), Status.CLOSED):
            raise Refused("call-closed", "This call is closed; wait for the next one or ask its coordinator.")
        case FileInterest(focus=focus), Status.OPEN:
            return _known_focus(call, focus)
        case MakeOffer(focus_areas=focus_areas), Status.OPEN:
            return _known_focus(call, *focus_areas)
        case ProposeExchange(), _:
            return []
    raise Refused("wrong-status", "This call is %(state)s.", state=call.status)


def decide_run(call: Call, command: RunMatch, outcome: Outcome) -> list[Event]:
    """A run counts whether the call is still open or closed; it changes nothing but the list of runs."""
    if call.status is Status.NEW:
        raise Refused("not-found", "There is no such call here.", status=404)
    return [MatchRunCompleted(**{name: getattr(outcome, name) for name in Outcome.__slots__})]


def evolve(call: Call, event: Event) -> Call:
    match event:
        case CallOpened():
            return Call(Status.OPEN, event.year, event.focus_areas, event.minimum, event.answer_days)
        case CallChanged():
            return replace(call, focus_areas=event.focus_areas, minimum=event.minimum, answer_days=event.answer_days)
        case CallReopened():
            return replace(call, status=Status.OPEN)
        case CallClosed():
            return replace(call, status=Status.CLOSED)
        case MatchRunCompleted():
            return replace(call, runs=(*call.runs, event.run))
    return call


def _changed(call: Call, command: ChangeCall) -> list[Event]:
    """Nothing where all is as it was."""
    event = CallChanged(year=call.year, **command.model_dump(include={"focus_areas", "minimum", "answer_days"}))
    return [event] if evolve(call, event) != call else []


def _known_focus(call: Call, *focus_areas: str) -> list[Event]:
    if not set(focus_areas) <= set(call.focus_areas):
        raise Refused("focus-not-in-call", "Choose a focus area that this call names.", status=422)
    return []
