"""How a request stands, folded from what happened to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from shared.contracts.base import Event
from shared.contracts.requests import (
    RequestAcceptedForCall,
    RequestAnswered,
    RequestDeclined,
    RequestDeferred,
    RequestFulfilled,
    RequestJoined,
    RequestMatched,
    RequestMerged,
    RequestParted,
    RequestPlanned,
    RequestQuestioned,
    RequestReopened,
    RequestSubmitted,
    RequestWithdrawn,
)
from shared.contracts.vocabulary import Quarter


class Status(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    PLANNED = "planned"
    ACCEPTED = "accepted"
    """In a call of `matching`, where it is matched with a host."""
    MERGED = "merged"
    DEFERRED = "deferred"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    FULFILLED = "fulfilled"


OPEN = (Status.SUBMITTED, Status.DEFERRED)
"""A coordinator may decide on these; a deferred one is taken up again."""


@dataclass(frozen=True, slots=True)
class Before:
    """What a decision was taken on: its own name and day, and how the request stood."""

    fate: str
    on: str
    status: str
    plan: str
    year: int
    quarter: str | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    status: Status = Status.DRAFT
    kind: str = ""
    member: str = ""
    """Who asks: a member of the network, or what `requester` says."""
    requester: str = ""
    plan: str = ""
    """The plan that holds it: where it waits, or where its activity stands."""
    year: int = 0
    topic: str | None = None
    target_groups: tuple[str, ...] = ()
    language: str | None = None
    participants: int | None = None
    quarter_wished: str | None = None
    owner: str | None = None
    starts_on: str | None = None
    ends_on: str | None = None
    inside: str | None = None
    """The activity of a plan, or the request, that it is to be part of."""
    via: str = ""
    submitted_on: str = ""
    waits_since: str = ""
    """The day since which it waits for an answer: sent, or taken back."""
    activity: str | None = None
    line: str | None = None
    quarter: str | None = None
    call: str | None = None
    exchange: str | None = None
    """The one that both sides agreed to in the call."""
    host: str | None = None
    week: str | None = None
    """In which the exchange begins."""
    into: str | None = None
    """The request that it is merged into."""
    joined: Mapping[str, str] = field(default_factory=dict)
    """Requests that are merged into this one -> the member that asks."""
    question: str | None = None
    """The id of the question that its sender has not answered yet."""
    words: str | None = None
    """The id of the last decision's reason."""
    decided: tuple[Before, ...] = ()
    """The decisions that stand, each with what was before it: the last one can be taken back."""
    cause: str = ""
    """Why it waits again: undone, activity-cancelled, exchange-cancelled, joined-withdrawn."""


def evolve(request: Request, event: Event) -> Request:
    match event:
        case RequestSubmitted():
            facts = event.model_dump(exclude={"plan", "quarter_wished"})
            wished = event.quarter_wished
            year = Quarter.parse(wished).year if wished else int((event.starts_on or event.submitted_on)[:4])
            return Request(
                status=Status.SUBMITTED, plan=event.plan, year=year, quarter_wished=wished,
                waits_since=event.submitted_on, **facts,
            )  # fmt: skip
        case RequestPlanned():
            return replace(
                request, status=Status.PLANNED, plan=event.plan, year=Quarter.parse(event.quarter).year,
                activity=event.activity, line=event.line, quarter=event.quarter, words=event.words,
                decided=_before(request, "planned", event.on), cause="",
            )  # fmt: skip
        case RequestDeferred():
            year = Quarter.parse(event.quarter).year
            plan = event.plan or request.plan
            return replace(
                request, status=Status.DEFERRED, quarter=event.quarter, year=year, plan=plan, words=event.words,
                decided=_before(request, "deferred", event.on), cause="",
            )  # fmt: skip
        case RequestDeclined():
            return _closed(request, Status.DECLINED, event.words, _before(request, "declined", event.on))
        case RequestAcceptedForCall():
            decided = _before(request, "accepted", event.on)
            accepted = _closed(request, Status.ACCEPTED, event.words, decided)
            return replace(accepted, call=event.call, exchange=None, host=None, week=None)
        case RequestMatched():
            return replace(request, exchange=event.exchange, host=event.host, week=event.week)
        case RequestMerged():
            decided = _before(request, "merged", event.on)
            return replace(_closed(request, Status.MERGED, event.words, decided), into=event.into)
        case RequestReopened():
            left = request.decided[: len(request.decided) - len(event.taken_back)]
            return replace(
                request, status=Status(event.status), plan=event.plan, year=event.year, quarter=event.quarter,
                activity=None, line=None, into=None, call=None, decided=left, cause=event.cause,
                exchange=None, host=None, week=None, waits_since=event.on or request.waits_since,
                words=event.said if event.status == Status.DEFERRED else event.words,
            )  # fmt: skip
        case RequestWithdrawn():
            # Those that were merged into it come back with the same command.
            return replace(_closed(request, Status.WITHDRAWN, event.words, request.decided), joined={})
        case RequestFulfilled():
            held = _closed(request, Status.FULFILLED, request.words, request.decided)
            return replace(held, activity=event.activity)
    return _beside(request, event)


def _beside(request: Request, event: Event) -> Request:
    """What changes nothing of its fate."""
    match event:
        case RequestJoined():
            return replace(request, joined={**request.joined, event.request: event.request_member})
        case RequestParted():
            left = {one: who for one, who in request.joined.items() if one != event.request}
            return replace(request, joined=left)
        case RequestQuestioned():
            return replace(request, question=event.words)
        case RequestAnswered():
            return replace(request, question=None)
    return request


def _closed(request: Request, status: Status, words: str | None, decided: tuple[Before, ...]) -> Request:
    """No answer to a question is waited for any more."""
    cause = request.cause if status in (Status.WITHDRAWN, Status.FULFILLED) else ""
    return replace(request, status=status, words=words, decided=decided, cause=cause, question=None)


def _before(request: Request, fate: str, on: str) -> tuple[Before, ...]:
    stood = Before(fate, on, request.status.value, request.plan, request.year, request.quarter, request.words)
    return (*request.decided, stood)
