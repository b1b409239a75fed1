"""The annual plan: it guards its undecided requests, its activities and its adoption."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.requests.commands import (
    AcceptForCall,
    DeclineRequest,
    DeferRequest,
    MergeRequest,
    MoveActivity,
    PlanActivity,
    PlanRequest,
    ReopenRequest,
    ReturnRequest,
    SubmitRequest,
    UnplanActivity,
    WithdrawRequest,
)
from shared.contracts.base import Command, Event
from shared.contracts.planning import PlanAmended, PlanBegun, PlanCutOffSet
from shared.contracts.refused import Refused
from shared.contracts.requests import (
    ActivityMoved,
    ActivityPlanned,
    ActivityUnplanned,
    PlanAdopted,
    PlanOpened,
    PlanRequestDecided,
    PlanRequestReceived,
)
from shared.contracts.vocabulary import Quarter

from .amending import needs_reason, with_amendments
from .request import Request


@dataclass(frozen=True, slots=True)
class Planned:
    """An activity of the plan."""

    line: str
    pillar: str
    kind: str
    quarter: str
    planned_on: str
    member: str | None = None
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    year: int = 0
    adopted: bool = False
    undecided: Mapping[str, str] = field(default_factory=dict)
    """Requests that wait for a decision -> the member that asks."""
    activities: Mapping[str, Planned] = field(default_factory=dict)
    received: Mapping[str, str] = field(default_factory=dict)
    """The undecided -> the day they were sent."""
    cut_off: str | None = None
    """The last day on which a request was sent that the adoption waits for; none: it waits for all."""
    baseline: int = 0
    """The number of the last baseline."""
    amendments: int = 0
    """Of the whole year."""
    amended: int = 0
    """Since the last baseline."""
    from_year: int = 0
    """The year that it was made from."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an activity goes, as the profile has it: its kind, and the pillar of its line."""

    kind: str
    pillar: str


def receive(plan: Plan, command: SubmitRequest, *, year: int, request: str) -> list[Event]:
    """A new request joins those still undecided; after the adoption it is a wish for an amendment."""
    return [
        *opened(plan, year),
        received(year, request, command.member, command.kind, command.when.date().isoformat()),
    ]


def plan_request(plan: Plan, command: PlanRequest, *, year: int, asked: Request, place: Place) -> list[Event]:
    """The plan that held the request lets it go; that of the quarter takes the activity; often they are the same."""
    events = _decided(plan, command.request, "planned")
    if Quarter.parse(command.quarter).year == year:
        events += opened(plan, year)
        events.append(
            ActivityPlanned(
                year=year,
                activity=command.activity,
                line=command.line,
                pillar=place.pillar,
                kind=place.kind,
                quarter=command.quarter,
                member=None if asked.requester else asked.member,
                request=command.request,
                topic=asked.topic,
                target_groups=asked.target_groups,
                language=asked.language,
                participants=asked.participants,
                planned_on=command.when.date().isoformat(),
            )
        )
    return with_amendments(plan, events, command)


def defer_request(plan: Plan, command: DeferRequest, *, year: int, asked: Request) -> list[Event]:
    """It leaves this plan's list; deferred to another year it waits on that year's."""
    events = _decided(plan, command.request, "deferred")
    if asked.year != year:
        events += [*opened(plan, year), received(year, command.request, asked.member, asked.kind, asked.submitted_on)]
    return events


def let_go(
    plan: Plan, command: DeclineRequest | WithdrawRequest | MergeRequest | AcceptForCall, *, activity: str | None
) -> list[Event]:
    """Declined, withdrawn, merged or in a call: it leaves the list, and what is planned for it now leaves the plan."""
    fates = {DeclineRequest: "declined", MergeRequest: "merged", AcceptForCall: "accepted"}
    fate = fates.get(type(command), "withdrawn")
    events = _decided(plan, command.request, fate)
    left = [_unplanned(plan, activity)] if activity in plan.activities else []
    return with_amendments(plan, [*events, *left], command)


def take_back(
    plan: Plan, command: ReopenRequest | ReturnRequest, *, year: int, waits: bool, asked: Request
) -> list[Event]:
    """A decision is taken back. The plan that `waits` for the request from now on lists it again.

    Where a coordinator undoes it, its activity leaves the plan; one that was cancelled stays, and counts as that.
    """
    undone = isinstance(command, ReopenRequest)
    events: list[Event] = []
    if undone and asked.activity in plan.activities:
        events.append(_unplanned(plan, asked.activity))
    if waits and command.request not in plan.undecided:
        events += [*opened(plan, year), received(year, command.request, asked.member, asked.kind, asked.submitted_on)]
    elif not waits:
        events += _decided(plan, command.request, "moved")
    return with_amendments(plan, events, command)


