"""Kinds of which a year's plan takes a limited number."""

from collections.abc import Callable

from services.requests.commands import PlanRequest
from shared.contracts.base import Event
from shared.contracts.refused import Refused

from .kinds import Kind
from .plan import Plan


def within_cap(
    plan: Plan, command: PlanRequest, *, kind: Kind, decide: Callable[[Plan, PlanRequest], list[Event]]
) -> list[Event]:
    """Refused once that many requests of the kind have an activity in this plan."""
    cap = kind.cap
    there = sum(1 for one in plan.activities.values() if one.request and one.kind == kind.activity_kind)
    if cap is not None and there >= cap:
        raise Refused(
            "cap-reached",
            "%(cap)s of %(kind)s are in the plan of %(year)s, and no more fit: defer this one, or take one out.",
            cap=cap,
            kind=kind.title,
            year=command.quarter[:4],
        )
    return decide(plan, command)
