"""Others on the same events in the same run, each in an environment of its own (`make bench-kpi` makes them)."""

import asyncio
import json
import os
from collections.abc import Iterable
from pathlib import Path

import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from benchmarks.kpi.mix import CHUNK, Message, batched
from deploy.local.layout import CHECKOUT
from deploy.local.topics import PARTITIONS
from shared.settings import Settings

ENVIRONMENTS = CHECKOUT / "build" / "peers"
TEXTS = ("member", "kind", "mode", "activity", "person", "previously")
NUMBERS = ("relevance", "added_value")


async def measured(name: str, job: str, kafka: str, topic: str, number: int) -> float:
    """Events a second of one of the jobs beside this file."""
    python, file = ENVIRONMENTS / name / "bin" / "python", Path(__file__).with_name(job)
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "PATHWAY_THREADS": "1"}
    running = await asyncio.create_subprocess_exec(
        *(str(python), "-W", "ignore", str(file), kafka, topic, str(number)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    said, why = await running.communicate()
    if running.returncode:
        raise SystemExit(f"{name} ended with {running.returncode}: {why.decode()[-2_000:]}")
    return float(json.loads(said.splitlines()[-1])["per_s"])


async def fill_flat(settings: Settings, messages: Iterable[Message]) -> str:
    """A second topic with the same events, their envelope inside the value; its name."""
    topic = f"{settings.namespace}.flat"
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    await admin.create_topics([NewTopic(topic, PARTITIONS, 1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, acks="all", max_batch_size=131_072)
    await producer.start()
    try:
        for chunk in batched(iter(messages), CHUNK):
            sent = [await producer.send(topic, flat(one), key=one.key) for one in chunk]
            await asyncio.gather(*sent)
    finally:
        await producer.stop()
    return topic


def flat(one: Message) -> bytes:
    headers = {name: value.decode() for name, value in one.headers}
    data = orjson.loads(one.value)
    row = {
        "type": headers["ce_type"],
        "network": headers["ce_network"],
        "stream": headers["ce_subject"],
        "day": headers["ce_time"][:10],
        "recorded": headers["ce_recordedtime"][:10],
        "present": bool(data.get("present")),
    }
    row |= {name: data.get(name) if isinstance(data.get(name), str) else "" for name in TEXTS}
    row |= {name: data.get(name) or 0 for name in NUMBERS}
    return orjson.dumps(row)
