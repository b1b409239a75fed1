"""The topics, message by message: read up to their ends, and written into empty ones at offsets that count from 0."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from deploy.local.checks import Trouble
from deploy.local.topics import Topic

SILENT_S = 30.0
AT_ONCE = 500


@asynccontextmanager
async def reader(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, isolation_level="read_committed", enable_auto_commit=False)
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def ends(consumer: AIOKafkaConsumer, wanted: Iterable[Topic]) -> dict[TopicPartition, int]:
    """Where each partition of the topics ends, past what is committed; topics that are not there are left out."""
    there = await consumer.topics()
    found = [topic for topic in wanted if topic.name in there]
    partitions = [TopicPartition(topic.name, number) for topic in found for number in range(topic.partitions)]
    return dict(await consumer.end_offsets(partitions)) if partitions else {}


async def messages(consumer: AIOKafkaConsumer, partition: TopicPartition, end: int) -> AsyncIterator[ConsumerRecord]:
    """Every message before `end`, in order. Trouble where Kafka is silent for half a minute."""
    consumer.assign([partition])
    await consumer.seek_to_beginning(partition)
    heard = time.monotonic()
    while await consumer.position(partition) < end:
        batch = (await consumer.getmany(timeout_ms=300, max_records=5_000)).get(partition, ())
        for record in batch:
            if record.offset < end:
                yield record
        if batch:
            heard = time.monotonic()
        elif time.monotonic() - heard > SILENT_S:
            raise Trouble(f"Kafka gives nothing more of {partition.topic}/{partition.partition}: see its log.")


@asynccontextmanager
async def writer(bootstrap: str) -> AsyncIterator["Writer"]:
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=5, max_batch_size=262_144
    )
    await producer.start()
    try:
        yield Writer(producer)
    finally:
        await producer.stop()


class Writer:
    """Puts messages back; each lands where it is expected, or Trouble is raised."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._waiting: list[tuple[int, asyncio.Future[Any]]] = []

    async def put(self, topic: str, partition: int, offset: int, message: dict[str, Any]) -> None:
        sent = await self._producer.send(
            topic,
            message["v"],
            key=message["k"],
            partition=partition,
            timestamp_ms=message["t"],
            headers=[(name, value) for name, value in message["h"]],
        )
        self._waiting.append((offset, sent))
        if len(self._waiting) >= AT_ONCE:
            await self.settle()

    async def settle(self) -> None:
        waiting, self._waiting = self._waiting, []
        for expected, sent in waiting:
            landed = await sent
            if landed.offset != expected:
                raise Trouble(
                    f"{landed.topic}/{landed.partition} took a message at {landed.offset} instead of {expected}: "
                    "something else writes to it. Stop it and restore again."
                )
