"""A server away for 40 s: commands are refused or wait, and nothing is lost or counted twice afterwards."""

import asyncio
import gc
import time
from pathlib import Path

import pytest

from deploy.local.stack import Stack
from shared.contracts.refused import Refused
from shared.ids import new_id
from shared.spine.origin import Origin
from shared.spine.service import Service
from tests.support.stack import install_parts
from tests.support.tally import Count, count, hearer, mirrored, publisher, settings_for, until

AWAY_S = 40
# PyMongo leaves sockets to the garbage collector when their server is killed; they are collected before the next test.
UNCLOSED = pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning")
pytestmark = [pytest.mark.faults, pytest.mark.timeout(240), UNCLOSED]


class Persistent:
    """A client that sends a command again with its id until it has an answer, as they are told to."""

    def __init__(self, service: Service) -> None:
        self.service, self.answered, self.resent = service, 0, 0
        self.going = True

    async def run(self) -> None:
        number = 0
        while self.going:
            number += 1
            await asyncio.gather(*(self._send(f"{number}-{lane}") for lane in range(5)))
            await asyncio.sleep(0.05)

    async def _send(self, command_id: str) -> None:
        store = self.service.grouping.on_behalf_of(Origin("ela", "tester", "api", command_id))
        stream = new_id("tally")
        while True:
            try:
                await store.execute(stream, Count(), count)
            except Refused as refused:
                if refused.status != 503:
                    raise
                self.resent += 1
                await asyncio.sleep(0.2)
            else:
                self.answered += 1
                return


async def test_nothing_is_lost_or_doubled_when_a_server_is_away_for_40_seconds(tmp_path, monkeypatch):
    monkeypatch.delenv("LIAISON_MONGO_URL", raising=False)
    monkeypatch.delenv("LIAISON_KAFKA", raising=False)
    install_parts()
    await asyncio.gather(*(take_away(server, tmp_path / server) for server in ("mongod", "kafka")))
    gc.collect()


async def take_away(server: str, data: Path) -> None:
    """Servers of its own, since one of them is stopped."""
    async with Stack(data) as stack:
        await _work_without(stack, server)


async def _work_without(stack: Stack, server: str) -> None:
    settings = settings_for(stack.mongo_url, stack.kafka, stack.namespace)
    source, target = publisher(settings), hearer(settings)
    async with source.lifespan(), target.lifespan():
        await until(lambda: _ready(source, target), 30, "readiness")
        client = Persistent(source)
        sending = asyncio.create_task(client.run())
        await until(lambda: _answered(client, 50), 20, "the first answers")
        await stack.hold(server)
        left = time.monotonic()
        await until(lambda: _not_ready(target if server == "kafka" else source), AWAY_S, "readiness to say no")
        await until(lambda: _passed(left), AWAY_S + 1, "the time away")
        stack.release(server)
        await stack.ready(server)
        before = client.answered
        await until(lambda: _answered(client, before + 50), 30, "answers after the outage")
        client.going = False
        await sending
        assert sum((await mirrored(source, target, 90)).values()) == client.answered
        await until(lambda: _ready(source, target), 30, "readiness")
    assert (client.resent > 0) == (server == "mongod")


async def _ready(*services: Service) -> bool:
    return not [reason for one in services for probe in one.probes if (reason := await probe())]


async def _not_ready(service: Service) -> bool:
    return not await _ready(service)


async def _answered(client: Persistent, number: int) -> bool:
    return client.answered >= number


async def _passed(since: float) -> bool:
    return time.monotonic() - since >= AWAY_S
