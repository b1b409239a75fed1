"""What coordinators and reviewers do with good practices: the call, reviewers, reviews, publishing, recognising."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.events import practising
from services.events.commands.practice import (
    ClosePracticeCall,
    NameReviewers,
    OpenPracticeCall,
    PublishPractice,
    RecognisePractice,
    ReturnPractice,
    ReviewPractice,
    TakeBackRecognition,
    UnpublishPractice,
)
from services.events.queries import practice as queries
from services.events.queries.practice import Found
from services.events.web.asked import db_of, person_of, profile_of
from shared import clock
from shared.contracts.base import Command
from shared.contracts.refused import Refused
from shared.spine.http import store_for
from shared.spine.store import GroupingStore
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import render, see_other
from shared.web.rights import Principal

from . import story
from .common import Manager, PracticePath, Reviewer, Sender, may_review, own, seen

router = APIRouter()
C = TypeVar("C", bound=Command)
Do = Callable[[Form, GroupingStore], Awaitable[Any]]


def _made(model: type[C], **facts: Any) -> C:
    """The command from what was typed; refused where it cannot be kept."""
    command = Form().build(model, **facts)
    if command is None:
        sentence = "Something in the form cannot be kept; look at the fields that are marked."
        raise Refused("invalid", sentence, status=422)
    return command


async def _done(request: Request, principal: Principal, one: Found, do: Do, done: str) -> Response:
    """Do it and lead back to the practice; what is refused is said on its page, with what was typed."""
    form = await read_form(request)
    try:
        await do(form, store_for(request, principal, command_id=form.command_id))
    except Refused as refusal:
        status = form.refuse(refusal)
        return await story.page(request, principal, one, form, status)
    if form.errors:
        return await story.page(request, principal, one, form, 422)
    return see_other(request, f"/events/practices/{one.id}", done=done)


@router.get("/events/practices/call")
async def call_page(request: Request, principal: Manager) -> Response:
    calls = await queries.calls(db_of(request), principal.network)
    latest = next(iter(calls), None)
    year = clock.now().year
    form = Form.of(year=year)
    if latest and latest.year == year:
        form = Form.of(year=year, themes="\n".join(latest.themes.values()), closes_on=latest.closes_on.isoformat())
    return render(request, "events/practice_call.html", form=form, calls=calls)


@router.post("/events/practices/call")
async def open_call(request: Request, principal: Manager) -> Response:
    form = await read_form(request)
    themes = tuple(line.strip() for line in form["themes"].splitlines() if line.strip())
    command = form.build(OpenPracticeCall, themes=themes)
    status = 422
    if command is not None:
        try:
            await practising.open_call(command, store_for(request, principal, command_id=form.command_id))
            return see_other(request, "/events/practices", done=_("The call is open; liaison officers are told."))
        except Refused as refusal:
            status = form.refuse(refusal)
    calls = await queries.calls(db_of(request), principal.network)
    return render(request, "events/practice_call.html", status=status, form=form, calls=calls)


@router.post("/events/practices/call/close")
async def close_call(request: Request, principal: Manager) -> Response:
    form = await read_form(request)
    calls = await queries.calls(db_of(request), principal.network)
    for call in calls:
        if call.open and str(call.year) == form["year"]:
            store = store_for(request, principal, command_id=form.command_id)
            await practising.close_call(ClosePracticeCall(call=call.id), store)
    return see_other(request, "/events/practices", done=_("The call is closed."))


@router.post("/events/practices/{practice:practice}/return")
async def give_back(request: Request, practice: PracticePath, principal: Sender) -> Response:
    """Its sender takes it back, or a coordinator sends it back with a reason."""
    one = await own(request, principal, practice)

    async def do(form: Form, store: GroupingStore) -> None:
        await practising.with_reason(_made(ReturnPractice, practice=practice, reason=form["reason"]), store)

    return await _done(request, principal, one, do, _("It is a draft again."))


@router.post("/events/practices/{practice:practice}/reviewers")
async def reviewers(request: Request, practice: PracticePath, principal: Manager) -> Response:
    one = await seen(request, principal, practice)
    members = await may_review(request, principal.network)

    async def do(form: Form, store: GroupingStore) -> None:
        named = _made(NameReviewers, practice=practice, reviewers=(form["first"], form["second"]))
        await practising.name_reviewers(named, store, members)

    return await _done(request, principal, one, do, _("The reviewers are named, and asked by mail."))


@router.post("/events/practices/{practice:practice}/review")
async def review(request: Request, practice: PracticePath, principal: Reviewer) -> Response:
    one = await seen(request, principal, practice)
    me = await person_of(request, principal) or principal.subject

    async def do(form: Form, store: GroupingStore) -> None:
        criteria = [criterion.id for criterion in profile_of(principal).practice_criteria]
        scores = {name: form[f"scores.{name}"] for name in criteria if form[f"scores.{name}"]}
        remarks = {name: form[f"remarks.{name}"] for name in criteria if form[f"remarks.{name}"]}
        facts = {"practice": practice, "reviewer": me, "scores": scores, "remarks": remarks}
        command = Form().build(ReviewPractice, **facts)
        if command is None:
            form.fail("", _("Give a score from 1 to 5 for each of the criteria."))
            return
        await practising.review(command, store, principal.member)

    return await _done(request, principal, one, do, _("Your review is kept."))


@router.post("/events/practices/{practice:practice}/publish")
async def publish(request: Request, practice: PracticePath, principal: Manager) -> Response:
    one = await seen(request, principal, practice)

    async def do(form: Form, store: GroupingStore) -> None:
        await practising.change(PublishPractice(practice=practice), store)

    return await _done(request, principal, one, do, _("It is in the library."))


@router.post("/events/practices/{practice:practice}/unpublish")
async def unpublish(request: Request, practice: PracticePath, principal: Manager) -> Response:
    one = await seen(request, principal, practice)

    async def do(form: Form, store: GroupingStore) -> None:
        await practising.with_reason(_made(UnpublishPractice, practice=practice, reason=form["reason"]), store)

    return await _done(request, principal, one, do, _("It is out of the library."))


@router.post("/events/practices/{practice:practice}/recognise")
async def recognise(request: Request, practice: PracticePath, principal: Manager) -> Response:
    one = await seen(request, principal, practice)

    async def do(form: Form, store: GroupingStore) -> None:
        try:
            day = date.fromisoformat(form["presented_on"])
        except ValueError:
            form.fail("presented_on", _("Give the day it was presented."))
            return
        await practising.change(_made(RecognisePractice, practice=practice, presented_on=day), store)

    return await _done(request, principal, one, do, _("It is recognised as exemplary."))


@router.post("/events/practices/{practice:practice}/recognition/take-back")
async def unrecognise(request: Request, practice: PracticePath, principal: Manager) -> Response:
    one = await seen(request, principal, practice)

    async def do(form: Form, store: GroupingStore) -> None:
        await practising.with_reason(_made(TakeBackRecognition, practice=practice, reason=form["reason"]), store)

    return await _done(request, principal, one, do, _("The recognition is taken back."))
