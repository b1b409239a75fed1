"""The identity provider, spoken to by OpenID Connect: authorization code with PKCE, refresh, sign-out.

Tokens are read by joserfc; here is what must hold of them. Nothing a provider or a browser says is believed before its
signature, issuer, audience, time and nonce are checked.
"""

import hashlib
import secrets
import ssl
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
import structlog
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, KeySet
from pydantic import BaseModel, ValidationError

from shared.settings import Settings
from shared.web.limits import Buckets

log = structlog.get_logger(__name__)

# Signatures with a key pair alone: with a shared secret, whoever can check a token could write one.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
LEEWAY_S = 60
REMEMBERED_S = 3600
PATIENCE_S = 5.0
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


class ProviderAway(Exception):
    """It does not answer, or not as a provider does: nobody's mistake here, and worth trying again."""


class NotVouched(Exception):
    """The provider does not vouch for this sign-in, or somebody else wrote what claims so."""


class Metadata(BaseModel):
    """What the provider says of itself (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


@dataclass(frozen=True, slots=True)
class Beginning:
    """A sign-in on its way: where the browser goes, and what must come back with it."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Tokens:
    subject: str
    id_token: str
    claims: dict[str, Any]
    access_token: str
    refresh_token: str


class Provider:
    """One provider and this installation's registration there. Remembers what it says of itself for an hour."""

    def __init__(self, settings: Settings) -> None:
        self.issuer = settings.oidc_issuer
        self._id, self._secret = settings.oidc_client_id, settings.oidc_client_secret.get_secret_value()
        self._scopes = settings.oidc_scopes
        self._trusts_addresses = settings.oidc_trusts_addresses
        self._known: tuple[float, Metadata] | None = None
        self._keys: tuple[float, KeySet] | None = None
        # A token with an unknown key id makes us ask again; anybody can write one, so not each time.
        self._asked_again = Buckets(1 / 60, burst=5)

    @property
    def host(self) -> str:
        return urlsplit(self.issuer).netloc

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    async def begin(self, back: str, *, again: bool = False) -> Beginning:
        """Where to send the browser, which comes back to the address `back`; `again`: not as whom it knows already."""
        known = await self.metadata()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code", "client_id": self._id, "redirect_uri": back, "scope": self._scopes,
            "state": state, "nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        if again:
            query["prompt"] = "login"
        return Beginning(_with_query(known.authorization_endpoint, query), state, nonce, verifier)

    async def exchange(self, code: str, beginning: Beginning, back: str) -> Tokens:
        """What the code is worth; raises NotVouched."""
        answer = await self._token(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": back,
                "code_verifier": beginning.verifier,
            }
        )
        return await self._tokens(answer, nonce=beginning.nonce)

    async def refresh(self, refresh_token: str, subject: str, id_token: str) -> Tokens:
        """The tokens anew; raises NotVouched where the provider no longer stands for them or means somebody else."""
        answer = await self._token({"grant_type": "refresh_token", "refresh_token": refresh_token})
        if not answer.get("id_token"):  # it need not send one
            return Tokens(
                subject, id_token, {}, answer.get("access_token", ""), answer.get("refresh_token") or refresh_token
            )
        fresh = await self._tokens({"refresh_token": refresh_token, **answer})
        if fresh.subject != subject:
            raise NotVouched("another subject")
        return fresh

    async def address(self, tokens: Tokens) -> str:
        """The address that the provider has verified; empty where it has not."""
        claims = tokens.claims
        known = await self.metadata()
        if "email" not in claims and known.userinfo_endpoint and tokens.access_token:
            bearer = {"Authorization": f"Bearer {tokens.access_token}"}
            told = await self._json("GET", known.userinfo_endpoint, headers=bearer)
            claims = told if told.get("sub") == tokens.subject else {}  # Core 5.3.2
        verified = claims.get("email_verified") in (True, "true") or self._trusts_addresses
        return str(claims["email"]) if verified and claims.get("email") else ""

    async def sign_out_url(self, id_token: str, back: str) -> str | None:
        """Where the browser ends the provider's session; None where the provider has no such place or is away."""
        try:
            known = await self.metadata()
        except ProviderAway:
            return None
        query = {"client_id": self._id, "post_logout_redirect_uri": back} | (
            {"id_token_hint": id_token} if id_token else {}
        )
        return _with_query(known.end_session_endpoint, query) if known.end_session_endpoint else None

    async def logout_token(self, token: str) -> tuple[str, str]:
        """Subject and session, one of which may be empty, that the provider has ended (Back-Channel Logout 1.0)."""
        claims = await self._claims(token, essential=("iat", "exp", "jti"))
        events = claims.get("events")
        subject, sid = str(claims.get("sub", "")), str(claims.get("sid", ""))
        if not isinstance(events, dict) or _LOGOUT_EVENT not in events or "nonce" in claims or not (subject or sid):
            raise NotVouched("not a logout token")
        return subject, sid

    async def metadata(self) -> Metadata:
        if self._known is None or self._known[0] < time.monotonic():
            told = await self._json("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            self._known = (time.monotonic() + REMEMBERED_S, self._checked(told))
        return self._known[1]

    def _checked(self, told: dict[str, Any]) -> Metadata:
        try:
            found = Metadata.model_validate(told)
        except ValidationError as error:
            raise ProviderAway("the discovery document is incomplete") from error
        if found.issuer != self.issuer:
            raise ProviderAway(f"it calls itself {found.issuer}: set LIAISON_OIDC_ISSUER to that")
        scheme = urlsplit(self.issuer).scheme
        for name, value in found:
            if isinstance(value, str) and value and urlsplit(value).scheme not in ("https", scheme):
                raise ProviderAway(f"{name} is not protected")
        return found

    async def _token(self, form: dict[str, str]) -> dict[str, Any]:
        known = await self.metadata()
        if self._secret and "client_secret_basic" in known.token_endpoint_auth_methods_supported:
            # Both are form-encoded before they are joined (RFC 6749, 2.3.1).
            auth = httpx.BasicAuth(quote(self._id, safe=""), quote(self._secret, safe=""))
            return await self._json("POST", known.token_endpoint, data=form, auth=auth)
        who = {"client_id": self._id} | ({"client_secret": self._secret} if self._secret else {})
        return await self._json("POST", known.token_endpoint, data=form | who)

    async def _tokens(self, answer: dict[str, Any], nonce: str = "") -> Tokens:
        id_token = answer.get("id_token")
        if not isinstance(id_token, str):
            raise NotVouched("no ID token")
        claims = await self._claims(id_token, essential=("sub", "exp", "iat"), nonce=nonce)
        # Core 3.1.3.7: a token for several must say that it was issued to us.
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", "" if several else self._id) != self._id:
            raise NotVouched("issued to another client")
        return Tokens(
            claims["sub"], id_token, claims, str(answer.get("access_token", "")), str(answer.get("refresh_token") or "")
        )

    async def _claims(self, token: str, *, essential: tuple[str, ...], nonce: str = "") -> dict[str, Any]:
        rules: dict[str, jwt.ClaimsOption] = {name: {"essential": True} for name in essential}
        rules |= {"iss": {"essential": True, "value": self.issuer}, "aud": {"essential": True, "value": self._id}}
        if nonce:
            rules["nonce"] = {"essential": True, "value": nonce}
        try:
            claims = await self._signed(token)
            jwt.JWTClaimsRegistry(now=None, leeway=LEEWAY_S, **rules).validate(claims)
        except JoseError as error:
            raise NotVouched(f"{type(error).__name__}: {error}") from error
        return claims

    async def _signed(self, token: str) -> dict[str, Any]:
        try:
            return dict(jwt.decode(token, await self._key_set(), algorithms=ALGORITHMS).claims)
        except InvalidKeyIdError:
            if self._asked_again.take("keys"):
                raise
            log.info("the provider signs with a key not known yet; its keys are fetched again")
            return dict(jwt.decode(token, await self._key_set(anew=True), algorithms=ALGORITHMS).claims)

    async def _key_set(self, *, anew: bool = False) -> KeySet:
        if anew or self._keys is None or self._keys[0] < time.monotonic():
            told = await self._json("GET", (await self.metadata()).jwks_uri)
            self._keys = (time.monotonic() + REMEMBERED_S, _public_keys(told))
        return self._keys[1]

    async def _json(self, method: str, url: str, **sent: Any) -> dict[str, Any]:
        """A JSON object. NotVouched where it refuses the code or token given, ProviderAway where it gives no answer."""
        try:
            trusted = self._trusted if url.startswith("https:") else False  # made once, and only where it is used
            async with httpx.AsyncClient(verify=trusted, timeout=PATIENCE_S) as http:
                answer = await http.request(method, url, **sent)
            told = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise ProviderAway(type(error).__name__) from error
        error_code = str(told.get("error", ""))[:80] if isinstance(told, dict) else ""
        if error_code == "invalid_grant":
            raise NotVouched(error_code)
        if answer.status_code != 200 or not isinstance(told, dict):
            log.error("the identity provider refuses us", url=url, status=answer.status_code, error=error_code)
            raise ProviderAway(f"status {answer.status_code} {error_code}")
        return told


def _public_keys(told: dict[str, Any]) -> KeySet:
    """The keys that signatures may be checked with; others, and kinds unknown here, are passed over."""
    found = []
    for one in told.get("keys", ()):
        if isinstance(one, dict) and one.get("kty") in ("RSA", "EC") and one.get("use", "sig") == "sig":
            try:
                found.append(JWKRegistry.import_key(one))
            except (JoseError, ValueError):
                log.warning("a key of the identity provider is not understood", kid=str(one.get("kid"))[:80])
    if not found:
        raise ProviderAway("it publishes no key")
    return KeySet(found)


def _with_query(address: str, query: dict[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"
