"""What becomes of a request: submitted, then planned, merged, deferred or declined, withdrawn - never lost."""

from typing import Any

from services.requests.commands import (
    DeclineRequest,
    DeferRequest,
    FulfilRequest,
    PlanRequest,
    ReopenRequest,
    ReturnRequest,
    SubmitRequest,
    Wish,
    WithdrawRequest,
)
from shared.contracts.base import Command, Event
from shared.contracts.periods import period_of
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
from .rules import (
    joined_of,
    must_be_held_by,
    must_be_open,
    must_be_there,
    must_be_without_exchange,
    needs_a_reason,
    not_before_it_was_sent,
    wrong_status,
)
from .state import OPEN, Before, Request, Status, evolve

__all__ = ["OPEN", "Before", "Request", "Status", "decide", "evolve", "submit"]


def submit(request: Request, command: SubmitRequest, *, kind: Kind, plan: str, call_open: bool = False) -> list[Event]:
    """Send it to the plan of the year it is wished for."""
    if request.status is not Status.DRAFT:
        raise Refused("already-there", "This request was sent before; nothing was changed.")
    check(kind, command, command.member, call_open=call_open)
    period = period_of(command.period or "")
    return [
        RequestSubmitted(
            kind=command.kind,
            member=command.member,
            plan=plan,
            topic=command.topic,
            target_groups=command.target_groups,
            language=command.language,
            participants=command.participants,
            quarter_wished=wished_for(command),
            via=command.via,
            submitted_on=command.when.date().isoformat(),
            requester=kind.requesters.get(command.member, ""),
            owner=command.owner,
            starts_on=period.first.isoformat() if period else None,
            ends_on=period.last.isoformat() if period else None,
            inside=command.inside,
        )
    ]


def wished_for(wish: Wish) -> str | None:
    """The quarter wished; that in which the period begins where none was chosen."""
    period = period_of(wish.period or "")
    return wish.quarter_wished or (str(Quarter.of(period.first)) if period else None)


def decide(request: Request, command: Command, *, held_by: str = "", plan: str = "") -> list[Event]:
    """What a command makes of it.

    `held_by` is the plan that the caller believes to hold it, `plan` the one that holds it from now on.
    """
    if isinstance(command, FulfilRequest):
        return _fulfil(request, command)
    if isinstance(command, ReturnRequest):
        return _return(request, command)
    must_be_there(request)
    must_be_held_by(request, held_by)
    not_before_it_was_sent(request, command)
    who: dict[str, Any] = {"kind": request.kind, "member": request.member}
    since: dict[str, Any] = {"submitted_on": request.submitted_on, "previously": request.status.value}
    since |= {"on": command.when.date().isoformat(), "joined": joined_of(request)}
    match command:
        case PlanRequest():
            must_be_open(request)
            return [
                RequestPlanned(
                    **who, **since, plan=plan, activity=command.activity, line=command.line, quarter=command.quarter,
                    words=command.words or None,
                )
            ]  # fmt: skip
        case DeferRequest():
            must_be_open(request)
            needs_a_reason(command.reason)
            if Quarter.parse(command.quarter).last_day < command.when.date():
                raise Refused("quarter-over", "Choose a quarter that is still to come.", status=422)
            return [RequestDeferred(**who, **since, plan=plan, quarter=command.quarter, words=command.words or None)]
        case DeclineRequest():
            must_be_open(request)
            needs_a_reason(command.reason)
            return [RequestDeclined(**who, **since, words=command.words or None)]
        case WithdrawRequest():
            if request.status not in WITHDRAWABLE:
                raise wrong_status(request)
            must_be_without_exchange(request)
            return [RequestWithdrawn(**who, previously=request.status.value, words=command.words or None)]
        case ReopenRequest():
            return _reopen(request, command)
    raise Refused("not-understood", "A request does not take this command.", status=422)


WITHDRAWABLE = (*OPEN, Status.PLANNED, Status.ACCEPTED, Status.MERGED)
UNDONE = (Status.PLANNED, Status.DEFERRED, Status.DECLINED, Status.MERGED, Status.ACCEPTED)
"""What was decided so can be taken back."""


def _reopen(request: Request, command: ReopenRequest) -> list[Event]:
    """As it stood before the last decision."""
    if request.status not in UNDONE or not request.decided:
        raise Refused("nothing-to-take-back", "There is no decision on this request that could be taken back.")
    must_be_without_exchange(request)
    needs_a_reason(command.reason)
    last = request.decided[-1]
    stood = {"status": last.status, "plan": last.plan, "year": last.year, "quarter": last.quarter}
    return [_reopened(request, (last,), command, cause="undone", words=command.words or None, said=last.words, **stood)]


def _return(request: Request, command: ReturnRequest) -> list[Event]:
    """Its activity or exchange was cancelled: nothing that was decided stands. Nothing where it comes too late."""
    if not answered_by(request, command.activity, command.exchange):
        return []
    stands = {"status": Status.SUBMITTED.value, "plan": request.plan, "year": request.year}
    cause = "exchange-cancelled" if command.exchange else "activity-cancelled"
    return [_reopened(request, request.decided, command, cause=cause, words=command.words or None, **stands)]


def answered_by(request: Request, activity: str, exchange: str) -> bool:
    """Whether it still waits for this activity of the plan, or for this exchange of its call."""
    if exchange:
        return request.status is Status.ACCEPTED and request.exchange == exchange
    return request.status is Status.PLANNED and request.activity == activity


def _reopened(request: Request, taken: tuple[Before, ...], command: Command, **facts: Any) -> RequestReopened:
    return RequestReopened(
        kind=request.kind,
        member=request.member,
        previously=request.status.value,
        previously_on=taken[-1].on if taken else "",
        activity=request.activity,
        exchange=request.exchange,
        taken_back=tuple((one.fate, one.on) for one in taken),
        on=command.when.date().isoformat(),
        joined=joined_of(request),
        **facts,
    )


def _fulfil(request: Request, command: FulfilRequest) -> list[Event]:
    """Nothing where it comes too late, or for another activity."""
    if not answered_by(request, command.activity, command.exchange):
        return []
    who = {"kind": request.kind, "member": request.member}
    return [RequestFulfilled(**who, activity=command.activity, exchange=request.exchange)]
