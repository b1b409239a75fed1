"""Puts the rooms together: `uvicorn services.events.app:app`."""

import logging
from pathlib import Path

from services.events import queries
from services.events.consumers import listen
from services.events.streams import ACTIVITY, ATTENDANCE, SURVEY
from services.events.web import routers
from services.events.web.feedback import unlogged
from shared.spine.app import build_app
from shared.spine.service import Service

logging.getLogger("uvicorn.access").addFilter(unlogged)
service = Service(
    "events",
    aggregates=(ACTIVITY, ATTENDANCE, SURVEY),
    listen=listen,
    hears=("requests", "matching"),
    prepare=queries.prepare,
)
app = build_app(
    service,
    title="Liaison: events",
    summary="Activities, registrations, attendance and feedback.",
    routers=routers,
    templates=Path(__file__).parent / "templates",
)
