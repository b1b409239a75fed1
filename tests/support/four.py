"""The four services as processes of their own, over the run's brokers, with a key that may do everything."""

import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.local.stack import SERVICES, Stack
from shared.mongo import Client, connect
from shared.people import People, Role
from tests.support.stack import Brokers, fresh_namespace


@dataclass
class Four:
    stack: Stack
    client: Client
    http: httpx.AsyncClient
    """Signed in with the key; give whole addresses, such as `four.url("kpi", "/kpi/")`."""
    key: str

    def url(self, service: str, path: str = "") -> str:
        return self.stack.service_url(service) + path

    def db(self, service: str):
        return self.client[f"{self.stack.namespace}_{service}"]

    async def post(self, service: str, path: str, **body) -> dict:
        """What the API answers; anything but success is an error that shows the answer."""
        answer = await self.http.post(self.url(service, f"/{service}/api/v1{path}"), json=body)
        assert answer.is_success, f"{answer.status_code}: {answer.text}"
        return answer.json()

    async def get(self, service: str, path: str) -> dict:
        answer = await self.http.get(self.url(service, f"/{service}/api/v1{path}"))
        assert answer.is_success, f"{answer.status_code}: {answer.text}"
        return answer.json()

    def log(self, service: str) -> str:
        """The end of what the service wrote, to see why it failed."""
        return self.stack.processes[service].log_file.read_text(errors="replace")[-1_500:]


@contextlib.asynccontextmanager
async def four_services(
    brokers: Brokers, folder: Path, services: Sequence[str] = SERVICES, settings: dict[str, str] | None = None
) -> AsyncIterator[Four]:
    """Started and ready, in a namespace of their own; or some of them alone."""
    async with fresh_namespace(brokers) as namespace, contextlib.AsyncExitStack() as leaving:
        stack = Stack(
            folder,
            services=services,
            namespace=namespace,
            mongo_url=brokers.mongo_url,
            kafka=brokers.kafka,
            settings=settings,
        )
        await leaving.enter_async_context(stack)
        client = connect(brokers.mongo_url)
        leaving.callback(client.close)
        people = People(client[f"{namespace}_people"])
        _, key = await people.keys.create("tester", list(Role), None, "ela", rights=("history.write",))
        headers = {"Authorization": f"Bearer {key}"}
        http = await leaving.enter_async_context(httpx.AsyncClient(headers=headers, timeout=30, trust_env=False))
        yield Four(stack, client, http, key)


def environment(four: Four) -> dict[str, str]:
    """For a command that is to find this stack by its data folder."""
    without = {name: value for name, value in os.environ.items() if not name.startswith("LIAISON_")}
    return {**without, "LIAISON_NAMESPACE": four.stack.namespace}
