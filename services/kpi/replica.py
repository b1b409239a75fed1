"""One replica as an application; several may run in one process, each with settings of its own."""

from pathlib import Path

from fastapi import FastAPI

from shared.settings import Settings
from shared.spine.app import build_app
from shared.web.search import search_router

from . import personal, web
from .runtime import Runtime
from .search import INDEX


def build(settings: Settings | None = None) -> FastAPI:
    personal.enter()
    runtime = Runtime(settings)
    app = build_app(
        runtime.service,
        title="Indicators",
        summary="What was planned, done and reached: live, explained, and as it was known on any day.",
        routers=(search_router("kpi", INDEX), *web.routers),
        templates=Path(__file__).parent / "templates",
    )
    app.state.kpi = runtime
    runtime.env = app.state.pages.env
    return app
