"""An exchange that was asked for without an open call joins one."""

from services.requests.commands import AcceptForCall
from shared.contracts.base import Event
from shared.contracts.refused import Refused
from shared.contracts.requests import RequestAcceptedForCall

from .rules import must_be_held_by, must_be_open, must_be_there, not_before_it_was_sent
from .state import Request


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
