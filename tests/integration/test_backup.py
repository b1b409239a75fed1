"""A backup taken under load, restored into an empty machine: the log fits, the figures are equal, and work goes on."""

import asyncio
from collections import Counter
from contextlib import closing

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from benchmarks.chaos import settled_log, stored
from deploy.backup.restoring import restore, verified
from deploy.backup.taking import take
from deploy.demo.figures import read_figures
from deploy.demo.keys import COORDINATOR, keys_for
from deploy.demo.simulator import Simulator, equal
from deploy.local.checks import Trouble
from deploy.local.stack import SERVICES, Stack
from services.kpi.verify import differences, figures_from, stored_events
from shared.mongo import Client, connect
from shared.settings import Settings
from tests.support.ports import free_port
from tests.support.tally import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


def settings_of(stack: Stack) -> Settings:
    return Settings(
        profile="local", secret="s" * 40, mongo_url=stack.mongo_url, kafka=stack.kafka, namespace=stack.namespace
    )


async def post_something_foreign(settings: Settings) -> None:
    """What no service can read: it ends among the dead letters of those who listen, by its place on the log."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka)
    await producer.start()
    await producer.send_and_wait(settings.topic("events"), b"{", key=b"other", headers=[("ce_id", b"1"), ("x", b"")])
    await producer.stop()


@pytest.fixture
async def backup(brokers, namespace, tmp_path):
    """The file, taken while commands come in."""
    names = {"namespace": namespace, "mongo_url": brokers.mongo_url, "kafka": brokers.kafka}
    async with Stack(tmp_path / "first", services=SERVICES, port=free_port(), **names) as stack:
        settings = settings_of(stack)
        async with keys_for(settings) as keys, Simulator(stack.base_url, keys, 40, 120, seed=3) as simulator:
            await simulator.prepare()
            await post_something_foreign(settings)
            with closing(connect(settings.mongo_url)) as client:
                await client[settings.database("people")].create_collection("last_few", capped=True, size=4096)
                events = client[settings.database("events")].events
                begun = await events.count_documents({})

                async def under_load() -> bool:
                    return await events.count_documents({}) > begun + 60

                load = asyncio.create_task(simulator.load())
                await until(under_load, 60, "commands under way")
                await take(settings, tmp_path / "of.backup")
                assert not load.done(), "the backup was to be taken under load"
                simulator.enough()
                await load
    return tmp_path / "of.backup"


@pytest.fixture
async def machine(monkeypatch, tmp_path, backup):
    """An empty one, its brokers alone, filled from the backup; then everything on it."""
    for name in ("LIAISON_MONGO_URL", "LIAISON_KAFKA", "LIAISON_NAMESPACE"):
        monkeypatch.delenv(name, raising=False)
    folder, name = tmp_path / "second", "moved"
    async with Stack(folder, namespace=name) as brokers:
        with closing(await verified(backup)) as archive:
            manifest = await restore(settings_of(brokers), archive)
            with pytest.raises(Trouble, match="not empty"):
                await restore(settings_of(brokers), archive)
        with closing(connect(brokers.mongo_url)) as client:  # before a service takes up what was under way
            assert len(await stored(client, settings_of(brokers))) == sum(manifest.events.values()) > 100
    async with Stack(folder, services=SERVICES, port=free_port(), namespace=name) as stack:
        yield stack, manifest


async def test_what_is_restored_fits_is_equal_and_works_on(machine):
    stack, manifest = machine
    settings = settings_of(stack)
    with closing(connect(settings.mongo_url)) as client:
        assert manifest.foreign["events"] == 1
        await one_by_one(client, settings)

        letters = await client[settings.database("kpi")].dead.find().to_list(None)
        assert [one["topic"] for one in letters] == [settings.topic("events")]
        async with keys_for(settings) as keys, Simulator(stack.base_url, keys, 20, 2, seed=4) as simulator:
            await figures_equal(simulator, client, settings)
            await the_events_behind_a_figure_are_where_it_says(stack, keys[COORDINATOR])
            await simulator.prepare()
            await simulator.load()
            rows = await simulator.settled(simulator.report, 30)
        assert equal(rows), [row for row in rows if not row.equal]
        assert simulator.report.accepted > 20
        await one_by_one(client, settings)


async def one_by_one(client: Client, settings: Settings) -> None:
    """Each stored event is on the log once, even what was not yet sent at the backup; so is the foreign one."""
    documents, log = await settled_log(client, settings, foreign=1)
    assert log == Counter([one["_id"] for one in documents] + ["1"])


async def figures_equal(simulator, client, settings) -> None:
    left: list[str] = []

    async def agree() -> bool:
        found = await read_figures(simulator.door)
        shown = {name: one["value"] for name, one in found.shown.items()}
        counted = figures_from(stored_events(await stored(client, settings)))["ela"][found.year]
        known = {name: value for name, value in counted.items() if name in shown}
        assert known["registrations"]
        left[:] = differences({"ela": {found.year: known}}, {"ela": {found.year: shown}})
        return not left

    try:
        await until(agree, 30, "the figures")
    except AssertionError as error:
        raise AssertionError(left) from error


async def the_events_behind_a_figure_are_where_it_says(stack: Stack, key: str) -> None:
    """The days' ranges of offsets moved with the log."""
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=f"{stack.base_url}/kpi/api/v1", headers=headers, timeout=30) as http:
        figure = (await http.get("/figures/registrations")).json()["figures"]
        behind = (await http.get("/figures/registrations/events", params={"per_page": 500})).json()
    assert behind["complete"]
    assert behind["total"] == len(behind["events"]) > 0
    value = next(one["value"] for one in figure if one["id"] == "registrations")
    assert sum(sum(one["counted"].values()) for one in behind["events"]) == value
