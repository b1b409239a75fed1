"""Registrations for `events`: a thousand at once for forty places, and a stream of them over 200 activities.

The service runs as it always does: sign-in by key, rights, the people's register, receipts, letters in the outbox,
relay and Kafka. Beside it, in the same run, the same service with a transaction a registration.
"""

import asyncio
import json
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from benchmarks.load import Answers, closed_loop
from benchmarks.serving import serving
from benchmarks.stage import percentile, run, say, settings_of, stage
from deploy.local.stack import Stack
from shared import clock
from shared.mongo import connect
from shared.people import People, Role
from shared.settings import Settings

BURST, PLACES, BURSTS = 1_000, 40, 3
ACTIVITIES, CLIENTS, ROUNDS = 200, 64, 2
SUSTAINED, SINGLE = 6_000, 2_000
OF_ACTIVITY = 40
"""Places of each of the 200: some find one, some wait."""
NETWORK, MEMBERS = "ela", ("BG", "RO", "PT", "EL", "FR", "IT")


@dataclass(frozen=True, slots=True)
class Served:
    url: str
    pid: int
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}


@asynccontextmanager
async def served(stack: Stack, key: str, *, single: bool = False) -> AsyncIterator[Served]:
    app = "benchmarks.registrations_app:app" if single else "services.events.app:app"
    async with serving(stack, app) as (url, pid):
        yield Served(url, pid, key)


async def key_of(settings: Settings) -> str:
    client = connect(settings.mongo_url)
    people = People(client[settings.people_database])
    await people.prepare()
    _, key = await people.keys.create("benchmark", [Role.ORGANISER], None, NETWORK)
    client.close()
    return key


async def open_activity(client: httpx.AsyncClient, places: int) -> str:
    """An activity that everybody invited may register for."""
    first = (clock.now() + timedelta(days=30)).date().isoformat()
    about = {"kind": "national-event", "title": "Posting of workers", "member": "BG"}
    made = await client.post("/events/api/v1/activities", json=about)
    activity = str(made.raise_for_status().json()["id"])
    schedule = {"starts_on": first, "ends_on": first, "mode": "on-site", "places": {"on-site": places}}
    for what, body in (("schedule", schedule), ("open", {"invited": MEMBERS})):
        answer = await client.post(f"/events/api/v1/activities/{activity}/{what}", json=body)
        answer.raise_for_status()
    return activity


async def activities(server: Served, number: int, places: int) -> list[str]:
    async with httpx.AsyncClient(base_url=server.url, headers=server.headers, timeout=60) as client:
        return [await open_activity(client, places) for _ in range(number)]


async def register(server: Served, streams: Sequence[str], *, total: int, clients: int) -> tuple[Answers, float]:
    """As many registrations of new persons, spread over the activities; and the seconds it took."""
    run = uuid4().hex

    def make(number: int) -> tuple[str, dict[str, str], bytes]:
        person = {
            "name": f"Person {number}", "email": f"p{number}.{run}@example.eu", "member": MEMBERS[number % len(MEMBERS)]
        }  # fmt: skip
        path = f"/events/api/v1/activities/{streams[number % len(streams)]}/registrations"
        return path, {**server.headers, "Idempotency-Key": uuid4().hex}, json.dumps({"persons": [person]}).encode()

    answers = await closed_loop(server.url, make, total=total, clients=clients)
    if answers.statuses != {201: total}:
        raise SystemExit(f"Not every registration was taken: {answers.statuses}")
    return answers, answers.took


async def counted(server: Served, activity: str) -> Counter[str]:
    """How many registrations the service shows by status."""
    found: Counter[str] = Counter()
    async with httpx.AsyncClient(base_url=server.url, headers=server.headers, timeout=60) as client:
        for page in range(1, 1000):
            asked = {"page": page, "per_page": 200}
            answer = await client.get(f"/events/api/v1/activities/{activity}/registrations", params=asked)
            listed = answer.raise_for_status().json()
            found.update(one["registration"]["status"] for one in listed["items"])
            if page * 200 >= listed["total"]:
                return found
    return found


def peak_rss_mib(pid: int) -> float:
    """The most memory that this process ever held."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    return peak / 1024


async def burst(server: Served) -> tuple[float, list[float], Counter[str]]:
    (activity,) = await activities(server, 1, PLACES)
    answers, took = await register(server, [activity], total=BURST, clients=BURST)
    return BURST / took, answers.seconds, await counted(server, activity)


async def measure() -> dict[str, Any]:
    bursts: list[tuple[float, float]] = []
    sustained, single, peaks = [], [], []
    seen: Counter[str] = Counter()
    async with stage() as stack:
        key = await key_of(settings_of(stack))
        for number in range(ROUNDS):
            say(f"round {number + 1} of {ROUNDS}")
            async with served(stack, key) as server:
                streams = await activities(server, ACTIVITIES, OF_ACTIVITY)
                await register(server, streams, total=ACTIVITIES, clients=CLIENTS)
                for _ in range(BURSTS):
                    rate, seconds, seen = await burst(server)
                    bursts.append((rate, percentile(seconds, 0.99)))
                    if seen != {"confirmed": PLACES, "waitlisted": BURST - PLACES}:
                        raise SystemExit(f"A burst of {BURST} for {PLACES} places ended as {dict(seen)}")
                    await quiet(server)
                _, took = await register(server, streams, total=SUSTAINED, clients=CLIENTS)
                sustained.append(SUSTAINED / took)
                peaks.append(peak_rss_mib(server.pid))
            async with served(stack, key, single=True) as server:
                streams = await activities(server, ACTIVITIES, OF_ACTIVITY)
                await register(server, streams, total=ACTIVITIES, clients=CLIENTS)
                _, took = await register(server, streams, total=SINGLE, clients=CLIENTS)
                single.append(SINGLE / took)
            rates = ", ".join(f"{rate:.0f}" for rate, _ in bursts[-BURSTS:])
            say(f"  bursts {rates}; sustained {sustained[-1]:.0f}/s; a transaction each {single[-1]:.0f}/s")
    grouped_rate, single_rate = statistics.median(sustained), statistics.median(single)
    return {
        "burst": BURST,
        "places": PLACES,
        "confirmed": seen["confirmed"],
        "waitlisted": seen["waitlisted"],
        "overbooked": max(seen["confirmed"] - PLACES, 0),
        "p99_ms": round(statistics.median(p99 for _, p99 in bursts) * 1000, 1),
        "per_s": round(statistics.median(rate for rate, _ in bursts)),
        "sustained_per_s": round(grouped_rate),
        "single_tx_per_s": round(single_rate),
        "ratio": round(grouped_rate / single_rate, 2),
        "peak_rss_mib": round(max(peaks), 1),
    }


async def quiet(server: Served, seconds: float = 1.0) -> None:
    """Let the relay send what the burst left, as between two bursts of real people."""
    await asyncio.sleep(seconds)


if __name__ == "__main__":
    began = time.monotonic()
    run(measure())
    say(f"{time.monotonic() - began:.0f} s in all")
