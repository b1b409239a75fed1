"""Learning paths: a certificate of each module makes one of the whole."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request
from starlette.responses import Response

from services.events import certifying
from services.events.commands.certificate import SetPath
from services.events.domain.activity import Status
from services.events.domain.path import Path as LearningPath
from services.events.queries import activity as activities
from services.events.queries import certificate as queries
from services.events.queries.activity import Filters
from shared.contracts.refused import Refused
from shared.ids import fixed_id, new_id
from shared.spine.http import store_for
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.rights import Principal, require

from .asked import UUID, db_of
from .certificates import Certifier

router = APIRouter(include_in_schema=False)
MOST_MODULES, MOST_OFFERED = 8, 200
PathPath = Annotated[str, Path(pattern=f"^path-{UUID}$")]


@router.get("/events/paths")
async def paths(request: Request, principal: Annotated[Principal, require("events.read")]) -> Response:
    rows = await queries.paths(db_of(request), principal.network)
    found = {id for _id, _title, state in rows for module in state.modules for id in module}
    named, _total = await activities.activities(
        db_of(request), principal.network, Filters(state="all", ids=tuple(found)), limit=len(found) or 1
    )
    return render(request, "events/paths.html", rows=rows, titles={one.id: one.title for one in named})


@router.get("/events/paths/new")
async def new(request: Request, principal: Certifier) -> Response:
    return await _page(request, principal, Form.of(), "")


@router.get("/events/paths/{learned}")
async def change_page(request: Request, learned: PathPath, principal: Certifier) -> Response:
    title, state = await _known(request, principal, learned)
    modules = {f"module_{number}": list(module) for number, module in enumerate(state.modules, 1)}
    return await _page(request, principal, Form.of(title=title, months=state.months, **modules), learned)


async def _known(request: Request, principal: Principal, learned: str) -> tuple[str, LearningPath]:
    found = {id: (title, state) for id, title, state in await queries.paths(db_of(request), principal.network)}
    if learned not in found:
        raise HTTPException(404)
    return found[learned]


async def _page(request: Request, principal: Principal, form: Form, learned: str, status: int = 200) -> Response:
    rows, _total = await activities.activities(
        db_of(request), principal.network, Filters(state="all"), limit=MOST_OFFERED, order=("when", -1)
    )
    offered = [(one.id, one.title) for one in rows if one.status != Status.CANCELLED]
    return render(
        request, "events/path.html", status=status, form=form, learned=learned, offered=offered,
        numbers=range(1, MOST_MODULES + 1),
    )  # fmt: skip


@router.post("/events/paths/new")
async def set_up(request: Request, principal: Certifier) -> Response:
    form = await read_form(request)
    drawn = fixed_id("path", principal.network, form.command_id) if form["_command"] else new_id("path")
    return await _set(request, principal, form, drawn, "")


@router.post("/events/paths/{learned}")
async def change(request: Request, learned: PathPath, principal: Certifier) -> Response:
    await _known(request, principal, learned)
    return await _set(request, principal, await read_form(request), learned, learned)


async def _set(request: Request, principal: Principal, form: Form, id: str, shown: str) -> Response:
    modules = [tuple(form.all(f"module_{number}")) for number in range(1, MOST_MODULES + 1)]
    chosen = tuple(module for module in modules if module)
    if not chosen:
        form.fail("module_1", _("Choose at least one activity."))
    asked = Form.of(title=form["title"] or None, months=form["months"] or None)
    command = asked.build(SetPath, path=id, modules=chosen)
    form.errors |= {name: error for name, error in asked.errors.items() if name in ("title", "months")}
    if command is None or form.errors:
        return await _page(request, principal, form, shown, 422)
    try:
        store = store_for(request, principal, command_id=form.command_id)
        await certifying.set_path(command, store, db_of(request))
    except Refused as refusal:
        return await _page(request, principal, form, shown, form.refuse(refusal))
    done = _("The path is set. Who has a certificate of each module gets the path's with the last of them.")
    return see_other(request, "/events/paths", done=done)
