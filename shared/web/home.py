"""The pages that every service carries: the way in, and who I am."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from shared.web.nav import desk_of
from shared.web.pages import render
from shared.web.rights import Principal, public, require

router = APIRouter(include_in_schema=False)


@router.get("/")
async def home(request: Request, principal: Annotated[Principal | None, public()]) -> Response:
    if principal is not None:
        return RedirectResponse(desk_of(principal), 303)
    return render(request, "home.html", persons=request.app.state.identity.ready_made())


@router.get("/account")
async def account(request: Request, principal: Annotated[Principal, require("account.read")]) -> Response:
    return render(request, "account.html")


@router.get("/privacy")
async def privacy(request: Request, principal: Annotated[Principal | None, public()]) -> Response:
    return render(request, "privacy.html")
