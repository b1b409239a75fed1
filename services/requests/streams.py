"""The kinds of stream that this service keeps, their names, and the collections beside them."""

from shared.ids import fixed_id
from shared.spine.aggregate import Aggregate

from .domain import plan, request

REQUEST = Aggregate("request", request.Request, request.evolve, fold=5)
PLAN = Aggregate("plan", plan.Plan, plan.evolve, fold=2)

CALLS = "calls"
"""The calls of `matching`: which are open."""
DRAFTS = "drafts"
"""Requests that are not sent yet, as they were typed, by their own id."""
WORDS = "words"
"""What people wrote, by the request's, activity's or decision's id."""
ACTIVITIES = "activities"
"""What `events` said last of an activity of the plan."""
ASSIGNMENTS = "assignments"
"""Who stands for an activity of the plan, by its id: unit, contact person, partners by stage."""
CONSULTATION_WORDS = "consultation_words"
"""A consultation's draft by its id, and comments by theirs."""
CYCLE_WORDS = "cycle_words"
"""What a document of the programming cycle is called, by its id, and where each was delivered."""
ACTION_WORDS = "action_words"
"""An agreed action's title by its id, and what reviews said by theirs."""
BASELINES = "baselines"
"""A plan as the Board adopted it, with the titles of that day; by network, year and number."""


def plan_id(network: str, year: int) -> str:
    return fixed_id("plan", network, str(year))
