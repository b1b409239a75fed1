"""Surveys by API: what they say, and their end."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel

from services.events.domain.survey import Survey
from services.events.queries import registration as queries
from services.events.web.asked import ActivityPath, db_of, found
from services.events.web.feedback import close_one
from shared.spine.http import store_for
from shared.web.rights import Principal, require

from .parts import IdempotencyKey, Told

router = APIRouter(prefix="/events/api/v1", tags=["events"])
Organiser = Annotated[Principal, require("events.organise")]


class Results(BaseModel):
    """`marks` says how often each mark was given, and is empty below five answers."""

    received: int
    closed: bool
    marks: dict[str, dict[str, int]]

    @classmethod
    def of(cls, survey: Survey) -> "Results":
        return cls(received=survey.received, closed=survey.closed, marks=survey.marks if survey.shown else {})


class Surveys(BaseModel):
    survey: Results
    follow_up: Results


@router.get("/activities/{activity:activity}/survey", summary="What the survey and its follow-up say")
async def surveys(request: Request, activity: ActivityPath, principal: Organiser) -> Surveys:
    one = await found(request, principal, activity)
    first = await queries.survey(db_of(request), principal.network, one.row.id)
    later = await queries.survey(db_of(request), principal.network, one.row.id, follow_up=True)
    return Surveys(survey=Results.of(first), follow_up=Results.of(later))


class CloseBody(Told):
    pass


@router.post("/activities/{activity:activity}/survey/close", summary="End the survey and release what is held")
async def close(
    request: Request,
    activity: ActivityPath,
    body: CloseBody,
    principal: Organiser,
    idempotency_key: IdempotencyKey = None,
) -> Results:
    one = await found(request, principal, activity)
    await close_one(request, principal, one, store_for(request, principal, source="api"), body.happened_at)
    return Results.of(await queries.survey(db_of(request), principal.network, one.row.id))
