"""Rendering: templates with their components, lists with pages, notifications that survive a redirect."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, cached_property
from math import ceil
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.datastructures import QueryParams
from starlette.responses import HTMLResponse, RedirectResponse

from shared.files.kinds import ACCEPTED
from shared.people import Person, Role
from shared.people.notices import NOTICES
from shared.profiles import NETWORKS
from shared.web import formats, i18n, nav
from shared.web.addresses import path_of
from shared.web.pictures import spark_points
from shared.web.rights import Principal
from shared.web.session import Sessions, seen

HERE = Path(__file__).parent
STATIC = HERE / "static"
COMPONENTS = ("components.html", "forms.html", "lists.html", "files.html", "charts.html", "personal.html")


@dataclass(frozen=True)
class PageContext:
    """What the components of one page know of its request."""

    request: Request
    principal: Principal | None
    csrf: str

    @property
    def path(self) -> str:
        return path_of(self.request)

    @cached_property
    def query(self) -> QueryParams:
        return self.request.query_params

    @property
    def network(self) -> str | None:
        """The reader's network; signed out, the installation's first."""
        return self.principal.network if self.principal else None

    def with_query(self, **changes: Any) -> str:
        """This page's address with some of its query changed; an empty value leaves it out."""
        kept = [(key, value) for key, value in self.query.multi_items() if key not in changes and key != "lang"]
        added = [(key, str(value)) for key, value in changes.items() if value not in (None, "")]
        query = urlencode(kept + added)
        return f"{self.path}?{query}" if query else self.path


_page: ContextVar[PageContext] = ContextVar("page")


def this_page() -> PageContext:
    return _page.get()


_THEN = "\x1f"


@dataclass(frozen=True)
class Notification:
    """What was done; `undo` is where it can be undone."""

    kind: str
    text: str
    undo: str = ""


@dataclass(frozen=True)
class Head:
    """What the header shows: the ways, which of them this page is on, and a notification if there is one."""

    ways: list[nav.Way]
    way: nav.Way | None
    flash: Notification | None


def _head(page: PageContext) -> Head:
    ways = nav.ways_for(page.principal)
    flash = page.request.app.state.sessions.read_flash(page.request)
    told = Notification(flash[0], *flash[1].split(_THEN)[:2]) if flash else None
    return Head(ways, nav.current_way(ways, page.path), told)


class Pages:
    """The templates of one service, over the shared ones."""

    def __init__(self, templates: Sequence[Path], service: str, version: str, *, reload: bool) -> None:
        self.env = Environment(
            loader=ChoiceLoader([FileSystemLoader([*templates, HERE / "templates"])]),
            autoescape=True,
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=reload,
            cache_size=400,
        )
        self.env.install_gettext_callables(  # type: ignore[attr-defined]
            i18n.plain_gettext, i18n.plain_ngettext, newstyle=True
        )
        self.env.globals |= {
            "site": SimpleNamespace(service=service, version=version, **_site()),
            "page": this_page,
            "service": service,
            "profile_of": formats.profile_of,
            "language_name": formats.language_name,
        }
        filters: dict[str, Callable[..., Any]] = {
            "moment": _moment, "number": formats.number, "percent": formats.percent, "json": formats.json_text,
            "quarter": formats.quarter, "member": _member_name, "role_name": _role_name, "service_name": service_name,
        }  # fmt: skip
        self.env.filters |= {name: _each_time(call) for name, call in filters.items()}
        self.env.globals["ui"] = self._components()

    def _components(self) -> SimpleNamespace:
        """Every macro as `ui.<name>`: templates need no import, and macros see the page by `page()`."""
        macros: dict[str, Any] = {}
        self.env.globals["ui"] = found = SimpleNamespace()
        for name in COMPONENTS:
            module = self.env.get_template(name).module
            macros |= {key: value for key, value in vars(module).items() if not key.startswith("_")}
            found.__dict__.update(macros)
        return found

    def render(self, request: Request, name: str, context: Mapping[str, Any]) -> str:
        visitor = seen(request)
        page = PageContext(request, visitor.principal, visitor.csrf)
        token = _page.set(page)
        try:
            return self.env.get_template(name).render(
                {"request": request, "principal": visitor.principal, **context, "head": _head(page)}
            )
        finally:
            _page.reset(token)


