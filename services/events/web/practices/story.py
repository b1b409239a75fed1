"""One good practice: what it is, how it was judged, who reuses it, and its certificate of recognition."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from services.events import practising
from services.events.commands.practice import RecordReuse, TakeBackReuse
from services.events.domain.practice import Status
from services.events.queries import practice as queries
from services.events.queries.practice import Found
from services.events.web.asked import db_of, people_of, person_of, profile_of
from shared.contracts.refused import Refused
from shared.documents.pdf import PDF, pdf
from shared.ids import fixed_id
from shared.profiles import Profile
from shared.spine.http import store_for
from shared.web.files import files_of
from shared.web.formats import member_name, moment
from shared.web.forms import Form, read_form
from shared.web.i18n import _, language
from shared.web.on_behalf import officers
from shared.web.pages import render, see_other
from shared.web.rights import Principal

from .common import STATES, TAGS, PracticePath, Reader, ReusePath, Reuser, rights, seen

router = APIRouter()
CERTIFICATE = Path(__file__).parents[2] / "documents" / "recognition.typ"


@router.get("/events/practices/{practice:practice}")
async def story(request: Request, practice: PracticePath, principal: Reader) -> Response:
    return await page(request, principal, await seen(request, principal, practice), Form.of())


async def page(request: Request, principal: Principal, one: Found, form: Form, status: int = 200) -> Response:
    """The practice with the forms that the reader may use; `form` is the one that was sent, if any."""
    db, profile = db_of(request), profile_of(principal)
    me = await person_of(request, principal)
    may = rights(principal, one, me)
    files = await files_of(request).of(one.network, one.id)
    calls = await queries.calls(db, one.network)
    themes = {call.year: call.themes for call in calls}
    mine = one.state.reviews.get(me or "")
    kept = await queries.remarks(db, one) if may["scores"] else []
    if mine and not form.names():
        wrote = await queries.remarks_of(db, mine)
        own = {f"scores.{name}": score for name, score in mine.scores.items()}
        form = Form.of(**own, **{f"remarks.{name}": text for name, text in wrote.items()})
    return render(
        request, "events/practice.html", status=status, one=one, state=one.state, may=may, form=form, profile=profile,
        heading=heading(one), files=files, names=await people_of(request).name_of(file.by for file in files),
        theme=themes.get(one.state.year, {}).get(one.state.theme, ""), state_word=_(STATES[one.state.status]),
        tag=TAGS[one.state.status], sections=sections(profile, one), criteria=profile.practice_criteria,
        reviews=kept, hows=await queries.hows(db, one.id), reason=await queries.last_reason(db, one.id),
        reviewers=await officers(request, principal) if may["name"] else [],
        others=[(m.code, f"{m.code} {m.name}") for m in profile.members if m.code != one.state.member],
        own_member=principal.own_member,
        applying=[reuse.by for reuse in one.state.reuses.values()],
    )  # fmt: skip


def heading(one: Found) -> str:
    title, member = one.title or _("Good practice"), member_name(one.state.member, one.network)
    if one.state.exemplary:
        return _("%(title)s: exemplary, from %(member)s", title=title, member=member)
    return _("%(title)s, from %(member)s", title=title, member=member)


def sections(profile: Profile, one: Found) -> dict[str, list[tuple[str, str]]]:
    """What was answered, section by section."""
    made: dict[str, list[tuple[str, str]]] = {}
    for field in profile.practice_fields:
        text = one.fields.get(field.id, "")
        if field.id == "topic":
            text = profile.title_of(one.state.topic) if one.state.topic else ""
        if text and field.id not in ("title", "member"):
            made.setdefault(field.section, []).append((field.title, text))
    return made


@router.post("/events/practices/{practice:practice}/reuse")
async def reuse(request: Request, practice: PracticePath, principal: Reuser) -> Response:
    one = await seen(request, principal, practice)
    form = await read_form(request)
    by = principal.own_member or form["by"]
    drawn = fixed_id("reuse", practice, form.command_id)
    command = form.build(RecordReuse, practice=practice, reuse=drawn, by=by)
    status = 422
    if command is not None:
        try:
            await practising.record_reuse(command, store_for(request, principal, command_id=form.command_id))
            return see_other(request, f"/events/practices/{practice}#reuse", done=_("The reuse is noted."))
        except Refused as refusal:
            status = form.refuse(refusal)
    return await page(request, principal, one, form, status)


@router.post("/events/practices/{practice:practice}/reuse/{reuse:reuse}/take-back")
async def take_back(request: Request, practice: PracticePath, reuse: ReusePath, principal: Reuser) -> Response:
    """By the member that reuses it, or by a coordinator."""
    one = await seen(request, principal, practice)
    form = await read_form(request)
    told = one.state.reuses.get(reuse)
    if told and principal.own_member not in (None, told.by):
        raise HTTPException(404)
    store = store_for(request, principal, command_id=form.command_id)
    await practising.change(TakeBackReuse(practice=practice, reuse=reuse), store)
    return see_other(request, f"/events/practices/{practice}#reuse", done=_("It is noted no more."))


@router.get("/events/practices/{practice:practice}/certificate.pdf")
async def certificate(request: Request, practice: PracticePath, principal: Reader) -> Response:
    one = await seen(request, principal, practice)
    if one.state.status is not Status.PUBLISHED or not one.state.exemplary:
        raise HTTPException(404)
    made = await pdf(CERTIFICATE, await _words(request, one, profile_of(principal)), language=language())
    headers = {"Content-Disposition": f'inline; filename="recognition-{one.state.member}.pdf"'}
    return Response(made, media_type=PDF, headers={**headers, "Cache-Control": "private, no-store"})


async def _words(request: Request, one: Found, profile: Profile) -> dict[str, Any]:
    state = one.state
    themes = {call.year: call.themes for call in await queries.calls(db_of(request), one.network)}
    presented = moment(state.presented_on, style="date").striptags() if state.presented_on else ""
    return {
        "title": _("Certificate of recognition"),
        "subtitle": profile.title,
        "foot": f"{profile.name} · {one.id}",
        "says": _("The network recognises this good practice as exemplary."),
        "practice": one.title,
        "facts": [
            [_("Organisation"), one.fields.get("organisation", "")],
            [_("Member"), f"{state.member} {member_name(state.member, one.network)}"],
            [_("Call"), f"{state.year}: {themes.get(state.year, {}).get(state.theme, '')}"],
            [_("Presented on"), presented],
            [_("Score"), _("%(score)s of 5, by two reviewers from other members", score=f"{state.score:.1f}")],
        ],
    }