def move_activity(plan: Plan, command: MoveActivity, *, pillar: str, described: tuple[str, ...] = ()) -> list[Event]:
    """Another line, quarter of the year or member; nothing where all is as it was."""
    planned = plan.activities.get(command.activity)
    if planned is None:
        raise Refused("not-found", "This activity is not in the plan.", status=404)
    if planned.request:
        raise Refused("answers-a-request", "This activity answers a request; take that decision back instead.")
    if Quarter.parse(command.quarter).year != command.year:
        raise Refused("quarter-of-another-year", "Choose a quarter of %(year)s.", status=422, year=command.year)
    same = (planned.line, planned.quarter, planned.member) == (command.line, command.quarter, command.member)
    if same and not described:
        return []
    needs_reason(plan, command.reason)
    moved = ActivityMoved(
        year=plan.year,
        activity=command.activity,
        kind=planned.kind,
        line=command.line,
        pillar=pillar,
        quarter=command.quarter,
        member=command.member,
        previous_line=planned.line,
        previous_pillar=planned.pillar,
        previous_quarter=planned.quarter,
        previous_member=planned.member,
        planned_on=planned.planned_on,
        described=described,
    )
    return with_amendments(plan, [moved], command)


def plan_activity(plan: Plan, command: PlanActivity, *, place: Place) -> list[Event]:
    if Quarter.parse(command.quarter).year != command.year:
        raise Refused("quarter-of-another-year", "Choose a quarter of %(year)s.", status=422, year=command.year)
    needs_reason(plan, command.reason)
    facts = command.model_dump(include={"line", "kind", "quarter", "member", "topic", "language", "participants"})
    planned = ActivityPlanned(
        **facts,
        year=command.year,
        activity=command.activity,
        pillar=place.pillar,
        target_groups=command.target_groups,
        planned_on=command.when.date().isoformat(),
    )
    return with_amendments(plan, [*opened(plan, command.year), planned], command)


def unplan_activity(plan: Plan, command: UnplanActivity) -> list[Event]:
    planned = plan.activities.get(command.activity)
    if planned is None:
        raise Refused("not-found", "This activity is not in the plan.", status=404)
    if planned.request:
        raise Refused("answers-a-request", "This activity answers a request; withdraw the request instead.")
    needs_reason(plan, command.reason)
    return with_amendments(plan, [_unplanned(plan, command.activity)], command)


def opened(plan: Plan, year: int) -> list[Event]:
    return [] if plan.year else [PlanOpened(year=year)]


def received(year: int, request: str, member: str, kind: str, on: str) -> Event:
    return PlanRequestReceived(year=year, request=request, member=member, kind=kind, received_on=on)


def _decided(plan: Plan, request: str, fate: str) -> list[Event]:
    if request not in plan.undecided:
        return []
    return [PlanRequestDecided(year=plan.year, request=request, fate=fate)]


def _unplanned(plan: Plan, activity: str | None) -> Event:
    assert activity is not None
    planned = plan.activities[activity]
    return ActivityUnplanned(
        year=plan.year,
        activity=activity,
        line=planned.line,
        pillar=planned.pillar,
        kind=planned.kind,
        quarter=planned.quarter,
        member=planned.member,
        planned_on=planned.planned_on,
    )


def nothing(_plan: Plan, _command: Command) -> list[Event]:
    return []


def evolve(plan: Plan, event: Event) -> Plan:
    match event:
        case PlanOpened(year=year):
            return replace(plan, year=year)
        case PlanRequestReceived():
            waits = {**plan.undecided, event.request: event.member}
            return replace(plan, undecided=waits, received={**plan.received, event.request: event.received_on})
        case PlanRequestDecided():
            return replace(
                plan,
                undecided={one: who for one, who in plan.undecided.items() if one != event.request},
                received={one: on for one, on in plan.received.items() if one != event.request},
            )
        case ActivityPlanned():
            planned = Planned(
                event.line, event.pillar, event.kind, event.quarter, event.planned_on, event.member, event.request
            )
            return replace(plan, activities={**plan.activities, event.activity: planned})
        case ActivityMoved():
            moved = replace(
                plan.activities[event.activity], line=event.line, pillar=event.pillar, quarter=event.quarter,
                member=event.member,
            )  # fmt: skip
            return replace(plan, activities={**plan.activities, event.activity: moved})
        case ActivityUnplanned():
            left = {one: planned for one, planned in plan.activities.items() if one != event.activity}
            return replace(plan, activities=left)
        case PlanAdopted():
            return replace(plan, adopted=True, baseline=max(event.baseline, plan.baseline + 1), amended=0)
        case PlanAmended():
            return replace(plan, amendments=event.number, amended=plan.amended + 1)
        case PlanCutOffSet():
            return replace(plan, cut_off=event.on)
        case PlanBegun():
            return replace(plan, from_year=event.from_year)
    return plan