def render(request: Request, name: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """The page `name` with the reader's header and language. A notification is shown once."""
    pages: Pages = request.app.state.pages
    response = HTMLResponse(pages.render(request, name, context), status)
    response.headers["Cache-Control"] = "no-store" if seen(request).principal else "no-cache"
    if "liaison_flash" in request.cookies:
        response.delete_cookie("liaison_flash", path="/")
    return response


def see_other(
    request: Request, path: str, *, done: str = "", kind: str = "success", undo: str = ""
) -> RedirectResponse:
    """After a form post: lead to `path`; `done` is shown there once, also without JavaScript.

    `undo` is the address of the page that undoes it; the notification links there.
    """
    response = RedirectResponse(path, 303)
    if done:
        sessions: Sessions = request.app.state.sessions
        sessions.flash(response, kind, f"{done}{_THEN}{undo}" if undo else done)
    return response


@dataclass(frozen=True)
class Listing:
    """One page of a list: its rows, how many there are in all, and how it is sorted."""

    rows: Sequence[Any]
    total: int
    page: int = 1
    per_page: int = 25
    sort: str = ""

    @property
    def pages(self) -> int:
        return max(1, ceil(self.total / self.per_page))

    @property
    def first(self) -> int:
        return (self.page - 1) * self.per_page + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.total, self.page * self.per_page)

    @property
    def numbers(self) -> list[int | None]:
        """Page numbers to show; None where some are left out."""
        near = {1, self.pages, *range(self.page - 1, self.page + 2)}
        shown = sorted(one for one in near if 1 <= one <= self.pages)
        return [
            entry
            for before, one in zip([0, *shown], shown, strict=False)
            for entry in (([None] if one - before > 1 else []) + [one])
        ]


@dataclass(frozen=True)
class Paging:
    """What the address says of a list: `?page=2&per_page=50&sort=-sent`. Wrong values fall back, never fail."""

    page: int = 1
    per_page: int = 25
    sort: str = ""
    sortable: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, request: Request, *, sortable: Sequence[str] = (), default: str = "", per_page: int = 25) -> "Paging":
        query = request.query_params
        sort = query.get("sort", default)
        size = _whole(query.get("per_page"), per_page, 200)
        known = sort.removeprefix("-") in sortable
        return cls(_whole(query.get("page"), 1, 100_000), size, sort if known else default, frozenset(sortable))

    @property
    def skip(self) -> int:
        return (self.page - 1) * self.per_page

    @property
    def order(self) -> tuple[str, int]:
        """Field and direction, 1 or -1, as MongoDB takes them."""
        return self.sort.removeprefix("-"), -1 if self.sort.startswith("-") else 1

    def listing(self, rows: Sequence[Any], total: int) -> Listing:
        return Listing(rows, total, self.page, self.per_page, self.sort)


def _whole(text: str | None, otherwise: int, most: int) -> int:
    return (
        min(int(text), most)
        if text and text.isascii() and text.isdigit() and 0 < len(text) < 9 and int(text)
        else otherwise
    )


@cache
def _fingerprint(name: str) -> str:
    path = STATIC / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "0"


def static(name: str) -> str:
    """The address of a file of `static/`, new whenever the file is."""
    return f"/static/{name}?v={_fingerprint(name)}"


def asset(name: str) -> str:
    """The address of a page asset (component library, charts, htmx), new whenever the file is."""
    try:
        known = (this_page().request.app.state.settings.assets / name).stat()
    except OSError:
        return f"/assets/{name}"
    return f"/assets/{name}?v={known.st_size:x}{int(known.st_mtime):x}"


def _each_time(call: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that Jinja works out for each reader, also of a constant, whose result it would keep."""

    @pass_context
    def filtered(_context: Context, *values: Any, **named: Any) -> Any:
        return call(*values, **named)

    return filtered


def _moment(value: Any, style: str = "day") -> Any:
    return formats.moment(value, this_page().network, style=style) if value else ""


def _member_name(code: str | None) -> str:
    return formats.member_name(code, this_page().network)


def _role_name(role: Role) -> str:
    return i18n._(nav.ROLE_NAMES[role])


def service_name(service: str) -> str:
    """What people call the part of Liaison that a service is."""
    return i18n._(nav.SERVICE_NAMES.get(service, service))


def _by_network(persons: Sequence[Person]) -> list[tuple[str, list[tuple[Role | None, list[Person]]]]]:
    """The persons of each network: those without a member first, then by their first role, as they are declared."""
    groups: dict[str, dict[Role | None, list[Person]]] = {network: {} for network in NETWORKS}
    for person in persons:
        groups.setdefault(person.network, {}).setdefault(person.roles[0] if person.member else None, []).append(person)
    return [(network, list(by_role.items())) for network, by_role in groups.items() if by_role]


def _site() -> dict[str, Any]:
    """What the shared templates use; under one name, so that no page's own variable hides it."""
    return {
        "page": this_page, "static": static, "asset": asset, "languages": i18n.LANGUAGES, "language": i18n.language,
        "own_name": i18n.own_name, "profile_of": formats.profile_of, "member_name": formats.member_name,
        "role_short": nav.ROLE_SHORT, "first_role": nav.first_role, "desk_of": nav.desk_of,
        "accepted_files": ACCEPTED, "notice": NOTICES.__getitem__,
        "spark_points": spark_points, "by_network": _by_network,
    }  # fmt: skip
