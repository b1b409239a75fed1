"""Good practices by API: the library and its facets, drafting, submitting, reviewing, publishing, reuse."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from services.events import practising
from services.events.commands import Day, Id, Title, Words
from services.events.commands.practice import (
    Code,
    DraftPractice,
    Fields,
    NameReviewers,
    OpenPracticeCall,
    PublishPractice,
    RecognisePractice,
    RecordReuse,
    ReturnPractice,
    ReviewPractice,
    Score,
    Since,
    SubmitPractice,
    TakeBackRecognition,
    TakeBackReuse,
    UnpublishPractice,
    WithdrawPractice,
    Year,
)
from services.events.domain.practice import Practice
from services.events.queries import practice as queries
from services.events.queries.practice import Filters, Found, Row
from services.events.web.asked import db_of, person_of
from services.events.web.practices.common import (
    Manager,
    PracticePath,
    Reader,
    ReusePath,
    Reuser,
    Reviewer,
    Sender,
    may_review,
    own,
    seen,
)
from services.events.web.practices.library import looked_up, reuses
from shared.contracts.refused import Refused
from shared.ids import fixed_id, new_id
from shared.spine.http import store_for
from shared.web.rights import Principal

from .parts import IdempotencyKey, PageNumber, PerPage, Told

router = APIRouter(prefix="/events/api/v1/practices", tags=["practices"])


class Reused(BaseModel):
    id: str
    by: str
    since: str


class Detail(BaseModel):
    """A practice with the answers of its form; scores are means by criterion."""

    id: str
    status: str
    member: str
    year: int
    theme: str
    topic: str
    fields: dict[str, str]
    score: float
    scores: dict[str, float]
    exemplary: bool
    presented_on: date | None
    reuses: list[Reused]
    version: int

    @classmethod
    def of(cls, one: Found) -> "Detail":
        state: Practice = one.state
        shown = str(state.status) == "published"
        return cls(
            id=one.id, status=str(state.status), member=state.member, year=state.year, theme=state.theme,
            topic=state.topic, fields=one.fields, score=state.score if shown else 0.0,
            scores=state.means if shown else {}, exemplary=state.exemplary, presented_on=state.presented_on,
            reuses=[Reused(id=id, by=reuse.by, since=reuse.since) for id, reuse in state.reuses.items()],
            version=one.version,
        )  # fmt: skip


class LibraryView(BaseModel):
    items: Sequence[Row]
    total: int
    page: int
    per_page: int
    facets: Mapping[str, Mapping[str, int]]
    """By facet how many there are of each value, given the others."""


class ReuseView(BaseModel):
    practice: str
    title: str
    origin: str
    by: str
    since: str
    exemplary: bool


class CallBody(Told):
    year: Year
    themes: Annotated[list[Annotated[Title, Field(min_length=1)]], Field(min_length=1, max_length=8)]
    closes_on: Day


class CallView(BaseModel):
    year: int
    themes: dict[str, str]
    closes_on: date
    open: bool


class Calls(BaseModel):
    items: list[CallView]


class DraftBody(Told):
    """What is left out stays as it is; `member` for keys of the whole network."""

    member: Id | None = None
    year: Year | None = None
    theme: Code = ""
    topic: Code = ""
    fields: Fields = Field(default_factory=dict)


class ReasonBody(Told):
    reason: Words = ""


class ReviewersBody(Told):
    reviewers: Annotated[list[Id], Field(min_length=2, max_length=2)]


class ReviewBody(Told):
    scores: Annotated[dict[Id, Score], Field(max_length=40)]
    remarks: Fields = Field(default_factory=dict)


class RecogniseBody(Told):
    presented_on: Day


class ReuseBody(Told):
    by: Id | None = None
    since: Since
    how: Words = ""


@router.get("", summary="The library of good practices, with facets")
async def library(
    request: Request,
    principal: Reader,
    *,
    member: Annotated[str, Query(max_length=80)] = "",
    theme: Annotated[str, Query(max_length=80)] = "",
    year: Annotated[str, Query(max_length=4)] = "",
    topic: Annotated[str, Query(max_length=80)] = "",
    criterion: Annotated[str, Query(max_length=80)] = "",
    exemplary: Annotated[str, Query(pattern="^(yes)?$")] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    page: PageNumber = 1,
    per_page: PerPage = 50,
) -> LibraryView:
    asked = Filters(member, theme, year, topic, criterion, exemplary, q)
    found = await looked_up(request, principal, asked)
    shown = found.rows[(page - 1) * per_page : page * per_page]
    return LibraryView(items=shown, total=len(found.rows), page=page, per_page=per_page, facets=found.facets)


@router.get("/reuse", summary="Who applies what: every reuse of a published practice")
async def reuse_list(request: Request, principal: Reader) -> list[ReuseView]:
    return [ReuseView.model_validate(one) for one in await reuses(request, principal)]


@router.get("/calls", summary="The calls for good practices and their themes")
async def calls(request: Request, principal: Reader) -> Calls:
    found = await queries.calls(db_of(request), principal.network)
    items = [CallView(year=one.year, themes=one.themes, closes_on=one.closes_on, open=one.open) for one in found]
    return Calls(items=items)


@router.post("/calls", summary="Open the call of a year, or change its themes and its end")
async def open_call(
    request: Request, body: CallBody, principal: Manager, idempotency_key: IdempotencyKey = None
) -> Calls:
    await practising.open_call(
        OpenPracticeCall.model_validate(body.model_dump()), store_for(request, principal, source="api")
    )
    return await calls(request, principal)


@router.post("", status_code=201, summary="Draft a good practice")
async def draft(request: Request, body: DraftBody, principal: Sender, idempotency_key: IdempotencyKey = None) -> Detail:
    member = principal.own_member or body.member
    if not member:
        raise Refused("member-missing", "Say which member it comes from.", status=422)
    store = store_for(request, principal, source="api")
    practice = practising.id_for_new(store.origin)
    await practising.draft(_draft(practice, member, body, principal), store, {})
    return await _told(request, principal, practice)


def _draft(practice: str, member: str, body: DraftBody, principal: Principal) -> DraftPractice:
    call = practising.call_of(principal.network, body.year) if body.year else ""
    facts = body.model_dump(exclude={"member", "year"})
    return DraftPractice.model_validate({**facts, "practice": practice, "member": member, "call": call})


async def _told(request: Request, principal: Principal, practice: str) -> Detail:
    return Detail.of(await seen(request, principal, practice))


@router.get("/{practice:practice}", summary="A good practice")
async def detail(request: Request, practice: PracticePath, principal: Reader) -> Detail:
    return await _told(request, principal, practice)


@router.put("/{practice:practice}", summary="Change a draft")
async def change(
    request: Request, practice: PracticePath, body: DraftBody, principal: Sender, idempotency_key: IdempotencyKey = None
) -> Detail:
    one = await own(request, principal, practice)
    store = store_for(request, principal, source="api").expecting(practice, one.version)
    await practising.draft(_draft(practice, one.state.member, body, principal), store, one.fields)
    return await _told(request, principal, practice)


@router.post("/{practice:practice}/submit", summary="Submit it to its call")
async def submit(
    request: Request, practice: PracticePath, body: Told, principal: Sender, idempotency_key: IdempotencyKey = None
) -> Detail:
    await own(request, principal, practice)
    command = SubmitPractice(practice=practice, happened_at=body.happened_at)
    await practising.submit(command, store_for(request, principal, source="api"))
    return await _told(request, principal, practice)


@router.post("/{practice:practice}/return", summary="Make it a draft again")
async def give_back(
    request: Request,
    practice: PracticePath,
    body: ReasonBody,
    principal: Sender,
    idempotency_key: IdempotencyKey = None,
) -> Detail:
    await own(request, principal, practice)
    command = ReturnPractice(practice=practice, reason=body.reason, happened_at=body.happened_at)
    await practising.with_reason(command, store_for(request, principal, source="api"))
    return await _told(request, principal, practice)


@router.post("/{practice:practice}/withdraw", summary="Withdraw it before it is reviewed")
async def withdraw(
    request: Request, practice: PracticePath, body: Told, principal: Sender, idempotency_key: IdempotencyKey = None
) -> Detail:
    await own(request, principal, practice)
    command = WithdrawPractice(practice=practice, happened_at=body.happened_at)
    await practising.change(command, store_for(request, principal, source="api"))
    return await _told(request, principal, practice)


@router.post("/{practice:practice}/reviewers", summary="Name its two reviewers, by ids of `/officers`")
async def reviewers(
    request: Request, practice: PracticePath, body: ReviewersBody, principal: Manager,
    idempotency_key: IdempotencyKey = None,
) -> Detail:  # fmt: skip
    await seen(request, principal, practice)
    command = NameReviewers.model_validate({**body.model_dump(), "practice": practice})
    store = store_for(request, principal, source="api")
    await practising.name_reviewers(command, store, await may_review(request, principal.network))
    return await _told(request, principal, practice)


@router.post("/{practice:practice}/review", summary="One reviewer's scores and words")
async def review(
    request: Request, practice: PracticePath, body: ReviewBody, principal: Reviewer,
    idempotency_key: IdempotencyKey = None,
) -> Detail:  # fmt: skip
    await seen(request, principal, practice)
    me = await person_of(request, principal) or principal.subject
    command = ReviewPractice.model_validate({**body.model_dump(), "practice": practice, "reviewer": me})
    await practising.review(command, store_for(request, principal, source="api"), principal.member)
    return await _told(request, principal, practice)


@router.post("/{practice:practice}/publish", summary="Put it into the library")
async def publish(
    request: Request, practice: PracticePath, body: Told, principal: Manager, idempotency_key: IdempotencyKey = None
) -> Detail:
    await seen(request, principal, practice)
    command = PublishPractice(practice=practice, happened_at=body.happened_at)
    await practising.change(command, store_for(request, principal, source="api"))
    return await _told(request, principal, practice)


@router.post("/{practice:practice}/unpublish", summary="Take it out of the library")
async def unpublish(
    request: Request,
    practice: PracticePath,
    body: ReasonBody,
    principal: Manager,
    idempotency_key: IdempotencyKey = None,
) -> Detail:
    await seen(request, principal, practice)
    command = UnpublishPractice(practice=practice, reason=body.reason, happened_at=body.happened_at)
    await practising.with_reason(command, store_for(request, principal, source="api"))
    return await _told(request, principal, practice)


@router.post("/{practice:practice}/recognise", summary="Recognise it as exemplary, once it was presented")
async def recognise(
    request: Request, practice: PracticePath, body: RecogniseBody, principal: Manager,
    idempotency_key: IdempotencyKey = None,
) -> Detail:  # fmt: skip
    await seen(request, principal, practice)
    command = RecognisePractice.model_validate({**body.model_dump(), "practice": practice})
    await practising.change(command, store_for(request, principal, source="api"))
    return await _told(request, principal, practice)


@router.post("/{practice:practice}/recognition/take-back", summary="Take the recognition back")
async def unrecognise(
    request: Request,
    practice: PracticePath,
    body: ReasonBody,
    principal: Manager,
    idempotency_key: IdempotencyKey = None,
) -> Detail:
    await seen(request, principal, practice)
    command = TakeBackRecognition(practice=practice, reason=body.reason, happened_at=body.happened_at)
    await practising.with_reason(command, store_for(request, principal, source="api"))
    return await _told(request, principal, practice)


@router.post("/{practice:practice}/reuse", status_code=201, summary="Note that another member applies it")
async def reuse(
    request: Request, practice: PracticePath, body: ReuseBody, principal: Reuser, idempotency_key: IdempotencyKey = None
) -> Detail:
    await seen(request, principal, practice)
    by = principal.own_member or body.by
    if not by:
        raise Refused("member-missing", "Say which member applies it.", status=422)
    store = store_for(request, principal, source="api")
    drawn = fixed_id("reuse", practice, store.origin.receipt_id) if store.origin.receipt_id else new_id("reuse")
    command = RecordReuse.model_validate({**body.model_dump(), "by": by, "practice": practice, "reuse": drawn})
    await practising.record_reuse(command, store)
    return await _told(request, principal, practice)


@router.post("/{practice:practice}/reuse/{reuse:reuse}/take-back", summary="It is not applied there")
async def take_back(
    request: Request,
    practice: PracticePath,
    reuse: ReusePath,
    body: Told,
    principal: Reuser,
    *,
    idempotency_key: IdempotencyKey = None,
) -> Detail:
    one = await seen(request, principal, practice)
    told = one.state.reuses.get(reuse)
    if told and principal.own_member not in (None, told.by):
        raise Refused("other-member", "Only the member that applies it takes this back.", status=403)
    command = TakeBackReuse(practice=practice, reuse=reuse, happened_at=body.happened_at)
    await practising.change(command, store_for(request, principal, source="api"))
    return await _told(request, principal, practice)
