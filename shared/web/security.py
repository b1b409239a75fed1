"""What surrounds every answer: headers, a limit on what is sent, a count of what was asked. Pure ASGI, for speed."""

import time
from collections.abc import Awaitable, Callable

from prometheus_client import Histogram
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MIB = 1024 * 1024
Refusal = Callable[[Request, Exception], Awaitable[Response]]

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(), microphone=()",
}
_YEAR = ("strict-transport-security", "max-age=31536000; includeSubDomains")

_seconds = Histogram(
    "liaison_http_seconds",
    "Time to the start of an answer.",
    ("service", "method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Surround:
    """Security headers on every answer, and the time it took, by route."""

    def __init__(self, app: ASGIApp, *, https: bool, service: str = "") -> None:
        self.app, self.service = app, service
        headers = [*SECURITY_HEADERS.items(), *([_YEAR] if https else [])]
        self._headers = [(name.encode(), value.encode()) for name, value in headers]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", ())
                named = {name.lower() for name, _ in given}  # a page may be stricter
                message["headers"] = [*given, *(one for one in self._headers if one[0] not in named)]
                method = scope["method"] if scope["method"] in _METHODS else "other"
                labels = (self.service, method, _route(scope), message["status"])
                _seconds.labels(*labels).observe(time.perf_counter() - began)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _route(scope: Scope) -> str:
    """The route's pattern, never the path: paths carry ids."""
    return getattr(scope.get("route"), "path", None) or "none"


class TooLarge(HTTPException):
    def __init__(self, limit: int) -> None:
        super().__init__(
            413, f"This is larger than {limit // MIB} MiB, the most that is taken here. Send less at once."
        )


class BodyLimit:
    """At most `limit` bytes of body, `upload_limit` for multipart; more is answered with 413, however it is sent.

    An announced length is refused at once by `refuse`; otherwise it raises where the body is read.
    """

    def __init__(self, app: ASGIApp, *, refuse: Refusal, limit: int = 2 * MIB, upload_limit: int = 25 * MIB) -> None:
        self.app, self.refuse, self.limit, self.upload_limit = app, refuse, limit, upload_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        multipart = headers.get("content-type", "").startswith("multipart/form-data")
        limit = self.upload_limit if multipart else self.limit
        announced = headers.get("content-length", "")
        if announced.isascii() and announced.isdigit() and (len(announced) > 15 or int(announced) > limit):
            response = await self.refuse(Request(scope, receive), TooLarge(limit))
            await response(scope, receive, send)
            return
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise TooLarge(limit)
            return message

        await self.app(scope, receive_counted, send)
