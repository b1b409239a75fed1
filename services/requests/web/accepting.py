"""An exchange that was asked for while no call was open: the coordinator takes it into the one that is open now."""

from typing import Any

from fastapi import APIRouter, Request, Response

from services.requests import calls
from services.requests.commands import AcceptForCall
from services.requests.domain.state import OPEN
from services.requests.offered import kinds_of
from services.requests.queries import Shown
from shared.contracts.refused import Refused
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.rights import Principal
from shared.web.stale import Changed, guarded

from .common import DECISIONS, PATH, Decider, db_of, found, page_store, told

router = APIRouter()


async def may_accept(request: Request, principal: Principal, shown: Shown) -> bool:
    """Whether it waits for a call, and one is open."""
    kind = kinds_of(shown.network).get(shown.kind)
    if not principal.may("requests.decide") or shown.status not in OPEN or kind is None or not kind.to_call:
        return False
    return await calls.open_call(db_of(request), shown.network) is not None


@router.get(PATH + "/accept")
async def accept_page(request: Request, request_id: str, principal: Decider) -> Response:
    shown = await found(request, principal, request_id)
    there = await calls.open_calls(db_of(request), shown.network)
    return _page(request, shown, there, Form.of(call=there[0]["_id"] if there else None))


def _page(request: Request, shown: Shown, there: list[dict[str, Any]], form: Form, status: int = 200) -> Response:
    kind = kinds_of(shown.network).get(shown.kind)
    options = [(one["_id"], _("Call of %(year)s", year=one["year"])) for one in there]
    takes = shown.status in OPEN and kind is not None and kind.to_call
    return render(request, "accept.html", status=status, shown=shown, form=form, calls=options, open=takes)


@router.post(PATH + "/accept")
async def accept(request: Request, request_id: str, principal: Decider) -> Response:
    shown = await found(request, principal, request_id)
    form = await read_form(request)
    there = await calls.open_calls(db_of(request), shown.network)
    status = 422
    command = form.build(AcceptForCall, request=request_id, words="", happened_at=None)
    if command is not None:
        store, words = page_store(request, principal, form.command_id), shown.words
        call = next((one for one in there if one["_id"] == command.call), None)
        try:
            await guarded(
                request,
                store,
                request_id,
                lambda now: calls.accept_for_call(command, now, call, words),
                seen=form.version,
                minds=DECISIONS,
            )
        except Changed as changed:
            shown = await found(request, principal, request_id)
            status = form.stale(changed, take=f"/requests/{request_id}", told=told())
        except Refused as refusal:
            status = form.refuse(refusal, "call" if refusal.code == "call-not-open" else "")
        else:
            done = _("The request joins the call; its sender is told by mail.")
            return see_other(request, f"/requests/{request_id}", done=done)
    return _page(request, shown, there, form, status)
