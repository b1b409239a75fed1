"""How fast the log is read at all, and how fast `kpi` counts it: the service itself, from first commit to last."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from aiokafka import AIOKafkaConsumer

from benchmarks.kpi.mix import Upto
from benchmarks.stage import free_port
from deploy.local.layout import Layout
from deploy.local.process import Process
from deploy.local.servers.services import Service, program
from shared.mongo import Client, connect
from shared.settings import Settings

LOOK_S, READY_WITHIN_S, DONE_WITHIN_S = 0.05, 60.0, 900.0


@dataclass(frozen=True, slots=True)
class Counted:
    """Events a second, and the most memory that the process had, in MiB."""

    per_s: float
    peak_rss_mib: float


async def read_raw(settings: Settings, upto: Upto) -> float:
    """Messages a second of a bare aiokafka consumer that throws them away."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka, isolation_level="read_committed", enable_auto_commit=False
    )
    await consumer.start()
    try:
        consumer.assign(list(upto))
        await consumer.seek_to_beginning(*upto)
        number, began = 0, time.perf_counter()
        while any([await consumer.position(one) < end for one, end in upto.items()]):
            for records in (await consumer.getmany(timeout_ms=200, max_records=5_000)).values():
                number += len(records)
        return number / (time.perf_counter() - began)
    finally:
        await consumer.stop()


class Kpi:
    """The service in a process of its own, on one namespace of a stack's brokers."""

    def __init__(self, settings: Settings, environment: dict[str, str], folder: Path) -> None:
        layout = Layout(folder)
        layout.make()
        self.settings, self.port = settings, free_port()
        self.process = Process(program(Service("kpi"), layout, self.port, environment), layout.logs, lambda: None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def memory(self) -> float:
        """What it holds now, in MiB."""
        return psutil.Process(self.process.pid).memory_info().rss / 2**20 if self.process.pid else 0.0

    def cpu_seconds(self) -> float:
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    async def restarted(self) -> float:
        """Seconds from a SIGKILL, or from the first start, until it is ready with all its cells."""
        began = time.perf_counter()
        await self.process.ready(READY_WITHIN_S)
        return time.perf_counter() - began


@asynccontextmanager
async def running(settings: Settings, environment: dict[str, str], folder: Path) -> AsyncIterator[Kpi]:
    kpi = Kpi(settings, environment, folder)
    kpi.process.start()
    try:
        yield kpi
    finally:
        await kpi.process.stop()


async def count(kpi: Kpi, upto: Upto) -> Counted:
    """Watch what it commits until it has come to the log's end."""
    end = sum(upto.values())
    client = connect(kpi.settings.mongo_url)
    first: tuple[float, int] | None = None
    peak, deadline = 0.0, time.monotonic() + DONE_WITHIN_S
    try:
        while True:
            done = await committed(client, kpi.settings, upto)
            now, peak = time.perf_counter(), max(peak, kpi.memory())
            if done and first is None:
                first = now, done
            if done >= end and first:
                return Counted((done - first[1]) / max(now - first[0], LOOK_S), round(peak, 1))
            if time.monotonic() > deadline:
                raise SystemExit(f"kpi had counted {done} of {end} after {DONE_WITHIN_S:.0f} s.")
            await asyncio.sleep(LOOK_S)
    finally:
        client.close()


async def committed(client: Client, settings: Settings, upto: Upto) -> int:
    """The sum of the stored offsets on the filled topic."""
    names = [f"{one.topic}/{one.partition}" for one in upto]
    found = await client[settings.database("kpi")].offsets.find().to_list(None)
    return sum(int(one["next"]) for one in found if one["_id"].split("/", 1)[1] in names)
