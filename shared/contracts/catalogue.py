"""Every event of every service; import it and all of them are known."""

from . import events, files, kpi, matching, needs, planning, projects, readings, requests, resources
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
    "matching": matching.EVENTS,
    "events": (*events.EVENTS, *files.OF_EVENTS),
    "kpi": kpi.EVENTS,
}
SERVICES: tuple[str, ...] = tuple(BY_SERVICE)
