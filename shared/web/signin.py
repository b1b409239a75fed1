"""Signing in and out: as a ready-made person of the local profile, or at the identity provider and back."""

import asyncio
import secrets
from typing import Annotated

import structlog
from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from shared.contracts.refused import Refused
from shared.people import People, Person
from shared.web.addresses import safe_next
from shared.web.forms import read_form
from shared.web.i18n import LANGUAGES, _
from shared.web.identity import IdentityProvider, LocalPersons, OidcPersons, identity_for
from shared.web.limits import Limits, address_of_client
from shared.web.nav import desk_of
from shared.web.oidc import Beginning, NotVouched, ProviderAway
from shared.web.pages import render, see_other
from shared.web.rights import Principal, public, require
from shared.web.sealed import Sealer
from shared.web.session import Sessions, forget, principal_of, seen

__all__ = ["IdentityProvider", "LocalPersons", "identity_for", "router"]

log = structlog.get_logger(__name__)

ON_ITS_WAY_S = 600
"""How long somebody may take at the provider."""
_COOKIE = "liaison_in_"
_AT_ONCE = 5  # tabs that may be on their way at the same time

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
async def sign_in_page(
    request: Request,
    principal: Annotated[Principal | None, public()],
    next: Annotated[str, Query(max_length=2000)] = "",
    other: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """The ready-made persons, or straight to the provider. `other`: as somebody else than the provider knows."""
    identity: IdentityProvider = request.app.state.identity
    if not isinstance(identity, OidcPersons):
        return render(request, "sign_in.html", persons=identity.ready_made(), next=safe_next(next))
    if principal is not None and not other:
        return RedirectResponse(safe_next(next) or desk_of(principal), 303)
    _limits(request).sign_in(request)
    try:
        beginning = await identity.provider.begin(_address(request, "/sign-in/back"), again=bool(other))
    except ProviderAway as error:
        return _away(request, error)
    response = RedirectResponse(beginning.url, 303)
    _keep(request, response, beginning, safe_next(next))
    return response


@router.get("/sign-in/back")
async def back_from_provider(
    request: Request,
    _principal: Annotated[Principal | None, public()],
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
    iss: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    identity = _oidc(request)
    _limits(request).sign_in(request)
    name = _cookie_of(state)
    try:
        beginning, next = _kept(request, state)
        if "error" in request.query_params:
            raise NotVouched(f"the provider says {request.query_params['error'][:80]}")
        await _check_sender(identity, iss)
        tokens = await identity.provider.exchange(code, beginning, _address(request, "/sign-in/back"))
        persons, address = await identity.known_as(tokens)
    except ProviderAway as error:
        return _away(request, error)
    except NotVouched as error:
        _limits(request).wrong_sign_ins.failed(address_of_client(request))
        log.warning("a sign-in was refused", reason=str(error))
        response: Response = render(request, "sign_in_failed.html", status=400, away=False)
        response.delete_cookie(name, path="/sign-in")
        return response
    person = await identity.person(persons[0]) if persons else None
    if person is None:
        response = render(request, "sign_in_unknown.html", status=403, address=address, host=identity.provider.host)
    else:
        response = see_other(request, next or desk_of(principal_of(person)))
        await _sessions(request).open(response, person.subject, before=request, **identity.backing(tokens))
        _prefer(request, response, person)
    response.delete_cookie(name, path="/sign-in")
    return response


@router.post("/sign-in/back-channel")
async def ended_at_provider(request: Request, _principal: Annotated[Principal | None, public()]) -> Response:
    """The provider tells that a session of its own has ended (OpenID Connect Back-Channel Logout 1.0)."""
    identity = _oidc(request)
    _limits(request).sign_in(request)
    form = await read_form(request)
    quiet = {"Cache-Control": "no-store"}
    try:
        subject, sid = await identity.provider.logout_token(form["logout_token"])
    except NotVouched as error:
        _limits(request).wrong_sign_ins.failed(address_of_client(request))
        log.warning("a sign-out by the provider was refused", reason=str(error))
        return JSONResponse({"error": "invalid_request"}, 400, quiet)
    except ProviderAway as error:
        raise HTTPException(503) from error
    await _sessions(request).end_at_provider(identity.login(subject) if subject else "", sid)
    return JSONResponse({}, 200, quiet)


@router.post("/sign-in")
async def sign_in(request: Request, _principal: Annotated[Principal | None, public()]) -> Response:
    """As a ready-made person; there are none where a provider is asked."""
    _limits(request).sign_in(request)
    form = await read_form(request)
    identity: IdentityProvider = request.app.state.identity
    # Only ready-made persons sign in by naming themselves.
    person = next((one for one in identity.ready_made() if one.subject == form["subject"]), None)
    if person is None:
        raise Refused("person-unknown", _("Choose one of the persons listed."), status=422)
    response = see_other(request, safe_next(form["next"]) or desk_of(principal_of(person)))
    await _sessions(request).open(response, person.subject, before=request)
    _prefer(request, response, person)
    await _remember(request, person)
    return response


async def _remember(request: Request, person: Person) -> None:
    """Let names be found for what this person does; signing in does not wait for a database that is away."""
    people: People | None = getattr(request.app.state, "people", None)
    if people is None:
        return
    try:
        async with asyncio.timeout(2):
            await people.know(person)
    except Exception as error:
        log.warning("person not remembered at sign-in", subject=person.subject, error=type(error).__name__)


@router.post("/sign-out")
async def sign_out(request: Request, _principal: Annotated[Principal, require("account.read")]) -> Response:
    await _sessions(request).end(request)
    return await _signed_out(request)


@router.post("/account/sign-out-everywhere")
async def sign_out_everywhere(request: Request, _principal: Annotated[Principal, require("account.read")]) -> Response:
    if (session := seen(request).session) is not None:
        await _sessions(request).end_all(session)
    return await _signed_out(request)


async def _signed_out(request: Request) -> Response:
    """The cookie goes; where a provider signed the person in, the browser goes on to sign out there.

    By a Refresh header: a redirect after a form would have to be allowed in the Content-Security-Policy.
    """
    identity, session = request.app.state.identity, seen(request).session
    onward = None
    if isinstance(identity, OidcPersons) and session is not None and session.login:
        onward = await identity.provider.sign_out_url(identity.id_token(session), _address(request, "/"))
    forget(request)
    if onward is None:
        response: Response = see_other(request, "/", done=_("You are signed out."))
    else:
        response = render(request, "signed_out.html", onward=onward, host=identity.provider.host)
        response.headers["Refresh"] = f"0; url={onward}"
        response.headers["Cache-Control"] = "no-store"
    _sessions(request).close(response)
    return response


@router.post("/account/network")
async def change_network(request: Request, _principal: Annotated[Principal, require("account.read")]) -> Response:
    """Go on as the person that the same login is in another network, with a session of its own."""
    form = await read_form(request)
    identity, session = _oidc(request), seen(request).session
    if session is None:
        raise HTTPException(404)
    person = next((one for one in await identity.networks(session) if one.subject == form["person"]), None)
    if person is None:
        raise HTTPException(404)
    response = see_other(request, desk_of(principal_of(person)))
    backing = {
        name: getattr(session, name) for name in ("login", "sid", "due", "vouched", "sealed", "expires")
    }  # fmt: skip
    await _sessions(request).open(response, person.subject, before=request, **backing)
    return response


def _oidc(request: Request) -> OidcPersons:
    identity = request.app.state.identity
    if not isinstance(identity, OidcPersons):
        raise HTTPException(404)
    return identity


def _sessions(request: Request) -> Sessions:
    sessions: Sessions = request.app.state.sessions
    return sessions


def _limits(request: Request) -> Limits:
    limits: Limits = request.app.state.limits
    return limits


def _address(request: Request, path: str) -> str:
    """As registered at the provider: the front door's, never what a Host header says."""
    base: str = request.app.state.settings.base_url
    return base.rstrip("/") + path


def _cookie_of(state: str) -> str:
    return _COOKIE + "".join(one for one in state[:12] if one.isascii() and (one.isalnum() or one in "-_"))


def _keep(request: Request, response: Response, beginning: Beginning, next: str) -> None:
    """What must come back with the browser, sealed in a cookie of its own: two tabs do not get in each other's way."""
    on_their_way = [name for name in request.cookies if name.startswith(_COOKIE)]
    for name in on_their_way[: max(0, len(on_their_way) - _AT_ONCE + 1)]:
        response.delete_cookie(name, path="/sign-in")
    sealed = _sealer(request).seal([beginning.state, beginning.nonce, beginning.verifier, next]).decode()
    secure = _sessions(request).https
    response.set_cookie(
        _cookie_of(beginning.state), sealed, ON_ITS_WAY_S, path="/sign-in", secure=secure, httponly=True, samesite="lax"
    )


def _kept(request: Request, state: str) -> tuple[Beginning, str]:
    """The sign-in that this browser began with this state, and where it wanted to; raises NotVouched."""
    found = _sealer(request).open(request.cookies.get(_cookie_of(state), ""), max_age_s=ON_ITS_WAY_S)
    if not state or found is None or not secrets.compare_digest(str(found[0]).encode(), state.encode()):
        raise NotVouched("this browser did not begin this sign-in")
    return Beginning("", found[0], found[1], found[2]), str(found[3])


def _sealer(request: Request) -> Sealer:
    return Sealer(request.app.state.settings, "sign-in")


async def _check_sender(identity: OidcPersons, iss: str) -> None:
    """The answer comes from the provider that was asked (RFC 9207)."""
    says_so = (await identity.provider.metadata()).authorization_response_iss_parameter_supported
    if (iss or says_so) and iss != identity.provider.issuer:
        raise NotVouched("another provider answers")


def _away(request: Request, error: ProviderAway) -> Response:
    log.error("the identity provider is away", reason=str(error))
    response = render(request, "sign_in_failed.html", status=503, away=True)
    response.headers["Retry-After"] = "10"
    return response


def _prefer(request: Request, response: Response, person: Person) -> None:
    """The person's own language, where this browser has chosen none."""
    if person.language in LANGUAGES and "liaison_lang" not in request.cookies:
        response.set_cookie("liaison_lang", person.language, max_age=31536000, path="/", samesite="lax")
