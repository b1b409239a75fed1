"""Broken, foreign, oversized and unknown messages on every topic: the ones behind them arrive in every service."""

from itertools import count

import pytest
from aiokafka import AIOKafkaProducer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.local.topics import PARTITIONS
from shared.contracts.events import ActivityHeld
from shared.contracts.matching import ExchangeAgreed
from shared.contracts.requests import ActivityPlanned
from shared.ids import fixed_id, new_id
from tests.support.four import Four, four_services
from tests.support.messages import ANY, BAD, Sent, good, spoilt
from tests.support.tally import until

pytestmark = pytest.mark.timeout(300)

HEARS = {
    "requests": ("events",),
    "matching": ("events",),
    "events": ("requests", "matching"),
    "kpi": ("requests", "matching", "events"),
}
SENDERS, HOSTS = ("BG", "PT", "FR", "LU", "EL", "SE"), ("DE", "PL", "IT", "FI", "MT", "AT")
ACTIVITY = {"kind": "training-on-request", "pillar": "cooperation", "line": "posting-360", "quarter": "2024-Q1"}
PLANNED = ActivityPlanned(year=2024, activity="activity-bad", **ACTIVITY)
HELD = ActivityHeld(held_on="2024-03-04", planned=True, exchange="exchange-bad", request="request-bad", **ACTIVITY)
AGREED = ExchangeAgreed(call="call-1", sender="BG", host="DE", focus="information", week="2024-W10")
TEMPLATES = {"requests": PLANNED, "matching": AGREED, "events": HELD}


@pytest.fixture(scope="module")
async def four(brokers, tmp_path_factory):
    async with four_services(brokers, tmp_path_factory.mktemp("four")) as services:
        yield services


@pytest.fixture(scope="module")
async def send(four):
    """Send messages to one partition of a service's topic; the offset behind the last of them."""
    producer = AIOKafkaProducer(bootstrap_servers=four.stack.kafka, max_request_size=2_000_000)
    await producer.start()

    async def to(topic: str, partition: int, messages: list[Sent]) -> int:
        name = f"{four.stack.namespace}.{topic}"
        for one in messages:
            last = await producer.send(name, one.value, key=one.key, headers=one.headers, partition=partition)
        return (await last).offset + 1

    yield to
    await producer.stop()


async def agreed_exchanges(four: Four) -> list[str]:
    """Six exchanges that both sides agreed to."""
    call = (await four.post("matching", "/calls", year=2024, focus_areas=["information"]))["id"]
    shared = {"call": call, "languages": ["en"]}
    for member in SENDERS:
        await four.post("matching", "/interests", member=member, focus="information", weeks=["2024-W10"], **shared)
    for member in HOSTS:
        places = {"2024-W10": 1}
        await four.post("matching", "/offers", member=member, focus_areas=["information"], places=places, **shared)
    run = await four.post("matching", f"/calls/{call}/runs")
    proposed = (await four.post("matching", f"/runs/{run['id']}/propose"))["proposed"]
    exchanges = [one["exchange"] for one in proposed]
    for exchange in exchanges:
        sides = await four.get("matching", f"/exchanges/{exchange}")
        for member in (sides["sender"], sides["host"]):
            await four.post("matching", f"/exchanges/{exchange}/accept", member=member)
    return exchanges


async def arrived(four: Four, planned: list[str], held: list[str], agreed: list[str], exchanges: list[str]) -> set[str]:
    """Which services do not show all of these yet."""
    ela = [fixed_id("activity", "ela", one) for one in agreed]
    activities = await four.db("events").streams.count_documents({"_id": {"$in": planned + ela}})
    notes = await four.db("requests").activities.count_documents({"_id": {"$in": held}, "status": "held"})
    done = await four.db("matching").streams.count_documents({"_id": {"$in": exchanges}, "state.status": "held"})
    figures = {one["id"]: one for one in (await four.get("kpi", "/figures?year=2024"))["figures"]}
    kpi = [figures[name]["value"] for name in ("activities-planned", "activities-held", "exchanges-agreed")]
    shown = {
        "events": activities == len(planned) + len(agreed),
        "requests": notes == len(held),
        "matching": done == len(exchanges),
        "kpi": kpi == [len(planned), len(held), len(agreed) + len(exchanges)],
    }
    return {name for name, well in shown.items() if not well}


