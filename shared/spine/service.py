"""A service at work: store, relay, consumer and deadlines over one database, started and stopped in order."""

import asyncio
import gc
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from pymongo.errors import PyMongoError

from shared import clock
from shared.contracts import catalogue
from shared.logging import configure_logging
from shared.messages import digest
from shared.messages.compose import Composer
from shared.messages.correspondence import Correspondence
from shared.messages.transport import transport_for
from shared.mongo import Client, Database, connect
from shared.people import People
from shared.people.mailing import Mailing
from shared.profiles.persons import local_persons
from shared.settings import Settings, get_settings
from shared.telemetry import configure_tracing

from . import personal, timekeeper
from .aggregate import Aggregate
from .aging import Aging
from .consumer import Consumer, Sink
from .deadlines import Deadlines
from .erasing import Erasing
from .listener import Listener, ListenerSink
from .outbox import Outbox, Seldom, prepare_outbox
from .relay import Relay
from .replay import DeadLetters
from .sampled import Sampled
from .store import EventStore, Grouping

log = logging.getLogger(__name__)
Prepare = Callable[[Database], Awaitable[None]]
LAG_READY = 5_000
DIGEST_LOOK_S = 30
GC_EVERY = (20_000, 20, 20)
"""A command makes hundreds of objects and nearly no cycles: looked for after every 700 of them, they cost a tenth."""


