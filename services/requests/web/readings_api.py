"""The JSON API of figures from outside."""

from typing import Annotated, Self

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.requests import taking
from services.requests.domain.readings import CorrectReading, Count, RemoveReading, TakeReading
from services.requests.taking import Taken
from shared.web.stale import IfMatch, guarded, seen_version, tell_version

from .api_bodies import Key
from .common import api_store, db_of, member_for
from .readings import MINDS, ReadingsEditor, ReadingsReader, editable, found

router = APIRouter(prefix="/requests/api/v1/readings", tags=["readings"])
ReadingPath = Annotated[str, Path(max_length=100, examples=["reading-5f0c…"])]
Why = Annotated[str, Field(min_length=1, max_length=2_000)]


class ReadingBody(TakeReading):
    """A figure read outside; `member` is left out for one of the whole network, and by a member's officer."""


class ReadingView(BaseModel):
    id: str
    version: int
    """For `If-Match`."""
    figure: str
    on: str
    member: str | None = None
    value: int
    of: int | None = None
    source: str
    corrections: int
    """How often it was corrected."""

    @classmethod
    def of_taken(cls, taken: Taken) -> Self:
        state = taken.state
        return cls(
            id=taken.id,
            version=taken.version,
            figure=state.figure,
            on=state.on,
            member=state.member,
            value=state.value,
            of=state.of,
            source=taken.source,
            corrections=state.corrections,
        )


class ReadingsView(BaseModel):
    total: int
    page: int
    per_page: int
    items: list[ReadingView]


class CorrectBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    value: Count
    of: Count | None = None
    reason: Why


class RemoveBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Why


class Narrowed(BaseModel):
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=200)] = 25
    figure: Annotated[str, Field(max_length=64)] = ""


@router.post("", status_code=201)
async def take(
    body: ReadingBody, request: Request, response: Response, principal: ReadingsEditor, idempotency_key: Key = None
) -> ReadingView:
    """Enter a figure; the same one of the same day told again is one."""
    facts = body.model_dump()
    if principal.own_member is not None:
        facts["member"] = member_for(principal, body.member)
    command = TakeReading(**facts)
    await taking.take_reading(command, api_store(request, principal))
    name = taking.reading_id(principal.network, command)
    response.headers["Location"] = f"{router.prefix}/{name}"
    return ReadingView.of_taken(await found(request, principal, name))


@router.get("")
async def readings(request: Request, principal: ReadingsReader, asked: Annotated[Narrowed, Query()]) -> ReadingsView:
    """Readings, the newest day first."""
    rows, total = await taking.listed(
        db_of(request),
        principal.network,
        figure=asked.figure,
        own=principal.own_member,
        skip=(asked.page - 1) * asked.per_page,
        limit=asked.per_page,
    )
    items = [ReadingView.of_taken(row) for row in rows]
    return ReadingsView(total=total, page=asked.page, per_page=asked.per_page, items=items)


@router.get("/{reading_id}")
async def one(reading_id: ReadingPath, request: Request, response: Response, principal: ReadingsReader) -> ReadingView:
    """Its version is the answer's ETag, for `If-Match`."""
    taken = await found(request, principal, reading_id)
    tell_version(response, taken.version)
    return ReadingView.of_taken(taken)


@router.post("/{reading_id}/correct")
async def correct(
    reading_id: ReadingPath,
    body: CorrectBody,
    request: Request,
    principal: ReadingsEditor,
    *,
    idempotency_key: Key = None,
    if_match: IfMatch = None,
) -> ReadingView:
    """Another value from now on; the one before stays in its trace."""
    await editable(request, principal, reading_id)
    command = CorrectReading(reading=reading_id, **body.model_dump())
    await guarded(
        request,
        api_store(request, principal),
        reading_id,
        lambda now: taking.correct_reading(command, now),
        seen=seen_version(if_match),
        minds=MINDS,
    )
    return ReadingView.of_taken(await found(request, principal, reading_id))


@router.post("/{reading_id}/remove", status_code=204)
async def remove(
    reading_id: ReadingPath, body: RemoveBody, request: Request, principal: ReadingsEditor, idempotency_key: Key = None
) -> None:
    """It was no reading of this figure."""
    await editable(request, principal, reading_id)
    await taking.remove_reading(RemoveReading(reading=reading_id, reason=body.reason), api_store(request, principal))
