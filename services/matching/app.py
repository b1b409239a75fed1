"""The service put together: `uvicorn services.matching.app:app`."""

from functools import cache, partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from services.matching import handlers, markets, personal, queries, web
from services.matching.commands import RerunMatch
from services.matching.consumers import listener
from services.matching.handlers import CALL, EXCHANGE, INTEREST, OFFER
from services.matching.handlers.market_streams import MARKET_AGGREGATES
from services.matching.handlers.runs import due_run
from services.matching.market_letters import letters
from services.matching.queries import experts, workings
from services.matching.queries.market import market_of
from services.matching.search import INDEX
from services.matching.web.common import HELPERS
from services.matching.worker import SOLVER, Worker
from shared.files import Files, sweeper
from shared.mongo import Database
from shared.settings import Settings
from shared.solving import SolverPool
from shared.spine.app import build_app
from shared.spine.service import Service
from shared.spine.store import Store
from shared.web.on_behalf import officers_router
from shared.web.search import search_router


async def prepare(db: Database) -> None:
    await queries.prepare(db)
    await workings.prepare(db)
    await experts.prepare(db)
    await INDEX.prepare(db)
    await Files(db).prepare()


def build(settings: Settings | None = None) -> FastAPI:
    pool = SolverPool()

    async def rerun(command: RerunMatch, store: Store) -> None:
        matches = partial(queries.matches_of, service.db)
        act = partial(handlers.rerun_match, command, store, partial(market_of, service.db), matches_of=matches)
        await due_run(act, partial(pool.run, SOLVER))

    listen = listener(rerun)
    markets.listen_with(listen, lambda: service.db, pool)
    personal.enter()
    service = Service(
        "matching",
        aggregates=(CALL, INTEREST, OFFER, EXCHANGE, *MARKET_AGGREGATES),
        listen=listen,
        hears=("events", "requests"),
        letters=letters,
        prepare=prepare,
        background=(pool.keep, sweeper, INDEX.follow, Worker().run),
        settings=settings,
    )
    personal.gives_experts_up(service)
    app = build_app(
        service,
        title="Matching",
        summary="Calls for exchanges: interests and offers, the match with its reasons, what both sides make of it.",
        routers=(search_router("matching", INDEX), officers_router("matching"), *web.routers),
        templates=Path(__file__).parent / "templates",
    )
    app.state.pool = pool
    app.state.pages.env.globals |= HELPERS
    return app


@cache
def __getattr__(name: str) -> Any:
    """`app` is built when it is asked for: tests build their own, with settings of their own."""
    if name != "app":
        raise AttributeError(name)
    return build()
