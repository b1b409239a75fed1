"""A small service with one of each kind of page, to test what all services share."""

from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel, Field, SecretStr
from pymongo.errors import ServerSelectionTimeoutError
from starlette.responses import PlainTextResponse, Response

from shared.contracts.refused import Refused
from shared.people import Person, Role
from shared.settings import Settings
from shared.web.app import create_app
from shared.web.forms import Form, read_form
from shared.web.live import Broadcaster
from shared.web.pages import Paging, render, see_other
from shared.web.rights import ACTIONS, Principal, public, require
from shared.web.signin import LocalPersons
from tests.support.sessions import SessionsInMemory

TEMPLATES = Path(__file__).parent / "sample_templates"
SECRET = "only-for-tests-0123456789-0123456789"

NLO = Person("bg", "Iva", "iva@bg.example.test", (Role.NLO,), "BG", "ela")
COORDINATOR = Person("coordinator", "Miro", "miro@ela.example.test", (Role.COORDINATOR,), None, "ela", "fr")
PERSONS = (
    NLO,
    COORDINATOR,
    Person("organiser", "Tomasz", "tomasz@ela.example.test", (Role.ORGANISER,), None, "ela"),
    Person("participant", "Duarte", "duarte@pt.example.test", (Role.PARTICIPANT,), "PT", "ela"),
    Person("board", "Henriette", "henriette@ela.example.test", (Role.BOARD,), None, "ela"),
    Person("operator", "Joren", "joren@ela.example.test", (Role.OPERATOR,), None, "ela"),
)
CHOICES: dict[str, Any] = {"languages": [("bg", "Bulgarian"), ("en", "English", "Interpretation is paid.")]}


class Ask(BaseModel):
    title: str = Field(min_length=3, max_length=80)
    participants: int = Field(ge=1, le=500)
    languages: tuple[str, ...] = Field(min_length=1)
    why: str = ""


def sample_app(persons: tuple[Person, ...] = PERSONS, settings: Settings | None = None, people: Any = None) -> FastAPI:
    router = APIRouter()
    live = Broadcaster()

    @router.get("/requests/")
    async def desk(request: Request, principal: Annotated[Principal, require("requests.read")]) -> Response:
        paging = Paging.of(request, sortable=("sent",), default="-sent", per_page=5)
        rows = [{"title": f"Induction {place}", "sent": "2024-09-12"} for place in range(42)]
        shown = rows[paging.skip : paging.skip + paging.per_page]
        return render(request, "sample_desk.html", listing=paging.listing(shown, 42))

    @router.get("/requests/new")
    async def new_page(request: Request, principal: Annotated[Principal, require("requests.submit")]) -> Response:
        return render(request, "sample_form.html", form=Form.of(participants=20), **CHOICES)

    @router.post("/requests/new")
    async def new(request: Request, principal: Annotated[Principal, require("requests.submit")]) -> Response:
        form = await read_form(request)
        if form.build(Ask) is None:
            return render(request, "sample_form.html", status=422, form=form, **CHOICES)
        return see_other(request, "/requests/", done="Your request was sent.")

    @router.get("/requests/figures")
    async def figures(request: Request, principal: Annotated[Principal, require("kpi.read")]) -> Response:
        return render(request, "sample_figures.html")

    @router.get("/requests/live")
    async def stream(request: Request, principal: Annotated[Principal, require("kpi.read")]) -> Response:
        return live.response(request)

    @router.get("/requests/broken")
    async def broken(_principal: Annotated[Principal | None, public()]) -> Response:
        raise ValueError("a secret detail")

    @router.get("/requests/away")
    async def away(_principal: Annotated[Principal | None, public()]) -> Response:
        raise ServerSelectionTimeoutError("nobody answers")

    @router.get("/requests/refused")
    async def refused(_principal: Annotated[Principal | None, public()]) -> Response:
        raise Refused("plan-adopted", "The plan is adopted; ask for the next one.")

    @router.get("/requests/links/{token}")
    async def link(token: str, _principal: Annotated[Principal | None, public()]) -> Response:
        return PlainTextResponse("yours")

    @router.post("/requests/api/v1/requests", status_code=201)
    async def ask(command: Ask, principal: Annotated[Principal, require("requests.submit")]) -> Ask:
        return command

    @router.post("/requests/echo")
    async def echo(request: Request, _principal: Annotated[Principal | None, public()]) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    for action in ACTIONS:
        router.add_api_route(f"/requests/api/v1/may/{action}", _told, dependencies=[require(action)], name=action)

    settings = settings or Settings(profile="local", secret=SecretStr(SECRET))
    app = create_app(
        "requests",
        title="Requests",
        routers=[router],
        templates=TEMPLATES,
        settings=settings,
        identity=None if settings.oidc_issuer else LocalPersons(lambda: persons),
        people=people,
        sessions=getattr(people, "sessions", None) or SessionsInMemory(),
    )
    app.state.live = live
    return app


@cache
def the_sample_app() -> FastAPI:
    """One for all tests that change nothing about it."""
    return sample_app()


async def _told() -> dict[str, bool]:
    return {"may": True}
