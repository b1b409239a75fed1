"""Commands a second over HTTP: grouped beside a transaction a command, in turns over the same servers."""

import asyncio
import os
import statistics
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from benchmarks.load import closed_loop
from benchmarks.stage import free_port, percentile, run, say, settings_of, stage
from deploy.local.checks import LOOPBACK
from deploy.local.layout import CHECKOUT
from deploy.local.stack import Stack
from shared.ids import new_id
from shared.mongo import connect
from shared.people import People, Role

STREAMS, CLIENTS, ROUNDS = 200, 64, 3
GROUPED, SINGLE, HOT = 6_000, 2_000, 6_000


@asynccontextmanager
async def server(stack: Stack, *, single: bool) -> AsyncIterator[str]:
    """The application in a process of its own."""
    port = free_port()
    env = os.environ | stack.environment | ({"BENCHMARK_SINGLE": "1"} if single else {})
    arguments = ["-m", "uvicorn", "benchmarks.commands_app:app", "--port", str(port), "--no-access-log"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, "--log-level", "error", env=env, cwd=CHECKOUT, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await _ready(port)
        yield f"http://{LOOPBACK}:{port}"
    finally:
        process.terminate()
        await process.wait()


async def _ready(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                reader, writer = await asyncio.open_connection(LOOPBACK, port)
                writer.write(b"GET /health/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                answer = await reader.read()
                writer.close()
                if b" 200 " in answer[:20]:
                    return
            except OSError:
                pass
            await asyncio.sleep(0.1)


async def load(url: str, key: str, streams: list[str], total: int) -> tuple[float, list[float]]:
    """Commands a second and the seconds of each answer; all must be accepted."""

    def make(number: int) -> tuple[str, dict[str, str], bytes]:
        headers = {
            "Authorization": f"Bearer {key}",
            "Idempotency-Key": uuid4().hex,
            "Content-Type": "application/json",
        }
        return f"/requests/api/v1/tallies/{streams[number % len(streams)]}", headers, b'{"by":1}'

    loop = asyncio.get_running_loop()
    began = loop.time()
    answers = await closed_loop(url, make, total=total, clients=CLIENTS)
    if answers.statuses != {200: total}:
        raise SystemExit(f"Not all commands were accepted: {answers.statuses}")
    return total / (loop.time() - began), answers.seconds


async def measure() -> dict[str, Any]:
    async with stage() as stack:
        settings = settings_of(stack)
        client = connect(settings.mongo_url)
        people = People(client[settings.people_database])
        await people.prepare()
        _, key = await people.keys.create("benchmark", [Role.NLO], "BG", "ela")
        client.close()
        streams = [new_id("tally") for _ in range(STREAMS)]
        grouped, single, hot, seconds = [], [], [], []
        for number in range(ROUNDS):
            say(f"round {number + 1} of {ROUNDS}")
            async with server(stack, single=False) as url:
                await load(url, key, streams, STREAMS)
                rate, waited = await load(url, key, streams, GROUPED)
                grouped.append(rate)
                seconds += waited
                hot.append((await load(url, key, streams[:1], HOT))[0])
            async with server(stack, single=True) as url:
                await load(url, key, streams, STREAMS)
                single.append((await load(url, key, streams, SINGLE))[0])
    grouped_rate, single_rate = statistics.median(grouped), statistics.median(single)
    return {
        "grouped_per_s": round(grouped_rate),
        "single_per_s": round(single_rate),
        "ratio": round(grouped_rate / single_rate, 2),
        "hot_stream_per_s": round(statistics.median(hot)),
        "p99_ms": round(percentile(seconds, 0.99) * 1000, 1),
    }


if __name__ == "__main__":
    run(measure())
