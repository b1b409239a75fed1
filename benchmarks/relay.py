"""How fast a backlog leaves the store: 100,000 events by the relay, beside `insert_many` of the same documents."""

import asyncio
import time
from typing import Any

from benchmarks.stage import run, say, settings_of, stage
from shared.contracts.envelope import iso
from shared.ids import new_id
from shared.mongo import connect
from shared.spine.relay import Relay

EVENTS, STREAMS, CHUNK = 100_000, 2_000, 1_000
MEMBERS = ("BE", "BG", "CZ", "DK", "DE", "EE", "IE", "EL", "ES", "FR", "HR", "IT")


def backlog(moment: str) -> list[dict[str, Any]]:
    """Confirmed registrations as `events` stores them."""
    streams = [new_id("activity") for _ in range(STREAMS)]
    return [
        {
            "_id": f"{streams[n % STREAMS]}@{n // STREAMS + 1}",
            "stream": streams[n % STREAMS],
            "version": n // STREAMS + 1,
            "type": "liaison.events.registration.confirmed.v1",
            "source": "/events",
            "network": "ela",
            "data": {
                "registration": f"registration-{n}",
                "person": f"{n:032x}",
                "member": MEMBERS[n % len(MEMBERS)],
                "mode": "on-site",
                "kind": "host-member-state-training",
                "from_waitlist": False,
                "waitlisted_on": "",
            },
            "time": moment,
            "recordedtime": moment,
            "actor": "ela-nlo-bg",
            "causationid": None,
            "correlationid": None,
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        }
        for n in range(EVENTS)
    ]


async def insert(collection: Any, documents: list[dict[str, Any]]) -> float:
    began = time.perf_counter()
    for start in range(0, len(documents), CHUNK):
        await collection.insert_many(documents[start : start + CHUNK], ordered=False)
    return len(documents) / (time.perf_counter() - began)


async def measure() -> dict[str, Any]:
    from datetime import UTC, datetime

    async with stage() as stack:
        settings = settings_of(stack)
        client = connect(settings.mongo_url)
        db = client[settings.database("events")]
        await db.create_collection("events")
        await db.events.create_index([("stream", 1), ("version", 1)], unique=True)
        topic, positions = settings.topic("events"), f"{settings.namespace}.relay.events"

        async def relaying(until: int) -> float:
            relay = Relay(client, db, settings.kafka, topic, positions, owner="benchmark")
            began, task = time.perf_counter(), asyncio.create_task(relay.run())
            try:
                while relay.sent < until or (not until and await relay.last_token() is None):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
                return time.perf_counter() - began
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

        await relaying(0)  # it stores its first resume token; what comes now is a backlog
        documents = backlog(iso(datetime.now(UTC)))
        say(f"storing {EVENTS} events")
        insert_rate = await insert(db.events, documents)
        say("relaying them")
        seconds = await relaying(EVENTS)
        client.close()
    relay_rate = EVENTS / seconds
    return {
        "relay_per_s": round(relay_rate),
        "insert_many_per_s": round(insert_rate),
        "ratio": round(relay_rate / insert_rate, 3),
    }


if __name__ == "__main__":
    run(measure())
