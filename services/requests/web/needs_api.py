"""The JSON API of needs: analyses, and the matrix."""

from typing import Annotated, Self

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.requests import analysing, matrix
from services.requests.domain.needs import AboutNeeds, Finding, RecordNeeds, ReviseNeeds, WithdrawNeeds
from services.requests.matrix import Shown, View
from shared.contracts.needs import NeedsRecorded
from shared.web.stale import IfMatch, guarded, seen_version, tell_version

from .api_bodies import Key
from .common import api_store, db_of, member_for
from .needs import MINDS, NeedsEditor, NeedsReader, editable, found

router = APIRouter(prefix="/requests/api/v1/needs", tags=["needs"])
NeedsPath = Annotated[str, Path(max_length=100, examples=["needs-0192…"])]


class AnalysisBody(AboutNeeds):
    """An analysis; `member` is left out for one of the whole network, and by a member's officer."""


class AnalysisView(BaseModel):
    id: str
    version: int
    """For `If-Match`."""
    source: str
    on: str
    title: str
    summary: str = ""
    member: str | None = None
    findings: list[Finding]

    @classmethod
    def of(cls, shown: Shown) -> Self:
        findings = [
            Finding(target_group=group, topic=topic, weight=weight) for group, topic, weight in shown.state.findings
        ]
        return cls(
            id=shown.id,
            version=shown.version,
            source=shown.state.source,
            on=shown.state.on,
            title=shown.title,
            summary=str(shown.words.get("summary", "")),
            member=shown.state.member,
            findings=findings,
        )


class AnalysesView(BaseModel):
    total: int
    page: int
    per_page: int
    items: list[AnalysisView]


class CellView(BaseModel):
    target_group: str
    """Empty where what tells of the need names none."""
    topic: str
    weight: int
    findings: int
    evaluations: int
    requests: int


class MatrixView(BaseModel):
    newest_on: str | None
    """The day of the newest analysis."""
    due_on: str | None
    """From when on that is too old."""
    cells: list[CellView]


class WithdrawBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=2_000)]


class Narrowed(BaseModel):
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=200)] = 25
    member: Annotated[str, Field(max_length=64)] = ""
    source: Annotated[str, Field(max_length=64)] = ""
    since: Annotated[int | None, Field(ge=2000, le=2099, description="The first year that counts.")] = None


@router.post("", status_code=201)
async def record(
    body: AnalysisBody, request: Request, response: Response, principal: NeedsEditor, idempotency_key: Key = None
) -> AnalysisView:
    """Record an analysis with its findings."""
    facts = body.model_dump()
    if principal.own_member is not None:
        facts["member"] = member_for(principal, body.member)
    receipt = await analysing.record_needs(RecordNeeds(**facts), api_store(request, principal))
    made = receipt.first(NeedsRecorded)
    assert made is not None
    response.headers["Location"] = f"{router.prefix}/{made.stream}"
    return AnalysisView.of(await found(request, principal, made.stream))


@router.get("")
async def analyses(request: Request, principal: NeedsReader, asked: Annotated[Narrowed, Query()]) -> AnalysesView:
    """Analyses, the newest first."""
    db, network, view = db_of(request), principal.network, View.of(principal.own_member, asked.member, asked.since)
    skip = (asked.page - 1) * asked.per_page
    rows = await matrix.analyses(db, network, view, source=asked.source, skip=skip, limit=asked.per_page)
    total = await matrix.count(db, network, view, asked.source)
    items = [AnalysisView.of(row) for row in rows]
    return AnalysesView(total=total, page=asked.page, per_page=asked.per_page, items=items)


@router.get("/matrix")
async def needs_matrix(request: Request, principal: NeedsReader, asked: Annotated[Narrowed, Query()]) -> MatrixView:
    """Target groups and topics by how much they are needed, the heaviest first."""
    view = View.of(principal.own_member, asked.member, asked.since)
    made = await matrix.matrix(db_of(request), principal.network, view)
    cells = [
        CellView(
            target_group=group,
            topic=topic,
            weight=cell.weight,
            findings=cell.findings,
            evaluations=cell.evaluations,
            requests=cell.requests,
        )
        for (group, topic), cell in sorted(made.by_group.items(), key=lambda row: (-row[1].weight, row[0]))
    ]
    agenda = await matrix.agenda(db_of(request), principal.network)
    return MatrixView(newest_on=agenda.newest_on, due_on=agenda.due_on, cells=cells)


@router.get("/{needs_id}")
async def one(needs_id: NeedsPath, request: Request, response: Response, principal: NeedsReader) -> AnalysisView:
    """Its version is the answer's ETag, for `If-Match`."""
    shown = await found(request, principal, needs_id)
    tell_version(response, shown.version)
    return AnalysisView.of(shown)


@router.put("/{needs_id}")
async def revise(
    needs_id: NeedsPath,
    body: AnalysisBody,
    request: Request,
    principal: NeedsEditor,
    *,
    idempotency_key: Key = None,
    if_match: IfMatch = None,
) -> AnalysisView:
    """What the analysis says from now on; a field left out is empty."""
    shown = await editable(request, principal, needs_id)
    facts = body.model_dump()
    if principal.own_member is not None:
        facts["member"] = member_for(principal, body.member)
    command = ReviseNeeds(**facts, needs=needs_id)
    await guarded(
        request,
        api_store(request, principal),
        needs_id,
        lambda now: analysing.revise_needs(command, now, shown.words),
        seen=seen_version(if_match),
        minds=MINDS,
    )
    return AnalysisView.of(await found(request, principal, needs_id))


@router.post("/{needs_id}/withdraw", status_code=204)
async def withdraw(
    needs_id: NeedsPath, body: WithdrawBody, request: Request, principal: NeedsEditor, idempotency_key: Key = None
) -> None:
    """It counts no more."""
    await editable(request, principal, needs_id)
    command = WithdrawNeeds(needs=needs_id, reason=body.reason)
    await analysing.withdraw_needs(command, api_store(request, principal))
