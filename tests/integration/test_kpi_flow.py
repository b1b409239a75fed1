"""From the log to the figures: each event once, whatever fails on the way, and the same on every replica."""

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from random import Random

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from pymongo.errors import AutoReconnect

from services.kpi import replica as replicas
from services.kpi.engine import sink
from services.kpi.verify import differences, figures_from
from shared import clock
from shared.contracts.events import ActivityHeld, FeedbackGiven, RegistrationConfirmed
from shared.people import Role
from tests.support.kpi import ACTIVITY, Log
from tests.support.kpi_year import Year
from tests.support.tally import settings_for, until

WITHIN = 30


@pytest.fixture
async def settings(brokers, namespace):
    return settings_for(brokers.mongo_url, brokers.kafka, namespace)


@pytest.fixture
async def replica(settings):
    """Start replicas: `app, client = await replica("1")`; all of them stop at the end."""
    async with AsyncExitStack() as stack:

        async def start(name: str = "0"):
            return await stack.enter_async_context(running(settings.model_copy(update={"replica": name})))

        yield start


@asynccontextmanager
async def running(settings):
    app = replicas.build(settings)
    people = app.state.kpi.service.people
    async with app.router.lifespan_context(app):
        _, key = await people.keys.create("test", [Role.COORDINATOR], None, "ela")
        transport = httpx.ASGITransport(app)
        headers = {"authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
            yield app.state.kpi, client


async def publish(settings, *logs: Log) -> None:
    """Onto the topics of the events' services, in each log's order."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, linger_ms=2)
    await producer.start()
    for log in logs:
        for (envelope, event), message in zip(log.said, log.messages, strict=True):
            topic = settings.topic(event.type.split(".")[1])
            await producer.send(topic, message.value, key=envelope.subject.encode(), headers=list(message.headers))
    await producer.stop()


async def figures(client: httpx.AsyncClient, year: int, **scope: str) -> dict:
    answer = await client.get("/kpi/api/v1/figures", params={"year": year, **scope})
    assert answer.status_code == 200, answer.text
    return {one["id"]: one["value"] for one in answer.json()["figures"]}


async def agree(client: httpx.AsyncClient, *logs: Log) -> None:
    """Wait until what is shown is what the second way of counting says."""
    counted = figures_from([one for log in logs for one in log.said])
    left: list[str] = ["nothing asked yet"]

    async def equal() -> bool:
        shown = {"ela": {year: await figures(client, year) for year in counted["ela"]}}
        left[:] = differences(counted, shown)
        return not left

    try:
        await until(equal, WITHIN, "the agreement of both ways of counting")
    except AssertionError as error:
        raise AssertionError(left) from error


def told(lives: int, seed: int = 1) -> list[Log]:
    return Year(Random(seed)).tell(lives)


async def test_figures_agree_with_the_second_way_of_counting_and_outlive_a_restart(settings, replica):
    logs = told(60)
    await publish(settings, *logs)
    async with running(settings) as (_, client):
        await agree(client, *logs)
    runtime, client = await replica()
    await agree(client, *logs)
    assert runtime.service.consumer.worked == 0


async def test_every_other_commit_fails_before_or_after_it_happened(settings, replica, monkeypatch):
    commit, calls = sink.transaction, 0

    async def shaky(client, body, **options):
        nonlocal calls
        calls += 1
        if calls % 3 == 0:
            raise AutoReconnect("before")
        await commit(client, body, **options)
        if calls % 3 == 1:
            raise AutoReconnect("after")

    monkeypatch.setattr(sink, "transaction", shaky)
    logs = told(60, seed=2)
    runtime, client = await replica()
    await until(lambda: owns_all(runtime), WITHIN, "the assignment")
    for log in logs:
        for first in range(0, len(log.messages), 25):
            await publish(settings, Log(said=log.said[first : first + 25], messages=log.messages[first : first + 25]))
    await agree(client, *logs)
    assert calls > 3


async def test_a_backlog_is_written_in_few_transactions(settings, replica, monkeypatch):
    monkeypatch.setattr(sink, "LIVE_RECORDS", 1)
    logs = told(120, seed=3)
    await publish(settings, *logs)
    _, client = await replica()
    await agree(client, *logs)


async def test_two_replicas_show_the_same_and_one_goes_on_alone(settings, replica):
    logs = told(40, seed=4)
    first, client = await replica("0")
    async with running(settings.model_copy(update={"replica": "1"})) as (second, other):

        async def shared() -> bool:
            return all(len(one.service.consumer.cursor) == 9 for one in (first, second) if one.service.consumer)

        await publish(settings, logs[0])
        await until(shared, WITHIN, "half of the partitions for each replica")
        await publish(settings, logs[1])
        await agree(client, *logs[:2])
        await agree(other, *logs[:2])
    await publish(settings, logs[2])
    await agree(client, *logs)


async def test_poison_ends_in_the_dead_letters_and_what_is_behind_it_counts(settings, replica):
    log = Log().say(RegistrationConfirmed(registration="r", person="p", member="BG", kind="posting-360"))
    good = list(log.messages[0].headers)
    bad = [
        (b"not json", good),
        (None, good),
        (b'{"member": 7}', good),
        (b"{}", []),
        (b"{}", [*good[:-1], ("ce_time", b"soon")]),
        (log.messages[0].value, [*good, ("ce_recordedtime", b"2999-01-01T00:00:00.000Z")]),
        (b'{"x": "' + b"y" * 500_000 + b'"}', [("ce_type", b"liaison.events.registration.confirmed.v1")]),
    ]
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka)
    await producer.start()
    for service in ("requests", "matching", "events"):
        for value, headers in bad:
            await producer.send(settings.topic(service), value, key=b"activity-1", headers=headers)
    await producer.stop()
    await publish(settings, log)
    runtime, client = await replica()
    await agree(client, log)
    db = runtime.service.db

    async def all_kept() -> bool:
        return await db.dead.count_documents({}) == 3 * len(bad)

    await until(all_kept, WITHIN, "the dead letters")


async def test_dead_letters_are_replayed_and_count_once(settings, replica):
    *logs, later = told(60, seed=6)
    kind = RegistrationConfirmed.type.encode()
    runtime, client = await replica()
    letters, db = runtime.service.dead_letters, runtime.service.db

    def breaks(value):
        raise ValueError("not understood yet")

    understood = runtime.reader.takers[kind]
    runtime.reader.takers[kind] = replace(understood, decode=breaks)
    await publish(settings, *logs)
    broken = sum(isinstance(event, RegistrationConfirmed) for log in logs for _, event in log.said)

    async def all_kept() -> bool:
        return await db.dead.count_documents({}) == broken

    await until(all_kept, WITHIN, "the dead letters")
    kept = [one["_id"] async for one in db.dead.find({}, {"_id": 1})]
    with pytest.raises(ValueError, match="not understood"):
        await letters.replay(kept[0])
    assert await db.dead.count_documents({}) == broken
    runtime.reader.takers[kind] = understood
    worked = await asyncio.gather(
        *(letters.replay(one) for one in kept for _twice in range(2)), publish(settings, later), return_exceptions=True
    )
    assert sum(one for one in worked if isinstance(one, int)) == broken
    await agree(client, *logs, later)
    behind = await opened(client, "registrations")
    counted = sum(sum(event["counted"].values()) for event in behind["events"])
    assert counted == (await figures(client, 2024))["registrations"]
    _, other = await replica("1")
    await agree(other, *logs, later)


async def test_the_events_behind_a_figure_add_up_to_it(settings, replica):
    logs = told(60, seed=5)
    await publish(settings, *logs)
    _, client = await replica()
    await agree(client, *logs)
    for one in ("registrations", "participations", "activities-held", "exchanges-agreed", "waiting"):
        behind = await opened(client, one)
        assert sum(sum(event["counted"].values()) for event in behind["events"]) == (await figures(client, 2024))[one]
    plan = [event["counted"] for event in (await opened(client, "completed-to-planned"))["events"]]
    detail = (await client.get("/kpi/api/v1/figures/completed-to-planned?year=2024")).json()["figures"][0]
    assert sum(one.get("held", 0) for one in plan) == detail["part"]
    assert sum(one.get("planned", 0) for one in plan) == detail["whole"]
    assert (await opened(client, "relevance")) == {"total": 0, "complete": True, "events": []}


async def opened(client: httpx.AsyncClient, one: str) -> dict:
    answer = await client.get(f"/kpi/api/v1/figures/{one}/events?year=2024&per_page=500")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_as_known_on_a_day_and_an_etag_that_stays(settings, replica):
    log = Log(day="2024-03-01").say(ActivityHeld(held_on="2024-03-01", **ACTIVITY), "activity-1")
    log.say(ActivityHeld(held_on="2024-02-01", **ACTIVITY), "activity-2", day="2024-06-01")
    await publish(settings, log)
    _, client = await replica()
    await agree(client, log)
    assert (await figures(client, 2024, known="2024-05-31"))["activities-held"] == 1
    history = (await client.get("/kpi/api/v1/figures/activities-held?year=2024")).json()["history"]
    by_day = {one["day"]: one["value"] for one in history}
    assert (by_day["2024-02-29"], by_day["2024-03-31"], by_day["2024-06-30"]) == (0, 1, 2)
    answer = await client.get("/kpi/api/v1/figures?year=2024")
    again = await client.get("/kpi/api/v1/figures?year=2024", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_the_stream_tells_what_changed_and_by_which_events(settings, replica):
    runtime, _client = await replica()
    await until(lambda: owns_all(runtime), WITHIN, "the assignment")
    year = clock.now().year
    first = Log(day=f"{year}-01-02").say(ActivityHeld(held_on=f"{year}-01-02", **ACTIVITY), "activity-1")
    async with listening(runtime, "ids=1") as messages:
        name, data, _ = await messages.get()
        assert (name, data["figures"]["activities-held"]["text"]) == ("figures", "0")
        await publish(settings, first)
        data, _ = await figures_with(messages, "activity-1@0")
        assert data["figures"]["activities-held"]["text"] == "1"
        assert max(data["seen"].values()) == 0
        answers = Log(day=f"{year}-01-03").say(FeedbackGiven(activity="a", relevance=5, added_value=5), "survey-1")
        answers.say(ActivityHeld(held_on=f"{year}-01-03", **ACTIVITY), "activity-2")
        await publish(settings, answers)
        data, last = await figures_with(messages, "activity-2@1")
        assert not [id for id in data["ids"] if id.startswith("survey")]
    async with listening(runtime, "ids=1", last) as messages:
        name, _, _ = await messages.get()
        assert name == "board"  # nothing was missed: no figure comes again
    async with listening(runtime, "ids=1", "another-7") as messages:
        name, data, _ = await messages.get()
        assert (name, data["figures"]["activities-held"]["value"]) == ("figures", 2)


async def owns_all(runtime) -> bool:
    consumer = runtime.service.consumer
    return bool(consumer and len(consumer.cursor) == 18)


async def figures_with(messages: asyncio.Queue, id: str) -> tuple[dict, str]:
    while True:
        name, data, last = await asyncio.wait_for(messages.get(), WITHIN)
        if name == "figures" and id in data["ids"]:
            return data, last


@asynccontextmanager
async def listening(runtime, query: str, last: str | None = None):
    """The messages of a stream, as (name, data, id); read below HTTP, since a test client waits for the end."""
    from services.kpi.web.common import scope_of
    from shared.web.rights import Principal

    principal = Principal("tester", "Tester", frozenset({Role.COORDINATOR}), None, "ela")
    headers = [(b"last-event-id", last.encode())] if last else []
    scope = {"type": "http", "method": "GET", "path": "/kpi/live", "query_string": query.encode(), "headers": headers}
    request = httpx_request(scope)
    response = runtime.live.response(request, scope_of(request, principal), ids="ids=1" in query)
    messages: asyncio.Queue = asyncio.Queue()

    async def read() -> None:
        async for event in response.body_iterator:
            data = event.data if not event.data.startswith("{") else json.loads(event.data)
            messages.put_nowait((event.event, data, event.id))

    reading = asyncio.create_task(read())
    try:
        yield messages
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


def httpx_request(scope: dict):
    from starlette.requests import Request

    return Request(scope)
