"""The JSON API of a year's agreed actions: on the list, joined, on their way, reviewed, carried on."""

from typing import Annotated, Self

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.requests import acting
from services.requests.acting import Agreed
from services.requests.commands import Id, Moment, Reason, Year
from services.requests.domain.action import AgreeAction, JoinAction, Outcome, ProgressAction, ReviewAction, Stage
from shared.contracts.planning import ActionAgreed
from shared.contracts.vocabulary import in_protocol_order
from shared.profiles import load
from shared.web.stale import tell_version

from .actions import Worker, found, must_be_in
from .api_bodies import Key
from .common import PlanEditor, PlanReader, api_store, db_of, findable, member_for

router = APIRouter(prefix="/requests/api/v1/actions", tags=["actions"])
ActionPath = Annotated[str, Path(max_length=100, examples=["action-0192…"])]


class ActionBody(AgreeAction):
    """Three members or more make it multilateral; the lead is one of them."""


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    happened_at: Moment | None = None


class ProgressBody(Body):
    status: Stage


class JoinBody(Body):
    member: Id | None = None
    """For a coordinator; else one's own."""


class ReviewBody(Body):
    outcome: Outcome
    said: Reason = ""


class GoOnBody(Body):
    year: Year


class JoinedView(BaseModel):
    member: str
    on: str


class ActionView(BaseModel):
    id: str
    version: int
    year: int
    line: str
    title: str
    text: str = ""
    lead: str
    members: list[str]
    joined: list[JoinedView]
    """Members that joined later, each with the day."""
    multilateral: bool
    status: Stage
    since: str
    """The day since which it has this status."""
    outcome: Outcome | None = None
    """Of the last review at the annual meeting."""
    reviewed_on: str = ""
    review: str = ""
    itemised: str | None = None
    """The row of the network's own document that it is."""

    @classmethod
    def of(cls, row: Agreed) -> Self:
        state = row.state
        same = ("year", "line", "lead", "multilateral", "status", "since", "reviewed_on", "itemised")
        facts = {name: getattr(state, name) for name in same}
        return cls.model_validate({
            **facts, "id": row.id, "version": row.version, "title": row.title, "text": row.text,
            "members": in_protocol_order(state.members), "outcome": state.outcome or None, "review": row.review,
            "joined": [{"member": member, "on": on} for member, on in state.joined],
        })  # fmt: skip


class ActionsView(BaseModel):
    total: int
    page: int
    per_page: int
    stated: int | None = None
    """How many the network's own document states for the year, where a year is asked for."""
    itemised: int | None = None
    """How many of the year are on this list, however it is narrowed."""
    items: list[ActionView]


class Narrowed(BaseModel):
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=200)] = 25
    year: Annotated[int | None, Field(ge=2000, le=2099)] = None
    status: Stage | None = None
    member: Annotated[str, Field(max_length=64)] = ""
    line: Annotated[str, Field(max_length=64)] = ""
    q: Annotated[str, Field(max_length=200, description="Part of the title.")] = ""


@router.post("", status_code=201)
async def agree(
    body: ActionBody, request: Request, response: Response, principal: PlanEditor, idempotency_key: Key = None
) -> ActionView:
    """Members agree on an action of the year."""
    receipt = await acting.agree_action(AgreeAction(**body.model_dump()), api_store(request, principal))
    agreed = receipt.first(ActionAgreed)
    assert agreed is not None
    response.headers["Location"] = f"{router.prefix}/{agreed.stream}"
    return ActionView.of(await found(request, principal, agreed.stream))


@router.get("")
async def actions(request: Request, principal: PlanReader, asked: Annotated[Narrowed, Query()]) -> ActionsView:
    """Actions of a year, or of all years, in the order in which they were agreed on."""
    there = await acting.actions(db_of(request), principal.network, asked.year)
    rows = [one for one in there if _fits(one, asked)]
    skip = (asked.page - 1) * asked.per_page
    items = [ActionView.of(one) for one in rows[skip : skip + asked.per_page]]
    view = ActionsView(total=len(rows), page=asked.page, per_page=asked.per_page, items=items)
    if asked.year is not None:
        plan = load(principal.network).plan(asked.year)
        view.stated, view.itemised = plan.stated_actions if plan else None, len(there)
    return view


def _fits(one: Agreed, asked: Narrowed) -> bool:
    state = one.state
    return (
        asked.status in (None, state.status)
        and asked.line in ("", state.line)
        and (not asked.member or asked.member in state.members)
        and findable(asked.q).casefold() in one.title.casefold()
    )


@router.post("/go-on", status_code=201)
async def go_on(body: GoOnBody, request: Request, principal: PlanEditor, idempotency_key: Key = None) -> ActionsView:
    """Every action of the year before that its review lets continue is on this year's list from now on.

    Said again, those that were added before are answered and nothing is added.
    """
    db, network = db_of(request), principal.network
    if coming := await acting.going_on(db, network, body.year, body.happened_at):
        await acting.agree_actions(coming, api_store(request, principal))
    titles = {one.title for one in await acting.continuing(db, network, body.year)}
    items = [ActionView.of(one) for one in await acting.actions(db, network, body.year) if one.title in titles]
    return ActionsView(total=len(items), page=1, per_page=max(len(items), 1), items=items)


@router.get("/{action}")
async def one(action: ActionPath, request: Request, response: Response, principal: PlanReader) -> ActionView:
    row = await found(request, principal, action)
    tell_version(response, row.version)
    return ActionView.of(row)


@router.post("/{action}/progress")
async def progress(
    action: ActionPath, body: ProgressBody, request: Request, principal: Worker, idempotency_key: Key = None
) -> ActionView:
    """How far it is, as its members say, and who sees all of the network."""
    must_be_in(principal, await found(request, principal, action))
    await acting.progress_action(ProgressAction(action=action, **body.model_dump()), api_store(request, principal))
    return ActionView.of(await found(request, principal, action))


@router.post("/{action}/join")
async def join(
    action: ActionPath, body: JoinBody, request: Request, principal: Worker, idempotency_key: Key = None
) -> ActionView:
    """A member joins later; from three on the action is multilateral."""
    await found(request, principal, action)
    member = member_for(principal, body.member)
    command = JoinAction(action=action, member=member, happened_at=body.happened_at)
    await acting.join_action(command, api_store(request, principal))
    return ActionView.of(await found(request, principal, action))


@router.post("/{action}/review")
async def review(
    action: ActionPath, body: ReviewBody, request: Request, principal: PlanEditor, idempotency_key: Key = None
) -> ActionView:
    """What the annual meeting says of it; the last review counts."""
    await found(request, principal, action)
    await acting.review_action(ReviewAction(action=action, **body.model_dump()), api_store(request, principal))
    return ActionView.of(await found(request, principal, action))
