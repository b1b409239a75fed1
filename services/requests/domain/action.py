"""An action that members agree on for a year: bilateral or multilateral, agreed, initiated, implemented, reviewed."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.requests.commands import Drawn, Id, Moment, Reason, Title, Words, Year
from shared.contracts.base import Command, Event
from shared.contracts.planning import ActionAgreed, ActionJoined, ActionProgressed, ActionReviewed
from shared.contracts.refused import Refused

ActionId = Annotated[str, StringConstraints(pattern=r"^action-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Stage = Literal["agreed", "initiated", "implemented"]
Outcome = Literal["continues", "done", "dropped"]
MULTILATERAL = 3
"""From so many members on."""


class AgreeAction(Command):
    happened_at: Moment | None = None
    year: Year
    line: Id
    title: Title
    text: Words = ""
    lead: Id
    members: Annotated[tuple[Id, ...], Field(min_length=2, max_length=40)]
    itemised: Id | None = None
    """The row of the network's own document that it is."""
    continues: ActionId | None = None
    """The action of the year before that it goes on with."""
    action: Annotated[str, Drawn] = ""


class ProgressAction(Command):
    happened_at: Moment | None = None
    action: ActionId
    status: Stage


class JoinAction(Command):
    happened_at: Moment | None = None
    action: ActionId
    member: Id


class ReviewAction(Command):
    """What the annual meeting says of it."""

    happened_at: Moment | None = None
    action: ActionId
    outcome: Outcome
    said: Reason = ""
    words: Annotated[str, Drawn] = ""


@dataclass(frozen=True, slots=True)
class Action:
    year: int = 0
    line: str = ""
    lead: str = ""
    members: tuple[str, ...] = ()
    joined: tuple[tuple[str, str], ...] = ()
    """Members that joined later, each with the day."""
    multilateral: bool = False
    status: str = ""
    since: str = ""
    """The day it has this status."""
    outcome: str = ""
    reviewed_on: str = ""
    words: str | None = None
    """The id of what the last review said."""
    itemised: str | None = None


def agree(state: Action, command: AgreeAction) -> list[Event]:
    if state.status:
        return []
    if command.lead not in command.members:
        raise Refused("lead-not-a-member", "Choose the lead among the members of the action.", status=422)
    return [
        ActionAgreed(
            year=command.year,
            line=command.line,
            lead=command.lead,
            members=command.members,
            multilateral=len(set(command.members)) >= MULTILATERAL,
            agreed_on=command.when.date().isoformat(),
            itemised=command.itemised,
        )
    ]


def decide(state: Action, command: Command) -> list[Event]:
    """Each said twice counts once."""
    if not state.status:
        raise Refused("not-found", "There is nothing of this name here.", status=404)
    on = command.when.date().isoformat()
    match command:
        case ProgressAction(status=status):
            if status == state.status:
                return []
            before = {"previously": state.status, "previously_on": state.since}
            return [ActionProgressed(year=state.year, line=state.line, status=status, on=on, **before)]
        case JoinAction(member=member):
            if member in state.members:
                return []
            wide = len({*state.members, member}) >= MULTILATERAL
            facts = {"multilateral": wide, "previously_multilateral": state.multilateral}
            return [ActionJoined(year=state.year, line=state.line, member=member, on=on, **facts)]
        case ReviewAction():
            words = command.words or None
            return [ActionReviewed(year=state.year, line=state.line, on=on, words=words, outcome=command.outcome)]
    raise TypeError(type(command).__name__)


def evolve(state: Action, event: Event) -> Action:
    match event:
        case ActionAgreed():
            return Action(
                year=event.year, line=event.line, lead=event.lead, members=event.members,
                multilateral=event.multilateral, status="agreed", since=event.agreed_on, itemised=event.itemised,
            )  # fmt: skip
        case ActionProgressed():
            return replace(state, status=event.status, since=event.on)
        case ActionJoined():
            members, joined = (*state.members, event.member), (*state.joined, (event.member, event.on))
            return replace(state, members=members, joined=joined, multilateral=event.multilateral)
        case ActionReviewed():
            return replace(state, outcome=event.outcome, reviewed_on=event.on, words=event.words)
    return state
