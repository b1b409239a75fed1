"""The kinds of stream that this service keeps, their names, and the collections beside them."""

from shared.ids import fixed_id
from shared.spine.aggregate import Aggregate

from .domain import plan, request

REQUEST = Aggregate("request", request.Request, request.evolve, fold=2)
PLAN = Aggregate("plan", plan.Plan, plan.evolve)

WORDS = "words"
"""What people wrote, by the request's, activity's or decision's id."""
ACTIVITIES = "activities"
"""What `events` said last of an activity of the plan."""


def plan_id(network: str, year: int) -> str:
    return fixed_id("plan", network, str(year))
