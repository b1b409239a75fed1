"""Every event of every service; import it and all of them are known."""

from . import (
    attendance,
    certificates,
    events,
    experts,
    feedback,
    files,
    ideas,
    kpi,
    matching,
    needs,
    planning,
    practices,
    projects,
    promoters,
    readings,
    registering,
    requests,
    resources,
)
from .base import Event

BY_SERVICE: dict[str, tuple[type[Event], ...]] = {
    "requests": (
        *requests.EVENTS,
        *planning.OF_PLANS,
        *files.OF_REQUESTS,
        *needs.EVENTS,
        *readings.EVENTS,
        *projects.EVENTS,
        *resources.EVENTS,
    ),
    "matching": (*matching.EVENTS, *experts.EVENTS, *ideas.EVENTS, *promoters.EVENTS),
    "events": (
        *events.EVENTS,
        *attendance.EVENTS,
        *certificates.EVENTS,
        *feedback.EVENTS,
        *practices.EVENTS,
        *registering.EVENTS,
        *files.OF_EVENTS,
    ),
    "kpi": kpi.EVENTS,
}
SERVICES: tuple[str, ...] = tuple(BY_SERVICE)
