"""`liaison clock` and `liaison dead`, run as a person would in another terminal."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import AIOKafkaProducer

from shared.contracts.requests import ActivityPlanned
from shared.ids import new_id
from tests.support.four import environment, four_services
from tests.support.messages import good
from tests.support.tally import until

pytestmark = pytest.mark.timeout(300)

ACTIVITY = {"kind": "training-on-request", "pillar": "cooperation", "line": "posting-360", "quarter": "2024-Q1"}


@pytest.fixture(scope="module")
async def two(brokers, tmp_path_factory):
    async with four_services(brokers, tmp_path_factory.mktemp("two"), ("requests", "events")) as services:
        yield services


@pytest.fixture(scope="module")
def liaison(two):
    """Run the command against this stack: exit code and all that it says."""

    async def run(*words: str, **settings: str) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "deploy.cli", *words, "--data", str(two.stack.layout.data)),
            env={**environment(two), "COLUMNS": "400", **settings},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await asyncio.wait_for(process.communicate(), 60)
        return process.returncode, said.decode()

    return run


async def time_of(two, service: str) -> datetime:
    return datetime.fromisoformat((await two.http.get(two.url(service, "/health/live"))).json()["clock"])


async def test_all_services_are_on_the_new_time_when_the_command_ends(two, liaison):
    code, said = await liaison("clock", "--at", "2024-10-15")
    assert (code, said[:10]) == (0, "2024-10-15"), said
    noon = datetime(2024, 10, 15, 12, tzinfo=UTC)
    for service in ("requests", "events"):
        assert noon <= await time_of(two, service) < noon + timedelta(minutes=2)
    _, said = await liaison("clock")
    assert said.startswith("2024-10-15 12:")
    assert (await liaison("clock", "--real"))[0] == 0
    for service in ("requests", "events"):
        assert abs(await time_of(two, service) - datetime.now(UTC)) < timedelta(minutes=2)


@pytest.mark.parametrize(
    ("words", "settings", "sentence"),
    [
        (["--at", "2024-10-15"], {"LIAISON_PROFILE": "production", "LIAISON_SECRET": "s" * 40}, "cannot be set"),
        (["--at", "yesterday"], {}, "'yesterday' is no moment: write 2024-10-15"),
        (["--at", "2024-10-15", "--real"], {}, "either --at or --real"),
    ],
)
async def test_a_time_that_cannot_be_set_is_said(liaison, words, settings, sentence):
    code, said = await liaison("clock", *words, **settings)
    assert code == 1
    assert sentence in said
    assert len(said.splitlines()) == 1, said


async def test_dead_letters_are_listed_shown_replayed_and_discarded(two, liaison):
    """Two messages of one stream: the first cannot be worked, the second waits behind it."""
    activity = new_id("activity")
    plan = good(ActivityPlanned(year=2024, activity=activity, **ACTIVITY), "plan-1")
    producer = AIOKafkaProducer(bootstrap_servers=two.stack.kafka)
    await producer.start()
    for value in (b'{"year": 2024}', plan.value):
        topic = f"{two.stack.namespace}.requests"
        await producer.send_and_wait(topic, value, key=plan.key, headers=plan.headers, partition=3)
    await producer.stop()
    dead = two.db("events").dead

    async def both_there() -> bool:
        return await dead.count_documents({}) == 2

    await until(both_there, 30)
    first, second = f"{two.stack.namespace}.requests/3/0", f"{two.stack.namespace}.requests/3/1"
    code, said = await liaison("dead", "list", "events")
    assert code == 0
    assert first in said
    assert second in said
    assert "events: 1 dead, 1 parked" in said
    code, said = await liaison("dead", "show", "events", first)
    assert "breaks its contract: activity: Field required" in said
    assert "ce_subject: plan-1" in said
    assert '{"year": 2024}' in said
    code, said = await liaison("dead", "replay", "events")
    assert code == 1
    assert "events: 0 worked again." in said
    assert "activity: Field required" in said
    code, said = await liaison("dead", "discard", "events", first)
    assert (code, said.strip()) == (0, "events: discarded; 1 worked that waited behind it.")
    assert await two.db("events").streams.count_documents({"_id": activity}) == 1
    code, said = await liaison("dead", "list", "events")
    assert (code, said.strip()) == (0, "events: 0 dead, 0 parked behind them.")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["show", "events", "nothing/0/0"], "There is no such dead letter"),
        (["discard", "events", "nothing/0/0"], "There is no such dead letter"),
        (["list", "kitchen"], "There is no service kitchen; there are requests, matching, events, kpi."),
    ],
)
async def test_what_is_not_there_is_said(liaison, words, sentence):
    code, said = await liaison("dead", *words)
    assert code == 1
    assert sentence in said
    assert len(said.splitlines()) == 1, said


async def test_without_a_stack_it_says_how_to_find_one(tmp_path, liaison):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.cli", "clock", "--data", str(tmp_path)),
        env={"PATH": "/nonexistent"},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert said.startswith(b"Liaison does not run from")
