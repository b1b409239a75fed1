"""The services' own erasing workers in a process to be killed: `python -m tests.support.erasing POINT SERVICE...`.

At POINT it says "inside" and stands still; at no point (`-`) it works until nothing is left to be done.
"""

import asyncio
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from shared.people import People
from shared.people.register import Place
from shared.people.subject import DataSubject
from shared.spine import erasing, lease
from tests.support.tally import until

POINTS = ("given-back", "half-of-the-places", "before-the-round-is-noted", "vault-erased", "person-forgotten")
LEASE_S = 1.5
"""A dead worker's lease: the tests need not wait for as long as in production."""


async def stand_still() -> None:
    print("inside", flush=True)
    await asyncio.Event().wait()


def stop_at(point: str, service: str) -> None:
    """Let this process's workers stand still there; `service` is the one whose round it is about."""
    erase_in, forget = erasing.erase_in, People.forget

    async def erased(db: Any, places: Sequence[Place], who: DataSubject) -> dict[str, int]:
        if db.name.endswith(f"_{service}"):
            if point == "given-back":
                await stand_still()
            if point == "half-of-the-places":
                await erase_in(db, places[: len(places) // 2], who)
                await stand_still()
        touched = await erase_in(db, places, who)
        if point == "before-the-round-is-noted" and db.name.endswith(f"_{service}"):
            await stand_still()
        if point == "vault-erased" and db.name.endswith("_people"):
            await stand_still()
        return touched

    async def forgotten(people: People, who: DataSubject) -> None:
        await forget(people, who)
        if point == "person-forgotten":
            await stand_still()

    erasing.erase_in, People.forget = erased, forgotten  # type: ignore[method-assign]


async def work(services: Sequence[str]) -> None:
    """Work until every erasure is finished."""
    workers = [service_of(name).erasing for name in services]
    running = [asyncio.create_task(one.run()) for one in workers]

    async def finished() -> bool:
        return await workers[0].people_db["erasures"].find_one({"finished": None}) is None

    await until(finished, 80, "the end of the erasure")
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


def service_of(name: str) -> Any:
    return import_module(f"services.{name}.app").app.state.service


if __name__ == "__main__":
    lease.LIFE_S, lease.RENEW_S, erasing.LIFE_S, erasing.LOOK_EVERY_S = LEASE_S, 0.3, LEASE_S, 0.1
    stop_at(sys.argv[1], sys.argv[2])
    asyncio.run(work(sys.argv[2:]))