async def test_good_messages_arrive_behind_bad_ones(four, send):
    exchanges = await agreed_exchanges(four)
    assert len(exchanges) == PARTITIONS
    planned, held, agreed = ([new_id(kind) for _ in range(PARTITIONS)] for kind in ("activity", "activity", "exchange"))
    for partition in range(PARTITIONS):
        for topic, template in TEMPLATES.items():
            await send(topic, partition, spoilt(template)[partition::PARTITIONS])
        behind = {
            "requests": good(PLANNED.model_copy(update={"activity": planned[partition]}), f"plan-{partition}"),
            "matching": good(AGREED, agreed[partition]),
            "events": good(
                HELD.model_copy(update={"exchange": exchanges[partition], "request": None}), held[partition]
            ),
        }
        for topic, message in behind.items():
            await send(topic, partition, [message])

    missing: set[str] = set()

    async def all_arrived() -> bool:
        nonlocal missing
        missing = await arrived(four, planned, held, agreed, exchanges)
        return not missing

    try:
        await until(all_arrived, 90)
    except AssertionError:
        raise AssertionError("\n".join(f"{name} does not show all: {four.log(name)}" for name in missing)) from None
    await assert_well(four)
    for service, topics in HEARS.items():
        for topic in topics:
            letters = four.db(service).dead.find({"topic": f"{four.stack.namespace}.{topic}"})
            keys = {one["key"] async for one in letters}
            assert keys, f"{service} keeps nothing of what was wrong on {topic}"
            assert all(key.startswith(BAD) or not key for key in keys), (service, topic, keys)


async def assert_well(four: Four) -> None:
    """Every service is ready, relays what it has stored, and never had to be started again."""
    for name in HEARS:
        answer = await four.http.get(four.url(name, "/health/ready"))
        assert answer.status_code == 200, answer.text
        assert four.stack.processes[name].starts == 1, four.log(name)
        assert not await four.db(name).dead.find_one({"status": "dead", "reason": {"$in": ["", None]}})


numbers = count()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
@given(messages=st.lists(ANY, min_size=5, max_size=40))
async def test_whatever_is_sent_the_next_message_arrives(four, send, messages):
    activity, exchange = new_id("activity"), new_id("exchange")
    behind = {
        "requests": good(PLANNED.model_copy(update={"activity": activity}), "plan-y"),
        "matching": good(AGREED, exchange),
        "events": good(HELD.model_copy(update={"exchange": None, "request": None}), activity),
    }
    partition = next(numbers) % PARTITIONS
    ends = {topic: await send(topic, partition, [*messages, one]) for topic, one in behind.items()}

    async def all_worked() -> bool:
        for service, topics in HEARS.items():
            for topic in topics:
                if await worked(four, service, topic, partition) < ends[topic]:
                    return False
        return True

    await until(all_worked, 20, "the services' way to the end of the log")
    ids = [activity, fixed_id("activity", "ela", exchange)]
    assert await four.db("events").streams.count_documents({"_id": {"$in": ids}}) == 2
    assert await four.db("requests").activities.count_documents({"_id": activity, "status": "held"}) == 1
    await assert_well(four)


async def worked(four: Four, service: str, topic: str, partition: int) -> int:
    """Up to where the service has worked a partition."""
    key = f"{four.stack.namespace}-{service}/{four.stack.namespace}.{topic}/{partition}"
    found = await four.db(service).offsets.find_one({"_id": key})
    return found["next"] if found else 0
