"""Feedback without a name: a form behind a one-time link, open to who is not signed in."""

import logging
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.events import handlers
from services.events.commands import GiveFeedback, Words
from services.events.domain.survey import unknown_token
from services.events.queries import activity as activities
from services.events.queries import registration as queries
from services.events.queries.activity import Found
from services.events.streams import activity_of
from services.events.vouchers import voucher_of
from shared.contracts.refused import Refused
from shared.mongo import Database
from shared.spine.http import store_for
from shared.web import exports
from shared.web.formats import speak_for
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import Paging, render, see_other
from shared.web.rights import Principal, public, require

from . import lists
from .activity import heading
from .asked import ActivityPath, SurveyPath, db_of, found, links_of

router = APIRouter()


def unlogged(record: logging.LogRecord) -> bool:
    """A filter for the server's log: it would say from where and when an answer was sent, and show personal links."""
    said = record.getMessage()
    return "/feedback/survey-" not in said and "/events/mine/" not in said


Anybody = Annotated[Principal | None, public()]


class Answer(BaseModel):
    """What is asked: relevance and added value from 1 (not at all) to 5 (very much), and words where there are any."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    relevance: Annotated[int, Field(ge=1, le=5)]
    added_value: Annotated[int, Field(ge=1, le=5)]
    words: Words = ""


async def surveyed(db: Database, survey: str) -> Found:
    """The activity that a survey is about; 404 where there is none."""
    network = await queries.network_of(db, survey)
    one = await activities.activity(db, network, activity_of(survey)) if network else None
    if one is None:
        raise HTTPException(404)
    return one


@router.get("/events/feedback/thanks")
async def thanks(request: Request, principal: Anybody) -> Response:
    return render(request, "events/thanks.html")


@router.get("/events/feedback/{survey:survey}/{token}")
async def feedback_page(request: Request, survey: SurveyPath, token: str, principal: Anybody) -> Response:
    one = await surveyed(db_of(request), survey)
    speak_for(request.scope, one.network)
    state = await queries.survey(db_of(request), one.network, one.row.id)
    if voucher_of(token) not in state.outstanding:
        raise unknown_token()
    return render(request, "events/feedback.html", one=one, form=Form.of(), survey=survey, token=token)


@router.post("/events/feedback/{survey:survey}/{token}")
async def give_feedback(request: Request, survey: SurveyPath, token: str, principal: Anybody) -> Response:
    one = await surveyed(db_of(request), survey)
    speak_for(request.scope, one.network)
    form = await read_form(request)
    answer = form.build(Answer)
    status = 422
    if answer is not None:
        try:
            await answered(request, principal, one, token=token, answer=answer)
            return see_other(request, "/events/feedback/thanks")
        except Refused as refusal:
            status = form.refuse(refusal)
    return render(request, "events/feedback.html", status=status, one=one, form=form, survey=survey, token=token)


async def answered(
    request: Request, principal: Principal | None, one: Found, *, token: str, answer: Answer, at: datetime | None = None
) -> None:
    """Take the answer on behalf of nobody: no actor, no receipt, no trace."""
    store = store_for(request, principal, network=one.network, anonymous=True)
    command = GiveFeedback(
        activity=one.row.id,
        voucher=voucher_of(token),
        relevance=answer.relevance,
        added_value=answer.added_value,
        words=answer.words,
        happened_at=at,
    )
    await handlers.give_feedback(command, store, links_of(request))


@router.get("/events/{activity:activity}/answers")
async def answers(
    request: Request, activity: ActivityPath, principal: Annotated[Principal, require("events.organise")]
) -> Response:
    one = await found(request, principal, activity)
    if kind := exports.asked(request):
        return lists.words(request, principal, kind, activity)
    paging = Paging.of(request)
    survey = await queries.survey(db_of(request), principal.network, activity)
    rows, total = await queries.words_given(db_of(request), principal.network, activity, paging.skip, paging.per_page)
    return render(
        request, "events/answers.html", one=one, heading=heading(one.row), survey=survey,
        listing=paging.listing(rows, total), title=_("What participants wrote"),
    )  # fmt: skip
