"""The engine, the queries and the live streams of one process, put together over the spine's runtime."""

import asyncio
from collections import OrderedDict
from contextlib import nullcontext
from typing import Any

from aiokafka.errors import KafkaError
from jinja2 import Environment

from shared.contracts.refused import Refused
from shared.mongo import Database
from shared.profiles import load
from shared.settings import Settings
from shared.spine.service import Service
from shared.web.i18n import _

from .engine.explaining import Explanation, explain
from .engine.figures import Cells, Indicator, Scope
from .engine.following import Following
from .engine.merging import Merged
from .engine.reading import Reader
from .engine.sink import KpiSink
from .indicators import MEASURES
from .live import LiveFigures
from .queries.board import TABLES, Boards
from .queries.news import FIELDS, news
from .queries.outlook import Forecasts
from .queries.over_time import OverTime
from .queries.remembered import Remembered
from .search import INDEX, keep_index

HEARS = ("requests", "matching", "events")
EXPLANATIONS_KEPT, AT_ONCE = 24, 2


async def prepare(db: Database) -> None:
    if "blocks" not in await db.list_collection_names():
        await db.create_collection("blocks")
    await db.blocks.create_index([("topic", 1), ("partition", 1)])
    await INDEX.prepare(db)


class Runtime:
    """What the routes ask. `env` renders the fragments of live pages; the application gives it."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.reader = Reader(list(MEASURES.values()), FIELDS)
        self.merged = Merged(self.reader.measures)
        self.remembered = Remembered(self.merged)
        self.boards = Boards(self.remembered)
        self.over_time, self.forecasts = OverTime(self.merged), Forecasts(self.merged)
        self.live = LiveFigures(self.merged, self.boards, self.fragments)
        self.service = Service(
            "kpi",
            hears=HEARS,
            prepare=prepare,
            sink=self._sink,
            background=(self._follow, keep_index),
            settings=settings,
        )
        self.env: Environment | None = None
        self._explained: OrderedDict[tuple[Scope, str], tuple[tuple[int, ...], Explanation]] = OrderedDict()
        self._reading = asyncio.Semaphore(AT_ONCE)

    def _sink(self, service: Service) -> KpiSink:
        self.sink = KpiSink(
            service.client,
            service.db,
            service.group,
            self.reader,
            self.merged,
            announce=self.live.committed,
            ids_wanted=self.live.ids_wanted,
        )
        return self.sink

    async def _follow(self, service: Service) -> None:
        following = Following(service.client, service.db, self.sink.by, self.live.others_wrote, self._begin_anew)
        try:
            await following.run()
        finally:
            self.live.close()

    async def _begin_anew(self) -> None:
        """Somebody asked for a rebuild: blocks and offsets are gone already."""
        consumer = self.service.consumer
        async with consumer.alone() if consumer is not None else nullcontext():
            self.merged.forget()
            self.sink.drop_all()

    def fragments(self, scope: Scope) -> dict[str, str]:
        """The lists of a live page as HTML, by the name of their event."""
        assert self.env is not None
        lines, risks = news(self.remembered, self.merged, scope), self.boards.part(scope, "at-risk")
        told = {
            "feed": self.env.get_template("feed.html").render(lines=lines),
            "risk": self.env.get_template("risk.html").render(risks=risks),
        }
        table = self.env.get_template("table.html")
        return told | {
            name: table.render(table=self.boards.part(scope, name), caption=_(caption))
            for name, caption in TABLES.items()
        }

    async def explained(self, one: Indicator, scope: Scope) -> Explanation:
        """The events behind a figure; read again only where its measures have moved. Refused where Kafka is away."""
        cells = Cells(self.merged, scope, load(scope.network))
        one.formula(cells.profile)(cells)
        stand = tuple(self.merged.revisions[scope.network, name] for name in sorted(cells.used))
        kept = self._explained.get((scope, one.id))
        if kept is not None and kept[0] == stand:
            return kept[1]
        async with self._reading:
            try:
                explanation = await explain(one, cells, self.merged, self.reader, self.service.settings.kafka)
            except (KafkaError, OSError, TimeoutError) as error:
                sentence = "The log cannot be read now; the figure stands, try its events again in a moment."
                raise Refused("log-away", sentence, status=503) from error
        self._explained[scope, one.id] = (stand, explanation)
        while len(self._explained) > EXPLANATIONS_KEPT:
            self._explained.popitem(last=False)
        return explanation

    def sizes(self) -> dict[str, Any]:
        return self.merged.sizes()
