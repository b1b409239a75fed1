"""Two requests that ask for much the same: found, shown side by side, and answered together."""

from typing import Any

from fastapi import APIRouter, Request, Response

from services.requests import queries
from services.requests.commands import MergeRequest
from services.requests.domain.merging import LEADS
from services.requests.domain.state import OPEN
from services.requests.merging import merge_request
from services.requests.queries import Filter, Shown
from services.requests.similar import Similar, similar_to
from shared.contracts.refused import Refused
from shared.web.formats import member_name, moment
from shared.web.forms import Form, read_form
from shared.web.i18n import _, mark
from shared.web.pages import render, see_other
from shared.web.rights import Principal
from shared.web.stale import Changed, guarded
from shared.web.wording import in_words

from .common import DECISIONS, PATH, Decider, db_of, findable, found, page_store, told
from .story import next_of

router = APIRouter()

MOST_FOUND = 10
_ALIKE = {
    "kind": mark("same kind"),
    "topic": mark("same topic"),
    "title": mark("like words in the title"),
    "member": mark("same member"),
}


def alike_words(one: Similar) -> str:
    return ", ".join(_(_ALIKE[name]) for name in one.alike)


async def similar_shown(request: Request, principal: Principal, shown: Shown) -> list[Similar]:
    """What the page of a request shows of others like it: while it can be merged, and only what its reader may see."""
    if shown.status not in OPEN:
        return []
    return await similar_to(db_of(request), shown, member=principal.own_member)


@router.get(PATH + "/merge")
async def merge_page(request: Request, request_id: str, principal: Decider) -> Response:
    shown = await found(request, principal, request_id)
    return await _page(request, principal, shown, Form.of(into=request.query_params.get("into")))


async def _page(request: Request, principal: Principal, shown: Shown, form: Form, status: int = 200) -> Response:
    db = db_of(request)
    options = [(one.shown.id, _told(principal, one.shown, alike_words(one))) for one in await similar_to(db, shown)]
    find = findable(request.query_params.get("q", ""))
    known = {shown.id} | {id for id, _text in options}
    wanted: list[Shown] = []
    if find:
        statuses = [status.value for status in LEADS]
        only = Filter(find=find)
        wanted = await queries.listed_of(db, shown.network, only, statuses, skip=0, limit=MOST_FOUND, sort="-sent")
    elif form["into"] and form["into"] not in known:
        wanted = await queries.several(db, shown.network, [form["into"]])
    options += [(one.id, _told(principal, one)) for one in wanted if one.id not in known]
    facts: dict[str, Any] = {"shown": shown, "open": shown.status in OPEN, "next_of": next_of}
    return render(request, "merge.html", status=status, form=form, options=options, find=find, **facts)


def _told(principal: Principal, one: Shown, alike: str = "") -> str:
    """A request in one line: what, whose, of which kind, sent when, and in what it is alike."""
    kind = in_words(principal.network).title_of(one.kind)
    sent = moment(one.state["submitted_on"], one.network).striptags()
    return " · ".join(part for part in (one.title, member_name(one.member, one.network), kind, sent, alike) if part)


@router.post(PATH + "/merge")
async def merge(request: Request, request_id: str, principal: Decider) -> Response:
    shown = await found(request, principal, request_id)
    form = await read_form(request)
    status = 422
    if not form["reason"].strip():
        form.fail("reason", _("Say why: its sender reads the reason."))
    if not form["into"]:
        form.fail("into", _("Choose the request to answer it with."))
    command = form.build(MergeRequest, request=request_id, words="", happened_at=None)
    if command is not None:
        store = page_store(request, principal, form.command_id)
        try:
            await guarded(
                request, store, request_id, lambda now: merge_request(command, now), seen=form.version, minds=DECISIONS
            )
        except Changed as changed:
            shown = await found(request, principal, request_id)
            status = form.stale(changed, take=f"/requests/{request_id}", told=told())
        except Refused as refusal:
            status = form.refuse(refusal, "into" if refusal.code in _ABOUT_THE_OTHER else "")
        else:
            here = f"/requests/{request_id}"
            done = _("The requests are merged; both senders are told by mail.")
            return see_other(request, here, done=done, undo=f"{here}/reopen")
    return await _page(request, principal, shown, form, status)


_ABOUT_THE_OTHER = ("cannot-lead", "too-many-joined", "merged-with-itself", "not-found")
