"""The service `events` as a process of its own, and the people who ask it."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from pymongo import AsyncMongoClient

from shared.contracts.base import Event
from shared.contracts.envelope import headers_of, iso
from shared.ids import new_id
from shared.mongo import connect
from shared.people import People, Role

from .ports import free_port
from .stack import Brokers
from .tally import until

CHECKOUT = Path(__file__).parents[2]
TODAY = datetime.now(UTC).date()


@dataclass
class Events:
    """The running service: ask it by `api`, look into its `db`, tell it what others published by `publish`."""

    address: str
    brokers: Brokers
    namespace: str
    db: Any
    people: People
    keys: dict[tuple[str, ...], str] = field(default_factory=dict)
    clients: list[httpx.AsyncClient] = field(default_factory=list)
    """Closed with the service, for those who did not close theirs."""

    def _client(self, **facts: Any) -> httpx.AsyncClient:
        self.clients.append(httpx.AsyncClient(timeout=30, **facts))
        return self.clients[-1]

    async def api(self, *roles: str, member: str | None = None, network: str = "ela") -> httpx.AsyncClient:
        """A client with a key of these roles; with `history` among them it may tell of what is long past."""
        who = (*roles, member or "", network)
        if who not in self.keys:
            rights = ("history.write",) if "history" in roles else ()
            plain = [Role(role) for role in roles if role != "history"]
            _, self.keys[who] = await self.people.keys.create("/".join(who), plain, member, network, rights=rights)
        headers = {"Authorization": f"Bearer {self.keys[who]}"}
        return self._client(base_url=f"{self.address}/events/api/v1", headers=headers)

    async def publish(self, service: str, stream: str, *events: Event, network: str = "ela") -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.brokers.kafka)
        await producer.start()
        for version, event in enumerate(events, 1):
            now = iso(datetime.now(UTC))
            envelope = {"_id": f"{stream}@{version}", "stream": stream, "type": event.type, "source": f"/{service}"}
            stored = envelope | {"time": now, "recordedtime": now, "network": network, "actor": "somebody"}
            value = event.model_dump_json().encode()
            topic = f"{self.namespace}.{service}"
            await producer.send_and_wait(topic, value, key=stream.encode(), headers=headers_of(stored))
        await producer.stop()

    async def published(self) -> list[Any]:
        """All messages on this service's topic."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.brokers.kafka, isolation_level="read_committed")
        await consumer.start()
        partitions = [TopicPartition(f"{self.namespace}.events", number) for number in range(6)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends, found = await consumer.end_offsets(partitions), []
        while [one for one in partitions if await consumer.position(one) < ends[one]]:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += records
        await consumer.stop()
        return found

    async def stored(self, kind: type[Event], stream: str | None = None) -> list[dict[str, Any]]:
        query = {"type": kind.type} | ({"stream": stream} if stream else {})
        return await self.db.events.find(query).sort([("stream", 1), ("version", 1)]).to_list(None)

    async def visitor(self, subject: str | None) -> "Visitor":
        """A browser without JavaScript, signed in as one of the ready-made persons, or as nobody."""
        visitor = Visitor(self._client(base_url=self.address, follow_redirects=True))
        if subject:
            await visitor.client.post("/sign-in", data={"subject": subject})
        return visitor

    async def activity(self, *, places: int = 2, invited: tuple[str, ...] = ("BG", "PT"), first: date = TODAY) -> str:
        """An activity that is open for registration."""
        async with await self.api("organiser") as organiser:
            made = await organiser.post("/activities", json={"kind": "national-event", "title": "Posted workers"})
            activity = made.json()["id"]
            days = {"starts_on": first.isoformat(), "ends_on": (first + timedelta(days=1)).isoformat()}
            body = days | {"mode": "on-site", "places": {"on-site": places}}
            assert (await organiser.post(f"/activities/{activity}/schedule", json=body)).status_code == 200
            opened = await organiser.post(f"/activities/{activity}/open", json={"invited": list(invited)})
            assert opened.status_code == 200, opened.text
        return str(activity)


@dataclass
class Visitor:
    client: httpx.AsyncClient

    async def see(self, path: str, status: int = 200) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code)
        return answer.text

    async def send(self, page: str, action: str, status: int = 200, **fields: Any) -> str:
        """Fill in the form of `page` that leads to `action` and send it, hidden fields included."""
        html = await self.see(page)
        forms = re.findall(r'<form method="post" action="([^"]*)"(.*?)</form>', html, re.S)
        body = next((content for found, content in forms if found == action), None)
        assert body is not None, (f"no form leads to {action}", [found for found, _ in forms])
        hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', body)
        data: dict[str, Any] = {}
        for name, value in hidden:
            data.setdefault(name, []).append(value)
        answer = await self.client.post(action, data=data | fields)
        assert answer.status_code == status, (answer.status_code, answer.text[-3000:])
        return answer.text


@asynccontextmanager
async def running_events(brokers: Brokers, namespace: str, log: Path) -> AsyncIterator[Events]:
    """The service, started as the stack starts it, over the run's brokers."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "LIAISON_PROFILE": "local",
        "LIAISON_SECRET": "a secret for tests that is long enough",
        "LIAISON_MONGO_URL": brokers.mongo_url,
        "LIAISON_KAFKA": brokers.kafka,
        "LIAISON_NAMESPACE": namespace,
        "LIAISON_BASE_URL": address,
    }
    server = [sys.executable, "-m", "uvicorn", "services.events.app:app", "--port", str(port)]
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(*server, cwd=CHECKOUT, env=environment, stdout=out, stderr=out)
    mongo = connect(brokers.mongo_url)
    async with AsyncMongoClient(brokers.mongo_url) as looking:
        try:
            await until(lambda: _is_ready(process, address), 90, f"the service, see {log},")
            people = People(mongo[f"{namespace}_people"])
            events = Events(address, brokers, namespace, looking[f"{namespace}_events"], people)
            try:
                yield events
            finally:
                await asyncio.gather(*(one.aclose() for one in events.clients))
        finally:
            with suppress(ProcessLookupError):  # a test may have killed it
                process.terminate()
            await asyncio.wait_for(process.wait(), 20)
            mongo.close()


async def _is_ready(process: asyncio.subprocess.Process, address: str) -> bool:
    assert process.returncode is None, "the service ended"
    try:
        async with httpx.AsyncClient(timeout=2) as client:
            return (await client.get(f"{address}/health/ready")).status_code == 200
    except httpx.HTTPError:
        return False


def new_activity() -> str:
    return new_id("activity")
