"""What the network can spend in each quarter of a year; a resource that nobody set does not limit."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated

from pydantic import Field

from services.requests.commands import Moment, QuarterText, Year
from shared.contracts.base import Command, Event
from shared.contracts.refused import Refused
from shared.contracts.resources import ResourcesSet
from shared.contracts.vocabulary import Quarter

Euros = Annotated[int, Field(ge=0, le=1_000_000_000)]
Slots = Annotated[int, Field(ge=0, le=10_000)]
HalfDays = Annotated[float, Field(ge=0, le=10_000, multiple_of=0.5)]


class OfQuarter(Command):
    """What can be spent in one quarter; what is left open does not limit."""

    quarter: QuarterText
    budget: Euros | None = None
    trainer_days: HalfDays | None = None
    event_slots: Slots | None = None
    interpretation_days: HalfDays | None = None


class SetResources(Command):
    """What can be spent in these quarters of a year; the others stay as they are."""

    happened_at: Moment | None = None
    year: Year
    quarters: Annotated[tuple[OfQuarter, ...], Field(max_length=4)]


@dataclass(frozen=True, slots=True)
class Amounts:
    """Of one quarter: euros, days, slots, days."""

    budget: int | None = None
    trainer_days: float | None = None
    event_slots: int | None = None
    interpretation_days: float | None = None


RESOURCES = ("budget", "trainer_days", "event_slots", "interpretation_days")
"""In the order of every tuple of amounts."""


@dataclass(frozen=True, slots=True)
class Resources:
    year: int = 0
    quarters: Mapping[str, Amounts] = field(default_factory=dict)

    def of(self, quarter: str) -> Amounts:
        return self.quarters.get(quarter, Amounts())


def set_resources(state: Resources, command: SetResources) -> list[Event]:
    """Nothing for a quarter that has these amounts already."""
    if len({one.quarter for one in command.quarters}) < len(command.quarters):
        raise Refused("quarter-twice", "Give each quarter once.", status=422)
    return [event for one in command.quarters for event in _set(state, command.year, one)]


def _set(state: Resources, year: int, given: OfQuarter) -> list[Event]:
    if Quarter.parse(given.quarter).year != year:
        raise Refused("quarter-of-another-year", "Choose a quarter of %(year)s.", status=422, year=year)
    before = state.of(given.quarter)
    now = Amounts(*(getattr(given, name) for name in RESOURCES))
    if now == before:
        return []
    previous = {f"previous_{name}": amount for name, amount in asdict(before).items()}
    return [ResourcesSet(year=year, quarter=given.quarter, **asdict(now), **previous)]


def evolve(state: Resources, event: Event) -> Resources:
    match event:
        case ResourcesSet():
            amounts = Amounts(*(getattr(event, name) for name in RESOURCES))
            return replace(state, year=event.year, quarters={**state.quarters, event.quarter: amounts})
    return state
