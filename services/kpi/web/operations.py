"""How the services are doing: each one's own panel, put together in the browser."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from shared.contracts.catalogue import SERVICES
from shared.web.pages import render
from shared.web.rights import Principal, require

router = APIRouter()


@router.get("/operations")
async def operations(request: Request, principal: Annotated[Principal, require("operations.read")]) -> Response:
    return render(request, "operations.html", services=SERVICES)
