"""The demonstration's days: a service that starts again does nothing before it knows what day it is."""

import asyncio

import httpx

from shared.spine import timekeeper
from shared.spine.timekeeper import AwaitsClock


async def app(scope, receive, send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"done"})


def asking(known: asyncio.Event) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(AwaitsClock(app, known)), base_url="http://liaison")


async def test_who_asks_before_the_clock_is_known_waits_for_it() -> None:
    known = asyncio.Event()
    async with asking(known) as client:
        answer = asyncio.create_task(client.post("/events/api/v1/activities"))
        assert (await client.get("/health/live")).status_code == 200
        assert not answer.done()
        known.set()
        assert (await answer).text == "done"


async def test_who_waits_too_long_is_told_to_ask_again(monkeypatch) -> None:
    monkeypatch.setattr(timekeeper, "WAIT_S", 0.01)
    async with asking(asyncio.Event()) as client:
        answer = await client.post("/events/api/v1/activities")
    assert (answer.status_code, answer.json()["code"]) == (503, "starting")
    assert answer.headers["retry-after"] == "2"
