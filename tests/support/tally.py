"""A smallest domain for the spine's tests: a tally that counts, and another service's mirror of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from shared.contracts.base import Command, Event
from shared.contracts.envelope import Received
from shared.contracts.refused import Refused
from shared.ids import new_id
from shared.settings import Settings
from shared.spine.aggregate import Aggregate
from shared.spine.draft import Receipt
from shared.spine.listener import Listener
from shared.spine.origin import Origin
from shared.spine.service import Service
from shared.spine.store import Store

LIMIT = 1_000_000


class Counted(Event, type="liaison.requests.tally.counted.v1"):
    by: int


class Mirrored(Event, type="liaison.events.mirror.mirrored.v1"):
    by: int
    of: str


class Count(Command):
    by: int = 1
    note: str = ""


class Mirror(Command):
    by: int
    of: str


@dataclass(frozen=True, slots=True)
class Total:
    total: int = 0
    events: int = 0


def count(state: Total, command: Count) -> list[Event]:
    if command.by < 0:
        raise Refused("negative", "Count upwards.")
    if command.note == "bug":
        raise ZeroDivisionError("a mistake in the code")
    if command.note == "nothing":
        return []
    return [Counted(by=command.by)]


def mirror(state: Total, command: Mirror) -> list[Event]:
    return [Mirrored(by=command.by, of=command.of)]


def evolve(state: Total, event: Counted | Mirrored) -> Total:
    return replace(state, total=state.total + event.by, events=state.events + 1)


TALLY = Aggregate("tally", Total, evolve)
MIRROR = Aggregate("mirror", Total, evolve)


async def mirror_it(received: Received, store: Store) -> Receipt:
    event = received.event
    assert isinstance(event, Counted)
    stream = received.stream.replace("tally-", "mirror-")
    return await store.execute(stream, Mirror(by=event.by, of=received.envelope.id), mirror)


def settings_for(mongo_url: str, kafka: str, namespace: str, replica: str = "0") -> Settings:
    return Settings(
        profile="local", mongo_url=mongo_url, kafka=kafka, namespace=namespace, replica=replica, secret="s" * 40
    )  # type: ignore[call-arg, arg-type]


def publisher(settings: Settings) -> Service:
    return Service("requests", aggregates=(TALLY,), settings=settings)


def hearer(settings: Settings, handler: Callable[[Received, Store], Awaitable[object]] = mirror_it) -> Service:
    listen = Listener()
    listen.on(Counted, handler)
    return Service("events", aggregates=(MIRROR,), listen=listen, hears=("requests",), settings=settings)


async def count_on(service: Service, streams: int, commands: int, by: int = 1) -> list[str]:
    """Count `commands` times over `streams` new tallies; their names."""
    names = [new_id("tally") for _ in range(streams)]
    store = service.grouping.on_behalf_of(Origin("ela", "tester"))
    await asyncio.gather(*(store.execute(names[n % streams], Count(by=by), count) for n in range(commands)))
    return names


async def totals(service: Service, aggregate: str) -> dict[str, int]:
    found = await service.db.streams.find({"aggregate": aggregate}).to_list(None)
    return {one["_id"].partition("-")[2]: one["state"]["total"] for one in found}


async def until(condition: Callable[[], Awaitable[bool]], within: float = 20, what: str = "the condition") -> None:
    """Wait for a condition; fail when its time is up."""
    end = time.monotonic() + within
    while not await condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come true within {within:g} s")
        await asyncio.sleep(0.02)


async def mirrored(source: Service, target: Service, within: float = 30) -> dict[str, int]:
    """Wait until the mirror holds what the tallies hold; the totals."""

    async def equal() -> bool:
        wanted = await totals(source, "tally")
        return bool(wanted) and wanted == await totals(target, "mirror")

    await until(equal, within, "the mirror's equality")
    return await totals(target, "mirror")
