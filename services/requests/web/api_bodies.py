"""What the JSON API of requests takes and answers."""

from enum import StrEnum
from typing import Annotated, Any, Self

from fastapi import Header, Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.requests import commands
from services.requests.commands import Id, Moment, QuarterText, Reason
from services.requests.domain.state import Status as Fate
from services.requests.queries import Shown

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", max_length=200, description="The same key and content: the same answer, done once."
    ),
]
RequestPath = Annotated[str, Path(alias="request_id", max_length=100, examples=["request-0192…"])]
YearPath = Annotated[int, Path(ge=2000, le=2099)]


class Status(StrEnum):
    """As published: one that is merged has that of the request which it shares its fate with."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PLANNED = "planned"
    DEFERRED = "deferred"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    FULFILLED = "fulfilled"

    @classmethod
    def of(cls, shown: Shown) -> "Status":
        """A request in a call of exchanges reads as planned."""
        if shown.status is Fate.MERGED:
            return cls.of(shown.lead) if shown.lead else cls.SUBMITTED
        return cls.PLANNED if shown.status is Fate.ACCEPTED else cls(shown.status.value)


class RequestBody(commands.Wish):
    member: Id | None = None
    """For a coordinator who asks on a member's behalf; else one's own."""


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Reason = ""
    happened_at: Moment | None = None


class PlanBody(Body):
    line: Id
    quarter: QuarterText


class DeferBody(Body):
    quarter: QuarterText
    reason: Annotated[Reason, StringConstraints(min_length=1)]


class DeclineBody(Body):
    reason: Annotated[Reason, StringConstraints(min_length=1)]


class Narrowed(BaseModel):
    """What a list is narrowed to, and which page of it."""

    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=200)] = 25
    member: Annotated[str | None, Field(max_length=64)] = None
    kind: Annotated[str, Field(max_length=64)] = ""
    status: Status | None = None
    year: Annotated[int | None, Field(ge=2000, le=2099)] = None
    q: Annotated[str, Field(max_length=200, description="Part of the title.")] = ""


class ReopenBody(Body):
    reason: Annotated[Reason, StringConstraints(min_length=1)]


class RequestView(BaseModel):
    id: str
    version: int
    """For `If-Match`: a decision on an older one is answered with 409 and what changed."""
    status: Status
    kind: str
    member: str
    title: str
    description: str = ""
    audience: str = ""
    topic: str | None = None
    target_groups: list[str] = Field(default_factory=list)
    language: str | None = None
    participants: int | None = None
    quarter_wished: str | None = None
    inside: str | None = None
    """The activity of a plan, or the request, that it is to be part of."""
    year: int
    submitted_on: str
    via: str
    line: str | None = None
    quarter: str | None = None
    activity: str | None = None
    reason: str = ""
    """That of the last decision."""
    cause: str = ""
    """Why it waits again, where a decision was taken back: `undone`, `activity-cancelled`,
    `exchange-cancelled`, `joined-withdrawn`."""
    fate: str = ""
    """As `status`, and `merged` or `accepted` (for a call of exchanges) where it is that."""
    merged_into: str | None = None
    """The request that it is answered together with; its member's and the coordinators' to see."""
    call: str | None = None
    exchange: str | None = None
    """The one in `matching` that both sides agreed to for it."""
    host: str | None = None
    week: str | None = None
    """In which the exchange begins: `2024-W38`."""
    question: str = ""
    """What a coordinator asks, until its sender has answered."""

    @classmethod
    def of(cls, shown: Shown) -> Self:
        state: dict[str, Any] = dict(shown.state)
        words = {name: shown.words.get(name, "") for name in ("title", "description", "audience")}
        about = {"id": shown.id, "version": shown.version, "reason": shown.reason, "question": shown.question}
        fate = {"status": Status.of(shown), "fate": shown.status.value, "merged_into": state["into"]}
        return cls.model_validate({**state, **words, **about, **fate})


class RequestsView(BaseModel):
    total: int
    page: int
    per_page: int
    items: list[RequestView]
