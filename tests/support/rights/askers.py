"""Who asks: every role of the own network, of another member and of another network; by cookie and by key."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.cookiejar import DefaultCookiePolicy

import httpx

from shared.people import People, Role
from shared.profiles.persons import local_persons
from shared.web.rights import ACTIONS
from tests.support.four import Four

from .planted import Planted, persons_of

SEES_ALL = {Role.COORDINATOR, Role.ORGANISER, Role.BOARD, Role.OPERATOR}


@dataclass(frozen=True)
class Asker:
    """`roles` and `actions` say what may be expected; nobody has no network."""

    name: str
    network: str = ""
    roles: frozenset[Role] = frozenset()
    member: str | None = None
    subject: str = ""
    email: str = "eva@example.test"
    scopes: frozenset[str] = frozenset()
    headers: dict[str, str] = field(default_factory=dict, compare=False)

    def may(self, action: str) -> bool:
        """The table, and what narrows a key."""
        return bool(self.roles & ACTIONS[action]) and (not self.scopes or action in self.scopes)

    def sees_all(self) -> bool:
        return bool(self.roles & SEES_ALL) or (Role.FORM in self.roles and self.member is None)

    @property
    def by_key(self) -> bool:
        return "authorization" in self.headers


NOBODY = Asker("nobody")
_CSRF = re.compile(r'name="_csrf" value="([^"]+)"')


def client() -> httpx.AsyncClient:
    """Keeps no cookie: each asker brings their own."""
    # The services close what is idle for five seconds.
    limits = httpx.Limits(max_connections=40, max_keepalive_connections=40, keepalive_expiry=2)
    http = httpx.AsyncClient(timeout=60, trust_env=False, limits=limits)
    http.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return http


async def sign_in(four: Four, http: httpx.AsyncClient, subject: str) -> dict[str, str]:
    """The headers of a page of theirs: the cookie, and the token that its forms carry."""
    answer = await http.post(four.url("requests", "/sign-in"), data={"subject": subject})
    assert answer.status_code == 303, f"{subject} cannot sign in: {answer.status_code} {answer.text[:300]}"
    cookie = "; ".join(one.split(";", 1)[0] for one in answer.headers.get_list("set-cookie"))
    page = await http.get(four.url("requests", "/account"), headers={"cookie": cookie})
    token = _CSRF.search(page.text)
    assert token, f"{subject} is not signed in: {page.status_code} {page.text[:300]}"
    return {"cookie": cookie, "x-csrf-token": token[1]}


def subjects(planted: Planted) -> list[str]:
    """Everybody who may stand in a relation of their own to the things of this network."""
    found = [person.subject for role in sorted(SEES_ALL) for person in persons_of(planted.network, role)]
    officers = {one.member: one.subject for one in persons_of(planted.network, Role.NLO)}
    found += [officers[one] for one in (planted.own, planted.other, planted.host) if one in officers]
    return found + [one.subject for one in persons_of(planted.network, Role.PARTICIPANT)][:3]


async def persons(four: Four, http: httpx.AsyncClient, wanted: Iterable[str]) -> list[Asker]:
    """Signed in, each with a session of their own."""
    known = {person.subject: person for person in local_persons()}
    askers = []
    for subject in dict.fromkeys(wanted):
        one = known[subject]
        headers = await sign_in(four, http, subject)
        roles = frozenset(one.roles)
        askers.append(Asker(subject, one.network, roles, one.member, subject, one.email, headers=headers))
    return askers


@dataclass
class KeyRing:
    """Makes keys, with the scope that a test wants of them."""

    people: People

    async def key(
        self,
        name: str,
        roles: Iterable[Role],
        member: str | None,
        network: str,
        scopes: Iterable[str] = (),
        left: timedelta | None = None,
    ) -> Asker:
        roles, scopes = list(roles), sorted(scopes)
        expires = datetime.now(UTC) + left if left else None
        _, bearer = await self.people.keys.create(name, roles, member, network, scopes=scopes, expires=expires)
        headers = {"authorization": f"Bearer {bearer}"}
        return Asker(f"key {name}", network, frozenset(roles), member, scopes=frozenset(scopes), headers=headers)

    async def of_every_role(self, here: Planted, there: Planted) -> list[Asker]:
        """For own member, another member and the whole network; and for another network."""
        askers = []
        for role in Role:
            members = [None] if role in SEES_ALL else [here.own, here.other]
            members += [None] if role is Role.FORM else []
            askers += [await self.key(f"{role} of {member}", [role], member, here.network) for member in members]
            if role in (Role.COORDINATOR, Role.OPERATOR, Role.NLO, Role.FORM):
                foreign = None if role in SEES_ALL else there.own
                askers.append(await self.key(f"{role} of {there.network}", [role], foreign, there.network))
        return askers

    async def scoped(self, network: str) -> dict[str, tuple[Asker, Asker]]:
        """For each action a key of all roles that may do it alone, and one that may do all but it."""
        return {
            action: (
                await self.key(f"{action} alone", Role, None, network, {action}),
                await self.key(f"all but {action}", Role, None, network, set(ACTIONS) - {action}),
            )
            for action in ACTIONS
        }

    async def refused(self, network: str) -> list[Asker]:
        """Keys that are none: expired, revoked, never made."""
        expired = await self.key("expired", Role, None, network, left=timedelta(seconds=-1))
        revoked = await self.key("revoked", Role, None, network)
        found = await self.people.keys.principal(revoked.headers["authorization"].split()[1])
        assert found
        await self.people.keys.revoke(found.id)
        made_up = {"authorization": "Bearer " + "x" * 43}
        return [
            Asker("key expired", headers=expired.headers),
            Asker("key revoked", headers=revoked.headers),
            Asker("key made up", headers=made_up),
        ]
