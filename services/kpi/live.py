"""What people look at moves while they look: after each commit, the figures that changed, to each open page once.

Pages of one scope and language share one stream of messages, made once. `figures` tells changed figures within
`QUICK_S` of the commit, `board` redraws pictures and lists at most every `SLOW_S`. Under load both wait longer than
it takes to work them out, so that counting always comes first.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

import orjson
from fastapi import Request
from starlette.responses import Response

from services.kpi.engine.cells import Document
from services.kpi.engine.figures import Scope
from services.kpi.engine.merging import Merged
from services.kpi.engine.sink import Written
from shared.web import i18n
from shared.web.live import Broadcaster, Live
from shared.web.pictures import spark_points

from .queries.board import CHARTS, Boards
from .queries.shown import Shown

log = logging.getLogger(__name__)
QUICK_S, SLOW_S, A_READER_S, FORGET_S = 0.02, 0.5, 0.0005, 60
IDS_TOLD = 5_000
TOLD = ("value", "text", "part", "whole", "state")
Fragments = Callable[[Scope], dict[str, str]]
"""HTML by event name, for a scope in the language in use."""


@dataclass(frozen=True)
class Watched:
    """What a page looks at. With `ids` its stream also names the events that have come to count."""

    scope: Scope
    language: str
    ids: bool = False


@dataclass
class Stream:
    """One stream of messages and what it told last."""

    watched: Watched
    broadcaster: Broadcaster = field(default_factory=Broadcaster)
    told: dict[str, Shown] = field(default_factory=dict)
    pictures: dict[str, Any] = field(default_factory=dict)
    fragments: dict[str, str] = field(default_factory=dict)
    number: int = 0
    ids: list[str] = field(default_factory=list)
    left_at: float = field(default_factory=time.monotonic)


class LiveFigures:
    """Hears of commits by `committed` and `others_wrote`; answers streams. Everything runs in one event loop."""

    def __init__(self, merged: Merged, boards: Boards, fragments: Fragments) -> None:
        self.merged, self.boards, self.fragments = merged, boards, fragments
        self._process = uuid4().hex[:8]
        self._streams: dict[Watched, Stream] = {}
        self._quick: asyncio.TimerHandle | None = None
        self._quick_again_at = 0.0
        self._board: asyncio.Task[None] | None = None
        self._board_moved = False

    # What has been committed

    def ids_wanted(self) -> bool:
        """Whether anybody asks for the events themselves; naming them costs time."""
        return any(stream.watched.ids and stream.broadcaster.readers for stream in self._streams.values())

    def committed(self, written: Written) -> None:
        """This replica's own commit."""
        for stream in self._streams.values():
            if stream.watched.ids:
                network = stream.watched.scope.network
                stream.ids = [*stream.ids, *(id for of, id in written.ids if of == network)][-IDS_TOLD:]
        self._moved()

    def others_wrote(self, documents: Sequence[Document]) -> None:
        """Another replica's commit, as the change stream brings it."""
        if self.merged.put(documents):
            self._moved()

    def _moved(self) -> None:
        if not self._streams:
            return
        if self._quick is None:
            wait = max(self._quick_again_at - time.monotonic(), 0)
            self._quick = asyncio.get_running_loop().call_later(wait, self._tell_all_figures)
        self._board_moved = True
        if self._board is None:
            self._board = asyncio.create_task(self._tell_boards(), name="kpi: boards")

    def _tell_all_figures(self) -> None:
        self._quick, began = None, time.monotonic()
        for stream in self._read():
            try:
                self._tell_figures(stream)
            except Exception:  # one page's trouble is not the others'
                log.exception("figures could not be told")
        self._quick_again_at = time.monotonic() + self._pause(QUICK_S, began)

    async def _tell_boards(self) -> None:
        while self._board_moved:
            self._board_moved, began = False, time.monotonic()
            for stream in self._read():
                try:
                    await self._tell_board(stream)
                except Exception:
                    log.exception("a board could not be told")
            await asyncio.sleep(self._pause(SLOW_S, began))
        self._board = None

    def _read(self) -> Iterator[Stream]:
        """The streams that somebody reads, each with its language in use; those long left are forgotten."""
        now = time.monotonic()
        for watched, stream in list(self._streams.items()):
            if stream.broadcaster.readers:
                stream.left_at = now
                i18n.use(watched.language)
                yield stream
            elif now - stream.left_at > FORGET_S:
                del self._streams[watched]

    def _pause(self, seconds: float, began: float) -> float:
        readers = sum(stream.broadcaster.readers for stream in self._streams.values())
        return max(seconds, 3 * (time.monotonic() - began), readers * A_READER_S)

    # What is told

    def _tell_figures(self, stream: Stream) -> None:
        now = self._figures(stream.watched.scope)
        changed = [one for id, one in now.items() if stream.told.get(id) != one]
        if changed or stream.watched.ids:
            stream.told = now
            stream.number += 1
            stream.broadcaster.publish(self._message(stream, changed, stream.ids))
            stream.ids = []

    def _message(self, stream: Stream, changed: Iterable[Shown], ids: Sequence[str] = ()) -> Live:
        scope = stream.watched.scope
        data: dict[str, Any] = {
            "figures": {one.id: {name: getattr(one, name) for name in TOLD} for one in changed},
            "texts": texts_of(changed),
            "headline": self.boards.headline(scope),
            "seen": self.merged.seen(),
        }
        if stream.watched.ids:
            data["ids"] = list(ids)
        return Live("figures", orjson.dumps(data).decode(), id=f"{self._process}-{stream.number}")

    async def _tell_board(self, stream: Stream) -> None:
        scope, changed = stream.watched.scope, {}
        for name, make in self._pictures(scope):
            picture = make()
            if stream.pictures.get(name) != picture:
                stream.pictures[name] = changed[name] = picture
            await asyncio.sleep(0)  # the figures go first
        if changed:
            stream.broadcaster.publish(_board(changed))
        for name, html in self.fragments(scope).items():
            if stream.fragments.get(name) != html:
                stream.fragments[name] = html
                stream.broadcaster.publish(Live(name, html))

    def _figures(self, scope: Scope) -> dict[str, Shown]:
        return {one.id: one for one in self.boards.live(scope)}

    def _pictures(self, scope: Scope) -> Iterator[tuple[str, Callable[[], Any]]]:
        """Name of each chart and small picture, and how it is made."""
        for id in CHARTS:
            yield id, partial(self.boards.part, scope, id)
        for id in self._figures(scope):
            yield f"spark {id}", partial(sparkline, self.boards, scope, id)

    # Who listens

    def response(self, request: Request, scope: Scope, *, ids: bool = False) -> Response:
        """The stream of a scope, in the reader's language: first what it missed, then what comes."""
        watched = Watched(scope, i18n.language(), ids)
        stream = self._streams.setdefault(watched, Stream(watched))

        async def catch_up(last: str | None) -> AsyncIterator[Live]:
            i18n.use(watched.language)
            figures, fragments = self._figures(scope), self.fragments(scope)
            pictures = {name: make() for name, make in self._pictures(scope)}
            if stream.broadcaster.readers <= 1:  # else the others are still to be told what changed
                stream.told, stream.pictures, stream.fragments = figures, dict(pictures), dict(fragments)
            if last != f"{self._process}-{stream.number}" or not stream.number:
                stream.number += 1
                yield self._message(stream, figures.values())
            yield _board(pictures)
            for name, html in fragments.items():
                yield Live(name, html)

        return stream.broadcaster.response(request, catch_up)

    def close(self) -> None:
        """End every stream, for an orderly stop."""
        if self._quick is not None:
            self._quick.cancel()
        if self._board is not None:
            self._board.cancel()
        for stream in self._streams.values():
            stream.broadcaster.close()


def texts_of(figures: Iterable[Shown]) -> dict[str, str]:
    """The texts of the page by the id of their element."""
    texts: dict[str, str] = {}
    for one in figures:
        texts |= {f"figure-{one.id}": one.text, f"figure-{one.id}-of": one.of, f"figure-{one.id}-words": one.words}
    return texts


def sparkline(boards: Boards, scope: Scope, id: str) -> dict[str, Any]:
    """The points of a figure's small picture; for a score the heights of its bars."""
    figure = boards.figure(scope, id)
    if figure.unit == "score":
        return {"bars": list(figure.distribution)}
    line = spark_points(boards.spark(scope, id), figure.target)
    return {"values": line.values, "area": line.area, "target": line.target}


def _board(pictures: dict[str, Any]) -> Live:
    charts = {id: table for id, table in pictures.items() if not id.startswith("spark ")}
    sparks = {id.removeprefix("spark "): one for id, one in pictures.items() if id.startswith("spark ")}
    return Live("board", orjson.dumps({"charts": charts, "sparks": sparks}).decode())
