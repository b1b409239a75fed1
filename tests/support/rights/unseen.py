"""Nothing of one network is seen in another: every page, list, export and stream, read by persons of the others."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from shared.people import Role
from tests.support.four import Four
from tests.support.tally import until

from . import examples
from .askers import Asker, client, persons
from .planted import Planted, persons_of
from .walk import HOME, Route, routes

AT_ONCE = 12
READERS = (Role.COORDINATOR, Role.NLO, Role.OPERATOR)
FULL = ("ela", "eures")
"""Networks where all of these read; elsewhere the coordinator alone, who sees the most."""


@dataclass
class Reading:
    """What was read, and each trace of another network in it."""

    answers: int = 0
    own: set[str] = field(default_factory=set)
    """Networks whose own readers saw the network's word."""
    streams: list[tuple[Asker, Route]] = field(default_factory=list)
    found: list[str] = field(default_factory=list)


def text_of(content: bytes) -> str:
    """As a reader gets it: what is packed, unpacked."""
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return "\n".join(text_of(packed.read(name)) for name in packed.namelist())
    return content.decode(errors="replace")


def secrets_of_others(all_planted: Iterable[Planted], network: str) -> set[str]:
    return {secret for one in all_planted if one.network != network for secret in one.secrets}


class Readers:
    """Persons of every network, and what lies in the others."""

    def __init__(self, four: Four, all_planted: Sequence[Planted]) -> None:
        self.four, self.all_planted = four, all_planted
        self.http = client()
        self.reading = Reading()
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def read_everything(self) -> Reading:
        safe = [one for one in routes() if one.safe and (one.service == HOME or not one.shared)]
        async with self.http:
            for planted in self.all_planted:
                roles = READERS if planted.network in FULL else READERS[:1]
                wanted = [persons_of(planted.network, role)[0].subject for role in roles]
                readers = await persons(self.four, self.http, wanted)
                await asyncio.gather(*(self._read(reader, route, planted) for reader in readers for route in safe))
        return self.reading

    async def _read(self, reader: Asker, route: Route, planted: Planted) -> None:
        """With the reader's own things in the address; lists also with a search for what is another's."""
        path = examples.address(route.path, route.service, planted)
        foreign = next(one for one in self.all_planted if one.network != planted.network)
        addresses = [path]
        if "{" not in route.path and Role.COORDINATOR in reader.roles:
            ids = foreign.ids
            addresses.append(
                f"{path}?q={foreign.word}&network={foreign.network}&call={ids['call_id']}&request={ids['request_id']}"
                f"&activity={ids['activity']}&per_page=100"
            )
        for address in addresses:
            async with self._turn:
                try:
                    await self._look(reader, route, address, planted)
                except httpx.TransportError as error:
                    self.reading.found.append(f"{route} as {reader.name} gives no answer: {error!r}")

    async def _look(self, reader: Asker, route: Route, address: str, planted: Planted) -> None:
        url = self.four.url(route.service, address)
        async with self.http.stream("GET", url, headers=reader.headers) as answer:
            self.reading.answers += 1
            if answer.headers.get("content-type", "").startswith("text/event-stream"):
                self.reading.streams.append((reader, route))
                return
            text = text_of(await answer.aread()) + str(answer.headers)
        if planted.word in text:
            self.reading.own.add(planted.network)
        asked = address.partition("?")[2]  # a page says what was searched for
        for secret in secrets_of_others(self.all_planted, planted.network):
            if secret in text and secret not in asked:
                self.reading.found.append(f"{route} as {reader.name} shows {secret}")


@asynccontextmanager
async def listening(four: Four, readers: Iterable[tuple[Asker, Route]]) -> AsyncIterator[dict[str, str]]:
    """What the streams have told so far, by the network of who listens; each has begun when the block does."""
    told: dict[str, str] = {}

    async def listen(http: httpx.AsyncClient, reader: Asker, route: Route) -> None:
        url = four.url(route.service, route.path) + "?ids=1"
        async with http.stream("GET", url, headers=reader.headers) as answer:
            async for chunk in answer.aiter_text():
                told[reader.network] = told.get(reader.network, "") + chunk

    readers = list(readers)
    async with client() as http:
        tasks = [asyncio.create_task(listen(http, *one)) for one in readers]
        try:
            networks = {reader.network for reader, _ in readers}

            async def begun() -> bool:
                return told.keys() == networks

            await until(begun, 20, "the beginning of every stream")
            yield told
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
