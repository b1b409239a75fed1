"""A new request: choose a kind, then one form in sections with the fields that this kind takes."""

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from services.requests import calls, drafts, handlers
from services.requests.commands import SubmitRequest
from services.requests.domain.attachments import MOST as MOST_FILES
from services.requests.domain.kinds import Kind, problems
from services.requests.drafts import new_draft
from services.requests.offered import kind_of, kinds_of
from shared import clock
from shared.contracts.refused import Refused
from shared.contracts.requests import RequestSubmitted
from shared.contracts.vocabulary import Quarter, in_protocol_order
from shared.web.files import check
from shared.web.formats import language_name, member_name
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.i18n import mark as _mark
from shared.web.on_behalf import asked_by, behalf, officers
from shared.web.pages import render, see_other
from shared.web.rights import Principal
from shared.web.wording import in_words

from . import inside
from .attachments import attach_all
from .common import Asker, asker_options, db_of, found, member_for, member_options, page_store
from .drafts import form_like, form_of_draft, writer_of
from .triage import quarter_options

router = APIRouter()

# Field, how it is asked, label, help; a field shows where the kind takes it.
Field = tuple[str, str, str, str]
SECTIONS: tuple[tuple[str, tuple[Field, ...]], ...] = (
    (
        _mark("What you ask for"),
        (
            ("title", "line", _mark("Title"), _mark("As your colleagues will read it.")),
            ("topic", "select", _mark("Topic"), ""),
            ("focus_area", "select", _mark("Focus area"), ""),
            ("level", "radio", _mark("Level"), ""),
            ("duration", "radio", _mark("Duration"), ""),
            ("network", "radio", _mark("Network or platform"), ""),
            ("website", "url", _mark("Address of the website"), _mark("It begins with https://.")),
            ("agenda", "text", _mark("Agenda"), _mark("You set it; a draft will do.")),
            ("format", "line", _mark("Format"), _mark("Such as: conference, round table, seminar with workshops.")),
            ("description", "text", _mark("Description"), _mark("What should people know or do better afterwards?")),
        ),
    ),
    (
        _mark("For whom"),
        (
            ("target_groups", "several", _mark("Target groups"), ""),
            ("audience", "text", _mark("Who takes part"), _mark("Such as: inspectors in their first year.")),
            ("participants", "number", _mark("Participants"), _mark("About how many.")),
            ("officials", "number", _mark("Officials who go"), ""),
            ("language", "select", _mark("Language"), ""),
            ("members", "several", _mark("Together with members"), ""),
            ("contact", "line", _mark("Contact person"), _mark("Who in the unit is asked about the activity.")),
        ),
    ),
    (
        _mark("Where and when"),
        (
            ("mode", "radio", _mark("Mode"), ""),
            ("host_place", "line", _mark("Place"), _mark("The town, and the premises if you know them.")),
            ("host_member", "select", _mark("Host wished"), ""),
            ("inside", "choice", _mark("Part of the event"), _mark("An activity or a request that is known here.")),
            (
                "inside_event",
                "line",
                _mark("Part of another event"),
                _mark("What the wider event is called, where it is not in the list."),
            ),
            ("weeks", "line", _mark("Weeks that suit"), ""),
            ("owner", "select", _mark("Who takes it on"), _mark("A working group, the secretariat or a member.")),
            (
                "period",
                "line",
                _mark("Period"),
                _mark("In words: Winter 2024/2025, Autumn 2025, 3 December 2024."),
            ),
            ("quarter_wished", "quarter", _mark("Quarter wished"), ""),
        ),
    ),
)
_ALWAYS = frozenset({"title", "description", "audience"})


@router.get("/requests/new")
async def new_page(request: Request, principal: Asker) -> Response:
    if like := request.query_params.get("like"):
        return await _like(request, principal, like)
    kind = kinds_of(principal.network).get(request.query_params.get("kind", ""))
    if kind is None:
        return await _choose(request, principal)
    if not kind.offered:
        return see_other(request, "/requests/new", done=_(kind.not_offered_reason), kind="info")
    if kind.to_call and await calls.open_call(db_of(request), principal.network):
        return see_other(request, "/matching/", done=_call_sentence(kind), kind="info")
    form = await form_of_draft(request, principal, request.query_params.get("draft", ""))
    return await _form_page(request, principal, kind, form or _empty(request, principal, kind))


def _empty(request: Request, principal: Principal, kind: Kind) -> Form:
    """What is held at the member's is held in its national language, unless it says otherwise."""
    member = principal.own_member or request.query_params.get("member", "")[:64]
    known = member if member in kind.choices["member"] else None
    spoken = in_words(principal.network).spoken_in(known) if known and "host_place" in kind.takes else []
    language = next((one for one in spoken if one in kind.choices.get("language", {})), None)
    asker = known if principal.own_member is None else None
    return Form.of(kind=kind.id, member=asker, language=language, _draft=new_draft())


async def _like(request: Request, principal: Principal, like: str) -> Response:
    """Asked for again: the form as it was filled in then."""
    shown = await found(request, principal, like)
    kind = kinds_of(principal.network).get(shown.kind)
    if kind is None or not kind.offered:
        return see_other(request, "/requests/new", done=_("This kind of request is not offered any more."), kind="info")
    return await _form_page(request, principal, kind, form_like(shown, kind))


def _call_sentence(kind: Kind) -> str:
    return _("%(kind)s: file your interest in the open call here; it is matched with a host.", kind=_(kind.title))


