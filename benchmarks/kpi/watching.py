"""Beside a live load: how soon the overview of a year answers, and what 500 open dashboards cost."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice

import httpx
from aiokafka import AIOKafkaProducer

from benchmarks.kpi.counting import Kpi
from benchmarks.kpi.mix import Message, copies
from benchmarks.stage import percentile
from shared.settings import Settings

LIVE_PER_S, TICK_S = 200, 0.05
LOOKS, OPEN, WATCHED_S = 400, 500, 20.0


@asynccontextmanager
async def live_load(settings: Settings, messages: Iterator[Message]) -> AsyncIterator[None]:
    """`LIVE_PER_S` events a second onto the topic of `events`, in small steps."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, acks="all", linger_ms=0)
    await producer.start()

    async def send() -> None:
        each, due = int(LIVE_PER_S * TICK_S), time.monotonic()
        for chunk in iter(lambda: list(islice(messages, each)), []):
            for one in chunk:
                await producer.send(settings.topic("events"), one.value, key=one.key, headers=one.headers)
            due += TICK_S
            await asyncio.sleep(max(due - time.monotonic(), 0))

    sending = asyncio.create_task(send())
    try:
        yield
        if sending.done():
            raise SystemExit("The live load ended before the measurement.")
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await producer.stop()


def fresh(year: Sequence[Message], beyond: int) -> Iterator[Message]:
    """Events of copies of the year that are not on the topic yet, over and over as long as they are asked for."""
    return islice(copies(year, beyond * 2), beyond, None)


async def overview_p99_ms(kpi: Kpi, key: str, year: int) -> float:
    """The overview's page, as a coordinator opens it, one after the other."""
    waits = []
    headers = {"Authorization": f"Bearer {key}", "Accept": "text/html"}
    async with httpx.AsyncClient(base_url=kpi.url, headers=headers, timeout=30) as client:
        for _ in range(LOOKS):
            began = time.perf_counter()
            answer = await client.get("/kpi/", params={"year": str(year)})
            waits.append((time.perf_counter() - began) * 1000)
            answer.raise_for_status()
            await asyncio.sleep(TICK_S)
    return round(percentile(waits, 0.99), 1)


async def dashboards_cpu(kpi: Kpi, key: str, year: int) -> tuple[float, int]:
    """Cores that `kpi` uses while `OPEN` dashboards are open, and the fewest messages that one of them was told."""
    told = [0] * OPEN
    opened = asyncio.Semaphore(0)
    headers = {"Authorization": f"Bearer {key}", "Accept": "text/event-stream"}
    limits = httpx.Limits(max_connections=OPEN + 10)
    async with httpx.AsyncClient(base_url=kpi.url, headers=headers, timeout=None, limits=limits) as client:

        async def watch(number: int) -> None:
            async with client.stream("GET", "/kpi/live", params={"year": str(year)}) as response:
                response.raise_for_status()
                opened.release()
                async for chunk in response.aiter_raw():
                    told[number] += chunk.count(b"\nevent: ") + chunk.startswith(b"event: ")

        watching = [asyncio.create_task(watch(number)) for number in range(OPEN)]
        try:
            for _ in range(OPEN):
                await asyncio.wait_for(opened.acquire(), 60)
            before, began, used = list(told), time.perf_counter(), kpi.cpu_seconds()
            await asyncio.sleep(WATCHED_S)
            cores = (kpi.cpu_seconds() - used) / (time.perf_counter() - began)
        finally:
            for one in watching:
                one.cancel()
            await asyncio.gather(*watching, return_exceptions=True)
    return round(cores, 2), min(after - so_far for after, so_far in zip(told, before, strict=True))
