"""The ASGI application of a service: its pages and API over its runtime."""

from collections.abc import Sequence
from pathlib import Path

from fastapi import APIRouter, FastAPI

from shared.telemetry import Traced
from shared.web.app import create_app

from .audit import audit_router
from .letters import letters_router
from .metrics import Metrics
from .my_data import my_data_router
from .operations import operations_router
from .service import Service
from .timekeeper import AwaitsClock

TEMPLATES = Path(__file__).parent / "templates"


def build_app(
    service: Service, *, title: str, routers: Sequence[APIRouter], templates: Path, summary: str = ""
) -> FastAPI:
    """What `uvicorn services.<name>.app:app` runs: the routers given, health, metrics and the operations panel."""
    app = create_app(
        service.name,
        title=title,
        summary=summary,
        routers=[
            *routers,
            operations_router(service),
            letters_router(service),
            audit_router(service),
            my_data_router(service),
        ],
        templates=[templates, TEMPLATES],
        lifespan=service.lifespan,
        probes=service.probes,
        settings=service.settings,
        people=service.people,
    )
    app.state.service = service
    app.add_middleware(AwaitsClock, known=service.clock_known)
    app.add_middleware(Traced)
    Metrics.register(service)
    return app
