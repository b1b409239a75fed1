"""Puts together what every service is: one function."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from fastapi import APIRouter, FastAPI
from starlette.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Lifespan, Scope

from shared.people import People
from shared.people.sessions import SessionStore
from shared.settings import Settings, get_settings
from shared.web import admin, home, i18n, mail, problems, search, signin
from shared.web.health import Probe, health_router
from shared.web.i18n import Reader
from shared.web.identity import IdentityProvider, identity_for
from shared.web.limits import Limits
from shared.web.openapi import describe
from shared.web.pages import STATIC, Pages
from shared.web.rights import unasked
from shared.web.security import MIB, BodyLimit, Surround
from shared.web.session import Sessions

VERSION = version("liaison")
FORM_AROUND = MIB // 4
"""What a form sends beside its files."""


def create_app(
    service: str,
    *,
    title: str,
    routers: Sequence[APIRouter],
    templates: Path | Sequence[Path],
    lifespan: Lifespan[FastAPI] | None = None,
    probes: Sequence[Probe] = (),
    settings: Settings | None = None,
    identity: IdentityProvider | None = None,
    people: People | None = None,
    sessions: SessionStore | None = None,
    summary: str = "",
) -> FastAPI:
    """The service's ASGI application. Every route of `routers` declares an action with `require` or `public`.

    API keys and persons are looked up in `people`, and sessions too unless a store of them is given. Raises where
    nobody could sign in.
    """
    if sessions is None:
        if people is None:
            raise ValueError("nobody could stay signed in: give `people` or `sessions`")
        sessions = people.sessions
    settings = settings or get_settings()
    app = FastAPI(
        title=title,
        summary=summary or None,
        version=VERSION,
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=True,
        # Its five spans a request cost more than a grouped command; `shared.telemetry` makes one.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    folders = [templates] if isinstance(templates, Path) else list(templates)
    app.state.settings = settings
    if settings.locales is not None:
        i18n.add_languages(settings.locales)
    app.state.limits = Limits(settings)
    app.state.sessions = Sessions(settings, app.state.limits, sessions)
    app.state.identity = identity or identity_for(settings, people)
    app.state.people = people
    app.state.pages = Pages(folders, service, VERSION, reload=settings.profile == "local")
    problems.add_handlers(app)
    # Outermost last.
    app.add_middleware(BodyLimit, refuse=problems.on_http, upload_limit=settings.file_mib * MIB + FORM_AROUND)
    app.add_middleware(Reader, https=settings.https)
    app.add_middleware(Surround, https=settings.https, service=service)
    administration = admin.routers if people is not None else ()
    for router in (
        health_router(probes),
        _description(app, service),
        *routers,
        search.home,
        home.router,
        signin.router,
        mail.router,
        *administration,
    ):
        app.include_router(router)
    app.mount("/static", Files(directory=STATIC))
    if settings.assets.is_dir():
        app.mount("/assets", Files(directory=settings.assets))
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    return app


def _description(app: FastAPI, service: str) -> APIRouter:
    router = APIRouter(include_in_schema=False, dependencies=[unasked()])

    @router.get(f"/{service}/api/v1/openapi.json")
    async def openapi() -> Response:
        return JSONResponse(describe(app))

    return router


class Files(StaticFiles):
    """Kept for a year where the address names the version, else asked for again each time."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        fixed = scope["query_string"].startswith(b"v=")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if fixed else "no-cache"
        return response
