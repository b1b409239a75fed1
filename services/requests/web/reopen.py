"""A decision that was wrong: the coordinator takes it back and says why."""

from fastapi import APIRouter, Request, Response

from services.requests import handlers
from services.requests.commands import ReopenRequest
from services.requests.domain.request import UNDONE
from services.requests.queries import Shown
from shared.contracts.refused import Refused
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.stale import Changed, guarded

from .common import DECISIONS, PATH, Decider, found, page_store, told

router = APIRouter()


@router.get(PATH + "/reopen")
async def reopen_page(request: Request, request_id: str, principal: Decider) -> Response:
    return _page(request, await found(request, principal, request_id), Form.of())


def _page(request: Request, shown: Shown, form: Form, status: int = 200) -> Response:
    may = shown.status in UNDONE and bool(shown.state["decided"])
    return render(request, "reopen.html", status=status, shown=shown, form=form, open=may)


@router.post(PATH + "/reopen")
async def reopen(request: Request, request_id: str, principal: Decider) -> Response:
    shown = await found(request, principal, request_id)
    form = await read_form(request)
    status = 422
    if not form["reason"].strip():
        form.fail("reason", _("Say why: its sender reads the reason."))
    command = form.build(ReopenRequest, request=request_id, words="", happened_at=None)
    if command is not None:
        store = page_store(request, principal, form.command_id)
        try:
            await guarded(
                request,
                store,
                request_id,
                lambda now: handlers.reopen_request(command, now, shown.activity),
                seen=form.version,
                minds=DECISIONS,
            )
        except Changed as changed:
            shown = await found(request, principal, request_id)
            status = form.stale(changed, take=f"/requests/{request_id}", told=told())
        except Refused as refusal:
            status = form.refuse(refusal)
        else:
            done = _("The decision is taken back; the request can be decided anew.")
            return see_other(request, f"/requests/{request_id}", done=done)
    return _page(request, shown, form, status)
