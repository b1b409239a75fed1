"""The pages that every service carries: the way in, and who I am."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from shared.web.identity import OidcPersons
from shared.web.nav import desk_of
from shared.web.pages import render
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
    return render(request, "account.html", sessions=sessions, this=session, elsewhere=elsewhere)


@router.get("/privacy")
async def privacy(request: Request, principal: Annotated[Principal | None, public()]) -> Response:
    return render(request, "privacy.html")
