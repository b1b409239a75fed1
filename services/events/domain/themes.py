"""The annual call for good practices: the themes of a year, and until when they are asked for."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from services.events.commands.practice import ClosePracticeCall, OpenPracticeCall
from shared.contracts.base import Command, Event
from shared.contracts.practices import PracticeCallClosed, PracticeCallOpened
from shared.contracts.refused import Refused


@dataclass(frozen=True, slots=True)
class Themes:
    year: int = 0
    themes: tuple[str, ...] = ()
    """Ids; what they are called stands beside."""
    closes_on: date | None = None
    open: bool = False


def decide(call: Themes, command: Command) -> list[Event]:
    match command:
        case OpenPracticeCall():
            if command.closes_on < command.when.date():
                raise Refused("in-the-past", "The call ends today at the earliest.", status=422)
            ids = tuple(theme_id(number) for number in range(len(command.themes)))
            if len(ids) < len(call.themes):
                raise Refused("themes-stay", "Themes stay once they were asked for; rename them or add to them.")
            return [PracticeCallOpened(year=command.year, themes=ids, closes_on=command.closes_on)]
        case ClosePracticeCall():
            return [PracticeCallClosed(year=call.year)] if call.open else []
    raise TypeError(type(command).__name__)


def theme_id(number: int) -> str:
    return f"theme-{number + 1}"


def evolve(call: Themes, event: Event) -> Themes:
    match event:
        case PracticeCallOpened():
            return Themes(event.year, event.themes, event.closes_on, open=True)
        case PracticeCallClosed():
            return replace(call, open=False)
    return call


def falls_due(stream: str, event: Event) -> Iterable[tuple[str, datetime | None, Command | None]]:
    """The call ends by itself after its last day."""
    match event:
        case PracticeCallOpened():
            at = datetime.combine(event.closes_on + timedelta(days=1), time(0, tzinfo=UTC))
            yield f"close/{stream}", at, ClosePracticeCall(call=stream)
        case PracticeCallClosed():
            yield f"close/{stream}", None, None
