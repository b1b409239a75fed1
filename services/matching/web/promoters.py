"""Mobility promoters: who they are, their meet-and-greet, and meetings with times proposed and accepted."""

from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Request, Response

from services.matching import handlers
from services.matching.commands.promoters import (
    AgreeMeeting,
    AskMeeting,
    DeclineMeeting,
    HidePromoter,
    MoveMeeting,
    ShowPromoter,
)
from services.matching.domain.meeting import Meeting
from services.matching.domain.promoter import Promoter, Status
from services.matching.handlers import promoters as doing
from services.matching.queries import Found
from services.matching.queries import experts as finding
from services.matching.queries import promoters as queries
from services.matching.queries.ideas import texts
from services.matching.web.common import db_of, language_options, member_options, page_store, profile_of
from services.matching.web.experts import people_of, person_of
from services.matching.web.spoken import spoken_fields, spoken_in
from shared.contracts.promoters import MeetingAsked
from shared.contracts.refused import Refused
from shared.people.notices import Told
from shared.people.reads import Purpose
from shared.web.forms import Form, read_form
from shared.web.i18n import _, mark, ngettext
from shared.web.pages import Paging, render, see_other
from shared.web.rights import Principal, require

router = APIRouter()

PromoterReader = Annotated[Principal, require("promoters.read")]
PromoterSelf = Annotated[Principal, require("promoters.work")]
PROMOTERS = "/matching/promoters"

MEETING_STATES = {
    "asked": mark("Waits for an answer"), "agreed": mark("Agreed"), "declined": mark("Declined"),
    "lapsed": mark("No answer"),
}  # fmt: skip


async def names_of(request: Request, principal: Principal, persons: set[str]) -> dict[str, str]:
    people = people_of(request)
    await people.reads.note(principal, Purpose.PROMOTERS, persons)
    return await people.name_of(persons)


async def me(request: Request, principal: Principal) -> str:
    """The reader as a person; a key is none, and meets nobody."""
    person = await person_of(request, principal)
    if person is None:
        raise HTTPException(404)
    return person


async def found(request: Request, principal: Principal, stream: str) -> Found[Any]:
    one = await finding.find(db_of(request), principal.network, stream, Promoter)
    if one is None or one.state.status is not Status.SHOWN:
        raise HTTPException(404)
    return one


def themes_of(principal: Principal) -> list[tuple[str, str]]:
    return handlers.focus_areas(profile_of(principal))


@router.get("/matching/promoters")
async def list_page(request: Request, principal: PromoterReader) -> Response:
    db, network, paging = db_of(request), principal.network, Paging.of(request)
    asked = {name: request.query_params.get(name, "")[:60] for name in ("theme", "language", "member", "offers")}
    rows, total = await queries.promoters(db, network, skip=paging.skip, limit=paging.per_page, **asked)
    person = await person_of(request, principal)
    meetings = await queries.meetings_of(db, network, person) if person else []
    others = {other for one in meetings for other in (one.state.asker, one.state.person)}
    profile = profile_of(principal)
    return render(
        request,
        "promoters.html",
        title=ngettext("One mobility promoter to meet", "%(num)s mobility promoters to meet", total),
        listing=paging.listing(rows, total),
        names=await names_of(request, principal, {one.state.person for one in rows} | others),
        texts=await texts(db, network, [one.state.words for one in rows]),
        themes=themes_of(principal),
        languages=language_options(handlers.languages(profile)),
        members=member_options(profile),
        meetings=meetings,
        me=person,
        states={key: _(text) for key, text in MEETING_STATES.items()},
    )


@router.get("/matching/promoters/mine")
async def mine_page(request: Request, principal: PromoterSelf) -> Response:
    name = doing.promoter_of(principal.network, await me(request, principal))
    one = await finding.find(db_of(request), principal.network, name, Promoter)
    form = Form.of()
    if one and one.state.status is Status.SHOWN:
        kept = await texts(db_of(request), principal.network, [one.state.words])
        state, about = one.state, kept.get(one.state.words or "", {}).get("text", "")
        spoken = spoken_fields(state.languages, {})
        form = Form.of(themes=list(state.themes), hosts=state.hosts, sends=state.sends, about=about, **spoken)
    return _mine(request, principal, form, 200, one)


def _mine(request: Request, principal: Principal, form: Form, status: int, one: Found[Any] | None) -> Response:
    return render(
        request, "promoter_mine.html", status=status, form=form, themes=themes_of(principal),
        languages=language_options(handlers.languages(profile_of(principal))),
        shown=one if one and one.state.status is Status.SHOWN else None,
    )  # fmt: skip


@router.post("/matching/promoters/mine")
async def show(request: Request, principal: PromoterSelf) -> Response:
    person = await me(request, principal)
    form, status = await read_form(request), 422
    spoken = spoken_in(form, _("Choose the language that suits best."))["languages"]
    drawn = {"promoter": "", "person": "", "member": None, "words": "", "happened_at": None}
    command = form.build(ShowPromoter, languages=spoken, **drawn)
    if command is not None:
        try:
            store = page_store(request, principal, form.command_id)
            await doing.show_promoter(command, store, person, principal.member)
            await people_of(request).tell(person, Told("promoters", "promoters.show"))
            return see_other(request, PROMOTERS, done=_("Your page is shown."))
        except Refused as refusal:
            status = form.refuse(refusal)
    return _mine(request, principal, form, status, None)


@router.post("/matching/promoters/mine/hide")
async def hide(request: Request, principal: PromoterSelf) -> Response:
    name = doing.promoter_of(principal.network, await me(request, principal))
    form = await read_form(request)
    try:
        await doing.hide_promoter(HidePromoter(promoter=name), page_store(request, principal, form.command_id))
    except Refused as refusal:
        return see_other(request, PROMOTERS, done=_(refusal.sentence), kind="error")
    return see_other(request, PROMOTERS, done=_("Your page is taken back."))


