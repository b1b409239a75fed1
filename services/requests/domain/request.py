"""What becomes of a request: submitted, then planned, deferred or declined, withdrawn, fulfilled - never lost."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from services.requests.commands import (
    DeclineRequest,
    DeferRequest,
    FulfilRequest,
    PlanRequest,
    ReopenRequest,
    ReturnRequest,
    SubmitRequest,
    WithdrawRequest,
)
from shared.contracts.base import Command, Event
from shared.contracts.refused import Refused
from shared.contracts.requests import (
    RequestDeclined,
    RequestDeferred,
    RequestFulfilled,
    RequestPlanned,
    RequestReopened,
    RequestSubmitted,
    RequestWithdrawn,
)
from shared.contracts.vocabulary import Quarter

from .kinds import Kind, check


class Status(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    PLANNED = "planned"
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
    plan: str = ""
    """The plan that holds it: where it waits, or where its activity stands."""
    year: int = 0
    topic: str | None = None
    target_groups: tuple[str, ...] = ()
    language: str | None = None
    participants: int | None = None
    quarter_wished: str | None = None
    via: str = ""
    submitted_on: str = ""
    activity: str | None = None
    line: str | None = None
    quarter: str | None = None
    words: str | None = None
    """The id of the last decision's reason."""
    decided: tuple[Before, ...] = ()
    """The decisions that stand, each with what was before it: the last one can be taken back."""
    cause: str = ""
    """Why it waits again, where a decision was taken back: undone, activity-cancelled."""


def submit(request: Request, command: SubmitRequest, *, kind: Kind, plan: str) -> list[Event]:
    """Send it to the plan of the year it is wished for."""
    if request.status is not Status.DRAFT:
        raise Refused("already-there", "This request was sent before; nothing was changed.")
    check(kind, command, command.member)
    return [
        RequestSubmitted(
            kind=command.kind,
            member=command.member,
            plan=plan,
            topic=command.topic,
            target_groups=command.target_groups,
            language=command.language,
            participants=command.participants,
            quarter_wished=command.quarter_wished,
            via=command.via,
            submitted_on=command.when.date().isoformat(),
        )
    ]


def decide(request: Request, command: Command, *, held_by: str = "", plan: str = "") -> list[Event]:
    """What a command makes of it.

    `held_by` is the plan that the caller believes to hold it, `plan` the one that holds it from now on.
    """
    if isinstance(command, FulfilRequest):
        return _fulfil(request, command)
    if isinstance(command, ReturnRequest):
        return _return(request, command)
    _must_be_there(request)
    if held_by and request.plan != held_by:
        raise Refused("moved", "Somebody decided on this request at the same moment; look at it again.")
    if command.when.date().isoformat() < request.submitted_on:
        raise Refused(
            "before-it-was-sent",
            "It was sent on %(submitted_on)s; give a later day.",
            status=422,
            submitted_on=request.submitted_on,
        )
    who: dict[str, Any] = {"kind": request.kind, "member": request.member}
    since: dict[str, Any] = {"submitted_on": request.submitted_on, "previously": request.status.value}
    since["on"] = command.when.date().isoformat()
    match command:
        case PlanRequest():
            _must_be_open(request)
            return [
                RequestPlanned(
                    **who, **since, plan=plan, activity=command.activity, line=command.line, quarter=command.quarter,
                    words=command.words or None,
                )
            ]  # fmt: skip
        case DeferRequest():
            _must_be_open(request)
            _needs_a_reason(command.reason)
            if Quarter.parse(command.quarter).last_day < command.when.date():
                raise Refused("quarter-over", "Choose a quarter that is still to come.", status=422)
            return [RequestDeferred(**who, **since, plan=plan, quarter=command.quarter, words=command.words or None)]
        case DeclineRequest():
            _must_be_open(request)
            _needs_a_reason(command.reason)
            return [RequestDeclined(**who, **since, words=command.words or None)]
        case WithdrawRequest():
            if request.status not in (*OPEN, Status.PLANNED):
                raise _wrong_status(request)
            return [RequestWithdrawn(**who, previously=request.status.value, words=command.words or None)]
        case ReopenRequest():
            return _reopen(request, command)
    raise Refused("not-understood", "A request does not take this command.", status=422)


