"""From the store over the log into another service's store: each event once, whatever fails on the way."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared.spine import listener
from shared.spine.consumer import Consumer, LogLost
from shared.spine.origin import Origin
from shared.spine.service import Service
from tests.support.tally import (
    Count,
    count,
    count_on,
    hearer,
    mirror_it,
    mirrored,
    publisher,
    settings_for,
    totals,
    until,
)


@pytest.fixture
async def settings(brokers, namespace):
    return settings_for(brokers.mongo_url, brokers.kafka, namespace)


@pytest.fixture
async def running():
    """Start services; all of them stop at the end."""
    async with AsyncExitStack() as stack:

        async def start(*services: Service) -> None:
            for service in services:
                await stack.enter_async_context(service.lifespan())
                await until(lambda service=service: is_prepared(service), 20, "the store's preparation")

        yield start


async def log_ids(settings, topic: str) -> list[str]:
    """The ids of all events on a topic, read committed."""
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, isolation_level="read_committed")
    await consumer.start()
    partitions = [TopicPartition(topic, number) for number in range(6)]
    consumer.assign(partitions)
    await consumer.seek_to_beginning(*partitions)
    ends, ids = await consumer.end_offsets(partitions), []
    while [one for one in partitions if await consumer.position(one) < ends[one]]:
        for records in (await consumer.getmany(timeout_ms=200)).values():
            ids += [dict(record.headers)["ce_id"].decode() for record in records]
    await consumer.stop()
    return ids


async def stored_ids(service: Service) -> list[str]:
    return sorted([one["_id"] async for one in service.db.events.find({}, {"_id": 1})])


async def assert_log_equals_store(service: Service) -> None:
    topic = service.settings.topic(service.name)

    async def equal() -> bool:
        return sorted(await log_ids(service.settings, topic)) == await stored_ids(service)

    await until(equal, 20, "the log's equality with the store")


async def test_events_reach_another_service_once_and_in_order(settings, running):
    source, target = publisher(settings), hearer(settings)
    await running(source, target)
    await count_on(source, streams=20, commands=300)
    assert sum((await mirrored(source, target)).values()) == 300
    await assert_log_equals_store(source)
    assert await target.db.dead.count_documents({}) == 0


async def test_what_concerns_nobody_moves_the_offset_too(settings, running):
    source, target = publisher(settings), hearer(settings)
    await running(source, target)
    topic, heard = settings.topic("requests"), [("ce_type", b"liaison.requests.tally.rested.v1")]
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka) as producer:
        for number in range(60):
            await producer.send(topic, b"{}", key=b"tally", partition=number % 6, headers=heard)

    async def passed() -> bool:
        stored = await target.db.offsets.find({}, {"next": 1}).to_list(None)
        return len(stored) == 6 and all(one["next"] == 10 for one in stored)

    await until(passed, 30, "the offsets beyond what concerns nobody")
    await count_on(source, streams=20, commands=100)
    assert sum((await mirrored(source, target)).values()) == 100
    assert await target.db.dead.count_documents({}) == 0


async def test_a_handler_that_raises_on_every_tenth_batch_loses_and_doubles_nothing(settings, running, monkeypatch):
    monkeypatch.setattr(listener, "TRANSACTION_RECORDS", 5)
    source, target = publisher(settings), hearer(settings)
    work_all, batches = target.sink._work_all, 0

    async def shaky(batch, session):
        nonlocal batches
        batches += 1
        await work_all(batch, session)
        if batches % 10 == 0:
            raise TimeoutError("something out of reach, after the batch was written")

    target.sink._work_all = shaky
    await running(source, target)
    for _ in range(40):
        await count_on(source, streams=3, commands=6)
    assert sum((await mirrored(source, target)).values()) == 240
    assert batches >= 20


async def test_first_start_with_events_stored_sends_them_all(settings, running):
    source = publisher(settings)
    await source.store.prepare()
    await count_on(source, streams=7, commands=2_500)
    target = hearer(settings)
    await running(source, target)
    await count_on(source, streams=3, commands=30)
    assert sum((await mirrored(source, target)).values()) == 2_530
    await assert_log_equals_store(source)


async def test_a_lost_resume_token_is_made_good_from_the_store(settings, running):
    source, target = publisher(settings), hearer(settings)
    async with source.lifespan():
        await until(lambda: is_prepared(source))
        await count_on(source, streams=5, commands=100)
        await assert_log_equals_store(source)
    source = publisher(settings)
    await count_on(source, streams=5, commands=100)
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka)
    await producer.start()
    import bson

    nowhere = bson.encode({"_data": "82" + "00" * 20})
    await producer.send_and_wait(source.relay.position.topic, nowhere, key=b"position")
    await producer.stop()
    await running(source, target)
    await count_on(source, streams=2, commands=20)
    assert sum((await mirrored(source, target)).values()) == 220
    await assert_log_equals_store(source)


async def test_two_relays_at_once_send_each_event_once(settings, running):
    first, second = publisher(settings), publisher(replace_replica(settings, "1"))
    second.relay.lease.owner = "another"
    second.relay.lease.try_take = _always(second.relay.lease)  # a relay that wrongly believes it holds the lease
    target = hearer(settings)
    await running(first, second, target)
    for _ in range(5):
        await count_on(first, streams=5, commands=50)
    assert sum((await mirrored(first, target)).values()) == 250
    await assert_log_equals_store(first)


def replace_replica(settings, replica):
    return settings.model_copy(update={"replica": replica})


def _always(lease):
    async def take() -> bool:
        lease.held = True
        return True

    return take


async def test_partitions_leave_and_return_within_the_load(settings, running):
    source, target = publisher(settings), hearer(settings)
    await running(source, target)
    working = asyncio.create_task(keep_counting(source, batches=40))
    for _ in range(3):
        other = hearer(replace_replica(settings, "1"))
        async with other.lifespan():
            await until(lambda other=other: has_partitions(other), 20, "the assignment to the second replica")
        await until(lambda: owns_all(target), 20, "the return of all partitions")
    await working
    assert sum((await mirrored(source, target)).values()) == 40 * 20
    assert await target.db.dead.count_documents({}) == 0


async def keep_counting(source: Service, batches: int) -> None:
    for _ in range(batches):
        await count_on(source, streams=5, commands=20)


async def is_prepared(service: Service) -> bool:
    return service.prepared


async def has_partitions(service: Service) -> bool:
    return bool(service.consumer and service.consumer.cursor)


async def owns_all(service: Service) -> bool:
    return bool(service.consumer and len(service.consumer.cursor) == 6)


async def test_a_rebalance_inside_a_batch_counts_it_once(settings, running):
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def slow_once(received, store):
        await mirror_it(received, store)
        if not go_on.is_set():
            entered.set()
            await asyncio.wait_for(go_on.wait(), 2)

    source, target = publisher(settings), hearer(settings, slow_once)
    await running(source, target)
    await until(lambda: owns_all(target))
    await count_on(source, streams=10, commands=50)
    await asyncio.wait_for(entered.wait(), 10)
    other = hearer(replace_replica(settings, "1"))
    async with other.lifespan():
        go_on.set()
        await until(lambda: has_partitions(other), 20, "the assignment to the second replica")
        await count_on(source, streams=10, commands=50)
        assert sum((await mirrored(source, target)).values()) == 100


async def test_what_a_message_causes_is_kept_and_its_stream_waits_until_it_is_replayed(settings, running):
    broken = True

    async def refuses_sevens(received, store):
        if broken and received.event.by == 7:
            raise ValueError("sevens cannot be worked")
        await mirror_it(received, store)

    source, target = publisher(settings), hearer(settings, refuses_sevens)
    await running(source, target)
    (stream,) = await count_on(source, streams=1, commands=2)
    store = source.grouping.on_behalf_of(Origin("ela", "tester"))
    for by in (7, 1, 1):
        await store.execute(stream, Count(by=by), count)
    await count_on(source, streams=5, commands=50)

    async def kept() -> bool:
        return await target.dead_letters.counts() == {"dead": 1, "parked": 2}

    await until(kept, 20, "the dead letter and the two parked behind it")
    others = {key: value for key, value in (await totals(source, "tally")).items() if key not in stream}

    async def others_equal() -> bool:
        return {key: value for key, value in (await totals(target, "mirror")).items() if key not in stream} == others

    await until(others_equal, 20, "the equality of the other streams")
    (letter,) = [one for one in await target.dead_letters.page() if one["status"] == "dead"]
    assert "sevens cannot be worked" in letter["reason"]
    with pytest.raises(ValueError, match="sevens"):
        await target.dead_letters.replay(letter["_id"])
    broken = False
    assert await target.dead_letters.replay(letter["_id"]) == 3
    await mirrored(source, target)
    assert await target.dead_letters.counts() == {"dead": 0, "parked": 0}
    events = await target.db.events.find({"stream": stream.replace("tally", "mirror")}).sort("version", 1).to_list(None)
    assert [one["data"]["by"] for one in events] == [1, 1, 7, 1, 1]


async def test_broken_foreign_and_unknown_messages_do_not_stop_the_ones_behind_them(settings, running):
    source, target = publisher(settings), hearer(settings)
    await running(source, target)
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, max_request_size=900_000)
    await producer.start()
    kind = b"liaison.requests.tally.counted.v1"
    envelope = [
        ("ce_id", b"tally-x@1"), ("ce_source", b"/requests"), ("ce_type", kind), ("ce_subject", b"tally-x"),
        ("ce_time", b"2024-01-01T00:00:00Z"), ("ce_recordedtime", b"2024-01-01T00:00:00Z"), ("ce_network", b"ela"),
    ]  # fmt: skip
    unknown = [
        (name, b"liaison.requests.tally.unheard-of.v9" if name == "ce_type" else value) for name, value in envelope
    ]
    topic = settings.topic("requests")
    bad = [
        (b"not json", envelope),
        (b'{"by": "many"}', envelope),
        (b"\xff\x00", []),
        (None, envelope),
        (b'{"by": 1}', [("ce_type", kind)]),
        (b'{"by": 1, "x": "' + b"x" * 800_000 + b'"}', envelope[:3]),
        (b'{"by": 1}', unknown),
    ]
    for number, (value, headers) in enumerate(bad):
        for partition in range(6):
            await producer.send(topic, value, key=f"bad-{number}".encode(), headers=headers, partition=partition)
    await producer.flush()
    await producer.stop()
    await count_on(source, streams=30, commands=60)
    assert sum((await mirrored(source, target)).values()) == 60
    assert await target.db.dead.count_documents({"status": "dead"}) + await target.db.dead.count_documents(
        {"status": "parked"}
    ) == 6 * (len(bad) - 1)


async def test_a_stored_offset_beyond_the_end_of_the_log_stops_with_a_sentence(settings, running):
    source, target = publisher(settings), hearer(settings)
    await source.store.prepare()
    await target.store.prepare()
    key = f"{settings.group('events')}/{settings.topic('requests')}/2"
    await target.db.offsets.insert_one({"_id": key, "next": 1_000})
    consumer = Consumer(settings.kafka, target.group, [settings.topic("requests")], target.sink, replica="0")
    with pytest.raises(LogLost, match="Restore store and log from one backup"):
        await asyncio.wait_for(consumer.run(), 30)
    source.client.close()
    target.client.close()
