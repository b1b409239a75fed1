"""A run under way: asked for, shown while it is solved, stopped, and what would change it worked out to the end."""

import asyncio

from fastapi import APIRouter, HTTPException, Request, Response

from services.matching import queries
from services.matching.domain.call import Call, must_be_matched
from services.matching.domain.working import Stage, Working
from services.matching.handlers import workings
from services.matching.queries.workings import working
from services.matching.web.common import AnyCall, Runner, call_title, db_of, found, page_store
from shared.contracts.refused import Refused
from shared.ids import fixed_id
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.rights import Principal

router = APIRouter()
PATIENCE_S = 3.0
"""How long who runs a match waits for it before the page says that it is under way."""


async def ask_run(request: Request, principal: Principal, call: AnyCall, form: Form) -> str:
    """The run's name; it is there already, or still under way."""
    must_be_matched(call.state)
    db, origin = db_of(request), page_store(request, principal, form.command_id).origin
    run = fixed_id("run", principal.network, principal.subject, form.command_id)
    if await queries.run_call(db, principal.network, run) is None:
        await workings.ask_run(db, run, call.id, origin)
    waited = 0.0
    while waited < PATIENCE_S and await _is_solving(request, principal, run):
        await asyncio.sleep(0.1)
        waited += 0.1
    return run


async def _is_solving(request: Request, principal: Principal, run: str) -> bool:
    known = await working(db_of(request), principal.network, run)
    return known is not None and known[1].stage is Stage.SOLVING


async def waiting_page(request: Request, principal: Principal, run: str) -> Response:
    """Of a run that is not there yet: how far it is, or why it never came; 404 where nobody asked for it."""
    known = await working(db_of(request), principal.network, run)
    if known is None:
        raise HTTPException(404)
    call = await found(request, principal, known[0], Call)
    title = _waiting_title(known[1], call_title(call.state, principal.network))
    return render(request, "run_waiting.html", run_id=run, call=call, working=known[1], title=title)


def _waiting_title(state: Working, call: str) -> str:
    if state.stage is Stage.SOLVING:
        return _("%(call)s: the match is being worked out", call=call)
    if state.stage is Stage.STOPPED:
        return _("%(call)s: the run was stopped", call=call)
    return _("%(call)s: the match could not be worked out", call=call)


@router.post("/matching/runs/{run_id}/stop")
async def stop(request: Request, run_id: str, principal: Runner) -> Response:
    """Kill the solver where it is at this run; what was worked out already stays."""
    return await _change(request, principal, run_id, workings.stop, _("It was stopped. What was found before stays."))


@router.post("/matching/runs/{run_id}/go-on")
async def go_on(request: Request, run_id: str, principal: Runner) -> Response:
    """Work out the rest of what would change the run."""
    return await _change(request, principal, run_id, workings.go_on, _("The rest is being worked out."))


async def _change(request: Request, principal: Principal, run_id: str, act: workings.Act, done: str) -> Response:
    here = f"/matching/runs/{run_id}"
    await read_form(request)
    known = await working(db_of(request), principal.network, run_id)
    if known is None:
        raise HTTPException(404)
    await found(request, principal, known[0], Call)
    try:
        await act(db_of(request), principal.network, run_id)
    except Refused as refused:
        return see_other(request, here, done=_(refused.sentence))
    return see_other(request, here, done=done)
