"""A document of the programming cycle: due from each coordination office by its day, and delivered or not."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated

from pydantic import StringConstraints

from services.requests.commands import Address, Drawn, Id, Moment, Reason, Several, Title, Words, Year
from shared.contracts.base import Command, Event
from shared.contracts.planning import (
    DeliverableAsked,
    DeliverableDelivered,
    DeliverableDueMoved,
    DeliverableTakenBack,
)
from shared.contracts.refused import Refused

DeliverableId = Annotated[str, StringConstraints(pattern=r"^deliverable-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class AskDeliverable(Command):
    """None named means every coordination office of the network."""

    happened_at: Moment | None = None
    year: Year
    title: Title
    text: Words = ""
    due_on: date
    members: Several = ()
    deliverable: Annotated[str, Drawn] = ""


class MoveDue(Command):
    happened_at: Moment | None = None
    deliverable: DeliverableId
    member: Id
    due_on: date


class Deliver(Command):
    happened_at: Moment | None = None
    deliverable: DeliverableId
    member: Id
    link: Address | None = None
    note: Reason = ""


class TakeDeliveryBack(Command):
    happened_at: Moment | None = None
    deliverable: DeliverableId
    member: Id


@dataclass(frozen=True, slots=True)
class Deliverable:
    year: int = 0
    due: Mapping[str, str] = field(default_factory=dict)
    """Coordination office -> the day."""
    delivered: Mapping[str, str] = field(default_factory=dict)

    def overdue(self, member: str, today: date) -> bool:
        return member not in self.delivered and self.due[member] < today.isoformat()


def ask(state: Deliverable, command: AskDeliverable) -> list[Event]:
    if state.year:
        return []
    day = command.due_on.isoformat()
    return [DeliverableAsked(year=command.year, due=tuple((member, day) for member in command.members))]


def decide(state: Deliverable, command: Command) -> list[Event]:
    if not state.year:
        raise Refused("not-found", "There is nothing of this name here.", status=404)
    assert isinstance(command, MoveDue | Deliver | TakeDeliveryBack)
    member = command.member
    if member not in state.due:
        raise Refused("not-asked", "This document is not due from that office.", status=422)
    facts = {"year": state.year, "member": member}
    match command:
        case MoveDue(due_on=due_on):
            day = due_on.isoformat()
            if day == state.due[member]:
                return []
            return [DeliverableDueMoved(**facts, due=day, previously=state.due[member])]
        case Deliver():
            if member in state.delivered:
                return []
            on = command.when.date().isoformat()
            return [DeliverableDelivered(**facts, on=on, due=state.due[member])]
        case TakeDeliveryBack():
            if member not in state.delivered:
                return []
            return [DeliverableTakenBack(**facts, previously=state.delivered[member], due=state.due[member])]


def evolve(state: Deliverable, event: Event) -> Deliverable:
    match event:
        case DeliverableAsked():
            return Deliverable(year=event.year, due=dict(event.due))
        case DeliverableDueMoved():
            return replace(state, due={**state.due, event.member: event.due})
        case DeliverableDelivered():
            return replace(state, delivered={**state.delivered, event.member: event.on})
        case DeliverableTakenBack():
            left = {who: on for who, on in state.delivered.items() if who != event.member}
            return replace(state, delivered=left)
    return state
