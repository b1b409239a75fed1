"""HTTP/1.1 to one address over connections that stay: cheap enough to leave the cores to those who answer."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import httptools

CONNECT_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes


class _Parser(Protocol):
    def feed_data(self, data: bytes) -> None: ...
    def get_status_code(self) -> int: ...
    def should_keep_alive(self) -> bool: ...


class _Connection(asyncio.Protocol):
    """One connection; it carries one request at a time."""

    def __init__(self) -> None:
        self.transport: Any = None
        self.open = False
        self._answer: asyncio.Future[Response] | None = None
        self._parser: _Parser
        self._parts: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.open = transport, True

    def send(self, request: bytes) -> asyncio.Future[Response]:
        self._parser, self._parts = httptools.HttpResponseParser(self), []
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            self.close()  # nobody asked
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(ConnectionError(f"not HTTP: {error}"))

    def on_body(self, part: bytes) -> None:
        self._parts.append(part)

    def on_message_complete(self) -> None:
        assert self._answer is not None
        status = self._parser.get_status_code()
        if status < 200:
            return
        if not self._parser.should_keep_alive():
            self.close()
        if not self._answer.done():
            self._answer.set_result(Response(status, b"".join(self._parts)))

    def connection_lost(self, error: Exception | None) -> None:
        self.open = False
        self._fail(ConnectionError("the connection ended before the answer did"))

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        self.close()

    def close(self) -> None:
        self.open = False
        self.transport.close()


class Wire:
    """Raises OSError (TimeoutError among them) where no whole answer came. At most `connections` requests at once."""

    def __init__(self, url: str, *, connections: int, answer_within_s: float) -> None:
        parts = urlsplit(url)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port or (443 if self._tls else 80)
        self._common = f"Host: {parts.netloc}\r\nAccept: application/json\r\n"
        self._within = answer_within_s
        self._slots = asyncio.Semaphore(connections)
        self._idle: list[_Connection] = []

    async def request(self, method: str, target: str, headers: Mapping[str, str], content: bytes | None) -> Response:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        body = content or b""
        length = f"Content-Length: {len(body)}\r\n" if method != "GET" else ""
        head = f"{method} {target} HTTP/1.1\r\n{self._common}{lines}{length}\r\n"
        async with self._slots:
            connection = await self._connection()
            try:
                async with asyncio.timeout(self._within):
                    answer = await connection.send(head.encode() + body)
            except BaseException:
                connection.close()
                raise
            if connection.open:
                self._idle.append(connection)
            return answer

    async def _connection(self) -> _Connection:
        while self._idle:
            known = self._idle.pop()
            if known.open:
                return known
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_WITHIN_S):
            _, made = await loop.create_connection(_Connection, self._host, self._port, ssl=self._tls)
        return made

    def close(self) -> None:
        for connection in self._idle:
            connection.close()
        self._idle.clear()
