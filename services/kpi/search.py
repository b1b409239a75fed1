"""What of this service can be found: each network's indicators, by what they are called and say in every language."""

import asyncio
from collections.abc import Iterable, Sequence

from pymongo.errors import PyMongoError

from services.kpi.indicators.naming import indicators_of
from shared.mongo import Database
from shared.profiles import NETWORKS, load
from shared.spine.search import Entry, SearchIndex
from shared.spine.service import Service
from shared.web.search import every_language


async def _make(_db: Database, ids: Sequence[str]) -> list[Entry]:
    wanted = set(ids)
    return [one for network in NETWORKS for one in _of(network) if one.id in wanted]


def _of(network: str) -> list[Entry]:
    return [
        Entry(
            id=f"indicator-{network}-{one.id}",
            network=network,
            right="kpi.read",
            kind="indicator",
            title=one.title,
            words=every_language(one.says, one.title),
            link=f"/kpi/figures/{one.id}",
        )
        for one in indicators_of(load(network))
    ]


async def _all(_db: Database) -> Iterable[str]:
    return [one.id for network in NETWORKS for one in _of(network)]


INDEX = SearchIndex(make=_make, all_ids=_all, watches=(), prefixes=())


async def keep_index(service: Service) -> None:
    """They change with the code alone: made anew at each start."""
    while True:
        try:
            await INDEX.rebuild(service.db)
            break
        except PyMongoError:
            await asyncio.sleep(1)
    await asyncio.Event().wait()
