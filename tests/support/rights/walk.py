"""Every route, with everybody: what each is told is what the table and the ownership of the thing say."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from shared.contracts.publish.writing import _app
from shared.people import People, Role
from shared.web.rights import PUBLIC, all_actions_of
from tests.support.four import Four

from . import examples
from .askers import NOBODY, Asker, KeyRing, client, persons, sign_in, subjects
from .examples import THINGS
from .planted import Planted

AT_ONCE, QUIET_S = 12, 2.0
HOME = "requests"
"""The service that the front door sends `/account` and its like to."""
SAFE = ("GET", "HEAD", "OPTIONS")
STANDING = ("leases", "offsets", "relay", "parking", "receipts", "sessions", "logins", "keys", "persons", "clock")
"""Collections that move by themselves: who leads, how far the log was read, who was seen when, who was refused."""
ABOUT_ONESELF = ("/sign-out", "/account/sign-out-everywhere")
"""They end the session that asks: each check has one of its own."""


@dataclass(frozen=True, slots=True)
class Route:
    service: str
    method: str
    path: str
    actions: tuple[str, ...]

    @property
    def public(self) -> bool:
        return self.actions == (PUBLIC,)

    @property
    def shared(self) -> bool:
        """Carried by every service, the same function in each."""
        return not self.path.startswith(f"/{self.service}/")

    @property
    def api(self) -> bool:
        return "/api/" in self.path

    @property
    def safe(self) -> bool:
        return self.method in SAFE

    def __str__(self) -> str:
        return f"{self.service}: {self.method} {self.path} ({', '.join(self.actions)})"


@dataclass
class Outcome:
    routes: int = 0
    checks: int = 0
    roles: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def see(self, fine: bool, sentence: str) -> None:
        self.checks += 1
        if not fine:
            self.wrong.append(sentence)


def routes() -> list[Route]:
    """Of all four services, as they are now; what is built later is walked too."""
    services = ("requests", "matching", "events", "kpi")
    return [
        Route(service, method, path, actions)
        for service in services
        for method, path, actions in all_actions_of(_app(service))
        if method not in ("HEAD", "OPTIONS")
    ]


ADMITTED, ANYBODY = "admitted", "anybody"
Expected = int | str


def expected(route: Route, asker: Asker, planted: Planted) -> Expected:
    """A status, or `admitted`: whatever the route itself then says, it is no refusal of this kind."""
    if examples.ONES_OWN.match(route.path) and not examples.parameters(route.path):
        return ADMITTED if asker.subject else 303
    if route.public:
        return ANYBODY
    if not asker.network:
        return 401 if route.api or asker.by_key else 303
    if not all(asker.may(action) for action in route.actions):
        return 403
    if asker.by_key and not route.safe and examples.BY_PERSONS.match(route.path):
        return 403
    if asker.by_key and examples.OF_PERSONS.match(route.path):
        return 404
    return 404 if any(_foreign(THINGS[name], asker, planted) for name in examples.parameters(route.path)) else ADMITTED


def _foreign(thing: examples.Thing, asker: Asker, planted: Planted) -> bool:
    if thing.anybodys:
        return False
    if asker.network != planted.network:
        return True
    if thing.right and not asker.may(thing.right):
        return True
    if thing.members is None or asker.sees_all():
        return False
    if asker.member not in thing.members(planted):
        return True
    alone = thing.personal and asker.roles == {Role.PARTICIPANT} and not asker.by_key
    return alone and asker.subject != planted.participant.subject


def fits(route: Route, wanted: Expected, answer: httpx.Response) -> bool:
    status = answer.status_code
    to_sign_in = status == 303 and answer.headers.get("location", "").startswith("/sign-in")
    if wanted == 303:
        return to_sign_in
    if isinstance(wanted, int):
        return status == wanted
    if status >= 500 or status == 429 or to_sign_in:
        return False
    if wanted == ANYBODY:
        return status != 401 or not route.safe
    if status == 404 and (route.path in examples.OF_ITSELF or (not route.safe and examples.may_be_gone(route.path))):
        return True
    return status < 400 if route.safe else status not in (401, 403, 404)


class Walk:
    """`planted` is whose things are asked for, `other` the network whose persons ask beside its own."""

    def __init__(self, four: Four, planted: Planted, other: Planted) -> None:
        self.four, self.planted, self.other = four, planted, other
        self.http = client()
        self.outcome = Outcome()
        self.askers: list[Asker] = []
        self.few: list[Asker] = []
        self.scoped: dict[str, tuple[Asker, Asker]] = {}
        self.refused: list[Asker] = []

    async def run(self) -> Outcome:
        async with self.http:
            await self._gather_askers()
            known = self._known(routes())
            await self._each(known, lambda route: route.safe, self._asked)
            await self._refused_before_effect(known)
            last = [route for route in known if route.path.startswith(ABOUT_ONESELF)]
            await self._each(known, lambda route: not route.safe and route not in last, self._admitted)
            for route in last:  # one after the other: signing out everywhere ends the sessions of other checks
                if not route.safe:
                    await self._admitted_anew(route)
            await self._bad_keys(known)
        return self.outcome

    async def _gather_askers(self) -> None:
        ring = KeyRing(People(self.four.client[f"{self.four.stack.namespace}_people"]))
        own, foreign = subjects(self.planted), subjects(self.other)
        self.askers = [NOBODY, *await persons(self.four, self.http, [*own, *foreign])]
        self.askers += await ring.of_every_role(self.planted, self.other)
        self.few = [one for one in self.askers if one is NOBODY or one.subject in (own[0], foreign[0])]
        self.scoped = await ring.scoped(self.planted.network)
        self.refused = await ring.refused(self.planted.network)
        self.outcome.roles = {str(role) for asker in self.askers for role in asker.roles}

    def _known(self, found: Sequence[Route]) -> list[Route]:
        """Those that can be asked; what cannot is wrong, and says what is missing."""
        known = []
        for route in found:
            self.outcome.routes += 1
            missing = [name for name in examples.parameters(route.path) if name not in THINGS]
            if missing:
                names = ", ".join(missing)
                self.outcome.see(False, f"{route}: examples.py has no thing for {names}")
            elif not route.actions:
                self.outcome.see(False, f"{route}: declares no action")
            elif not route.safe and not route.shared and all(one.endswith(".read") for one in route.actions):
                self.outcome.see(False, f"{route}: changes something, and asks for a right to read")
            else:
                known.append(route)
        return known

    def _of(self, route: Route) -> list[Asker]:
        """Everybody; where a function is walked at one service already, a few at the others.

        Keys of each role ask the API, which is made for them; pages are asked with the scoped keys alone.
        """
        if route.shared and route.service != HOME:
            return self.few
        asking = [one for one in self.askers if route.api or not one.by_key]
        return [*asking, *(one for action in route.actions for one in self.scoped.get(action, ()))]

    async def _each(
        self, found: Iterable[Route], which: Callable[[Route], bool], check: Callable[[Route], Awaitable[None]]
    ) -> None:
        turn = asyncio.Semaphore(AT_ONCE)

        async def one(route: Route) -> None:
            async with turn:
                await check(route)

        await asyncio.gather(*(one(route) for route in found if which(route)))

    async def _asked(self, route: Route) -> None:
        for asker in self._of(route):
            await self._check(route, asker, expected(route, asker, self.planted))

    async def _refused_before_effect(self, known: Sequence[Route]) -> None:
        """With content that would be taken: none of it may leave a trace in any store."""
        before = await settled(self.four)
        await self._each(known, lambda route: not route.safe, self._refusals)
        after = await settled(self.four)
        for name in sorted(before | after):
            same = before.get(name) == after.get(name)
            self.outcome.see(same, f"{name} changed, though everything asked was refused")

    async def _refusals(self, route: Route) -> None:
        for asker in self._of(route):
            content = examples.body(route.path, self.planted, self._member_for(asker), asker.email)
            wanted = expected(route, asker, self.planted)
            if isinstance(wanted, int):
                await self._check(route, asker, wanted, content)
            elif wanted == ADMITTED and not asker.by_key:
                bare = {"cookie": asker.headers["cookie"]}
                untold = Asker(f"{asker.name} without the form's token", asker.network, headers=bare)
                await self._check(route, untold, 403, content)

    def _member_for(self, asker: Asker) -> str:
        return asker.member or (self.planted.own if asker.network == self.planted.network else self.other.own)

    async def _admitted(self, route: Route) -> None:
        """Without content, so that little comes of it: what is wanting is content, and no right."""
        for asker in self._of(route):
            wanted = expected(route, asker, self.planted)
            if not isinstance(wanted, int):
                await self._check(route, asker, wanted)

    async def _admitted_anew(self, route: Route) -> None:
        async def one(asker: Asker) -> None:
            wanted = expected(route, asker, self.planted)
            if isinstance(wanted, int):
                return
            headers = await sign_in(self.four, self.http, asker.subject) if asker.subject else asker.headers
            await self._check(route, replace(asker, headers=headers), wanted)

        await asyncio.gather(*(one(asker) for asker in self._of(route)))

    async def _bad_keys(self, known: Sequence[Route]) -> None:
        """A few of each service: too many wrong keys in a row are not even looked up."""
        firsts = {route.service: route for route in known if route.api and route.safe and not route.public}
        for route in firsts.values():
            for asker in self.refused:
                await self._check(route, asker, 401)

    async def _check(self, route: Route, asker: Asker, wanted: Expected, content: dict[str, Any] | None = None) -> None:
        url = self.four.url(route.service, examples.address(route.path, route.service, self.planted))
        for last_try in (False, True):
            request = self.http.build_request(route.method, url, headers=asker.headers, **(content or {}))
            try:
                answer = await self.http.send(request, stream=True)
                break
            except httpx.TransportError:  # after an answer of 500 the connection is closed on the next request
                if last_try:
                    raise
        streams = answer.headers.get("content-type", "").startswith("text/event-stream")
        text = "" if streams else (await answer.aread()).decode(errors="replace")
        await answer.aclose()
        told = f"{route} as {asker.name}: {wanted} expected, {answer.status_code} answered"
        self.outcome.see(fits(route, wanted, answer), f"{told} {answer.headers.get('location', '')} {text[-200:]!r}")


async def settled(four: Four) -> dict[str, str]:
    """A fingerprint of every collection, once it stays: what is noted in batches is written a second later."""
    last, since = await _fingerprint(four), time.monotonic()
    end = since + 60
    while time.monotonic() - since < QUIET_S:
        if time.monotonic() > end:
            raise AssertionError("the stores do not come to rest")
        await asyncio.sleep(0.3)
        if (now := await _fingerprint(four)) != last:
            last, since = now, time.monotonic()
    return last


async def _fingerprint(four: Four) -> dict[str, str]:
    found = {}
    for name in ("requests", "matching", "events", "kpi", "people"):
        told = await four.client[f"{four.stack.namespace}_{name}"].command("dbHash")
        found |= {f"{name}.{one}": md5 for one, md5 in told["collections"].items() if one not in STANDING}
    return found
