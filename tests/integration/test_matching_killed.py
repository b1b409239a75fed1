"""The service is killed inside a run: the next one goes on with it, and no place is given twice."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import httpx
import pytest

from shared.mongo import connect
from shared.people import People, Role
from tests.integration.test_matching_journey import Desk, house_for, interest, offer, open_call
from tests.support.events import CHECKOUT
from tests.support.ports import free_port
from tests.support.tally import settings_for, until

pytestmark = pytest.mark.timeout(240)
SLOW = """
import uvicorn
from services.matching import worker
worker.SOLVER = "tests.support.slow_solver:solve"
uvicorn.run("services.matching.app:app", port={port}, log_level="warning")
"""


def gone(process: int) -> bool:
    try:
        os.kill(process, 0)
        return _is_dead(process)
    except (ProcessLookupError, FileNotFoundError):
        return True


def _is_dead(process: int) -> bool:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def solvers_of(process: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


@pytest.fixture
def client_of_store(brokers):
    client = connect(brokers.mongo_url)
    yield client
    client.close()


async def test_a_service_that_is_killed_inside_a_run_leaves_it_to_the_next_one(
    brokers, namespace, client_of_store, tmp_path
):
    settings, port = settings_for(brokers.mongo_url, brokers.kafka, namespace), free_port()
    environment = os.environ | {
        "LIAISON_PROFILE": "local",
        "LIAISON_SECRET": settings.secret.get_secret_value(),
        "LIAISON_MONGO_URL": settings.mongo_url,
        "LIAISON_KAFKA": settings.kafka,
        "LIAISON_NAMESPACE": namespace,
    }
    log = tmp_path / "killed.log"
    with log.open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", SLOW.format(port=port)), cwd=CHECKOUT, env=environment, stdout=said, stderr=said
        )
    people = People(client_of_store[settings.people_database])
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

        async def ready() -> bool:
            try:
                return (await client.get("/health/ready")).status_code == 200
            except httpx.TransportError:
                return False

        await until(ready, 60, "the service's readiness")

        async def key(*roles: Role, member: str | None = None) -> str:
            return (await people.keys.create("test", roles, member, "ela", rights=()))[1]

        keys = {"desk": await key(Role.COORDINATOR), "PT": await key(Role.NLO, member="PT")}
        keys |= {"FR": await key(Role.NLO, member="FR"), "ES": await key(Role.NLO, member="ES")}
        coordinator = Desk(client, keys["desk"])
        call = await open_call(coordinator)
        offered = await offer(Desk(client, keys["ES"]), call, places={"2024-W38": 2})
        for member in ("PT", "FR"):
            await interest(Desk(client, keys[member]), call, weeks=["2024-W38"])
        run = (await coordinator.post(f"/calls/{call}/runs/begin", 202))["run"]

        async def inside() -> bool:
            return (await coordinator.get(f"/runs/{run}/working"))["found"] == 7

        await until(inside, 60, "the run's beginning")
        solvers = solvers_of(process.pid)
        process.send_signal(signal.SIGKILL)
        await process.wait()
    assert solvers

    async def alone() -> bool:
        return all(gone(one) for one in solvers)

    await until(alone, 30, "the end of its solvers")
    async with house_for(settings) as house:
        coordinator = Desk(house.client, keys["desk"])

        async def there() -> bool:
            return (await coordinator.get(f"/runs/{run}/working"))["stage"] != "solving"

        await until(there, 90, "the run, by the next one")
        assert len((await coordinator.get(f"/runs/{run}"))["matches"]) == 1
        await asyncio.gather(*(coordinator.post(f"/runs/{run}/propose") for _ in range(2)))
        assert len((await coordinator.get(f"/exchanges?call={call}&status=proposed"))["items"]) == 1
        assert (await coordinator.get(f"/offers/{offered['id']}"))["free"] == {"2024-W38": 0}
        assert len(await coordinator.get(f"/calls/{call}/runs")) == 1
