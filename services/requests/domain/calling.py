"""An exchange that was asked for without an open call joins one, and is matched there."""

from services.requests.commands import AcceptForCall, RequestId
from shared.contracts.base import Command, Event
from shared.contracts.refused import Refused
from shared.contracts.requests import RequestAcceptedForCall, RequestMatched

from .rules import must_be_held_by, must_be_open, must_be_there, not_before_it_was_sent
from .state import Request, Status


class MatchRequest(Command):
    """Both sides agreed to an exchange for it."""

    request: RequestId
    call: str
    exchange: str
    host: str
    week: str
    duration: int = 1
    officials: int = 1


def accept(
    request: Request,
    command: AcceptForCall,
    *,
    held_by: str,
    focus_area: str | None = None,
    officials: int = 1,
    wishes: tuple[str, ...] = (),
) -> list[Event]:
    must_be_there(request)
    must_be_held_by(request, held_by)
    not_before_it_was_sent(request, command)
    must_be_open(request)
    if request.joined:
        raise Refused("others-joined-it", "Others are merged into this request; accept each of them by itself.")
    return [
        RequestAcceptedForCall(
            kind=request.kind,
            member=request.member,
            call=command.call,
            focus_area=focus_area,
            languages=(request.language,) if request.language else (),
            officials=officials,
            wishes=wishes,
            quarter=request.quarter_wished,
            submitted_on=request.submitted_on,
            previously=request.status.value,
            words=command.words or None,
            on=command.when.date().isoformat(),
        )
    ]


def matched(request: Request, command: MatchRequest) -> list[Event]:
    """Nothing where it comes too late: the request left the call, or has an exchange."""
    if request.status is not Status.ACCEPTED or request.call != command.call or request.exchange:
        return []
    facts = command.model_dump(exclude={"happened_at", "request"})
    on = command.when.date().isoformat()
    return [RequestMatched(kind=request.kind, member=request.member, on=on, **facts)]