async def _choose(request: Request, principal: Principal, status: int = 200) -> Response:
    profile = in_words(principal.network)
    headings = {line.id: line.heading for plan in profile.plans for line in plan.lines}
    groups: dict[str, list[Any]] = {heading.id: [] for heading in profile.headings} | {"": []}
    known = kinds_of(principal.network)
    for kind in profile.request_kinds.values():
        if principal.own_member is not None and principal.own_member not in known[kind.id].choices["member"]:
            continue
        groups[headings.get(kind.line or "", "")].append(kind)
    titled = [
        (profile.title_of(heading) if heading else _("Others"), kinds) for heading, kinds in groups.items() if kinds
    ]
    member = request.query_params.get("member", "")[:64]
    return render(
        request,
        "choose.html",
        status=status,
        groups=titled,
        in_call=await calls.open_call(db_of(request), principal.network) is not None,
        members=member_options(profile) if principal.own_member is None else [],
        member=member if member in profile.member_codes else "",
    )


async def _form_page(request: Request, principal: Principal, kind: Kind, form: Form, status: int = 200) -> Response:
    profile = in_words(principal.network)
    return render(
        request,
        "new.html",
        status=status,
        kind=kind,
        source=profile.request_kinds[kind.id],
        form=form,
        sections=_sections(kind),
        options=_options(kind, principal.network, await _wider(request, principal, kind)),
        members=asker_options(kind, profile) if principal.own_member is None else [],
        saves_drafts=bool(principal.email),
        officers=await officers(request, principal),
    )


def _sections(kind: Kind) -> list[tuple[str, list[tuple[str, str, str, str]]]]:
    taken = _ALWAYS | set(kind.takes) | ({"inside"} if "inside_event" in kind.takes else set())
    return [
        (
            _(heading),
            [(name, how, _(label), _(help) if help else "") for name, how, label, help in fields if name in taken],
        )
        for heading, fields in SECTIONS
        if any(name in taken for name, *_rest in fields)
    ]


async def _wider(request: Request, principal: Principal, kind: Kind) -> list[tuple[str, str]]:
    return await inside.choices(request, principal) if "inside_event" in kind.takes else []


def _options(kind: Kind, network: str, wider: list[tuple[str, str]]) -> Callable[[str], list[tuple[str, str]]]:
    def options(name: str) -> list[tuple[str, str]]:
        if name == "inside":
            return wider
        if name == "quarter_wished":
            return quarter_options(Quarter.of(clock.now().date()))
        choices = kind.choices.get(name, {})
        if name in ("members", "host_member"):
            return [(code, member_name(code, network)) for code in in_protocol_order(choices)]
        if name == "language":
            return [(code, language_name(code)) for code in choices]
        return [(value, _(text)) for value, text in choices.items()]

    return options


@router.post("/requests/new")
async def new(request: Request, principal: Asker) -> Response:
    try:
        return await _new(request, principal)
    finally:
        await request.close()  # with the files that were sent


async def _new(request: Request, principal: Principal) -> Response:
    form = await read_form(request)
    kind = kinds_of(principal.network).get(form["kind"])
    if kind is None:
        return await _choose(request, principal, status=422)
    status = 422
    try:
        kind = kind_of(principal.network, kind.id)
        in_call = kind.to_call and await calls.open_call(db_of(request), principal.network) is not None
        command = _wish(form, kind, principal, call_open=in_call)
        asker = await asked_by(request, principal, form, command.member if command else None)
        uploads = form.uploads.get("attachments", [])
        await inside.check(db_of(request), principal, command.inside if command else None)
        await _look_at(request, form, uploads)
        if command is not None and not form.errors:
            store = behalf(page_store(request, principal, form.command_id), asker)
            draft = await drafts.one(db_of(request), writer_of(principal), form["_draft"])
            receipt = await handlers.submit_request(command, store, call_open=in_call, draft=draft.id if draft else "")
            sent = receipt.first(RequestSubmitted)
            assert sent is not None
            await attach_all(request, principal, sent.stream, uploads, form.command_id)
            done = _("Your request was sent. A coordinator answers, and you see the answer here.")
            return see_other(request, f"/requests/{sent.stream}", done=done)
    except Refused as refusal:
        status = form.refuse(refusal, _field(refusal.code))
    return await _form_page(request, principal, kind, form, status)


def _field(code: str) -> str:
    if code == "inside-unknown":
        return "inside"
    return "member" if code.startswith("member-") else ""


async def _look_at(request: Request, form: Form, uploads: Sequence[UploadFile]) -> None:
    """Say what is wrong with a file at its field; a page cannot keep files, so they are asked for again."""
    try:
        await check(request, uploads, MOST_FILES)
    except Refused as refusal:
        form.refuse(refusal, "attachments")
    if uploads and form.errors:
        form.fail("attachments", _("Choose the files again: a page cannot keep them."))


def _wish(form: Form, kind: Kind, principal: Principal, *, call_open: bool) -> SubmitRequest | None:
    """What was typed, as a command; None where something is to be mended, with every error at its field."""
    member = member_for(principal, form["member"].strip() or None)
    fixed = {"member": member, "kind": kind.id, "via": "page", "form": "", "request": "", "happened_at": None}
    command = form.build(SubmitRequest, **fixed)
    if command is None:
        return None
    for problem in problems(kind, command, member, call_open=call_open):
        form.fail(problem.field if problem.field != "kind" else "", problem.sentence)
    return None if form.errors else command