@router.get("/matching/promoters/{promoter_id}")
async def promoter_page(request: Request, promoter_id: str, principal: PromoterReader) -> Response:
    return await _page(request, principal, await found(request, principal, promoter_id), Form.of(), 200)


async def _page(request: Request, principal: Principal, one: Found[Any], form: Form, status: int) -> Response:
    kept = await texts(db_of(request), principal.network, [one.state.words])
    names = await names_of(request, principal, {one.state.person})
    return render(
        request, "promoter.html", status=status, promoter=one, form=form, themes=themes_of(principal),
        called=names.get(one.state.person, _("Somebody who was forgotten")),
        about=kept.get(one.state.words or "", {}).get("text", ""), zone=profile_of(principal).zone,
        own=one.state.person == await person_of(request, principal),
    )  # fmt: skip


@router.post("/matching/promoters/{promoter_id}/meet")
async def ask_meeting(request: Request, promoter_id: str, principal: PromoterSelf) -> Response:
    """Up to three times in the network's zone; the promoter gets a letter."""
    one = await found(request, principal, promoter_id)
    asker = await me(request, principal)
    form, status = await read_form(request), 422
    times = times_in(form, profile_of(principal).zone)
    drawn = {"asker": "", "person": "", "member": None, "words": "", "happened_at": None}
    command = form.build(AskMeeting, promoter=one.id, times=times or (datetime(2001, 1, 1, tzinfo=UTC),), **drawn)
    if command is not None:
        try:
            receipt = await doing.ask_meeting(command, page_store(request, principal, form.command_id), asker)
            made = receipt.first(MeetingAsked)
            assert made is not None
            return see_other(request, f"/matching/meetings/{made.stream}", done=_("You asked for a meeting."))
        except Refused as refusal:
            status = form.refuse(refusal)
    return await _page(request, principal, one, form, status)


def times_in(form: Form, zone: str) -> tuple[datetime, ...]:
    """What the fields say, as moments; what is wrong is said at its field."""
    times = []
    for place in (1, 2, 3):
        text = form[f"_time_{place}"].strip()
        if not text:
            continue
        try:
            times.append(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC))
        except (ValueError, OverflowError):
            form.fail(f"_time_{place}", _("Write a day and a time."))
    if not times and not form.errors:
        form.fail("_time_1", _("Propose at least one time."))
    return tuple(dict.fromkeys(times))


async def met(request: Request, principal: Principal, stream: str) -> tuple[Found[Any], str]:
    """The meeting and the reader as a person; 404 for anybody but the two."""
    person = await me(request, principal)
    one = await finding.find(db_of(request), principal.network, stream, Meeting)
    if one is None or person not in (one.state.asker, one.state.person):
        raise HTTPException(404)
    return one, person


@router.get("/matching/meetings/{meeting_id}")
async def meeting_page(request: Request, meeting_id: str, principal: PromoterSelf) -> Response:
    one, person = await met(request, principal, meeting_id)
    return await _meeting(request, principal, one, person, Form.of(), 200)


async def _meeting(  # noqa: PLR0917
    request: Request, principal: Principal, one: Found[Any], person: str, form: Form, status: int
) -> Response:
    kept = await texts(db_of(request), principal.network, [one.state.words])
    other = one.state.person if person == one.state.asker else one.state.asker
    names = await names_of(request, principal, {other})
    return render(
        request, "meeting.html", status=status, meeting=one, form=form, me=person,
        other=names.get(other, _("Somebody who was forgotten")), zone=profile_of(principal).zone,
        message=kept.get(one.state.words or "", {}).get("text", ""),
        states={key: _(text) for key, text in MEETING_STATES.items()},
    )  # fmt: skip


@router.post("/matching/meetings/{meeting_id}/agree")
async def agree(request: Request, meeting_id: str, principal: PromoterSelf) -> Response:
    one, person = await met(request, principal, meeting_id)
    form = await read_form(request)
    command = form.build(AgreeMeeting, meeting=one.id, by=person, happened_at=None)
    return await _done(request, principal, one, person, form, command, doing.agree_meeting)


@router.post("/matching/meetings/{meeting_id}/move")
async def move(request: Request, meeting_id: str, principal: PromoterSelf) -> Response:
    one, person = await met(request, principal, meeting_id)
    form = await read_form(request)
    times = times_in(form, profile_of(principal).zone) or (datetime(2001, 1, 1, tzinfo=UTC),)
    command = form.build(MoveMeeting, meeting=one.id, by=person, times=times, happened_at=None)
    return await _done(request, principal, one, person, form, command, doing.move_meeting)


@router.post("/matching/meetings/{meeting_id}/decline")
async def decline(request: Request, meeting_id: str, principal: PromoterSelf) -> Response:
    one, person = await met(request, principal, meeting_id)
    form = await read_form(request)
    command = form.build(DeclineMeeting, meeting=one.id, by=person, words="", happened_at=None)
    return await _done(request, principal, one, person, form, command, doing.decline_meeting)


async def _done(  # noqa: PLR0917
    request: Request, principal: Principal, one: Found[Any], person: str, form: Form, command: Any, do: Any
) -> Response:
    status = 422
    if command is not None:
        try:
            await do(command, page_store(request, principal, form.command_id))
            return see_other(
                request, f"/matching/meetings/{one.id}", done=_("Your answer is kept. The other one is told.")
            )
        except Refused as refusal:
            status = form.refuse(refusal)
    return await _meeting(request, principal, one, person, form, status)
