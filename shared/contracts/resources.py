"""Events of `requests` about what the network can spend: budget, trainers, slots for events, interpretation.

Amounts are those of one quarter (`2025-Q2`): whole euros, whole slots, halves of days; none where nobody said one.
"""

from .base import Event


class ResourcesSet(Event, type="liaison.requests.resources.set.v1"):
    """A quarter has other resources from now on."""

    year: int
    quarter: str
    budget: int | None = None
    trainer_days: float | None = None
    event_slots: int | None = None
    interpretation_days: float | None = None
    previous_budget: int | None = None
    previous_trainer_days: float | None = None
    previous_event_slots: int | None = None
    previous_interpretation_days: float | None = None


EVENTS = (ResourcesSet,)
