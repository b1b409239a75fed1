"""The brokers that tests run against: addresses in the environment, else containers, else the embedded ones.

One set of brokers serves a whole run, xdist's workers included: the first to ask starts them in a process of their
own (`python -m tests.support.stack DATA OWNER`), which stops them when the run's process is gone.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

import psutil
from aiokafka.admin import AIOKafkaAdminClient
from pymongo import AsyncMongoClient

from deploy.local.layout import ASSETS, CHECKOUT, KAFKA
from deploy.local.packages import assets, jars
from deploy.local.stack import Stack
from deploy.local.topics import ensure_topics, topics

START_WITHIN = 180.0

_kept: list[subprocess.Popen[bytes]] = []  # a worker leaves them running, which Python would warn of


@dataclass(frozen=True)
class Brokers:
    mongo_url: str
    kafka: str


@contextmanager
def brokers_for_this_run() -> Iterator[Brokers]:
    """Both addresses must be in the environment to win: tests that mix servers would prove nothing."""
    mongo_url, kafka = os.environ.get("LIAISON_MONGO_URL"), os.environ.get("LIAISON_KAFKA")
    if mongo_url and kafka:
        yield Brokers(mongo_url, kafka)
    elif docker_answers():
        from tests.support.containers import containers

        with containers() as brokers:
            yield brokers
    else:
        with _embedded() as brokers:
            yield brokers


def docker_answers() -> bool:
    """Whether a Docker engine is there, and not its client alone."""
    where = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if where.startswith("unix://") and not _connects(where.removeprefix("unix://")):
        return False  # docker's own client leaves its socket open where nobody listens
    import docker
    from docker.errors import DockerException

    client = docker.from_env(version="1.41", timeout=2)  # told the version, it first connects at the ping
    try:
        return bool(client.ping())
    except (DockerException, OSError):
        return False
    finally:
        client.close()


def _connects(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(2)
        return probe.connect_ex(path) == 0


@contextmanager
def _embedded() -> Iterator[Brokers]:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    folder = Path(tempfile.gettempdir()) / f"liaison-brokers-{run or uuid4().hex}"
    folder.mkdir(exist_ok=True)
    owner = os.getppid() if run else os.getpid()  # a worker's parent is the run itself
    with (folder / "starting").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        address = folder / "address.json"
        keeper = None if address.exists() else _start_keeper(folder, owner)
        brokers = _wait_for(address, keeper, folder)
    try:
        yield brokers
    finally:
        if keeper and not run:
            keeper.terminate()
            keeper.wait(60)


def _start_keeper(folder: Path, owner: int) -> subprocess.Popen[bytes]:
    install_parts()
    with (folder / "keeper.log").open("wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.support.stack", str(folder), str(owner)],
            cwd=CHECKOUT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _kept.append(keeper)
    return keeper


def _wait_for(address: Path, keeper: subprocess.Popen[bytes] | None, folder: Path) -> Brokers:
    deadline = time.monotonic() + START_WITHIN
    while not address.exists():
        if time.monotonic() > deadline or (keeper and keeper.poll() is not None):
            raise RuntimeError("The brokers did not start:\n" + (folder / "keeper.log").read_text())
        time.sleep(0.05)  # the keeper is another process; all of the run waits for it
    return Brokers(**json.loads(address.read_text()))


def install_parts() -> None:
    """Kafka and the pages' assets, where this checkout has none yet."""
    jars.install(KAFKA)
    assets.install(ASSETS)


@contextlib.asynccontextmanager
async def fresh_namespace(brokers: Brokers):
    """A namespace with its topics; its topics and databases are gone afterwards."""
    name = f"t{uuid4().hex[:12]}"
    await ensure_topics(brokers.kafka, name)
    try:
        yield name
    finally:
        await _forget(brokers, name)


async def _forget(brokers: Brokers, namespace: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers.kafka)
    await admin.start()
    await admin.delete_topics([topic.name for topic in topics(namespace)])
    await admin.close()
    async with AsyncMongoClient(brokers.mongo_url) as client:
        for database in await client.list_database_names():
            if database.startswith(f"{namespace}_"):
                await client.drop_database(database)


async def _keep(folder: Path, owner: psutil.Process) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with Stack(folder / "data") as stack:
        arriving = folder / "address.new"
        arriving.write_text(json.dumps(asdict(Brokers(stack.mongo_url, stack.kafka))))
        arriving.replace(folder / "address.json")
        while owner.is_running() and not stopped.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), 0.5)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(_keep(Path(sys.argv[1]), psutil.Process(int(sys.argv[2]))))
