"""A process is killed inside an erasure, again and again: the next one takes the step up, and nothing is left."""

import asyncio
import os
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.events import handlers
from services.events.commands import AnnounceActivity, OpenRegistration, RegisterPersons, Registrant, ScheduleActivity
from services.events.streams import ACTIVITY
from shared.contracts.vocabulary import Mode
from shared.ids import new_id
from shared.mongo import Client, connect
from shared.people import People
from shared.spine.origin import Origin
from shared.spine.service import Service
from tests.support.events import CHECKOUT
from tests.support.tally import settings_for

pytestmark = pytest.mark.timeout(180)
NAME, ADDRESS = "Quintessa Plumworth", "quintessa@plumworth.example.test"
ALL = ("events", "requests", "matching", "kpi")
CANCELLED, CONFIRMED = "liaison.events.registration.cancelled.v1", "liaison.events.registration.confirmed.v1"


@pytest.fixture
def client(brokers) -> Iterator[Client]:
    client = connect(brokers.mongo_url)
    yield client
    client.close()


async def plant(service: Service, people: People, others: Any) -> str:
    """Somebody with a place that another one waits for, and with words in two services; their id."""
    quintessa = await people.remember(NAME, ADDRESS, "BG", "ela")
    next_one = await people.remember("Next in line", "next@example.test", "PT", "ela")
    store, activity, today = service.grouping.on_behalf_of(Origin("ela", quintessa)), new_id("activity"), date.today()
    await handlers.announce_activity(AnnounceActivity(activity=activity, kind="national-event", title=NAME), store)
    days = {"starts_on": today, "ends_on": today + timedelta(days=1)}
    when = ScheduleActivity(activity=activity, **days, mode=Mode.ONLINE, places={"online": 1})
    await handlers.schedule_activity(when, store, {"title": f"An evening with {NAME}"})
    registering = RegisterPersons(
        activity=activity,
        persons=(Registrant(person=quintessa, member="BG"), Registrant(person=next_one, member="PT")),
    )
    for command in (OpenRegistration(activity=activity, invited=("BG", "PT")), registering):
        await handlers.change_activity(command, activity, store)
    said = {"network": "ela", "text": f"Write to {ADDRESS}", "reason": NAME}
    await service.db.reasons.insert_one({"_id": activity, **said})
    await service.db.dead.insert_one({"_id": "t/0/1", "at": datetime.now(UTC), **said})
    await others.words.insert_one({"_id": new_id("request"), "title": f"{NAME} asks", **said})
    return quintessa


async def left(client: Client, namespace: str) -> list[str]:
    """Where name or address still stand."""
    found = []
    for database in await client.list_database_names():
        if not database.startswith(f"{namespace}_"):
            continue
        for collection in await client[database].list_collection_names():
            rows = await client[database][collection].find().to_list(None)
            found += [f"{database}.{collection}: {one['_id']}" for one in rows if "plumworth" in str(one).casefold()]
    return found


@pytest.fixture
def service(brokers, namespace) -> Iterator[Service]:
    service = Service("events", aggregates=(ACTIVITY,), settings=settings_for(brokers.mongo_url, "none:1", namespace))
    yield service
    service.client.close()


async def test_whoever_is_killed_the_next_one_goes_on_until_nothing_is_left(
    brokers, namespace, client, service, tmp_path
):
    people = People(client[f"{namespace}_people"])
    await people.prepare()
    await service.store.prepare()
    quintessa = await plant(service, people, client[f"{namespace}_requests"])
    before = await left(client, namespace)
    assert len(before) >= 5
    erasure = await people.erase(quintessa, asked_by="ela-coordinator")

    environment = os.environ | {
        "LIAISON_PROFILE": "local",
        "LIAISON_SECRET": "a secret for tests that is long enough",
        "LIAISON_MONGO_URL": brokers.mongo_url,
        "LIAISON_KAFKA": "127.0.0.1:1",
        "LIAISON_NAMESPACE": namespace,
    }

    async def process(point: str, *services: str) -> asyncio.subprocess.Process:
        with (tmp_path / f"{point}.log").open("wb") as log:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.support.erasing", point, *services),
                cwd=CHECKOUT, env=environment, stdout=asyncio.subprocess.PIPE, stderr=log,
            )  # fmt: skip

    async def killed_inside(point: str, *services: str) -> None:
        one = await process(point, *services)
        assert one.stdout is not None
        assert await asyncio.wait_for(one.stdout.readline(), 60) == b"inside\n", (tmp_path / f"{point}.log").read_text()
        one.kill()
        await one.wait()

    async def rounds() -> int:
        return (await people.erasures.find(erasure))["rounds"]["events"]

    async def count(kind: str) -> int:
        return await service.db.events.count_documents({"type": kind})

    await killed_inside("given-back", "events")
    assert (await rounds(), await count(CANCELLED)) == (0, 1)
    await killed_inside("half-of-the-places", "events")
    halfway = await left(client, namespace)
    assert (await rounds(), 0 < len(halfway) < len(before)) == (0, True), halfway
    await killed_inside("before-the-round-is-noted", "events")
    assert await rounds() == 0
    assert not [one for one in await left(client, namespace) if f"{namespace}_events." in one]
    await killed_inside("person-forgotten", *ALL)
    assert (await people.erasures.find(erasure))["finished"] is None
    last = await process("-", *ALL)
    assert await asyncio.wait_for(last.wait(), 90) == 0, (tmp_path / "-.log").read_text()
    told = await people.erasures.find(erasure)
    assert told["finished"] is not None
    assert set(told["rounds"].values()) == {2}
    assert await left(client, namespace) == []
    assert await people.row(quintessa) is None
    # The place was given back once, whoever asked again, and went to who waited for it.
    assert (await count(CANCELLED), await count(CONFIRMED)) == (1, 2)
