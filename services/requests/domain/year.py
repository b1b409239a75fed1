"""A plan's year: made from the one before, with those who stand for each activity."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.requests.commands import AssignActivity, BeginYear
from shared.contracts.base import Event
from shared.contracts.planning import ActivityAssigned, PlanBegun
from shared.contracts.refused import Refused
from shared.contracts.requests import ActivityPlanned
from shared.contracts.vocabulary import Quarter

from .plan import Plan, Planned, opened, received
from .request import Request


def assign(plan: Plan, command: AssignActivity) -> list[Event]:
    """Who stands for an activity, whether it answers a request or not; no amendment, for the plan stays as it is."""
    if command.activity not in plan.activities:
        raise Refused("not-found", "This activity is not in the plan.", status=404)
    partners = tuple((stage, who) for stage, _, who in (one.partition(":") for one in command.partners))
    return [
        ActivityAssigned(
            year=plan.year,
            activity=command.activity,
            owner=command.owner,
            partners=partners,
            has_contact=bool(command.contact),
        )
    ]


@dataclass(frozen=True, slots=True)
class Recurring:
    """An annual activity of the year before, under the id it has in the new year."""

    activity: str
    before: str
    planned: Planned


def begin(
    plan: Plan, command: BeginYear, *, recurring: tuple[Recurring, ...], along: Mapping[str, Request]
) -> list[Event]:
    """Make it from the year before: once, and while it is a draft. `along` are the deferred requests that come too."""
    if plan.from_year:
        raise Refused("begun-already", "The plan of %(year)s was made from the year before already.", year=command.year)
    if plan.adopted:
        raise Refused("adopted-already", "The plan of %(year)s is adopted already.", year=command.year)
    if not recurring and not along:
        raise Refused("nothing-recurs", "Nothing of the year before recurs; plan the activities one by one.")
    year, before = command.year, command.year - 1
    begun = PlanBegun(year=year, from_year=before, activities=len(recurring), requests=len(along))
    on = command.when.date().isoformat()
    planned = [_again(one, year, on) for one in recurring]
    waiting = [received(year, id, one.member, one.kind, one.submitted_on) for id, one in along.items()]
    return [*opened(plan, year), begun, *planned, *waiting]


def _again(one: Recurring, year: int, on: str) -> ActivityPlanned:
    before = one.planned
    return ActivityPlanned(
        year=year,
        activity=one.activity,
        line=before.line,
        pillar=before.pillar,
        kind=before.kind,
        quarter=f"{year}-Q{Quarter.parse(before.quarter).number}",
        member=before.member,
        planned_on=on,
        recurs_from=one.before,
    )
