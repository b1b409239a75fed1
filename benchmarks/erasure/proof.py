"""Plant, search, erase, search again; over whichever stack is running."""

import asyncio
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from email import message_from_bytes
from pathlib import Path
from typing import Any

from benchmarks.erasure.planting import OFFICER, Planting
from benchmarks.erasure.searching import Found, search
from benchmarks.erasure.visiting import Planted
from benchmarks.stage import free_port, say, stage
from deploy.local.stack import SERVICES, Stack
from shared.mongo import Client, connect
from shared.people import People, Role

WITHIN_S = 90.0


class Leak(AssertionError):
    """The person stood where they must never stand, or stand still."""


async def measure() -> dict[str, Any]:
    """The proof over a stack of its own."""
    async with stage(services=SERVICES, port=free_port()) as stack:
        return await prove(stack)


async def prove(stack: Stack) -> dict[str, Any]:
    """Raises `Leak` where topics or logs ever held the person, or anything does afterwards."""
    who = Planted("zanderspree" + secrets.token_hex(4))
    client = connect(stack.mongo_url)
    people = People(client[f"{stack.namespace}_people"])
    _, key = await people.keys.create("proof", list(Role), None, "ela", rights=("history.write",))
    planting = Planting(stack.base_url, client, stack.namespace, key, who)
    try:
        say("Planting the person through every way in")
        await planting.all()
        await _by_link(planting, people)
        await _until(lambda: _quiet(client, stack.namespace), "letters and messages are worked")
        before = await _search(stack, who)
        say(f"Found in {len(before.stored)} documents and files of {before.places} places; erasing")
        _never(before)
        where = sorted({re.sub(r": .*", "", one) for one in before.stored})
        say("  " + ", ".join(where))
        erasure = await _erase(planting, people)
        await _until(lambda: _finished(people, erasure), "every service has erased")
        after = await _search(stack, who)
        _never(after)
        if after.stored:
            raise Leak("still there after erasing: " + "; ".join(after.stored[:20]))
    finally:
        await planting.close()
        client.close()
    return {
        "planted": planting.planted,
        "places_searched": after.places,
        "found_before": before.total,
        "found_after": after.total,
    }


async def _by_link(planting: Planting, people: People) -> None:
    """Who has no account asks for a link: the letter's opens their data and nothing else."""
    visitor = planting.open()
    await visitor.fill("/account/data/ask")
    letters: list[str] = []

    async def arrived() -> bool:
        async for one in people.db.mailbox.find({"kind": "my-data"}):
            parts = message_from_bytes(one["raw"]).walk()
            texts = [part.get_payload(decode=True) for part in parts]
            letters.extend(text.decode() for text in texts if isinstance(text, bytes))
        return bool(letters)

    await _until(arrived, "the letter with the link")
    link = re.search(r"/account/data[?]link=[A-Za-z0-9_=-]+", letters[0])
    assert link
    assert planting.who.name in (await visitor.see(link[0])).text
    assert (await visitor.see(link[0].replace("/account/data", "/events/my-data/export"))).json()["places"]
    assert (await visitor.http.get(link[0][:-3])).status_code == 404
    assert (await visitor.http.get("/account", follow_redirects=False)).status_code == 303


async def _erase(planting: Planting, people: People) -> str:
    """By the person, on the page; the answer leads to how far it is."""
    officer = await planting.person(OFFICER)
    page = await officer.see("/account/data")
    assert planting.who.name in page.text
    for service in SERVICES:
        assert (await officer.see(f"/{service}/my-data/export")).json()["service"] == service
    answer = await officer.fill("/account/data/erase", _confirmed="yes")
    assert "/account/data/erasures/" in answer.url.path
    assert (await officer.http.get("/account", follow_redirects=False)).status_code == 303
    return answer.url.path.rpartition("/")[2]


async def _search(stack: Stack, who: Planted) -> Found:
    logs = [Path(process.log_file) for process in stack.processes.values()]
    return await search(stack.mongo_url, stack.kafka, stack.namespace, logs, who.token)


def _never(found: Found) -> None:
    if found.topics or found.logs:
        raise Leak("; ".join([*found.topics[:10], *found.logs[:10]]))


async def _quiet(client: Client, namespace: str) -> bool:
    """No letter waits, and what was sent is on the log."""
    for service in (*SERVICES, "people"):
        db = client[f"{namespace}_{service}"]
        if await db.outbox.count_documents({"state": "waiting"}):
            return False
    return True


async def _finished(people: People, erasure: str) -> bool:
    found = await people.erasures.find(erasure)
    return found is not None and found["finished"] is not None


async def _until(holds: Callable[[], Awaitable[bool]], what: str, within: float = WITHIN_S) -> None:
    deadline = time.monotonic() + within
    while not await holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {within:.0f} s")
        await asyncio.sleep(0.2)
