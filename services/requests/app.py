"""The service put together: `uvicorn services.requests.app:app`."""

from pathlib import Path

from shared.spine.app import build_app
from shared.spine.service import Service

from . import queries, web
from .consumers import listen
from .streams import PLAN, REQUEST

service = Service("requests", aggregates=(REQUEST, PLAN), listen=listen, hears=("events",), prepare=queries.prepare)
app = build_app(
    service,
    title="Requests",
    summary="What members ask for, and the annual plan that answers.",
    routers=web.routers,
    templates=Path(__file__).parent / "web" / "templates",
)
