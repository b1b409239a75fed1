"""The service put together: `uvicorn services.requests.app:app`."""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from shared.files import Files, sweeper
from shared.mongo import Database
from shared.settings import Settings
from shared.spine.app import build_app
from shared.spine.service import Service
from shared.web.on_behalf import officers_router
from shared.web.search import search_router

from . import around, calls, drafts, hearing, personal, queries, web
from .analysing import AGENDA, EVALUATION, NEEDS
from .attaching import ATTACHMENTS
from .consult_letters import letters
from .consumers import listen
from .portfolio import PROJECT
from .proposing import Proposing
from .search import INDEX
from .spending import RESOURCES
from .streams import PLAN, REQUEST
from .taking import READING


async def prepare(db: Database) -> None:
    await queries.prepare(db)
    await around.prepare(db)
    await hearing.prepare(db)
    await calls.prepare(db)
    await drafts.prepare(db)
    await INDEX.prepare(db)
    await Files(db).prepare()


def build(settings: Settings | None = None) -> FastAPI:
    personal.enter()
    proposing = Proposing()
    service = Service(
        "requests",
        aggregates=(
            REQUEST,
            PLAN,
            ATTACHMENTS,
            NEEDS,
            EVALUATION,
            AGENDA,
            READING,
            PROJECT,
            RESOURCES,
            *around.AGGREGATES,
        ),
        listen=listen,
        hears=("events", "matching"),
        letters=letters,
        prepare=prepare,
        background=(sweeper, INDEX.follow, proposing.keep),
        settings=settings,
    )
    app = build_app(
        service,
        title="Requests",
        summary="What members ask for, and the annual plan that answers.",
        routers=(search_router("requests", INDEX), officers_router("requests"), *web.routers),
        templates=Path(__file__).parent / "web" / "templates",
    )
    app.state.proposing = proposing
    return app


@cache
def __getattr__(name: str) -> Any:
    """`app` is built when it is asked for: tests build their own, with settings of their own."""
    if name != "app":
        raise AttributeError(name)
    return build()
