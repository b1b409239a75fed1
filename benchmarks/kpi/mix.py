"""The demonstration's events, and as many copies of its year as a topic is to hold.

Each copy is a year with activities, requests and persons of its own, so cells grow with events as they would; the
copies are woven together, so that days go by in their order.
"""

import asyncio
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer, TopicPartition

from deploy.local.stack import SERVICES, Stack
from shared.contracts.envelope import headers_of
from shared.mongo import connect
from shared.settings import Settings

_IDS = re.compile(rb"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
CHUNK = 2_000
Headers = list[tuple[str, bytes]]
Upto = dict[TopicPartition, int]
"""One after the last message of each partition; what ends a transaction lies behind it."""


@dataclass(frozen=True, slots=True)
class Message:
    key: bytes
    value: bytes
    headers: Headers


async def demonstrated(stack: Stack, folder: Path) -> list[Message]:
    """Load the demonstration programme into the stack; its events in the order in which they were recorded."""
    command = (sys.executable, "-m", "deploy.demo", "--url", stack.base_url, "--data", str(folder))
    loading = await asyncio.create_subprocess_exec(*command, stdout=sys.stderr)
    if await loading.wait():
        raise SystemExit("The demonstration programme did not load.")
    client = connect(stack.mongo_url)
    found: list[dict[str, Any]] = []
    for service in SERVICES[:3]:
        database = f"{stack.namespace}_{service}"
        found += await client[database].events.find().sort("_id", 1).to_list(None)
    client.close()
    found.sort(key=lambda one: (one["recordedtime"], one["stream"], one["version"]))
    return [Message(one["stream"].encode(), orjson.dumps(one["data"]), headers_of(one)) for one in found]


def copies(year: Sequence[Message], number: int) -> Iterator[Message]:
    """`number` messages: each event once a copy, its ids those of the copy."""
    times = -(-number // len(year))
    left = number
    for one in year:
        for copy in range(min(times, left)):
            yield _renamed(one, b"%04x" % copy)
        left -= min(times, left)


def _renamed(one: Message, copy: bytes) -> Message:
    def rename(found: re.Match[bytes]) -> bytes:
        return copy + found[0][4:]

    headers = [
        (name, _IDS.sub(rename, value) if name in {"ce_id", "ce_subject"} else value) for name, value in one.headers
    ]
    return Message(_IDS.sub(rename, one.key), _IDS.sub(rename, one.value), headers)


async def fill(settings: Settings, year: Sequence[Message], number: int) -> Upto:
    """Put `number` messages on the topic of `events`, in transactions as the relay does."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka,
        transactional_id=f"{settings.namespace}-mix",
        acks="all",
        max_batch_size=131_072,
        linger_ms=0,
    )
    upto: Upto = {}
    await producer.start()
    try:
        for chunk in batched(copies(year, number), CHUNK):
            async with producer.transaction():
                sent = [
                    await producer.send(settings.topic("events"), one.value, key=one.key, headers=one.headers)
                    for one in chunk
                ]
                for told in await asyncio.gather(*sent):
                    upto[told.topic_partition] = max(upto.get(told.topic_partition, 0), told.offset + 1)
    finally:
        await producer.stop()
    return upto


def batched(messages: Iterator[Message], size: int) -> Iterator[list[Message]]:
    while chunk := list(islice(messages, size)):
        yield chunk
