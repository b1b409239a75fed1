"""The adopted plan: its frozen baseline, and what departs from it as amendments with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from services.requests.commands import AdoptPlan, SetCutOff
from shared.contracts.base import Command, Event
from shared.contracts.planning import PlanAmended, PlanCutOffSet
from shared.contracts.refused import Refused
from shared.contracts.requests import ActivityMoved, ActivityPlanned, ActivityUnplanned, PlanAdopted

if TYPE_CHECKING:
    from .plan import Plan

Frozen = tuple[str, str, str, str, str, str]


def adopt(plan: Plan, command: AdoptPlan) -> list[Event]:
    """Freeze what stands; refused while a request sent before the cut-off is undecided. Amended, it is adopted anew."""
    if plan.adopted and not plan.amended:
        raise Refused("adopted-already", "The plan of %(year)s is adopted already.", year=command.year)
    if waits := waiting(plan):
        raise Refused("requests-undecided", _undecided_sentence(list(waits.values())))
    if not plan.activities:
        raise Refused("plan-empty", "Plan an activity first; there is nothing to adopt yet.")
    return [
        PlanAdopted(
            year=command.year,
            activities=len(plan.activities),
            baseline=plan.baseline + 1,
            amendments=plan.amended,
            frozen=frozen(plan),
            on=command.when.date().isoformat(),
        )
    ]


def waiting(plan: Plan) -> dict[str, str]:
    """The undecided requests that hold up the adoption: those sent up to the cut-off -> the member that asks."""
    if not plan.cut_off:
        return dict(plan.undecided)
    cut_off = plan.cut_off
    return {one: who for one, who in plan.undecided.items() if plan.received.get(one, "") <= cut_off}


def frozen(plan: Plan) -> tuple[Frozen, ...]:
    return tuple(
        (id, one.line, one.pillar, one.kind, one.quarter, one.member or "") for id, one in plan.activities.items()
    )


def _undecided_sentence(members: list[str], most: int = 10) -> str:
    count = len(members)
    named = ", ".join(members[:most]) + (f" and {count - most} more" if count > most else "")
    if count == 1:
        return f"One request is still undecided (of {named}): decide it before the plan is adopted."
    return f"{count} requests are still undecided (of {named}): decide them before the plan is adopted."


def set_cut_off(plan: Plan, command: SetCutOff) -> list[Event]:
    """Move it while the plan is a draft; nothing where it stands so already."""
    if plan.adopted:
        raise Refused("adopted-already", "The plan of %(year)s is adopted already.", year=command.year)
    on = command.on.isoformat() if command.on else None
    if on == plan.cut_off:
        return []
    return [PlanCutOffSet(year=command.year, on=on, previously=plan.cut_off)]


def needs_reason(plan: Plan, reason: str) -> None:
    if plan.adopted and not reason:
        sentence = "The plan of %(year)s is adopted: say why, your change becomes an amendment."
        raise Refused("reason-missing", sentence, status=422, year=plan.year)


def with_amendments(plan: Plan, events: Iterable[Event], command: Command) -> list[Event]:
    """The events, and once the plan is adopted an amendment for each that changes what it holds."""
    listed = list(events)
    if not plan.adopted:
        return listed
    told: list[Event] = []
    for event in listed:
        told.append(event)
        if change := _change(event):
            told.append(_amended(plan, event, change, command, sum(isinstance(one, PlanAmended) for one in told)))
    return told


def _change(event: Event) -> str:
    match event:
        case ActivityPlanned():
            return "added"
        case ActivityUnplanned():
            return "removed"
        case ActivityMoved():
            before = (event.previous_line, event.previous_quarter, event.previous_member)
            return "described" if before == (event.line, event.quarter, event.member) else "moved"
    return ""


def _amended(plan: Plan, event: Event, change: str, command: Command, before: int) -> PlanAmended:
    assert isinstance(event, ActivityPlanned | ActivityMoved | ActivityUnplanned)
    known = plan.activities.get(event.activity)
    return PlanAmended(
        year=plan.year,
        baseline=plan.baseline,
        number=plan.amendments + before + 1,
        change=change,
        activity=event.activity,
        line=event.line,
        pillar=event.pillar,
        kind=event.kind,
        quarter=event.quarter,
        member=event.member,
        request=event.request if isinstance(event, ActivityPlanned) else known.request if known else None,
        words=getattr(command, "words", "") or None,
        on=command.when.date().isoformat(),
    )
