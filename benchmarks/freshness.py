"""From the HTTP answer to the server-sent event, under load: milliseconds, for every event of every command.

`python -m benchmarks.freshness [--rate 100] [--seconds 30]`; exit code 1 where a bar is missed.
"""

import argparse
import asyncio
import time
from typing import Any

import httpx
import orjson

from benchmarks.stage import free_port, percentile, run, say, settings_of, stage
from deploy.demo.keys import COORDINATOR, keys_for
from deploy.demo.simulator import Answered, Simulator
from deploy.local.topics import SERVICES
from shared.mongo import connect
from shared.settings import Settings

MOST_P50_MS, MOST_P99_MS, SETTLED_S = 100, 400, 5.0


async def listen(url: str, key: str, shown: dict[str, float], open_: asyncio.Event) -> None:
    """Note for each event's id when the live stream first told of it, through the front door."""
    headers = {"Authorization": f"Bearer {key}", "Accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(timeout=None, headers=headers) as client,
        client.stream("GET", f"{url}/kpi/live", params={"ids": "1"}) as response,
    ):
        response.raise_for_status()
        open_.set()
        async for line in response.aiter_lines():
            if line.startswith("data: {") and '"ids"' in line:
                now = time.monotonic()
                for event in orjson.loads(line[6:]).get("ids", ()):
                    shown.setdefault(event, now)


async def events_of(settings: Settings, answered: dict[str, float]) -> list[tuple[str, float]]:
    """Each event's id with the moment of its command's answer, as the receipts tell."""
    client = connect(settings.mongo_url)
    found = []
    for service in SERVICES:
        async for receipt in client[settings.database(service)].receipts.find({"events": {"$exists": True}}):
            at = answered.get(receipt["_id"].rpartition("|")[2])
            if at is not None:
                found += [(event["id"], at) for event in receipt["events"]]
    client.close()
    return found


async def measure(rate: float, seconds: float) -> dict[str, Any]:
    answered: dict[str, float] = {}
    shown: dict[str, float] = {}

    def note(one: Answered) -> None:
        answered[one.id] = one.answered_at

    async with stage(services=SERVICES, port=free_port()) as stack:
        settings = settings_of(stack)
        async with (
            keys_for(settings) as keys,
            Simulator(stack.base_url, keys, rate, seconds, 7, on_answer=note) as simulator,
        ):
            await simulator.prepare()
            answered.clear()
            open_ = asyncio.Event()
            listening = asyncio.create_task(listen(stack.base_url, keys[COORDINATOR], shown, open_))
            await asyncio.wait_for(open_.wait(), 10)
            say(f"{rate:g} commands/s for {seconds:g} s")
            await simulator.load()
            report = simulator.report
            events = await events_of(settings, answered)
            end = time.monotonic() + SETTLED_S
            while time.monotonic() < end and any(event not in shown for event, _ in events):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
    waits = [(shown[event] - at) * 1000 for event, at in events if event in shown]
    if not waits:
        raise SystemExit("The live stream told of no event at all.")
    return {
        "rate": round(report.commands / (report.ended - report.began), 1),
        "p50_ms": round(percentile(waits, 0.5), 1),
        "p99_ms": round(percentile(waits, 0.99), 1),
        "events": len(events),
        "never_shown": len(events) - len(waits),
    }


def missed(figures: dict[str, Any]) -> list[str]:
    bars = {
        "p50_ms": figures["p50_ms"] <= MOST_P50_MS,
        "p99_ms": figures["p99_ms"] <= MOST_P99_MS,
        "never_shown": figures["never_shown"] == 0,
    }
    return [name for name, reached in bars.items() if not reached]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=30)
    given = parser.parse_args()
    return 1 if missed(run(measure(given.rate, given.seconds))) else 0


if __name__ == "__main__":
    raise SystemExit(main())