UNDONE = (Status.PLANNED, Status.DEFERRED, Status.DECLINED)
"""What was decided so can be taken back."""


def _reopen(request: Request, command: ReopenRequest) -> list[Event]:
    """As it stood before the last decision."""
    if request.status not in UNDONE or not request.decided:
        raise Refused("nothing-to-take-back", "There is no decision on this request that could be taken back.")
    _needs_a_reason(command.reason)
    last = request.decided[-1]
    stood = {"status": last.status, "plan": last.plan, "year": last.year, "quarter": last.quarter}
    return [_reopened(request, (last,), cause="undone", words=command.words or None, said=last.words, **stood)]


def _return(request: Request, command: ReturnRequest) -> list[Event]:
    """Its activity was cancelled: nothing that was decided stands. Nothing where it comes too late."""
    if request.status is not Status.PLANNED or request.activity != command.activity:
        return []
    stands = {"status": Status.SUBMITTED.value, "plan": request.plan, "year": request.year}
    return [_reopened(request, request.decided, cause="activity-cancelled", words=command.words or None, **stands)]


def _reopened(request: Request, taken: tuple[Before, ...], **facts: Any) -> RequestReopened:
    return RequestReopened(
        kind=request.kind,
        member=request.member,
        previously=request.status.value,
        previously_on=taken[-1].on if taken else "",
        activity=request.activity,
        taken_back=tuple((one.fate, one.on) for one in taken),
        **facts,
    )


def _fulfil(request: Request, command: FulfilRequest) -> list[Event]:
    """Nothing where it comes too late, or for another activity."""
    if request.status is not Status.PLANNED or request.activity != command.activity:
        return []
    return [RequestFulfilled(kind=request.kind, member=request.member, activity=command.activity)]


def _must_be_there(request: Request) -> None:
    if request.status is Status.DRAFT:
        raise Refused("not-found", "There is nothing of this name here.", status=404)


def _must_be_open(request: Request) -> None:
    if request.status not in OPEN:
        raise _wrong_status(request)


def _wrong_status(request: Request) -> Refused:
    return Refused("wrong-status", "This request is %(state)s already; look at it again.", state=request.status.value)


def _needs_a_reason(reason: str) -> None:
    if not reason:
        raise Refused("reason-missing", "Say why: its sender reads the reason.", status=422)


def evolve(request: Request, event: Event) -> Request:
    match event:
        case RequestSubmitted():
            facts = event.model_dump(exclude={"plan", "quarter_wished"})
            year = Quarter.parse(event.quarter_wished).year if event.quarter_wished else int(event.submitted_on[:4])
            return Request(
                status=Status.SUBMITTED, plan=event.plan, year=year, quarter_wished=event.quarter_wished, **facts
            )
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
            decided = _before(request, "declined", event.on)
            return replace(request, status=Status.DECLINED, words=event.words, decided=decided, cause="")
        case RequestReopened():
            left = request.decided[: len(request.decided) - len(event.taken_back)]
            return replace(
                request, status=Status(event.status), plan=event.plan, year=event.year, quarter=event.quarter,
                activity=None, line=None, decided=left, cause=event.cause,
                words=event.said if event.status == Status.DEFERRED else event.words,
            )  # fmt: skip
        case RequestWithdrawn():
            return replace(request, status=Status.WITHDRAWN, words=event.words)
        case RequestFulfilled():
            return replace(request, status=Status.FULFILLED)
    return request


def _before(request: Request, fate: str, on: str) -> tuple[Before, ...]:
    stood = Before(fate, on, request.status.value, request.plan, request.year, request.quarter, request.words)
    return (*request.decided, stood)
