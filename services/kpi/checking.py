"""What operators do with the cells: count everything anew, and count it a second time to compare every cell.

The second time shares neither the compiled functions nor the decoders nor the blocks with the engine: each message is
parsed by its contract and run through the measures as they are written.
"""

import re
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from pymongo import ReplaceOne

from services.kpi.engine.cells import CELLS, REBUILD, cells_of
from services.kpi.engine.measures import Cell, Measure
from services.kpi.indicators import MEASURES
from shared import clock
from shared.contracts.base import EVENTS, UPCASTERS, parse_event
from shared.contracts.envelope import envelope_of
from shared.mongo import Client, Database, Session, transaction
from shared.spine.service import Service

Told = Callable[[int], None]
"""Called with how many messages are done since the last call."""
AT_ONCE = 2_000


@dataclass(frozen=True)
class Stored:
    """What is committed, all of one moment: next offsets, cells by measure, and the places that are not counted."""

    offsets: Mapping[TopicPartition, int]
    cells: Mapping[str, Counter[Cell]]
    dead: frozenset[tuple[str, int, int]]


@dataclass
class Verified:
    """`differences` in sentences; none where every cell is the same."""

    messages: int = 0
    cells: int = 0
    unreadable: int = 0
    differences: list[str] = field(default_factory=list)


async def stored(service: Service) -> Stored:
    """Raises nothing where the service has counted nothing yet: there are no cells then."""
    db, group = service.db, service.group
    keys = {measure.key: measure.name for measure in MEASURES.values()}

    async def read(session: Session) -> Stored:
        offsets: dict[TopicPartition, int] = {}
        async for one in db.offsets.find({}, session=session):
            of, topic, partition = one["_id"].rsplit("/", 2)
            if of == group:
                offsets[TopicPartition(topic, int(partition))] = int(one["next"])
        cells: dict[str, Counter[Cell]] = defaultdict(Counter)
        async for block in db.blocks.find({"kind": CELLS}, session=session):
            if block["measure"] in keys:
                cells[keys[block["measure"]]].update(cells_of(block))
        names = {"topic": 1, "partition": 1, "order": 1}
        dead = [one async for one in db.dead.find({}, names, session=session)]
        return Stored(offsets, cells, frozenset((one["topic"], one["partition"], one["order"]) for one in dead))

    return await transaction(service.client, read)


async def verify(service: Service, told: Told = lambda done: None) -> Verified:
    """Fold the log to where the service stands, and compare every cell."""
    now, found = await stored(service), Verified()
    counted: dict[str, Counter[Cell]] = {name: Counter() for name in MEASURES}
    for partition, end in sorted(now.offsets.items()):
        recorded = ""
        async with aclosing(read(service.settings.kafka, partition, end)) as batches:
            async for batch in batches:
                for record in batch:
                    recorded = _count(record, recorded, now.dead, counted, found)
                found.messages += len(batch)
                told(len(batch))
    for name, cells in counted.items():
        kept = now.cells.get(name, Counter[Cell]())
        for cell in cells.keys() | kept.keys():
            if cells[cell] or kept[cell]:
                found.cells += 1
            if cells[cell] != kept[cell]:
                found.differences.append(f"{name} {' '.join(map(str, cell))}: log {cells[cell]}, kept {kept[cell]}")
    return found


def _count(
    record: ConsumerRecord,
    recorded: str,
    dead: frozenset[tuple[str, int, int]],
    counted: Mapping[str, Counter[Cell]],
    found: Verified,
) -> str:
    """Add what the record counts; gives the highest recorded day so far."""
    try:
        envelope = envelope_of(record.headers)
        told = date.fromisoformat(envelope.recorded_on)
    except ValueError:
        found.unreadable += 1
        return recorded
    if told > clock.now().date() + timedelta(days=1) and (record.topic, record.partition, record.offset) in dead:
        found.unreadable += 1
        return recorded
    high = max(recorded, told.isoformat())
    is_dead = (record.topic, record.partition, record.offset) in dead
    if envelope.type not in EVENTS and envelope.type not in UPCASTERS:
        return high
    if is_dead:
        found.unreadable += 1
        return high
    event = parse_event(envelope.type, orjson.loads(record.value or b""))
    for measure in MEASURES.values():
        if isinstance(event, measure.events):
            _add(counted[measure.name], measure, event, envelope, high)
    return high


def _add(cells: Counter[Cell], measure: Measure, event: Any, envelope: Any, recorded: str) -> None:
    facts = {"stream": envelope.subject, "network": envelope.network, "day": envelope.happened_on}
    for dimensions, delta, day in measure.deltas(event, **facts):
        cells[envelope.network, day, recorded, *dimensions] += delta


async def read(bootstrap: str, partition: TopicPartition, end: int) -> AsyncGenerator[list[ConsumerRecord], None]:
    """Every committed message of the partition before the offset `end`."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="none",
    )
    try:
        await consumer.start()
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        while await consumer.position(partition) < end:
            batch = await consumer.getmany(partition, timeout_ms=500, max_records=AT_ONCE)
            yield [record for record in batch.get(partition, ()) if record.offset < end]
    finally:
        await consumer.stop()


async def begin_anew(client: Client, db: Database) -> None:
    """Forget every cell and offset; running replicas notice, and count everything from the beginning."""

    async def forget(session: Session) -> None:
        await db.blocks.delete_many({}, session=session)
        await db.offsets.delete_many({}, session=session)
        marker = {"_id": REBUILD, "kind": REBUILD, "by": "command", "at": 0}
        await db.blocks.bulk_write([ReplaceOne({"_id": REBUILD}, marker, upsert=True)], session=session)

    await transaction(client, forget)


async def counted(service: Service) -> int:
    """How many messages stand counted, with the gaps of the log."""
    found = await service.db.offsets.find({"_id": {"$regex": f"^{re.escape(service.group)}/"}}).to_list(None)
    return sum(int(one["next"]) for one in found)
