"""The topics of a namespace, made with their settings or held against them: `python -m deploy.local.topics`."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from deploy.local.checks import Trouble
from shared.settings import get_settings

SERVICES = ("requests", "matching", "events", "kpi")
PARTITIONS = 6
SETTLED_WITHIN = 20.0

KEPT_FOR_EVER = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
# The relay writes a position with every batch and reads them all back at its start: small segments, cleaned early.
COMPACTED = {"cleanup.policy": "compact", "segment.bytes": "1048576", "min.cleanable.dirty.ratio": "0.1"}


@dataclass(frozen=True)
class Topic:
    name: str
    partitions: int
    settings: dict[str, str] = field(default_factory=dict)


def topics(namespace: str, services: Sequence[str] = SERVICES) -> list[Topic]:
    positions = [Topic(f"{namespace}.relay.{service}", 1, COMPACTED) for service in services]
    return event_topics(namespace, services) + positions


def event_topics(namespace: str, services: Sequence[str] = SERVICES) -> list[Topic]:
    return [Topic(f"{namespace}.{service}", PARTITIONS, KEPT_FOR_EVER) for service in services]


async def ensure_topics(bootstrap: str, namespace: str) -> None:
    """Make the namespace's topics where they are missing; Trouble where one exists with other settings."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        wanted = topics(namespace)
        await _create(admin, wanted)
        await _verify(admin, wanted)
    finally:
        await admin.close()


async def _create(admin: AIOKafkaAdminClient, wanted: list[Topic]) -> None:
    # -1: as many replicas as the broker's default says, which aiokafka accepts beside empty assignments only.
    new = [
        NewTopic(topic.name, topic.partitions, -1, replica_assignments={}, topic_configs=topic.settings)
        for topic in wanted
    ]
    answer = await admin.create_topics(new, timeout_ms=20_000)
    for name, code, *_ in answer.topic_errors:
        if code not in (0, TopicAlreadyExistsError.errno):
            raise Trouble(f"Kafka does not make the topic {name}: {for_code(code).__name__}.")


async def _verify(admin: AIOKafkaAdminClient, wanted: list[Topic]) -> None:
    partitions = await _partitions(admin, wanted)
    settings = await _settings(admin, wanted)
    for topic in wanted:
        if partitions[topic.name] != topic.partitions:
            raise Trouble(
                f"The topic {topic.name} has {partitions[topic.name]} partitions instead of {topic.partitions}, which "
                "cannot be mended without reordering events: use another namespace or another Kafka."
            )
        for name, value in topic.settings.items():
            if settings[topic.name].get(name) != value:
                found = settings[topic.name].get(name)
                raise Trouble(f"The topic {topic.name} has {name}={found}: set it to {value} with Kafka's own tools.")


async def _partitions(admin: AIOKafkaAdminClient, wanted: list[Topic]) -> dict[str, int]:
    """How many each topic has, once all of them are known and led: a new topic takes a moment to get there."""
    deadline = time.monotonic() + SETTLED_WITHIN
    while True:
        described = await admin.describe_topics([topic.name for topic in wanted])
        unsettled = [
            topic["topic"]
            for topic in described
            if topic["error_code"] or any(partition["error_code"] for partition in topic["partitions"])
        ]
        if not unsettled:
            return {topic["topic"]: len(topic["partitions"]) for topic in described}
        if time.monotonic() > deadline:
            raise Trouble(f"Kafka does not lead {', '.join(unsettled)} after {SETTLED_WITHIN:.0f} s: see its log.")
        await asyncio.sleep(0.05)


async def _settings(admin: AIOKafkaAdminClient, wanted: list[Topic]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in wanted]
    answers = await admin.describe_configs(resources)
    return {
        name: {entry[0]: entry[1] for entry in entries}
        for answer in answers
        for _, _, _, name, entries in answer.resources
    }


def main() -> None:
    settings = get_settings()
    asyncio.run(ensure_topics(settings.kafka, settings.namespace))


if __name__ == "__main__":
    main()
