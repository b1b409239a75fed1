"""The demonstration and the simulator against the whole stack: through the front door, interrupted, and counted."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.commands.addresses import Address
from deploy.commands.clock import set_time
from deploy.demo.door import Door
from deploy.demo.keys import keys_for
from deploy.demo.load import Loader, Memory
from deploy.demo.programme import programme
from deploy.demo.simulator import Simulator, equal
from deploy.demo.story import Story
from deploy.local.stack import SERVICES, Stack
from shared.mongo import connect
from shared.people import People
from shared.settings import Settings
from tests.support.ports import free_port
from tests.support.tally import until

pytestmark = pytest.mark.timeout(400)
CHOSEN = (
    "adoption", "national-events-1", "thematic-workshop-4", "modular-trainings-2", "mediation-trainings-1",
    "deferred-2", "declined-3", "withdrawn-1", "exchanges", "bilateral-es-pt-merida", "bilateral-pt-it-lisbon",
    "bilateral-it-fr-nice",
)  # fmt: skip


@dataclass
class Running:
    stack: Stack
    settings: Settings

    @property
    def address(self) -> Address:
        return Address(self.settings, {name: self.stack.service_url(name) for name in SERVICES})


@pytest.fixture
async def running(brokers, namespace, tmp_path_factory) -> AsyncIterator[Running]:
    folder = tmp_path_factory.mktemp("stack")
    addresses = {"mongo_url": brokers.mongo_url, "kafka": brokers.kafka, "namespace": namespace}
    async with Stack(folder, services=SERVICES, port=free_port(), **addresses) as stack:
        yield Running(stack, Settings(profile="local", secret="s" * 40, **addresses))


async def test_the_account_is_what_the_dashboard_shows_though_a_service_is_killed(running) -> None:
    answered = []
    await set_time(running.address, datetime(2024, 10, 15, 12, tzinfo=UTC))  # which who starts again must know at once
    async with (
        keys_for(running.settings) as keys,
        Simulator(running.stack.base_url, keys, rate=15, seconds=16, seed=5, on_answer=answered.append) as simulator,
    ):
        await simulator.prepare()
        load = asyncio.create_task(simulator.load())
        prepared = len(answered)
        await until(lambda: _at_least(answered, prepared + 60), 60, "the first commands")
        await running.stack.kill("events")
        await load
        report, rows = simulator.report, await simulator.settled(simulator.report, within_s=60)
    assert equal(rows), [row for row in rows if not row.equal]
    assert report.commands == report.accepted + report.refused.total()
    assert report.failed == Counter()
    assert report.refused.keys() <= {"already-registered", "is-cancelled"}
    assert len(answered) == report.accepted
    shown = {row.name: row.shown for row in rows}
    moved = ("registrations", "waiting", "participations", "persons", "requests", "activities-planned")
    assert all(shown[name] for name in moved), shown


async def _at_least(answered: list, many: int) -> bool:
    return len(answered) >= many


async def test_an_interrupted_programme_goes_on_and_counts_nothing_twice(running, tmp_path) -> None:
    stories = [story for story in programme() if story.name in CHOSEN]
    assert len(stories) == len(CHOSEN)
    client = connect(running.settings.mongo_url)
    people = People(client[running.settings.people_database])
    first = _loader(running, people, tmp_path, stops_after=70)
    with pytest.raises(Interrupted):
        await first.load(stories)
    assert Memory.of(tmp_path / "demo.json").weeks > 0
    second = _loader(running, people, tmp_path)
    await second.load(stories)
    assert (first.refused, second.refused) == ([], [])
    assert await people.keys.of_network("ela") == []
    client.close()
    async with (
        keys_for(running.settings) as keys,
        keys_for(running.settings, "fr-it-pt-es") as others,
        Door(running.stack.base_url, keys) as door,
        Door(running.stack.base_url, others) as beside,
    ):
        held = (await door.read("coordinator", "/matching/api/v1/exchanges", status="held", per_page=200))["items"]
        assert held
        wanted = _wanted(stories) + Counter({"places": sum(one["officials"] for one in held), "held": len(held)})
        await until(lambda: _shows(door, wanted), 30, f"{wanted}")
        in_june = await door.read("coordinator", "/kpi/api/v1/figures", year=2024, known="2024-06-30")
        now = await door.read("coordinator", "/kpi/api/v1/figures", year=2024)
        assert 0 < _value(in_june, "activities-held") < _value(now, "activities-held")
        bilateral = await beside.read("coordinator", "/kpi/api/v1/figures", year=2024)
        assert (_value(bilateral, "activities-planned"), _value(bilateral, "activities-held")) == (1, 1)


class Interrupted(Exception):
    pass


def _loader(running: Running, people: People, folder: Path, stops_after: int = 100_000) -> Loader:
    steps = iter(range(stops_after))

    def stepped() -> None:
        if next(steps, None) is None:
            raise Interrupted

    async def clock(moment: datetime) -> None:
        await set_time(running.address, moment)

    return Loader(running.stack.base_url, people, Memory.of(folder / "demo.json"), clock, stepped=stepped)


def _wanted(stories: list[Story]) -> Counter[str]:
    """What the stories come to in 2024, exchanges aside."""
    counts: Counter[str] = Counter()
    for story in (one for one in stories if one.network == "ela"):
        for step in story.steps:
            counts["requests"] += step.do == "submit" and step.at.year == 2024
            counts["planned"] += step.do in ("plan", "plan own")
            counts["held"] += step.do == "hold"
            counts["places"] += len(step.facts["people"]) if step.do == "register" else 0
            counts["places"] -= step.do == "give back"
            counts["answers"] += len(step.facts["marks"]) if step.do == "rate" else 0
    return counts


async def _shows(door: Door, wanted: Counter[str]) -> bool:
    told = await door.read("coordinator", "/kpi/api/v1/figures", year=2024)
    answers = next(one["answers"] for one in told["figures"] if one["id"] == "relevance")
    return wanted == {
        "requests": _value(told, "requests"),
        "planned": _value(told, "activities-planned"),
        "held": _value(told, "activities-held"),
        "places": _value(told, "registrations") + _value(told, "waiting"),
        "answers": answers or 0,
    }


def _value(told: dict[str, Any], id: str) -> int:
    return next(one["value"] for one in told["figures"] if one["id"] == id)
