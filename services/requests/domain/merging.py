"""Requests that ask for the same are answered together: one leads, the others share its fate and find back to their
own where it is withdrawn."""

from services.requests.commands import MergeRequest, ReopenRequest, ReturnRequest, WithdrawRequest
from shared.contracts.base import Command, Event
from shared.contracts.refused import Refused
from shared.contracts.requests import RequestJoined, RequestMerged, RequestParted, RequestReopened

from . import plan as plans
from .plan import Plan
from .rules import must_be_held_by, must_be_open, must_be_there, needs_a_reason, not_before_it_was_sent, wrong_status
from .state import OPEN, Request, Status

LEADS = (*OPEN, Status.PLANNED)
"""What another one can be merged into."""
MOST_JOINED = 40


def merge(request: Request, command: MergeRequest, *, held_by: str, into_member: str) -> list[Event]:
    """It leaves its plan's list; the one that it is merged into answers for both."""
    must_be_there(request)
    must_be_held_by(request, held_by)
    not_before_it_was_sent(request, command)
    must_be_open(request)
    needs_a_reason(command.reason)
    if command.into == command.request:
        raise Refused("merged-with-itself", "Choose another request to merge it with.", status=422)
    if request.joined:
        raise Refused("others-joined-it", "Others are merged into this one already; merge that one into it instead.")
    return [
        RequestMerged(
            kind=request.kind,
            member=request.member,
            into=command.into,
            into_member=into_member,
            submitted_on=request.submitted_on,
            previously=request.status.value,
            words=command.words or None,
            on=command.when.date().isoformat(),
        )
    ]


def join(request: Request, command: MergeRequest, *, member: str) -> list[Event]:
    """Another one of `member` is answered together with this one, which must be open or planned still."""
    must_be_there(request)
    if request.status not in LEADS:
        raise Refused(
            "cannot-lead", "The request to merge it into is %(state)s; choose another.", state=request.status.value
        )
    if len(request.joined) >= MOST_JOINED:
        raise Refused("too-many-joined", "%(most)s requests are merged into that one already.", most=MOST_JOINED)
    who = {"kind": request.kind, "member": request.member}
    return [RequestJoined(**who, request=command.request, request_member=member, words=command.words or None)]


def part(request: Request, _command: ReopenRequest, *, joined: str) -> list[Event]:
    """The merge is taken back."""
    if joined not in request.joined:
        return []
    who = {"kind": request.kind, "member": request.member}
    return [RequestParted(**who, request=joined, request_member=request.joined[joined])]


def come_back(request: Request, command: WithdrawRequest) -> list[Event]:
    """The one that it was merged into is withdrawn: what was wished here is not, and waits for an answer of its own."""
    if request.status is not Status.MERGED or request.into != command.request:
        raise wrong_status(request)
    last = request.decided[-1]
    return [
        RequestReopened(
            kind=request.kind,
            member=request.member,
            status=Status.SUBMITTED.value,
            previously=request.status.value,
            previously_on=last.on,
            plan=request.plan,
            year=request.year,
            cause="joined-withdrawn",
            taken_back=((last.fate, last.on),),
            on=command.when.date().isoformat(),
        )
    ]


def list_again(plan: Plan, command: Command, *, request: str, asked: Request) -> list[Event]:
    """Its plan lists it among the undecided again."""
    returned = ReturnRequest(request=request, activity="", happened_at=command.when)
    return plans.take_back(plan, returned, year=asked.year, waits=True, asked=asked)
