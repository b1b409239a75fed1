"""Where persons come from. The local profile has ready-made ones; production asks an identity provider."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Annotated, Protocol

import structlog
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from shared.contracts.refused import Refused
from shared.people import People, Person
from shared.settings import Settings
from shared.web.addresses import safe_next
from shared.web.forms import read_form
from shared.web.i18n import LANGUAGES, _
from shared.web.nav import desk_of
from shared.web.pages import render, see_other
from shared.web.rights import Principal, public, require
from shared.web.session import Sessions, principal_of

log = structlog.get_logger(__name__)


class IdentityProvider(Protocol):
    """Knows the persons that may sign in."""

    async def person(self, subject: str) -> Person | None:
        """The person of a session, as they are now; none where they may no longer sign in."""

    def ready_made(self) -> Sequence[Person]:
        """Persons to choose from on the sign-in page; empty where a provider asks for them itself."""


class LocalPersons:
    """The ready-made persons of the local profile: anybody may be any of them, which is why production refuses it."""

    def __init__(self, persons: Callable[[], Sequence[Person]]) -> None:
        self._persons = persons
        self._by_subject: dict[str, Person] = {}

    async def person(self, subject: str) -> Person | None:
        if not self._by_subject:
            self._by_subject = {person.subject: person for person in self._persons()}
        return self._by_subject.get(subject)

    def ready_made(self) -> Sequence[Person]:
        return self._persons()


def identity_for(settings: Settings) -> IdentityProvider:
    """The provider of this installation; raises where there is none that may be used."""
    if settings.profile != "local":
        raise RuntimeError(
            "Nobody could sign in: configure an OpenID Connect provider, or set LIAISON_PROFILE=local on a machine "
            "of your own. The ready-made persons of the local profile have no passwords."
        )
    from shared.profiles.persons import local_persons

    return LocalPersons(local_persons)


router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
async def sign_in_page(
    request: Request,
    principal: Annotated[Principal | None, public()],
    next: Annotated[str, Query(max_length=2000)] = "",
) -> Response:
    identity: IdentityProvider = request.app.state.identity
    return render(request, "sign_in.html", persons=identity.ready_made(), next=safe_next(next))


@router.post("/sign-in")
async def sign_in(request: Request, _principal: Annotated[Principal | None, public()]) -> Response:
    form = await read_form(request)
    identity: IdentityProvider = request.app.state.identity
    # Only ready-made persons sign in by naming themselves.
    person = next((one for one in identity.ready_made() if one.subject == form["subject"]), None)
    if person is None:
        raise Refused("person-unknown", _("Choose one of the persons listed."), status=422)
    response = see_other(request, safe_next(form["next"]) or desk_of(principal_of(person)))
    sessions: Sessions = request.app.state.sessions
    sessions.open(response, person.subject)
    if person.language in LANGUAGES and "liaison_lang" not in request.cookies:
        response.set_cookie("liaison_lang", person.language, max_age=31536000, path="/", samesite="lax")
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
    response = see_other(request, "/", done=_("You are signed out."))
    sessions: Sessions = request.app.state.sessions
    sessions.close(response)
    return response
