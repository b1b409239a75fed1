"""Who is behind a request: a signed cookie or an API key, looked up and remembered for a moment."""

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

import structlog
from fastapi import HTTPException, Request
from itsdangerous import BadData, URLSafeSerializer
from pymongo.errors import ConnectionFailure
from starlette.requests import HTTPConnection
from starlette.responses import Response

from shared.people import Key, Person
from shared.people.sessions import SEEN_EVERY, Session, SessionStore, begin, hash_of
from shared.settings import Settings
from shared.web.addresses import host_and_path
from shared.web.formats import speak_for
from shared.web.i18n import mark as _mark
from shared.web.limits import Limits, address_of_client
from shared.web.rights import Principal

log = structlog.get_logger(__name__)

SESSION_REMEMBERED_S = 5
"""For so long another process may still believe a session that has ended."""
REMEMBERED_S = 60
_KNOWN_ONCE_S = 600
_DAY_S = 24 * 3600
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_KEY = "liaison.visitor"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Visitor:
    """`csrf` and `session` are empty unless a cookie signed the person in."""

    principal: Principal | None = None
    csrf: str = ""
    session: Session | None = None


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

    def drop(self, key: str) -> None:
        self._rows.pop(key, None)

    def clear(self) -> None:
        self._rows.clear()

    def put(self, key: str, value: T, seconds: float | None = None) -> None:
        self._rows[key] = (time.monotonic() + min(self._seconds, seconds or self._seconds), value)
        self._rows.move_to_end(key)
        if len(self._rows) > self._size:
            self._rows.popitem(last=False)


class Sessions:
    """Reads and writes the cookies of one installation.

    A cookie is a signed random token; whom it stands for is in the `store`, which all processes share.
    """

    def __init__(self, settings: Settings, limits: Limits, store: SessionStore) -> None:
        secret = settings.secret.get_secret_value()
        self.https = settings.https
        self.cookie = "__Host-liaison" if self.https else "liaison"
        self.origin_host = host_and_path(settings.base_url)[0]
        self.store = store
        self.limits = limits
        self._lifetime = timedelta(hours=settings.session_hours)
        self._secret = secret.encode()
        self._token = URLSafeSerializer(secret, salt="session-token")
        self._flash = URLSafeSerializer(secret, salt="flash")
        self._visitors: Remembered[Visitor] = Remembered(10_000, SESSION_REMEMBERED_S)
        self._known_once: Remembered[Visitor] = Remembered(10_000, _KNOWN_ONCE_S)
        self._persons: Remembered[Person] = Remembered(10_000, REMEMBERED_S)
        self._keys: Remembered[Visitor] = Remembered(2_000, REMEMBERED_S)
        self._right_keys: Remembered[bool] = Remembered(2_000, _DAY_S)

    async def open(self, response: Response, subject: str, *, before: Request | None = None, **backing: Any) -> None:
        """Sign in: a new token each time, so that nothing from before is worth anything; the old session ends.

        `backing` are the fields of `Session` that an identity provider stands for.
        """
        token = secrets.token_urlsafe(32)
        session = begin(token, subject, self._lifetime)
        ends = min(session.expires, backing.pop("expires", session.expires))
        await self.store.open(replace(session, expires=ends, **backing))
        if before is not None:
            await self.end(before)
        self._persons.drop(subject)  # who signs in is as they are now
        self._set(response, self.cookie, str(self._token.dumps(token)), int(self._lifetime.total_seconds()))

    async def end(self, request: Request) -> None:
        """End the session of this request for every service; nothing where there is none."""
        if token := self._read(request):
            await self.store.end(hash_of(token))
            self._forget()

    async def end_all(self, session: Session) -> None:
        """End every session of whoever this one belongs to."""
        await self.store.end_all(session)
        self._forget()

    async def end_at_provider(self, login: str, sid: str) -> None:
        await self.store.end_at_provider(login, sid)
        self._forget()

    def _forget(self) -> None:
        self._visitors.clear()
        self._known_once.clear()

    def close(self, response: Response) -> None:
        """Take the cookie back; `end` is what ends the session."""
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

    def _read(self, request: Request) -> str:
        try:
            token = self._token.loads(request.cookies.get(self.cookie, ""))
        except (BadData, ValueError):
            return ""
        return token if isinstance(token, str) else ""

    async def _by_cookie(self, request: Request, cookie: str) -> Visitor:
        token = self._read(request)
        if not token:
            return NOBODY
        try:
            visitor = await self._look_up(request, token)
        except ConnectionFailure:
            # While the store is away nobody can sign out either: who was signed in a moment ago still is.
            if (visitor := self._known_once.get(cookie) or NOBODY) is NOBODY:
                raise
            self._visitors.put(cookie, visitor)
            return visitor
        if (session := visitor.session) is not None:
            now = datetime.now(UTC)
            self._visitors.put(
                cookie, visitor, (min(session.expires, session.due or session.expires) - now).total_seconds()
            )
            self._known_once.put(cookie, visitor, (session.expires - now).total_seconds())
        return visitor

    async def _look_up(self, request: Request, token: str) -> Visitor:
        session = await self.store.find(hash_of(token))
        identity = request.app.state.identity
        if session is None or (session := await identity.accepts(session, self.store)) is None:
            return NOBODY
        person = self._persons.get(session.subject) or await identity.person(session.subject)
        if person is None:
            return NOBODY
        self._persons.put(session.subject, person)
        if datetime.now(UTC) - session.seen > SEEN_EVERY:
            await self.store.seen(session.id)
        csrf = hmac.new(self._secret, f"csrf:{token}".encode(), hashlib.sha256).hexdigest()
        return Visitor(principal_of(person), csrf, session)

    async def _by_key(self, request: Request, header: str) -> Visitor:
        scheme, _, bearer = header.partition(" ")
        if scheme.lower() != "bearer" or not bearer:
            return NOBODY
        known = self._keys.get(bearer)
        people: Any = getattr(request.app.state, "people", None)
        if known is None and people is not None:
            if self._right_keys.get(bearer) is None:  # wrong ones of a neighbour do not keep out a right one
                self.limits.key_may_be_tried(request)
            key = await people.keys.principal(bearer)
            if key is None:
                self.limits.wrong_keys.failed(address_of_client(request))
                return NOBODY
            known = Visitor(_principal_of_key(key))
            self._keys.put(bearer, known, key.seconds_left)
            self._right_keys.put(bearer, True)
        return known or NOBODY


def forget(request: Request) -> None:
    """Go on as nobody: for the page that tells somebody that they are signed out."""
    request.scope[_KEY] = NOBODY


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
    _check_limits(request, sessions.limits, visitor)
    if request.method not in _SAFE and not request.headers.get("authorization"):
        _check_origin(request, sessions)
        if visitor.csrf:
            await _check_token(request, visitor)
    _keep(request, visitor)
    return visitor


def _keep(request: Request, visitor: Visitor) -> None:
    request.scope[_KEY] = visitor
    if visitor.principal is not None:
        speak_for(request.scope, visitor.principal.network)


def _check_limits(request: Request, limits: Limits, visitor: Visitor) -> None:
    if visitor.session is not None:
        limits.by_person(visitor.session.subject)
    elif visitor.principal is not None:
        limits.by_key(visitor.principal.subject)
    if (token := request.path_params.get("token")) is not None:
        limits.by_link(str(token))


async def recognise(request: Request) -> None:
    """Look up who asks without any check, for the header of an error page. Nothing may be done on its word."""
    if request.scope.get(_KEY) is None:
        _keep(request, await request.app.state.sessions.visitor(request))


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