class Service:
    """The runtime that a service's `app.py` declares.

    With `listen` it works what it hears in its own transactions; with `sink` (a function of this object) it does its
    own way. `hears` names the services whose topics it reads. `background` are coroutines that run while it is up.
    """

    def __init__(
        self,
        name: str,
        *,
        aggregates: Sequence[Aggregate] = (),
        listen: Listener | None = None,
        hears: Sequence[str] = (),
        prepare: Prepare | None = None,
        sink: Callable[["Service"], Sink] | None = None,
        background: Sequence[Callable[["Service"], Awaitable[None]]] = (),
        letters: Correspondence | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.name, self.settings = name, settings or get_settings()
        self.listen = listen or Listener()
        self.hears = tuple(hears)
        self._aggregates = {one.name: one for one in aggregates}
        self._prepare, self._make_sink, self._background = prepare, sink, tuple(background)
        assert catalogue.BY_SERVICE[name], "every service publishes something"
        self.client: Client = connect(self.settings.mongo_url)
        self.db: Database = self.client[self.settings.database(name)]
        self._people_db: Database = self.client[self.settings.people_database]
        self._follows_clock = self.settings.profile == "local"
        self.people = People(self._people_db, reads_kept=timedelta(days=self.settings.reads_kept_days))
        written = letters.written if letters else None
        self.store = EventStore(self.client, self.db, self._aggregates, letters=written)
        self.grouping = Grouping(self.store)
        owner = f"{self.settings.replica}-{os.getpid()}"
        topic = self.settings.topic(name)
        self.relay = Relay(
            self.client, self.db, self.settings.kafka, topic, f"{self.settings.namespace}.relay.{name}", owner=owner
        )
        self.deadlines = Deadlines(self.grouping, self.listen, owner=owner)
        personal.enter()
        databases = self.db, self._people_db, self.people
        self.erasing, self.aging = Erasing(name, *databases, owner=owner), Aging(name, *databases, owner=owner)
        self.outbox = self._make_outbox(self.db, name, letters or Correspondence(), owner)
        self.people_outbox = self._make_outbox(self._people_db, "people", digest.PEOPLE_LETTERS, owner)
        """Letters about persons themselves; one of the services sends them."""
        for call in (digest.write_due, digest.forget_sent):
            self.people_outbox.before.append(Seldom(partial(call, self._people_db), DIGEST_LOOK_S))
        self.sink: Sink = sink(self) if sink else ListenerSink(self.store, self.listen, self.group)
        self.dead_letters = DeadLetters(self.store, self.sink, in_order=isinstance(self.sink, ListenerSink))
        self.consumer: Consumer | None = None
        self.sampled = Sampled(self.db)
        self.prepared = False
        self.clock_known = asyncio.Event()
        """Cleared while a process that follows the common clock has not read it yet."""
        self.clock_known.set()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    def _make_outbox(self, db: Database, name: str, letters: Correspondence, owner: str) -> Outbox:
        return Outbox(
            db,
            people_db=self._people_db,
            mailing=Mailing(self._people_db, local_persons if self.settings.profile == "local" else None),
            composer=Composer(self.settings, name),
            transport=transport_for(self.settings, self._people_db),
            correspondence=letters,
            settings=self.settings,
            owner=owner,
        )

    @property
    def group(self) -> str:
        return self.settings.group(self.name)

    @asynccontextmanager
    async def lifespan(self, app: Any = None) -> AsyncIterator[None]:
        """FastAPI's lifespan: comes up whether or not the servers answer, and is ready once they do."""
        configure_logging(self.name)
        configure_tracing(self.name)
        if self._follows_clock:
            self.clock_known.clear()
        starting = asyncio.create_task(self._start(), name=f"{self.name}: start")
        try:
            yield
        finally:
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            await self._stop()

    async def _start(self) -> None:
        while not self.prepared:
            try:
                if self._follows_clock and not self.clock_known.is_set():  # before anything is dated
                    clock.set_offset(await timekeeper.read_offset(self._people_db))
                    self.clock_known.set()
                await self.store.prepare()
                await self.people.prepare()
                await prepare_outbox(self.db)
                await prepare_outbox(self._people_db)
                if self._prepare:
                    await self._prepare(self.db)
                self.prepared = True
            except PyMongoError as error:
                log.warning("waits for MongoDB: %s", type(error).__name__)
                await asyncio.sleep(0.5)
        # What is loaded by now stays: looked through again and again, it would stop the loop for 100 ms at a time.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_EVERY)
        self._run("relay", self.relay.run())
        self._run("deadlines", self.deadlines.run())
        self._run("figures for monitors", self.sampled.run())
        self._run("outbox", self.outbox.run())
        self._run("erasing", self.erasing.run())
        self._run("aging", self.aging.run())
        self._run("letters of persons", self.people_outbox.run())
        if self._follows_clock:
            self._run("clock", timekeeper.follow(self._people_db))
        if self.hears:
            topics = [self.settings.topic(service) for service in self.hears]
            replica = self.settings.replica
            self.consumer = Consumer(self.settings.kafka, self.group, topics, self.sink, replica=replica)
            self._run("consumer", self.consumer.run())
        for body in self._background:
            self._run(body.__name__, _as_coroutine(body(self)))

    def _run(self, name: str, body: Any) -> None:
        task = asyncio.create_task(body, name=f"{self.name}: {name}")
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Nothing that runs here ends by itself: where it does, the process stops and is started again."""
        if self._stopping:
            return
        log.critical("%s ended", task.get_name(), exc_info=None if task.cancelled() else task.exception())
        signal.raise_signal(signal.SIGTERM)

    async def _stop(self) -> None:
        self._stopping = True
        if self._tasks:  # the relay goes first: what it has not sent stays in the store
            await _cancelled(self._tasks[0])
        if self.consumer:
            await self.consumer.stop()
            consuming = [task for task in self._tasks if task.get_name().endswith(": consumer")]
            await asyncio.wait(consuming, timeout=4) if consuming else None
        for task in self._tasks:
            await _cancelled(task)
        self._tasks.clear()
        await self.people.reads.close()
        self.client.close()

    @property
    def probes(self) -> tuple[Callable[[], Awaitable[str | None]], ...]:
        """What `/health/ready` asks: the store, the relay, the assignment and its lag."""
        return (self._store_probe, self._log_probe, self._relay_probe, self._consumer_probe)

    async def _store_probe(self) -> str | None:
        if not self.prepared:
            return "the store is not prepared yet"
        try:
            await asyncio.wait_for(self.db.command("ping"), 1)
        except (PyMongoError, TimeoutError):
            return "MongoDB does not answer"
        return None

    async def _log_probe(self) -> str | None:
        """Kafka's clients try again in silence, so it is asked apart."""
        host, _, port = self.settings.kafka.split(",")[0].rpartition(":")
        try:
            _reader, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), 1)
        except (OSError, TimeoutError):
            return "Kafka does not answer"
        writer.close()
        return None

    async def _relay_probe(self) -> str | None:
        """A relay that waits for another's lease is as it should be."""
        return f"the relay fails: {self.relay.failing}" if self.relay.failing else None

    async def _consumer_probe(self) -> str | None:
        if not self.hears:
            return None
        if self.consumer is None:
            return "the consumer has not started"
        if self.consumer.failing:
            return f"the consumer fails: {self.consumer.failing}"
        lag = self.consumer.lag()
        return f"{lag} messages behind" if lag > LAG_READY else None


async def _as_coroutine(body: Awaitable[None]) -> None:
    await body


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
