"""Drafts of requests: saved as somebody types, or by a button without scripts; and last year's as a new one."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from services.requests import drafts
from services.requests.domain.kinds import Kind
from services.requests.drafts import Writer
from services.requests.offered import kinds_of
from services.requests.queries import Shown
from shared import clock
from shared.contracts.vocabulary import Quarter
from shared.web.formats import moment
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import see_other
from shared.web.rights import Principal

from .common import Asker, db_of

router = APIRouter()

_KEPT = (
    "title", "topic", "focus_area", "level", "duration", "network", "website", "agenda", "format", "description",
    "target_groups", "audience", "participants", "officials", "language", "members", "contact", "mode", "host_place",
    "host_member", "inside", "inside_event", "weeks", "owner", "period", "quarter_wished", "member",
)  # fmt: skip
_OF_THE_WORDS = ("title", "focus_area", "level", "duration", "website", "agenda", "format", "description", "audience",
                 "officials", "members", "contact", "mode", "host_place", "host_member", "inside_event")  # fmt: skip
_OF_THE_STATE = ("inside", "topic", "target_groups", "participants", "language", "owner", "member")


def writer_of(principal: Principal) -> Writer:
    return Writer(principal.network, principal.subject)


@router.post("/requests/drafts")
async def save(request: Request, principal: Asker) -> Response:
    """By the page as it is typed: a line to show. By the button: back to the form."""
    try:
        form = await read_form(request)
        kind = kinds_of(principal.network).get(form["kind"])
        saved = kind is not None and await _save(request, principal, form, kind)
    finally:
        await request.close()  # with the files that were chosen, which no draft keeps
    if request.headers.get("HX-Request"):
        when = moment(clock.now(), principal.network, style="minute").striptags()
        return PlainTextResponse(_("Draft saved, %(when)s", when=when) if saved else _("The draft is not saved."))
    if not saved or kind is None:
        return see_other(request, "/requests/new", done=_("The draft is not saved."), kind="error")
    done = _("The draft is saved. Files are not kept with it.")
    return see_other(request, f"/requests/new?kind={kind.id}&draft={form['_draft']}", done=done)


async def _save(request: Request, principal: Principal, form: Form, kind: Kind) -> bool:
    values = {name: form.all(name) for name in _KEPT if form.all(name)}
    if not values:
        return False
    return await drafts.save(db_of(request), writer_of(principal), form["_draft"], kind.id, values)


@router.post("/requests/drafts/remove")
async def remove(request: Request, principal: Asker) -> Response:
    form = await read_form(request)
    gone = await drafts.remove(db_of(request), writer_of(principal), form["draft"])
    return see_other(request, "/requests/", done=_("The draft is deleted.") if gone else "")


async def form_of_draft(request: Request, principal: Principal, draft: str) -> Form | None:
    """The form as it was saved, under the same id; none where there is no such draft of theirs."""
    found = await drafts.one(db_of(request), writer_of(principal), draft)
    return Form({**found.values, "_draft": [found.id], "kind": [found.kind]}) if found else None


def form_like(shown: Shown, kind: Kind) -> Form:
    """What was asked for then, to be asked for again: a year later, or as soon as may be."""
    asked: dict[str, Any] = {name: shown.words.get(name) for name in _OF_THE_WORDS}
    asked |= {name: shown.state[name] for name in _OF_THE_STATE}
    asked["network"] = shown.words.get("network_named")
    taken = {"title", "description", "audience", "member", *kind.takes}
    taken |= {"inside"} if "inside_event" in kind.takes else set()
    return Form.of(
        **{name: value for name, value in asked.items() if name in taken and value},
        kind=kind.id,
        quarter_wished=_a_year_later(shown.state["quarter_wished"]),
        _draft=drafts.new_draft(),
    )


def _a_year_later(quarter: str | None) -> str | None:
    if not quarter:
        return None
    parsed, here = Quarter.parse(quarter), Quarter.of(clock.now().date())
    later = Quarter(parsed.year + 1, parsed.number)
    while later < here:
        later = Quarter(later.year + 1, later.number)
    return str(later)
