"""The form of a good practice, saved as a draft and submitted to the call; files go with it."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from services.events import practising
from services.events.commands.practice import AboutPractice, DraftPractice, SubmitPractice, WithdrawPractice
from services.events.domain.practice import change_files
from services.events.queries import practice as queries
from services.events.queries.practice import Call, Found
from services.events.web.asked import db_of, profile_of
from shared.contracts.practices import PracticeDrafted, PracticeReturned, PracticeSubmitted, PracticeWithdrawn
from shared.contracts.refused import Refused
from shared.profiles import Profile
from shared.spine.http import store_for
from shared.spine.store import GroupingStore
from shared.web.files import check, files_of, sent, take
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.rights import Principal
from shared.web.stale import Changed, guarded

from .common import PracticePath, Reader, Sender, own, seen

router = APIRouter()
MINDS = (PracticeDrafted, PracticeSubmitted, PracticeReturned, PracticeWithdrawn)
"""What who changes a draft must have seen."""


async def written(
    store: GroupingStore, principal: Principal, practice: str, form: Form, *, before: dict[str, str], calls: list[Call]
) -> None:
    """Keep what the form says as a draft; raises `Refused`."""
    year, _slash, theme = form["theme"].partition("/")
    call = next((one for one in calls if str(one.year) == year), None)
    profile = profile_of(principal)
    names = [one.id for one in profile.practice_fields if one.id not in practising.BOUND]
    command = form.build(
        DraftPractice, practice=practice, member=principal.own_member or form["member"], call=call.id if call else "",
        theme=theme if call else "", topic=form["topic"],
        fields={name: form[f"fields.{name}"].strip() for name in names},
    )  # fmt: skip
    if command is None:
        sentence = _("Something in the form cannot be kept; look at the fields that are marked.")
        raise Refused("invalid", sentence, status=422)
    await practising.draft(command, store, before)


def _form_page(
    request: Request, principal: Principal, form: Form, calls: list[Call], one: Found | None, *, status: int = 200
) -> Response:
    profile = profile_of(principal)
    themes = [
        (f"{call.year}/{id}", f"{call.year}: {title}")
        for call in calls
        if call.open
        for id, title in call.themes.items()
    ]
    return render(
        request, "events/practice_form.html", status=status, form=form, one=one, themes=themes, profile=profile,
        sections=_sections(profile), members=[(m.code, f"{m.code} {m.name}") for m in profile.members],
        chooses_member=principal.own_member is None and one is None, topics=[(t.id, t.title) for t in profile.topics],
    )  # fmt: skip


def _sections(profile: Profile) -> dict[str, list[Any]]:
    made: dict[str, list[Any]] = {}
    for one in profile.practice_fields:
        if one.id != "member":
            made.setdefault(one.section, []).append(one)
    return made


@router.get("/events/practices/new")
async def new_page(request: Request, principal: Sender) -> Response:
    calls = await queries.calls(db_of(request), principal.network)
    return _form_page(request, principal, Form.of(member=principal.member), calls, None)


@router.post("/events/practices/new")
async def new(request: Request, principal: Sender) -> Response:
    form = await read_form(request)
    store = store_for(request, principal, command_id=form.command_id)
    return await _save(request, principal, form, store, practising.id_for_new(store.origin), one=None)


@router.get("/events/practices/{practice:practice}/edit")
async def edit_page(request: Request, practice: PracticePath, principal: Sender) -> Response:
    one = await own(request, principal, practice)
    if one.state.status != "draft":
        return see_other(request, f"/events/practices/{practice}", done=_("Only a draft can be changed."), kind="error")
    calls = await queries.calls(db_of(request), principal.network)
    return _form_page(request, principal, _form_of(one), calls, one)


def _form_of(one: Found) -> Form:
    """As it is filled in now."""
    answers = {f"fields.{name}": text for name, text in one.fields.items()}
    theme = f"{one.state.year}/{one.state.theme}" if one.state.theme else ""
    return Form.of(**answers, theme=theme, topic=one.state.topic)


@router.post("/events/practices/{practice:practice}/edit")
async def edit(request: Request, practice: PracticePath, principal: Sender) -> Response:
    one = await own(request, principal, practice)
    form = await read_form(request)
    store = store_for(request, principal, command_id=form.command_id)
    return await _save(request, principal, form, store, practice, one=one)


async def _save(
    request: Request, principal: Principal, form: Form, store: GroupingStore, practice: str, *, one: Found | None
) -> Response:
    calls = await queries.calls(db_of(request), principal.network)

    async def keep(now: GroupingStore) -> None:
        before = await queries.one(db_of(request), principal.network, practice) if one else None
        await written(now, principal, practice, form, before=before.fields if before else {}, calls=calls)

    try:
        await guarded(request, store, practice, keep, seen=form.version if one else None, minds=MINDS)
        if form["_then"] == "submit":
            then = store_for(request, principal, command_id=f"{form.command_id}-submit")
            await practising.submit(SubmitPractice(practice=practice), then)
            return see_other(request, f"/events/practices/{practice}", done=_("Your good practice was submitted."))
    except Changed as changed:
        kept = await queries.one(db_of(request), principal.network, practice)
        theirs = _form_of(kept) if kept else None
        status = form.stale(changed, theirs, take=f"/events/practices/{practice}/edit")
        return _form_page(request, principal, form, calls, kept, status=status)
    except Refused as refusal:
        status = form.refuse(refusal)
        kept = await queries.one(db_of(request), principal.network, practice)
        for field in profile_of(principal).practice_fields if refusal.code == "fields-missing" else ():
            if field.required and field.id not in practising.BOUND and not form[f"fields.{field.id}"].strip():
                form.fail(f"fields.{field.id}", _("Fill this in."))
        return _form_page(request, principal, form, calls, kept, status=status)
    return see_other(request, f"/events/practices/{practice}", done=_("The draft is saved."))


@router.post("/events/practices/{practice:practice}/withdraw")
async def withdraw(request: Request, practice: PracticePath, principal: Sender) -> Response:
    await own(request, principal, practice)
    form = await read_form(request)
    store = store_for(request, principal, command_id=form.command_id)
    await practising.change(WithdrawPractice(practice=practice), store)
    return see_other(request, "/events/practices", done=_("The good practice was withdrawn."))


@router.post("/events/practices/{practice:practice}/files")
async def add(request: Request, practice: PracticePath, principal: Sender) -> Response:
    one = await own(request, principal, practice)
    page = f"/events/practices/{practice}#files"
    form = await read_form(request)
    try:
        uploads = form.uploads.get("files", [])
        change_files(one.state, AboutPractice(practice=one.id))  # before anything is taken in
        there = await files_of(request).of(one.network, one.id)
        await check(request, uploads, practising.MOST_FILES - len(there))
        for number, upload in enumerate(uploads):
            part = f"{form.command_id}-{number}"
            file = await take(request, principal, upload, about=one.id, command_id=part)
            await practising.attach(file, store_for(request, principal, command_id=part))
        if not uploads:
            return see_other(request, page, done=_("Choose a file."), kind="error")
    except Refused as refusal:
        if refusal.status >= 500:
            raise
        return see_other(request, page, done=_(refusal.sentence), kind="error")
    finally:
        await request.close()
    return see_other(request, page, done=_("The files are there."))


@router.get("/events/practices/{practice:practice}/files/{file:file}")
async def download(request: Request, practice: PracticePath, file: str, principal: Reader) -> Response:
    one = await seen(request, principal, practice)
    return await sent(request, await files_of(request).one(one.network, one.id, file))


@router.post("/events/practices/{practice:practice}/files/{file:file}/remove")
async def clear(request: Request, practice: PracticePath, file: str, principal: Sender) -> Response:
    one = await own(request, principal, practice)
    form = await read_form(request)
    files = files_of(request)
    kept = await files.one(one.network, one.id, file)
    if kept is None:
        raise HTTPException(404)
    page = f"/events/practices/{practice}#files"
    try:
        await practising.detach(kept, store_for(request, principal, command_id=form.command_id), files)
    except Refused as refusal:
        if refusal.status >= 500:
            raise
        return see_other(request, page, done=_(refusal.sentence), kind="error")
    return see_other(request, page, done=_("The file is removed."))
