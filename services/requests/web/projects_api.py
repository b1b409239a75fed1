"""The JSON API of projects."""

from typing import Annotated, Self

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.requests import portfolio
from services.requests.domain.projects import AboutProject, ChangeProject, EnterProject, RemoveProject, Stage
from services.requests.portfolio import Shown
from shared.contracts.projects import ProjectEntered
from shared.web.stale import IfMatch, guarded, seen_version, tell_version

from .api_bodies import Key
from .common import api_store, db_of, findable
from .projects import MINDS, ProjectsEditor, ProjectsReader, found

router = APIRouter(prefix="/requests/api/v1/projects", tags=["projects"])
ProjectPath = Annotated[str, Path(max_length=100, examples=["project-0192…"])]


class ProjectBody(AboutProject):
    """A project; where no days are given, they are those of the months that the period names."""


class ProjectView(BaseModel):
    id: str
    version: int
    """For `If-Match`."""
    title: str
    stage: Stage
    programme: str = ""
    coordinator: str = ""
    lead: str = ""
    themes: str = ""
    period: str = ""
    starts_on: str | None = None
    ends_on: str | None = None
    eu_grant: float | None = None
    """In euros."""
    own_grant: float | None = None
    members: list[str]

    @classmethod
    def of(cls, shown: Shown) -> Self:
        state = shown.state
        return cls(
            id=shown.id,
            version=shown.version,
            stage=shown.stage,
            starts_on=state.starts_on,
            ends_on=state.ends_on,
            eu_grant=shown.eu_grant,
            own_grant=shown.own_grant,
            members=list(state.members),
            **shown.words,
        )


class ProjectsView(BaseModel):
    total: int
    items: list[ProjectView]


class RemoveBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=2_000)]


class Narrowed(BaseModel):
    stage: Stage | None = None
    member: Annotated[str, Field(max_length=64)] = ""
    q: Annotated[str, Field(max_length=200, description="Part of its words.")] = ""


@router.post("", status_code=201)
async def enter(
    body: ProjectBody, request: Request, response: Response, principal: ProjectsEditor, idempotency_key: Key = None
) -> ProjectView:
    command = EnterProject(**body.model_dump())
    receipt = await portfolio.enter_project(command, api_store(request, principal))
    made = receipt.first(ProjectEntered)
    assert made is not None
    response.headers["Location"] = f"{router.prefix}/{made.stream}"
    return ProjectView.of(await found(request, principal, made.stream))


@router.get("")
async def projects(request: Request, principal: ProjectsReader, asked: Annotated[Narrowed, Query()]) -> ProjectsView:
    """All projects that fit, by stage."""
    stage = asked.stage.value if asked.stage else ""
    rows = await portfolio.listed(
        db_of(request), principal.network, stage=stage, member=asked.member, find=findable(asked.q)
    )
    return ProjectsView(total=len(rows), items=[ProjectView.of(row) for row in rows])


@router.get("/{project_id}")
async def one(project_id: ProjectPath, request: Request, response: Response, principal: ProjectsReader) -> ProjectView:
    """Its version is the answer's ETag, for `If-Match`."""
    shown = await found(request, principal, project_id)
    tell_version(response, shown.version)
    return ProjectView.of(shown)


@router.put("/{project_id}")
async def change(
    project_id: ProjectPath,
    body: ProjectBody,
    request: Request,
    principal: ProjectsEditor,
    *,
    idempotency_key: Key = None,
    if_match: IfMatch = None,
) -> ProjectView:
    """What the project is from now on; a field left out is empty."""
    shown = await found(request, principal, project_id)
    command = ChangeProject(project=project_id, **body.model_dump())
    await guarded(
        request,
        api_store(request, principal),
        project_id,
        lambda now: portfolio.change_project(command, now, shown.words),
        seen=seen_version(if_match),
        minds=MINDS,
    )
    return ProjectView.of(await found(request, principal, project_id))


@router.post("/{project_id}/remove", status_code=204)
async def remove(
    project_id: ProjectPath, body: RemoveBody, request: Request, principal: ProjectsEditor, idempotency_key: Key = None
) -> None:
    """It was entered by mistake."""
    await found(request, principal, project_id)
    await portfolio.remove_project(RemoveProject(project=project_id, reason=body.reason), api_store(request, principal))
