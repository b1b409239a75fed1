"""Who is behind a request: a signed cookie or an API key, looked up and remembered for a minute."""

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fastapi import HTTPException, Request
from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer
from starlette.requests import HTTPConnection
from starlette.responses import Response

from shared.people import Key, Person
from shared.settings import Settings
from shared.web.addresses import host_and_path
from shared.web.i18n import mark as _mark
from shared.web.rights import Principal

LIFETIME_S = 12 * 3600
REMEMBERED_S = 60
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_KEY = "liaison.visitor"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Visitor:
    """`csrf` is empty unless a cookie signed the person in."""

    principal: Principal | None = None
    csrf: str = ""


NOBODY = Visitor()


class Remembered(Generic[T]):
    """The last `size` answers, each for `seconds`."""

    def __init__(self, size: int, seconds: float) -> None:
        self._rows: OrderedDict[str, tuple[float, T]] = OrderedDict()
        self._size, self._seconds = size, seconds

    def get(self, key: str) -> T | None:
        row = self._rows.get(key)
        if row is None:
            return None
        if row[0] < time.monotonic():
            del self._rows[key]
            return None
        return row[1]

    def put(self, key: str, value: T, seconds: float | None = None) -> None:
        self._rows[key] = (time.monotonic() + min(self._seconds, seconds or self._seconds), value)
        self._rows.move_to_end(key)
        if len(self._rows) > self._size:
            self._rows.popitem(last=False)


class Sessions:
    """Signs and reads the cookies of one installation; holds no state that another process would miss."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.secret.get_secret_value()
        self.https = settings.https
        self.cookie = "__Host-liaison" if self.https else "liaison"
        self.origin_host = host_and_path(settings.base_url)[0]
        self._secret = secret.encode()
        self._session = URLSafeTimedSerializer(secret, salt="session")
        self._flash = URLSafeSerializer(secret, salt="flash")
        self._visitors: Remembered[Visitor] = Remembered(10_000, REMEMBERED_S)
        self._keys: Remembered[Visitor] = Remembered(2_000, REMEMBERED_S)

    def open(self, response: Response, subject: str) -> None:
        """Sign in: a new cookie with a new seed, so that nothing from before is worth anything."""
        token = str(self._session.dumps([subject, secrets.token_urlsafe(12)]))
        self._set(response, self.cookie, token, LIFETIME_S)

    def close(self, response: Response) -> None:
        response.delete_cookie(self.cookie, path="/", secure=self.https, httponly=True, samesite="lax")

    def flash(self, response: Response, kind: str, text: str) -> None:
        self._set(response, "liaison_flash", str(self._flash.dumps([kind, text])), 120)

    def read_flash(self, connection: HTTPConnection) -> tuple[str, str] | None:
        token = connection.cookies.get("liaison_flash")
        try:
            kind, text = self._flash.loads(token) if token else ("", "")
        except (BadData, ValueError):
            return None
        return (str(kind), str(text)) if token else None

    def _set(self, response: Response, name: str, value: str, age: int) -> None:
        response.set_cookie(name, value, max_age=age, path="/", secure=self.https, httponly=True, samesite="lax")

    async def visitor(self, request: Request) -> Visitor:
        header = request.headers.get("authorization", "")
        if header:
            return await self._by_key(request, header)
        cookie = request.cookies.get(self.cookie)
        if not cookie:
            return NOBODY
        return self._visitors.get(cookie) or await self._by_cookie(request, cookie)

    async def _by_cookie(self, request: Request, cookie: str) -> Visitor:
        try:
            (subject, seed), signed_at = self._session.loads(cookie, max_age=LIFETIME_S, return_timestamp=True)
        except (BadData, ValueError, TypeError):
            return NOBODY
        person = await request.app.state.identity.person(subject)
        if person is None:
            return NOBODY
        csrf = hmac.new(self._secret, f"csrf:{subject}:{seed}".encode(), hashlib.sha256).hexdigest()
        visitor = Visitor(principal_of(person), csrf)
        left = LIFETIME_S - (time.time() - signed_at.timestamp())
        if left > 0:
            self._visitors.put(cookie, visitor, left)
        return visitor

    async def _by_key(self, request: Request, header: str) -> Visitor:
        scheme, _, bearer = header.partition(" ")
        if scheme.lower() != "bearer" or not bearer:
            return NOBODY
        known = self._keys.get(bearer)
        people: Any = getattr(request.app.state, "people", None)
        if known is None and people is not None:
            key = await people.keys.principal(bearer)
            if key is not None:
                known = Visitor(_principal_of_key(key))
                self._keys.put(bearer, known, key.seconds_left)
        return known or NOBODY


def principal_of(person: Person) -> Principal:
    roles = frozenset(person.roles)
    return Principal(person.subject, person.name, roles, person.member, person.network, person.email)


def _principal_of_key(key: Key) -> Principal:
    rights, scopes = frozenset(key.rights), frozenset(key.scopes)
    return Principal(key.id, key.name, frozenset(key.roles), key.member, key.network, rights=rights, scopes=scopes)


async def identify(request: Request) -> Visitor:
    """Who asks, worked out once a request; refuses with 403 an unsafe request that another site may have made."""
    known: Visitor | None = request.scope.get(_KEY)
    if known is not None:
        return known
    sessions: Sessions = request.app.state.sessions
    visitor = await sessions.visitor(request)
    if request.method not in _SAFE and not request.headers.get("authorization"):
        _check_origin(request, sessions)
        if visitor.csrf:
            await _check_token(request, visitor)
    request.scope[_KEY] = visitor
    return visitor


async def recognise(request: Request) -> None:
    """Look up who asks without any check, for the header of an error page. Nothing may be done on its word."""
    if request.scope.get(_KEY) is None:
        request.scope[_KEY] = await request.app.state.sessions.visitor(request)


def seen(request: Request) -> Visitor:
    """What `identify` (or `recognise`) found for this request; nobody where it was not asked."""
    visitor: Visitor = request.scope.get(_KEY, NOBODY)
    return visitor


def _check_origin(request: Request, sessions: Sessions) -> None:
    # Browsers send it with every form post; other clients need not.
    origin = request.headers.get("origin")
    if origin is not None and host_and_path(origin)[0] not in (request.headers.get("host"), sessions.origin_host):
        raise HTTPException(403, _mark("This form was sent from another site. Open the page here and send it again."))


async def _check_token(request: Request, visitor: Visitor) -> None:
    given: Any = request.headers.get("x-csrf-token")
    kind = request.headers.get("content-type", "")
    if given is None and kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        given = (await request.form()).get("_csrf")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode("utf-8", "replace"), visitor.csrf.encode()):
        raise HTTPException(403, _mark("This page was open for too long. Reload it and send the form again."))
