"""Kafka to MongoDB: batches go to a sink that commits effects and offsets together, each message once."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage

from shared.mongo import Session

log = logging.getLogger(__name__)
BACKOFF_S = (0.1, 0.2, 0.5, 1.0, 2.0)
IDLE_S, LAG_COMMIT_S, REQUEST_MS = 0.1, 2.0, 5_000
NOT_OURS = 1 << 62
POSITION_S = 2.0
"""A partition without a position gets one from a callback that waits for our lock: we must not wait for it as well."""


class LogLost(Exception):
    """The stored offsets do not belong to this log; the sentence says what to do."""


class Sink(Protocol):
    """Where batches go. The consumer's lock is held during each call."""

    async def take(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """Load state and stored offsets afresh (0 where none); called on assignment and after any failure."""
        ...

    def release(self, partitions: Collection[TopicPartition]) -> None:
        """They are another's now: drop their memory."""
        ...

    async def apply(self, records: Mapping[TopicPartition, Sequence[ConsumerRecord]]) -> None:
        """Work the records in order; where it raises nothing of the call counts, and `take` is called again."""
        ...

    async def idle(self) -> None:
        """Called about every 100 ms: flush what is due. Raises like `apply`."""
        ...

    async def work(self, record: ConsumerRecord, session: Session) -> None:
        """All effects of one message in the session's transaction, for a dead letter that is replayed."""
        ...


class Consumer:
    """One member of a consumer group. `run` goes on until `stop`; it raises `LogLost` and nothing else.

    `cursor` holds the next offset of each partition it owns; it moves only after the sink returned.
    """

    def __init__(self, bootstrap: str, group: str, topics: Sequence[str], sink: Sink, *, replica: str) -> None:
        self.bootstrap, self.group, self.topics, self.sink, self.replica = bootstrap, group, topics, sink, replica
        self.cursor: dict[TopicPartition, int] = {}
        self.failing: str | None = "not started"
        self.worked = 0
        self._lock = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._lost: LogLost | None = None
        self._consumer: AIOKafkaConsumer | None = None
        self._read_to: dict[TopicPartition, int] = {}
        self._batch_size = 500

    async def run(self) -> None:
        attempt = 0
        while not self._stopping.is_set():
            broker = self._broker()
            try:
                await broker.start()
            except asyncio.CancelledError:
                await broker.stop()
                raise
            except (KafkaError, OSError, TimeoutError) as error:
                self.failing = f"Kafka is out of reach ({type(error).__name__})"
                await broker.stop()
                await self._pause(attempt)
                attempt += 1
                continue
            self.failing = None if self.cursor else "no partition assigned yet"
            try:
                await self._tick_until_stopped()
            finally:
                await broker.stop()
                self._consumer = None
            if self._lost:
                raise self._lost

    async def stop(self) -> None:
        self._stopping.set()

    def lag(self) -> int:
        """Messages on the log that are not worked yet, over the partitions of this member."""
        consumer = self._consumer
        if consumer is None:
            return 0
        return sum(
            max((consumer.highwater(tp) or 0) - max(next_, self._read_to.get(tp, 0)), 0)
            for tp, next_ in self.cursor.items()
        )

    def _broker(self) -> KafkaBroker:
        broker = KafkaBroker(
            self.bootstrap,
            logger=None,
            parser=_unparsed,
            decoder=_raw,
            graceful_timeout=5,
            allow_auto_create_topics=False,
            request_timeout_ms=REQUEST_MS,
        )
        subscriber = broker.subscriber(
            *self.topics,
            group_id=self.group,
            group_instance_id=f"{self.group}-{self.replica}",
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            ack_policy=AckPolicy.MANUAL,
            batch=True,
            max_records=self._batch_size,
            batch_timeout_ms=20,
            no_reply=True,
            session_timeout_ms=6000,
            heartbeat_interval_ms=1500,
            listener=_Rebalance(self),
        )

        @subscriber
        async def work(records: list[Any]) -> None:
            self._consumer = subscriber.consumer
            await self._work(records)

        self._subscriber = subscriber
        return broker

    async def _work(self, records: Sequence[ConsumerRecord]) -> None:
        async with self._lock:
            fresh: dict[TopicPartition, list[ConsumerRecord]] = defaultdict(list)
            for record in records:
                partition = TopicPartition(record.topic, record.partition)
                if record.offset >= self.cursor.get(partition, NOT_OURS):
                    fresh[partition].append(record)
            for partition in [one for one, batch in fresh.items() if not await self._is_current(one, batch)]:
                del fresh[partition]
            if not fresh:
                return
            try:
                await self.sink.apply(fresh)
            except Exception as error:
                await self._start_over(fresh, error)
            else:
                self.cursor.update({partition: batch[-1].offset + 1 for partition, batch in fresh.items()})
                self.worked += sum(len(batch) for batch in fresh.values())
                self.failing = None

    async def _is_current(self, partition: TopicPartition, batch: Sequence[ConsumerRecord]) -> bool:
        """Whether the batch was fetched since the fetcher was last sent somewhere; an older one would leave a gap."""
        consumer = self._subscriber.consumer
        try:
            async with asyncio.timeout(POSITION_S):
                return consumer is not None and bool(await consumer.position(partition) > batch[-1].offset)
        except (IllegalStateError, TimeoutError):
            return False

    async def _start_over(self, partitions: Collection[TopicPartition], error: Exception) -> None:
        """Nothing was committed, or nobody knows: go back to what is stored before anything else is read."""
        self.failing = f"{type(error).__name__}: {str(error)[:120]}"
        log.warning("a batch is worked again: %s", self.failing)
        await self._take(partitions)

    async def _take(self, partitions: Collection[TopicPartition]) -> None:
        """Load the cursors until it works, and put the fetcher there."""
        consumer = self._subscriber.consumer
        for partition in partitions:
            self.cursor.pop(partition, None)
        attempt = 0
        while not self._stopping.is_set():
            try:
                loaded = await self.sink.take(partitions)
                ends = await consumer.end_offsets(list(partitions)) if consumer else {}
                break
            except Exception as error:
                self.failing = f"{type(error).__name__}: {str(error)[:120]}"
                await self._pause(attempt)
                attempt += 1
        else:
            return
        for partition, start in loaded.items():
            if start > ends.get(partition, start):
                self._lost = LogLost(
                    f"{self.group} has worked {partition.topic}/{partition.partition} up to {start}, but the log ends "
                    f"at {ends[partition]}: it was replaced or cut. Restore store and log from one backup, then start."
                )
                log.critical("%s", self._lost)
                self._stopping.set()
                return
            if consumer and partition in consumer.assignment():
                consumer.seek(partition, start)
                self.cursor[partition] = start
        if loaded:
            self.failing = None

    async def assigned(self, partitions: Collection[TopicPartition]) -> None:
        consumer = self._subscriber.consumer
        if not partitions or consumer is None:
            return
        consumer.pause(*partitions)
        async with self._lock:
            self._consumer = consumer
            await self._take(partitions)
        owned = set(partitions) & consumer.assignment()
        if owned:
            consumer.resume(*owned)

    def alone(self) -> asyncio.Lock:
        """Held while somebody else has to do something with the sink: no call of it goes on meanwhile."""
        return self._lock

    async def revoked(self, partitions: Collection[TopicPartition]) -> None:
        async with self._lock:
            for partition in partitions:
                self.cursor.pop(partition, None)
            self.sink.release(partitions)

    async def _tick_until_stopped(self) -> None:
        committed_at = time.monotonic()
        while not self._stopping.is_set():
            async with self._lock:
                try:
                    await self.sink.idle()
                except Exception as error:
                    await self._start_over(list(self.cursor), error)
                await self._note_positions()
            if time.monotonic() - committed_at > LAG_COMMIT_S:
                committed_at = time.monotonic()
                await self._commit_for_monitors()
            await self._pause_for(IDLE_S)
        async with self._lock:
            try:
                await self.sink.idle()
            except Exception as error:  # what is not written is worked again at the next start
                log.info("the last flush failed: %s", type(error).__name__)

    async def _note_positions(self) -> None:
        """Past the markers of transactions, which are on the log but never come as messages."""
        consumer = self._consumer
        if consumer is None:
            return
        for partition in self.cursor:
            try:
                async with asyncio.timeout(POSITION_S):
                    self._read_to[partition] = await consumer.position(partition)
            except (IllegalStateError, TimeoutError):
                self._read_to.pop(partition, None)

    async def _commit_for_monitors(self) -> None:
        """Kafka's own offsets feed lag monitors only; the stored ones count."""
        if self._consumer is None or not self.cursor:
            return
        try:
            await asyncio.wait_for(self._consumer.commit(dict(self.cursor)), timeout=1)
        except (KafkaError, TimeoutError, ValueError) as error:
            log.debug("offsets for monitors not committed: %s", type(error).__name__)

    async def _pause(self, attempt: int) -> None:
        await self._pause_for(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])

    async def _pause_for(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return


class _Rebalance(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, consumer: Consumer) -> None:
        self.consumer = consumer

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        await self.consumer.revoked(revoked)

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        await self.consumer.assigned(assigned)


async def _unparsed(records: Any) -> KafkaMessage:
    """FastStream's own parser decodes all headers: one that is no UTF-8 would lose its whole batch without a word."""
    return KafkaMessage(records, b"", consumer=FAKE_CONSUMER)


async def _raw(message: Any) -> Any:
    return message.raw_message
