"""MongoDB's change stream to Kafka: events and resume token leave in one Kafka transaction."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import lru_cache
from typing import Any

import bson
import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2
from pymongo.errors import OperationFailure, PyMongoError

from shared.contracts.envelope import headers_of
from shared.mongo import Client, Database

from .lease import Lease

log = logging.getLogger(__name__)
BATCH, POLL_MS, REQUEST_MS = 1_000, 500, 5_000
START_WITHIN_S, SEND_WITHIN_S, STOP_WITHIN_S = 15, 8, 3
"""A Kafka that went away in a transaction leaves aiokafka's producer waiting for ever, so each step has its time."""
BACKOFF_S = (0.1, 0.3, 1.0, 2.0)
NO_TOKEN = frozenset({50811, 136, 260, 280, 286})
"""MongoDB's codes for a token that leads nowhere any more: history rolled over, collection gone, token unusable."""
ANONYMOUS_TIME = "T00:00:00.000Z"


class LostLease(Exception):
    """Another relay has it, or nobody could be asked."""


class Relay:
    """The one active relay of a service. `run` goes on until cancelled, whatever fails."""

    def __init__(self, client: Client, db: Database, bootstrap: str, topic: str, positions: str, *, owner: str) -> None:
        self.client, self.db, self.bootstrap, self.topic = client, db, bootstrap, topic
        self.position = TopicPartition(positions, 0)
        self.lease = Lease(db, "relay", owner)
        self.failing: str | None = None
        self.sent = 0
        self._current_at = time.monotonic()

    @property
    def behind_s(self) -> float | None:
        """Seconds since the log last had all that was stored; None where another replica relays."""
        if not self.lease.held and not self.failing:
            return None
        return time.monotonic() - self._current_at

    async def run(self) -> None:
        attempt = 0
        while True:
            sent = self.sent
            try:
                async with self.lease.holding() as lost:
                    if not self.failing:
                        self._current_at = time.monotonic()
                    await self._relay(lost)
            except (KafkaError, PyMongoError, OSError, TimeoutError, LostLease) as error:
                self.failing = f"{type(error).__name__}: {str(error)[:120]}"
                log.warning("relay starts again: %s", self.failing)
            except asyncio.CancelledError:
                if _is_told_to_stop():
                    raise
                self.failing = "Kafka's client gave up a message"  # aiokafka cancels the futures of a lost connection
                log.warning("relay starts again: %s", self.failing)
            except Exception as error:
                self.failing = f"{type(error).__name__}: {str(error)[:120]}"
                log.exception("relay starts again")
            attempt = 0 if self.sent > sent else attempt + 1
            await asyncio.sleep(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])

    async def _relay(self, lost: asyncio.Event) -> None:
        async with self._producer() as producer:  # it fences an older relay and settles what that one left open
            token = await self.last_token()
            try:
                await self._follow(producer, token, lost, passing={})
            except OperationFailure as error:
                if token is None or error.code not in NO_TOKEN:
                    raise
                log.warning("the resume token leads nowhere (%s): sending from the store", error.code)
                await self._follow(producer, None, lost, passing={})

    @asynccontextmanager
    async def _producer(self) -> AsyncIterator[AIOKafkaProducer]:
        producer = AIOKafkaProducer(
            bootstrap_servers=self.bootstrap,
            transactional_id=f"{self.topic}-relay",
            acks="all",
            transaction_timeout_ms=10_000,
            max_batch_size=131_072,
            linger_ms=0,
            request_timeout_ms=REQUEST_MS,
        )
        try:
            async with asyncio.timeout(START_WITHIN_S):
                await producer.start()
            yield producer
        finally:  # after an outage it may never stop by itself; the next one fences it
            stopping = asyncio.create_task(producer.stop())
            await asyncio.wait({stopping}, timeout=STOP_WITHIN_S)
            stopping.cancel()

    def _reader(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap,
            isolation_level="read_committed",
            enable_auto_commit=False,
            request_timeout_ms=REQUEST_MS,
        )

    async def last_token(self) -> dict[str, Any] | None:
        """The resume token of the last committed transaction, None where there is none."""
        consumer = self._reader()
        try:
            await consumer.start()
            consumer.assign([self.position])
            await consumer.seek_to_beginning(self.position)
            end = (await consumer.end_offsets([self.position]))[self.position]
            token = None
            while await consumer.position(self.position) < end:
                batch = await consumer.getmany(timeout_ms=300)
                for record in batch.get(self.position, ()):  # an empty poll is only commit markers, not the end
                    token = bson.decode(record.value)
            return token
        finally:
            await consumer.stop()

    async def _follow(
        self,
        producer: AIOKafkaProducer,
        token: dict[str, Any] | None,
        lost: asyncio.Event,
        passing: dict[str, int],
    ) -> None:
        session = await self.client.start_session()
        try:
            start = {"resumeAfter": token} if token else {}
            pipeline = [
                {"$changeStream": start},
                {"$match": {"operationType": "insert"}},
                {"$project": {"fullDocument": 1}},
            ]
            command = {"aggregate": "events", "pipeline": pipeline, "cursor": {"batchSize": 0}}
            opened = (await self.db.command(command, session=session))["cursor"]
            if token is None:
                passing = await self._send_from_the_store(producer, opened["postBatchResumeToken"], lost)
            self.failing = None
            more = {"getMore": opened["id"], "collection": "events", "batchSize": BATCH, "maxTimeMS": POLL_MS}
            reading = asyncio.ensure_future(self.db.command(more, session=session))
            try:
                while not lost.is_set():
                    cursor = (await reading)["cursor"]
                    if cursor["id"] == 0:
                        raise LostLease("the change stream ended")
                    # The next batch is read while Kafka writes this one.
                    reading = asyncio.ensure_future(self.db.command(more, session=session))
                    stored = [change["fullDocument"] for change in cursor["nextBatch"]]
                    if passing:
                        stored = [one for one in stored if one["version"] > passing.get(one["stream"], 0)]
                    if stored:
                        await self._send(producer, stored, cursor["postBatchResumeToken"])
                    if len(cursor["nextBatch"]) < BATCH:
                        self._current_at = time.monotonic()
                raise LostLease("the lease is another's")
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
        finally:
            with suppress(PyMongoError):
                await session.end_session()

    async def _send_from_the_store(
        self, producer: AIOKafkaProducer, token: dict[str, Any], lost: asyncio.Event
    ) -> dict[str, int]:
        """Send what the log does not have, stream by stream in order; returns the highest version per stream."""
        sent = await self._versions_on_the_log(await producer.partitions_for(self.topic))
        batch: list[Any] = []
        async for event in self.db.events.find({}, batch_size=BATCH).sort([("stream", 1), ("version", 1)]):
            if lost.is_set():
                raise LostLease("the lease is another's")
            if event["version"] > sent.get(event["stream"], 0):
                sent[event["stream"]] = event["version"]
                batch.append(event)
            if len(batch) == BATCH:
                await self._send(producer, batch, None)
                batch = []
        await self._send(producer, batch, token)
        return sent

    async def _versions_on_the_log(self, numbers: set[int]) -> dict[str, int]:
        consumer = self._reader()
        try:
            await consumer.start()
            partitions = [TopicPartition(self.topic, number) for number in numbers]
            consumer.assign(partitions)
            await consumer.seek_to_beginning(*partitions)
            ends = await consumer.end_offsets(partitions)
            versions: dict[str, int] = {}
            for partition, end in ends.items():
                while await consumer.position(partition) < end:
                    for records in (await consumer.getmany(timeout_ms=300, max_records=5_000)).values():
                        for record in records:
                            _note_version(versions, record.headers)
            return versions
        finally:
            await consumer.stop()

    async def _send(
        self, producer: AIOKafkaProducer, stored: Sequence[dict[str, Any]], token: dict[str, Any] | None
    ) -> None:
        async with asyncio.timeout(SEND_WITHIN_S):
            partitions = len(await producer.partitions_for(self.topic))
            await producer.begin_transaction()
            waiting = [
                await producer.send(
                    self.topic,
                    orjson.dumps(event["data"]),
                    key=event["stream"].encode(),
                    partition=partition_for(event["stream"], partitions),
                    headers=headers_of(event),
                    timestamp_ms=_timestamp(event),
                )
                for event in stored
            ]
            if token is not None:
                position = await producer.send(self.position.topic, bson.encode(token), key=b"position", partition=0)
                waiting.append(position)
            await asyncio.gather(*waiting)
            await producer.commit_transaction()  # where anything fails, the next producer's start aborts it
        self.sent += len(stored)


@lru_cache(maxsize=65_536)
def partition_for(stream: str, partitions: int) -> int:
    """Where Kafka's clients put this key; kept, because the hash in pure Python costs more than the rest of a send."""
    return int((murmur2(stream.encode()) & 0x7FFFFFFF) % partitions)


def _is_told_to_stop() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _timestamp(event: dict[str, Any]) -> int | None:
    """Kafka's own time of an anonymous event ends at the day as well."""
    recorded = event["recordedtime"]
    if not recorded.endswith(ANONYMOUS_TIME):
        return None

    return int(datetime.fromisoformat(recorded).timestamp() * 1000)


def _note_version(versions: dict[str, int], headers: Sequence[tuple[str, bytes]]) -> None:
    for name, value in headers:
        if name == "ce_id":
            stream, _, version = value.decode().rpartition("@")
            if version.isdigit():
                versions[stream] = max(versions.get(stream, 0), int(version))
            return
