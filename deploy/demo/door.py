"""The front door as a program uses it: commands that count once however often they are sent, and plain reading."""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import orjson

from .wire import Response, Wire

SEND_AGAIN = frozenset({408, 425, 429, 502, 503, 504})
"""The command may or may not have been done: with its id it is sent again until somebody says which."""
FAULT_TRIES = 4
"""How often an answer of 500 is tried again before it is taken as one."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 1.0


class NoAnswer(Exception):
    """Nothing was heard within the patience one has."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `sent` counts the times it was asked, `at` is the moment on the monotonic clock."""

    status: int
    body: Any
    sent: int
    at: float

    @property
    def done(self) -> bool:
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """The problem's code where it was refused."""
        return str(self.body.get("code", self.status)) if isinstance(self.body, dict) else str(self.status)


class Door:
    """Asks on behalf of whoever has a key: `keys` maps a name, such as `coordinator` or `nlo-BG`, to its bearer."""

    def __init__(
        self,
        url: str,
        keys: Mapping[str, str],
        *,
        patience_s: float = 180,
        answer_within_s: float = 10,
        connections: int = 100,
    ) -> None:
        self._headers = {who: {"Authorization": f"Bearer {key}"} for who, key in keys.items()}
        self._patience = patience_s
        self._wire = Wire(url, connections=connections, answer_within_s=answer_within_s)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wire.close()

    def knows(self, who: str) -> bool:
        return who in self._headers

    async def command(
        self, who: str, path: str, body: Mapping[str, Any] | None, id: str, *, method: str = "POST"
    ) -> Answer:
        """Send until it is answered. `who` may be empty where nobody needs to be known. Raises NoAnswer."""
        headers = {**self._headers[who], "Idempotency-Key": id} if who else {}
        return await self._until_answered(method, path, headers, body)

    async def read(self, who: str, path: str, **params: Any) -> Any:
        """The body of a GET, tried until it is answered; None where there is nothing of that name."""
        answer = await self._until_answered("GET", path, self._headers[who], None, params)
        if answer.status == 404:
            return None
        if not answer.done:
            raise NoAnswer(f"GET {path}: {answer.status} {answer.code}")
        return answer.body

    async def glance(self, who: str, path: str, **params: Any) -> Any:
        """The body of a GET asked once; None where it is not there, or not to be had now."""
        try:
            response = await self._wire.request("GET", _target(path, params), self._headers[who], None)
            return orjson.loads(response.body) if response.status == 200 else None
        except (OSError, ValueError):
            return None

    async def _until_answered(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: Mapping[str, Any] | None,
        params: Mapping[str, Any] | None = None,
    ) -> Answer:
        content = orjson.dumps(body) if body is not None else None
        sending = {**headers, "Content-Type": "application/json"} if content else headers
        target = _target(path, params)
        end = time.monotonic() + self._patience
        sent, faults, pause, last = 0, 0, FIRST_PAUSE_S, ""
        while True:
            sent += 1
            try:
                response = await self._wire.request(method, target, sending, content)
                at = time.monotonic()
                said = _said(response)
            except (OSError, ValueError) as error:
                last = type(error).__name__
            else:
                faults += response.status == 500
                last = str(response.status)
                if response.status not in SEND_AGAIN and not (response.status == 500 and faults < FAULT_TRIES):
                    return Answer(response.status, said, sent, at)
            if time.monotonic() > end:
                raise NoAnswer(f"{method} {path}: {last}, sent {sent} times")
            await asyncio.sleep(pause * random.uniform(0.5, 1))
            pause = min(pause * 2, LONGEST_PAUSE_S)


def _target(path: str, params: Mapping[str, Any] | None) -> str:
    return f"{path}?{urlencode(params)}" if params else path


def _said(response: Response) -> Any:
    """The answer's JSON; ValueError where it came in half. Refusals of the door itself may be no JSON."""
    if not response.body:
        return None
    try:
        return orjson.loads(response.body)
    except orjson.JSONDecodeError:
        if 200 <= response.status < 300:
            raise
        return None
