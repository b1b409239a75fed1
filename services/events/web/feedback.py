"""Feedback without a name: a form behind a one-time link, open to who is not signed in."""

import logging
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.events import certifying, handlers
from services.events.commands import CloseSurvey, GiveFeedback, TellApplied, Words
from services.events.commands.feedback import Answers
from services.events.domain.survey import GROUP, Survey, unknown_token
from services.events.queries import activity as activities
from services.events.queries import registration as queries
from services.events.queries.activity import Found
from services.events.streams import follow_up_of, survey_of
from services.events.vouchers import voucher_of
from shared.contracts.feedback import Applied
from shared.contracts.refused import Refused
from shared.mongo import Database
from shared.profiles.surveys import Question
from shared.spine.http import store_for
from shared.spine.store import GroupingStore
from shared.web import exports
from shared.web.formats import speak_for
from shared.web.forms import Form, read_form
from shared.web.i18n import _
from shared.web.pages import Paging, render, see_other
from shared.web.rights import Principal, public, require
from shared.web.wording import in_words

from . import lists
from .activity import heading
from .asked import ActivityPath, SurveyPath, answers_of, db_of, found, links_of

router = APIRouter()


def unlogged(record: logging.LogRecord) -> bool:
    """A filter for the server's log: it would say from where and when an answer was sent, and show personal links."""
    said = record.getMessage()
    return "/feedback/survey-" not in said and "/events/mine/" not in said


Anybody = Annotated[Principal | None, public()]


