"""The embedded stack as a newcomer and a crash meet it. Real servers; in the services' place a few lines of ASGI."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import httpx
import psutil
import pytest
from aiokafka import AIOKafkaProducer
from pymongo import MongoClient

from deploy.local import leftovers
from deploy.local.checks import Trouble
from deploy.local.layout import CHECKOUT, MARK, Layout
from deploy.local.stack import SERVICES, Service, Stack
from tests.support.ports import free_port
from tests.support.stack import install_parts

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

RUN = "from tests.integration.test_stack_run import main; main()"


def stand_ins() -> list[Service]:
    return [Service(name, app="tests.support.stand_in:app") for name in SERVICES]


def main() -> None:
    """What `liaison up` does, with stand-ins for the services: DATA PORT."""
    from rich.console import Console

    from deploy.local import up

    stack = Stack(Path(sys.argv[1]), services=stand_ins(), port=int(sys.argv[2]), say=lambda s: print(s, flush=True))
    asyncio.run(up.run(stack, demo=False, console=Console()))


async def launch(data: Path, port: int, path: str = "/nonexistent") -> asyncio.subprocess.Process:
    """The launcher as a process of its own, on a PATH that has no server, no Java and no Node."""
    env = {**os.environ, "PATH": path, "LIAISON_MONGO_URL": "", "LIAISON_KAFKA": ""}
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", RUN, str(data), str(port)), cwd=CHECKOUT, env=env, stdout=pipe, stderr=pipe
    )


async def until_up(process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(120):
        while line := await process.stdout.readline():
            if b"Liaison is up" in line:
                return
    raise AssertionError((await process.stderr.read()).decode())


async def stop(process: asyncio.subprocess.Process) -> str:
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(60):
        output, _ = await process.communicate()
    assert process.returncode == 0
    return output.decode()


def marked(data: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(data.resolve()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def comes_with_python(process: psutil.Process) -> bool:
    """Whether its program is Python itself or stands in its environment, where wheels are."""
    return process.exe().startswith((sys.prefix, sys.base_prefix))


@pytest.fixture(scope="module", autouse=True)
def _parts():
    install_parts()


@pytest.fixture(scope="module")
async def stack(tmp_path_factory):
    async with Stack(tmp_path_factory.mktemp("stack"), services=stand_ins(), port=free_port()) as running:
        yield running


async def test_it_runs_on_the_wheels_alone_and_stops_in_order(tmp_path):
    port = free_port()
    launcher = await launch(tmp_path, port)
    await until_up(launcher)
    record = leftovers.read(Layout(tmp_path))
    assert set(record.processes) == {*SERVICES, "mongod", "kafka", "caddy"}
    assert all(comes_with_python(process) for process in marked(tmp_path))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        assert (await client.get("/matching/")).json()["service"] == "matching"
    stopping = [line for line in (await stop(launcher)).splitlines() if line.startswith("Stopping ")]
    assert stopping == [f"Stopping {', '.join(SERVICES)}", "Stopping caddy", "Stopping kafka", "Stopping mongod"]
    assert marked(tmp_path) == []
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


async def test_after_a_killed_launcher_the_next_start_cleans_up_and_goes_on_with_the_data(tmp_path):
    port = free_port()
    launcher = await launch(tmp_path, port)
    await until_up(launcher)
    record = leftovers.read(Layout(tmp_path))
    with MongoClient(record.mongo_url) as client:
        client.keep.things.insert_one({"_id": 1})
    producer = AIOKafkaProducer(bootstrap_servers=record.kafka)
    await producer.start()
    await producer.send_and_wait("liaison.requests", b"kept", partition=0)
    await producer.stop()
    launcher.kill()
    await launcher.communicate()

    second = await launch(tmp_path, port)
    await until_up(second)
    record = leftovers.read(Layout(tmp_path))
    with MongoClient(record.mongo_url) as client:
        assert client.keep.things.count_documents({}) == 1
    producer = AIOKafkaProducer(bootstrap_servers=record.kafka)
    await producer.start()
    sent = await producer.send_and_wait("liaison.requests", b"next", partition=0)
    await producer.stop()
    assert sent.offset == 1
    await stop(second)
    assert marked(tmp_path) == []


async def test_a_second_ctrl_c_does_not_cut_the_stop_short(tmp_path):
    launcher = await launch(tmp_path, free_port())
    await until_up(launcher)
    launcher.send_signal(signal.SIGINT)
    assert b"Stopping" in await launcher.stdout.readuntil(b"Stopping")
    output = await stop(launcher)
    assert "Stopping mongod" in output
    assert '"msg":"Shutting down","attr":{"exitCode":0}' in (tmp_path / "logs" / "mongod.log").read_text()


async def test_what_is_killed_comes_back(stack):
    for name in ("kpi", "kafka", "mongod", "caddy"):
        before = stack.processes[name].pid
        await stack.kill(name)
        await stack.ready(name)
        assert stack.processes[name].pid != before
    async with httpx.AsyncClient(base_url=stack.base_url) as client:
        assert (await client.get("/kpi/")).status_code == 200


async def test_the_front_door_is_friendly_while_a_service_is_away(stack):
    await stack.hold("events")
    async with httpx.AsyncClient(base_url=stack.base_url, timeout=20) as client:
        page = await client.get("/events/", headers={"accept": "text/html"})
        assert (page.status_code, page.headers["retry-after"]) == (503, "3")
        assert "is starting" in page.text
        answer = await client.get("/events/api/v1/activities", headers={"accept": "application/json"})
        assert answer.json()["code"] == "starting"
        stack.release("events")
        await stack.ready("events")
        assert (await client.get("/events/")).status_code == 200


async def test_the_front_door_keeps_health_and_metrics_in_and_lets_events_out_at_once(stack):
    async with httpx.AsyncClient(base_url=stack.base_url, headers={"accept-encoding": "gzip"}) as client:
        for path in ("/metrics", "/health/ready", "/nobody"):
            assert (await client.get(path)).status_code == 404
        assert (await client.get("/assets/ecl-eu.css")).headers["content-encoding"] == "gzip"
        async with client.stream("GET", "/kpi/live") as stream, asyncio.timeout(5):
            assert "content-encoding" not in stream.headers
            assert "first" in await anext(stream.aiter_text())  # the stand-in never sends a second


async def test_a_busy_port_and_a_second_launcher_are_one_sentence_each(stack, tmp_path_factory):
    port = int(stack.base_url.rpartition(":")[2])
    with pytest.raises(Trouble, match=rf"Port {port} is taken by caddy .*--port {port + 1}"):
        Stack(tmp_path_factory.mktemp("other"), port=port).claim()
    with pytest.raises(Trouble, match="already runs from"):
        Stack(stack.layout.data).claim()
    assert json.loads(stack.layout.run_file.read_text())["url"] == stack.base_url


async def test_servers_move_to_other_ports_with_their_data(tmp_path):
    async with Stack(tmp_path) as first:
        with MongoClient(first.mongo_url) as client:
            client.keep.things.insert_one({"_id": 1})
        addresses = {first.mongo_url, first.kafka}
    (tmp_path / "ports.json").unlink()
    async with Stack(tmp_path) as second:
        assert addresses.isdisjoint({second.mongo_url, second.kafka})
        with MongoClient(second.mongo_url) as client:
            assert client.keep.things.count_documents({}) == 1
