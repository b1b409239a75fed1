"""The pages that every service carries: the way in, and who I am."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from shared.contracts.refused import Refused
from shared.people import People
from shared.people.logins import Login
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.identity import OidcPersons
from shared.web.nav import desk_of
from shared.web.pages import render, see_other
from shared.web.rights import Principal, public, require
from shared.web.session import seen

router = APIRouter(include_in_schema=False)


@router.get("/")
async def home(request: Request, principal: Annotated[Principal | None, public()]) -> Response:
    if principal is not None:
        return RedirectResponse(desk_of(principal), 303)
    return render(request, "home.html", persons=request.app.state.identity.ready_made())


@router.get("/account")
async def account(request: Request, principal: Annotated[Principal, require("account.read")]) -> Response:
    identity, session = request.app.state.identity, seen(request).session
    sessions = await request.app.state.sessions.store.of(session) if session else []
    persons = await identity.networks(session) if session and isinstance(identity, OidcPersons) else []
    elsewhere = [one for one in persons if one.subject != principal.subject]
    logins = await _people(request).logins.of(principal.network, principal.subject) if session and session.login else []
    here = Login.of(session.login).id if session else ""
    return render(
        request, "account.html", sessions=sessions, this=session, elsewhere=elsewhere,
        logins=[one for one in logins if one.id != here], blank=Form.of,
    )  # fmt: skip


@router.post("/account/unlink")
async def unlink(request: Request, principal: Annotated[Principal, require("account.read")]) -> Response:
    """Another login of one's own, such as one at a former employer's; that in use stays."""
    form, session = await read_form(request), seen(request).session
    login = form["login"][:64]
    if session is None or Login.of(session.login).id == login:
        raise Refused("login-in-use", "Sign in with another login to unlink this one.", status=409)
    await _people(request).logins.unlink(principal.network, principal.subject, login, by=principal.subject)
    return see_other(request, "/account", done=_("The login is unlinked and signed out."))


def _people(request: Request) -> People:
    people: People = request.app.state.people
    return people


@router.get("/privacy")
async def privacy(request: Request, principal: Annotated[Principal | None, public()]) -> Response:
    return render(request, "privacy.html")