class Said(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    words: Words = ""
    answers: Answers = Field(default_factory=dict, description="Answers to the network's own questions, by id.")


class Answer(Said):
    """What is asked: relevance and added value from 1 (not at all) to 5 (very much), and words where there are any."""

    relevance: Annotated[int, Field(ge=1, le=5)]
    added_value: Annotated[int, Field(ge=1, le=5)]


class Later(Said):
    """What is asked months later: whether it is applied."""

    applied: Applied


class Asked:
    """A survey as its form shows it; the network's questions in the reader's language."""

    def __init__(self, stream: str, one: Found, state: Survey) -> None:
        self.stream, self.one, self.state = stream, one, state
        rules = in_words(one.network).feedback
        self.later = rules.follow_up if state.follow_up else None
        self.questions: tuple[Question, ...] = self.later.questions if self.later else rules.questions

    def applicable(self, given: dict[str, str]) -> list[Question]:
        """Those asked of who answered so far like this; a question that is not asked was not answered either."""
        kept = {name: text for name, text in given.items() if name not in {one.id for one in self.questions}}
        asked = []
        for one in self.questions:
            if one.asked(kept):
                asked.append(one)
                kept[one.id] = given.get(one.id, "")
        return asked

    def said(self, answer: Answer | Later) -> dict[str, str]:
        """The answers to keep; raises `Refused` for what was not asked or is none of the choices."""
        marks = {name: str(value) for name, value in answer.model_dump(exclude={"words", "answers"}).items()}
        asked = {one.id: one for one in self.applicable({**answer.answers, **marks})}
        kept = {}
        for name, text in answer.answers.items():
            question = asked.get(name)
            if not text:
                continue
            if question is None:
                raise Refused("not-asked", "An answer is given to a question that is not asked.", status=422)
            if question.kind == "choice" and text not in {option.id for option in question.options}:
                raise Refused("not-a-choice", "Choose one of the answers offered.", status=422)
            kept[f"={name}" if question.kind == "choice" else name] = text
        return kept

    def shows(self, form: Form) -> list[Question]:
        return self.applicable(_given(form))


def _given(form: Form) -> dict[str, str]:
    marks = {name: form[name] for name in ("relevance", "added_value", "applied") if form[name]}
    return marks | {name.removeprefix("answers."): form[name] for name in form.names() if name.startswith("answers.")}


async def surveyed(db: Database, survey: str) -> Asked:
    """The survey and the activity it is about; 404 where there is none."""
    network = await queries.network_of(db, survey)
    state = await queries.survey_in(db, network, survey) if network else Survey()
    one = await activities.activity(db, network, state.activity) if network and state.activity else None
    if one is None:
        raise HTTPException(404)
    return Asked(survey, one, state)


def _page(request: Request, asked: Asked, token: str, form: Form, status: int = 200) -> Response:
    return render(
        request, "events/feedback.html", status=status, one=asked.one, form=form, survey=asked.stream, token=token,
        later=asked.later, questions=asked.shows(form), months=asked.later.after_months if asked.later else 0,
    )  # fmt: skip


@router.get("/events/feedback/thanks")
async def thanks(request: Request, principal: Anybody) -> Response:
    return render(request, "events/thanks.html")


@router.get("/events/feedback/{survey:survey}/{token}")
async def feedback_page(request: Request, survey: SurveyPath, token: str, principal: Anybody) -> Response:
    asked = await surveyed(db_of(request), survey)
    speak_for(request.scope, asked.one.network)
    if voucher_of(token) not in asked.state.outstanding:
        raise unknown_token()
    return _page(request, Asked(survey, asked.one, asked.state), token, Form.of())


@router.post("/events/feedback/{survey:survey}/{token}")
async def give_feedback(request: Request, survey: SurveyPath, token: str, principal: Anybody) -> Response:
    found_ = await surveyed(db_of(request), survey)
    speak_for(request.scope, found_.one.network)
    asked = Asked(survey, found_.one, found_.state)
    form = await read_form(request)
    answer: Answer | Later | None = form.build(Later) if asked.state.follow_up else form.build(Answer)
    status = 422
    if answer is not None:
        further = {one.id for one in asked.shows(form)} - set(form.all("_asked"))
        if further and "_asked" in form.names():  # the answers given bring up more questions; nothing is sent yet
            return _page(request, asked, token, form)
        try:
            await answered(request, principal, asked, token=token, answer=answer)
            return see_other(request, "/events/feedback/thanks")
        except Refused as refusal:
            status = form.refuse(refusal)
    return _page(request, asked, token, form, status)


async def answered(
    request: Request,
    principal: Principal | None,
    asked: Asked,
    *,
    token: str,
    answer: Answer | Later,
    at: datetime | None = None,
) -> None:
    """Take the answer on behalf of nobody: no actor, no receipt, no trace."""
    store = store_for(request, principal, network=asked.one.network, anonymous=True)
    facts = {
        "activity": asked.one.row.id, "voucher": voucher_of(token), "words": answer.words,
        "answers": asked.said(answer), "happened_at": at,
    }  # fmt: skip
    command: GiveFeedback | TellApplied
    if isinstance(answer, Later):
        command = TellApplied.model_validate({**facts, "applied": answer.applied})
    else:
        marks = {"relevance": answer.relevance, "added_value": answer.added_value}
        command = GiveFeedback.model_validate({**facts, **marks})
    await handlers.give_feedback(command, store, links_of(request), answers_of(request))


Organiser = Annotated[Principal, require("events.organise")]


@router.get("/events/{activity:activity}/answers")
async def answers(request: Request, activity: ActivityPath, principal: Organiser) -> Response:
    one = await found(request, principal, activity)
    db, network = db_of(request), principal.network
    survey = await queries.survey(db, network, activity)
    later = await queries.survey(db, network, activity, follow_up=True)
    shown = [follow_up for follow_up, state in ((False, survey), (True, later)) if state.shown]
    if kind := exports.asked(request):
        return lists.words(request, principal, kind, activity, follow_up=shown)
    paging = Paging.of(request)
    rows: list[tuple[str, str]] = []
    total = 0
    if shown:
        rows, total = await queries.words_given(db, network, activity, paging.skip, paging.per_page, follow_up=shown)
    rules = in_words(network).feedback
    asked = {one.id: one for one in (*rules.questions, *(rules.follow_up.questions if rules.follow_up else ()))}
    choices = await queries.choices_given(db, network, activity, follow_up=shown) if shown else {}
    counted = [
        (asked[name].title, [(option.title, choices[name][option.id]) for option in asked[name].options])
        for name in choices
        if name in asked
    ]
    return render(
        request, "events/answers.html", one=one, heading=heading(one.row), survey=survey, later=later, group=GROUP,
        listing=paging.listing([(asked[name].title if name in asked else "", text) for name, text in rows], total),
        title=_("What participants wrote"), counted=counted, form=Form.of(),
    )  # fmt: skip


@router.post("/events/{activity:activity}/survey/close")
async def close(request: Request, activity: ActivityPath, principal: Organiser) -> Response:
    """End the survey that is open: the follow-up where there is one, else the first."""
    one = await found(request, principal, activity)
    form = await read_form(request)
    await close_one(request, principal, one, store_for(request, principal, command_id=form.command_id))
    return see_other(request, f"/events/{activity}/answers", done=_("The survey is closed."))


async def close_one(
    request: Request, principal: Principal, one: Found, store: GroupingStore, at: datetime | None = None
) -> None:
    state = await queries.survey(db_of(request), principal.network, one.row.id)
    if not state.activity:
        raise Refused("no-survey", "It has no survey yet: it opens once the activity was held.")
    later = await queries.survey(db_of(request), principal.network, one.row.id, follow_up=True)
    again = bool(later.activity) and not later.closed and state.closed
    command = CloseSurvey(survey=follow_up_of(one.row.id) if again else survey_of(one.row.id), happened_at=at)
    await certifying.issue_before_closing(command, store, db_of(request))
    await handlers.close_survey(command, store, links_of(request), answers_of(request))
