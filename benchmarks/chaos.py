"""Every process killed again and again under load: nothing lost, nothing doubled, every indicator equal.

`python -m benchmarks.chaos [--seconds 150] [--each 2]`; exit code 1 where a bar is missed.
"""

import argparse
import asyncio
import random
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.stage import free_port, run, say, settings_of, stage
from deploy.demo.figures import read_figures
from deploy.demo.keys import COORDINATOR, keys_for
from deploy.demo.simulator import Answered, Simulator
from deploy.local.stack import Stack
from deploy.local.topics import SERVICES
from services.kpi.verify import differences, figures_from, stored_events
from shared.mongo import Client, connect
from shared.settings import Settings

TARGETS = (*SERVICES, "kafka", "mongod")
APART_S, FIRST_AFTER_S, LAST_BEFORE_S, SETTLED_WITHIN_S, MOST_STALL_S = 10.5, 4.0, 8.0, 90.0, 15.0


@dataclass
class Watch:
    """When the indicators last took in something new, seen through the service that shows them."""

    url: str
    key: str
    longest: float = 0.0
    moved_at: float = field(default_factory=time.monotonic)

    async def follow(self) -> None:
        seen: dict[str, int] = {}
        async with httpx.AsyncClient(timeout=2, headers={"Authorization": f"Bearer {self.key}"}) as client:
            while True:
                try:
                    answer = await client.get(f"{self.url}/kpi/api/v1/seen")
                    now = answer.json()["seen"] if answer.status_code == 200 else seen
                except httpx.HTTPError:
                    now = seen
                moment = time.monotonic()
                self.longest = max(self.longest, moment - self.moved_at)
                if now != seen:
                    seen, self.moved_at = now, moment
                await asyncio.sleep(0.1)


async def kill_all(stack: Stack, order: list[str], every_s: float) -> None:
    await asyncio.sleep(FIRST_AFTER_S)
    for number, name in enumerate(order):
        if number:
            await asyncio.sleep(every_s)
        say(f"  SIGKILL {name}")
        await stack.kill(name)


async def events_on_log(settings: Settings) -> Counter[str]:
    """How often each event's id stands on the log, read committed."""
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, isolation_level="read_committed")
    await consumer.start()
    try:
        partitions = [TopicPartition(settings.topic(service), number) for service in SERVICES for number in range(6)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends, ids = await consumer.end_offsets(partitions), Counter[str]()
        while [one for one in partitions if await consumer.position(one) < ends[one]]:
            for records in (await consumer.getmany(timeout_ms=300, max_records=5_000)).values():
                ids.update(dict(record.headers)["ce_id"].decode() for record in records)
        return ids
    finally:
        await consumer.stop()


async def stored(client: Client, settings: Settings) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for service in SERVICES:
        events = client[settings.database(service)].events
        found += await events.find().sort([("stream", 1), ("version", 1)]).to_list(None)
    return found


async def settled_log(
    client: Client, settings: Settings, foreign: int = 0
) -> tuple[list[dict[str, Any]], Counter[str]]:
    """What is stored and the log's ids, once both have as many, or the time is up; a policy may still add to both."""
    end = time.monotonic() + SETTLED_WITHIN_S
    while True:
        documents, ids = await stored(client, settings), await events_on_log(settings)
        if len(ids) == len(documents) + foreign or time.monotonic() > end:
            return documents, ids
        await asyncio.sleep(1)


async def measure(rate: float, seconds: float, each: int, seed: int) -> dict[str, Any]:
    order = [name for name in TARGETS for _ in range(each)]
    random.Random(seed).shuffle(order)
    every_s = (seconds - FIRST_AFTER_S - LAST_BEFORE_S) / max(len(order) - 1, 1)
    if every_s < APART_S:
        raise SystemExit(f"{len(order)} kills need at least {len(order) * APART_S + LAST_BEFORE_S:.0f} s.")
    answered: set[str] = set()

    def note(one: Answered) -> None:
        answered.update(one.streams)

    async with stage(services=SERVICES, port=free_port()) as stack:
        settings = settings_of(stack)
        async with keys_for(settings) as keys:
            async with Simulator(stack.base_url, keys, rate, seconds, seed, on_answer=note) as simulator:
                say("preparing")
                await simulator.prepare()
                watch = Watch(stack.service_url("kpi"), keys[COORDINATOR])
                say(f"{rate:g} commands/s for {seconds:g} s, {len(order)} kills")
                others = [asyncio.create_task(watch.follow()), asyncio.create_task(kill_all(stack, order, every_s))]
                await simulator.load()
                for task in others:
                    task.cancel()
                await asyncio.gather(*others, return_exceptions=True)
                report = simulator.report
                say("comparing")
                rows = await simulator.settled(report, SETTLED_WITHIN_S)
                year = report.account.year
                shown = {name: one["value"] for name, one in (await read_figures(simulator.door, year)).shown.items()}
            with closing(connect(settings.mongo_url)) as client:
                documents, log = await settled_log(client, settings)
    folded = figures_from(stored_events(documents)).get("ela", {}).get(year, {})
    known = {name: value for name, value in folded.items() if name in shown}
    unequal = [f"{row.name}: wanted {row.wanted}, shown {row.shown}" for row in rows if not row.equal]
    unequal += differences({"ela": {year: known}}, {"ela": {year: shown}})
    for sentence in unequal:
        say(f"  not equal: {sentence}")
    ids = {one["_id"] for one in documents}
    streams = {one["stream"] for one in documents}
    lost = len(ids - set(log)) + len(answered - streams)
    return {
        "commands": report.commands,
        "accepted": report.accepted,
        "refused": sum(report.refused.values()),
        "failed": sum(report.failed.values()),
        "resent": report.resent,
        "kills": len(order),
        "kills_by_target": dict(sorted(Counter(order).items())),
        "events_stored": len(ids),
        "events_on_log": len(log),
        "lost": lost,
        "duplicated": sum(log.values()) - len(log) + len(set(log) - ids),
        "indicators_equal": not unequal and len(known) >= 8,
        "longest_stall_s": round(watch.longest, 1),
    }


def missed(figures: dict[str, Any]) -> list[str]:
    """The bars that were not reached."""
    bars = {
        "lost": figures["lost"] == 0,
        "duplicated": figures["duplicated"] == 0,
        "indicators_equal": figures["indicators_equal"],
        "longest_stall_s": figures["longest_stall_s"] <= MOST_STALL_S,
        "failed": figures["failed"] == 0,
    }
    return [name for name, reached in bars.items() if not reached]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=150)
    parser.add_argument("--each", type=int, default=2, help="kills of each process")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    return 1 if missed(run(measure(given.rate, given.seconds, given.each, given.seed))) else 0


if __name__ == "__main__":
    raise SystemExit(main())
