"""Where persons come from. The local profile has ready-made ones; production asks an identity provider."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import structlog

from shared.contracts.refused import Refused
from shared.people import People, Person, normal_address
from shared.people.logins import login_of
from shared.people.sessions import Session, SessionStore
from shared.settings import Settings
from shared.web.oidc import NotVouched, Provider, ProviderAway, Tokens
from shared.web.sealed import Sealer

log = structlog.get_logger(__name__)

# A refresh has this long before another request tries it again.
_CLAIMED = timedelta(seconds=30)
# For so long beyond its time a session lives on where the provider does not answer.
_GRACE = timedelta(minutes=10)


class IdentityProvider(Protocol):
    """Knows the persons that may sign in."""

    async def person(self, subject: str) -> Person | None:
        """The person of a session, as they are now; none where they may no longer sign in."""

    async def accepts(self, session: Session, store: SessionStore) -> Session | None:
        """The session as it stands now, renewed where it was due; none where nobody vouches for it."""

    def ready_made(self) -> Sequence[Person]:
        """Persons to choose from on the sign-in page; empty where a provider asks for them itself."""


class LocalPersons:
    """The ready-made persons of the local profile: anybody may be any of them, which is why production refuses it.

    What the vault knows of a person counts; one whom it has not met yet is as they were made.
    """

    def __init__(self, persons: Callable[[], Sequence[Person]], people: People | None = None) -> None:
        self._persons, self._people = persons, people
        self._by_subject: dict[str, Person] = {}

    async def person(self, subject: str) -> Person | None:
        if not self._by_subject:
            self._by_subject = {person.subject: person for person in self._persons()}
        ready = self._by_subject.get(subject)
        if self._people is None:
            return ready
        known = await self._people.person(subject)
        if known is not None or ready is None:
            return known
        return None if await self._people.name_of([subject]) else ready

    async def accepts(self, session: Session, store: SessionStore) -> Session | None:
        return None if session.login else session

    def ready_made(self) -> Sequence[Person]:
        return self._persons()


class OidcPersons:
    """Who signs in at the identity provider, as the vault knows them."""

    def __init__(self, settings: Settings, people: People, provider: Provider | None = None) -> None:
        self.provider = provider or Provider(settings)
        self._people = people
        self._sealer = Sealer(settings, "provider-tokens")
        self._check = timedelta(seconds=settings.session_check_s)

    async def person(self, subject: str) -> Person | None:
        return await self._people.person(subject)

    def ready_made(self) -> Sequence[Person]:
        return ()

    async def known_as(self, tokens: Tokens) -> tuple[list[str], str]:
        """The ids of the persons that these tokens stand for, one in each network; linked now where they were not.

        A link is made once, by an address that the provider has verified and a coordinator has given a role; where
        nobody is known, that address is told beside the empty list.
        """
        login = self.login(tokens.subject)
        if persons := await self._people.logins.persons(login):
            return persons, ""
        address = await self.provider.address(tokens)
        try:
            return await self._people.logins.link(login, normal_address(address)) if address else [], address
        except Refused:
            return [], address

    async def networks(self, session: Session) -> list[Person]:
        """Everybody that the session's login stands for, to change between."""
        ids = await self._people.logins.persons(session.login)
        return [person for one in ids if (person := await self.person(one))]

    def login(self, subject: str) -> str:
        return login_of(self.provider.issuer, subject)

    def backing(self, tokens: Tokens) -> dict[str, Any]:
        """What a session keeps of the provider. Without a refresh token it ends with the ID token."""
        now = datetime.now(UTC)
        kept: dict[str, Any] = {
            "login": self.login(tokens.subject),
            "sid": str(tokens.claims.get("sid", "")),
            "vouched": now,
            "sealed": self._seal(tokens),
        }
        if tokens.refresh_token:
            return {**kept, "due": now + self._check}
        return {**kept, "expires": datetime.fromtimestamp(int(tokens.claims["exp"]), UTC)}

    def _seal(self, tokens: Tokens) -> bytes:
        return self._sealer.seal({"refresh": tokens.refresh_token, "id": tokens.id_token})

    def id_token(self, session: Session) -> str:
        return str((self._sealer.open(session.sealed) or {}).get("id", ""))

    async def accepts(self, session: Session, store: SessionStore) -> Session | None:
        now = datetime.now(UTC)
        if not session.login.startswith(f"{self.provider.issuer}|"):
            return None
        if session.due is None:
            return session
        # A refresh token is good for one use: one process asks, the others go on for the moment.
        if session.due > now or not await store.claim(session, now + _CLAIMED):
            return self._for_now(session, now)
        sealed = self._sealer.open(session.sealed) or {}
        try:
            subject = session.login.partition("|")[2]
            tokens = await self.provider.refresh(str(sealed.get("refresh", "")), subject, str(sealed.get("id", "")))
        except ProviderAway as error:
            log.warning("a session could not be refreshed", reason=str(error))
            return self._for_now(session, now)
        except NotVouched as error:
            log.info("the provider no longer vouches for a session", reason=str(error))
            await store.end(session.id)
            return None
        renewed = replace(session, due=now + self._check, vouched=now, sealed=self._seal(tokens))
        await store.renew(renewed)
        return renewed

    def _for_now(self, session: Session, now: datetime) -> Session | None:
        vouched = session.vouched or session.begun
        return session if now < vouched + self._check + _GRACE else None


def identity_for(settings: Settings, people: People | None = None) -> IdentityProvider:
    """The provider of this installation; raises where there is none that may be used."""
    if settings.oidc_issuer:
        if people is None:
            raise RuntimeError("Persons who sign in at a provider are looked up in the vault: this service has none.")
        return OidcPersons(settings, people)
    if settings.profile != "local":
        raise RuntimeError(
            "Nobody could sign in: configure an OpenID Connect provider (LIAISON_OIDC_ISSUER), or set "
            "LIAISON_PROFILE=local on a machine of your own. The ready-made persons of the local profile have no "
            "passwords."
        )
    from shared.profiles.persons import local_persons

    return LocalPersons(local_persons, people)
