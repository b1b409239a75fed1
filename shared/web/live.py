"""Server-sent events: one publisher, many readers, each with a bounded queue of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from fastapi import Request
from prometheus_client import Gauge
from sse_starlette import EventSourceResponse, ServerSentEvent

HEARTBEAT_S = 15
RETRY_MS = 1000

_readers = Gauge("liaison_live_readers", "Open event streams.")


@dataclass(frozen=True, slots=True)
class Live:
    """One event: `data` is what the page takes (HTML or JSON), `id` what a returning reader tells it has seen."""

    event: str
    data: str
    id: str | None = None

    def encoded(self) -> ServerSentEvent:
        return ServerSentEvent(self.data, event=self.event, id=self.id, retry=RETRY_MS)


CatchUp = Callable[[str | None], AsyncIterator[Live]]
"""What a reader missed after this Last-Event-ID; None when it comes for the first time."""


class Broadcaster:
    """Passes each event to every reader at once and never waits for one.

    A reader whose queue is full is cut off: its browser comes back by itself with its Last-Event-ID and catches up.
    Order is kept for each reader. What is published before a reader subscribes reaches it by `catch_up` alone.
    """

    def __init__(self, queue_size: int = 256) -> None:
        self._queue_size = queue_size
        self._queues: set[asyncio.Queue[Live | None]] = set()
        self._closed = False

    @property
    def readers(self) -> int:
        return len(self._queues)

    def publish(self, live: Live) -> None:
        for queue in tuple(self._queues):
            if queue.full():
                self._cut_off(queue)
            else:
                queue.put_nowait(live)

    def close(self) -> None:
        """End every stream; for the lifespan's end (uvicorn's own shutdown ends them too)."""
        self._closed = True
        for queue in tuple(self._queues):
            self._cut_off(queue)

    def _cut_off(self, queue: asyncio.Queue[Live | None]) -> None:
        self._queues.discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)

    async def events(self, last_id: str | None = None, catch_up: CatchUp | None = None) -> AsyncIterator[Live]:
        """First what was missed, then what comes; subscribed before the first, so nothing falls between."""
        if self._closed:
            return
        queue: asyncio.Queue[Live | None] = asyncio.Queue(self._queue_size)
        self._queues.add(queue)
        _readers.inc()
        try:
            if catch_up is not None:
                async for live in catch_up(last_id):
                    yield live
            while (live_or_end := await queue.get()) is not None:
                yield live_or_end
        finally:
            self._queues.discard(queue)
            _readers.dec()

    def response(self, request: Request, catch_up: CatchUp | None = None) -> EventSourceResponse:
        """The route's answer: `return broadcaster.response(request, catch_up)`."""

        async def encoded() -> AsyncIterator[ServerSentEvent]:
            async for live in self.events(request.headers.get("last-event-id"), catch_up):
                yield live.encoded()

        # no-transform: a compressing front door would hold events back.
        headers = {"Cache-Control": "no-store, no-transform"}
        return EventSourceResponse(encoded(), ping=HEARTBEAT_S, headers=headers, send_timeout=30)
