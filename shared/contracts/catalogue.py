"""Every event of every service; import it and all of them are known."""

from . import events, kpi, matching, requests
from .base import Event

BY_SERVICE: dict[str, tuple[type[Event], ...]] = {
    "requests": requests.EVENTS,
    "matching": matching.EVENTS,
    "events": events.EVENTS,
    "kpi": kpi.EVENTS,
}
