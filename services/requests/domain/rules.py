"""What must hold before anything is decided on a request."""

from shared.contracts.base import Command
from shared.contracts.refused import Refused

from .state import OPEN, Request, Status


def must_be_there(request: Request) -> None:
    if request.status is Status.DRAFT:
        raise Refused("not-found", "There is nothing of this name here.", status=404)


def must_be_held_by(request: Request, plan: str) -> None:
    if plan and request.plan != plan:
        raise Refused("moved", "Somebody decided on this request at the same moment; look at it again.")


def not_before_it_was_sent(request: Request, command: Command) -> None:
    if command.when.date().isoformat() < request.submitted_on:
        raise Refused(
            "before-it-was-sent",
            "It was sent on %(submitted_on)s; give a later day.",
            status=422,
            submitted_on=request.submitted_on,
        )


def must_be_open(request: Request) -> None:
    if request.status not in OPEN:
        raise wrong_status(request)


def must_be_without_exchange(request: Request) -> None:
    """What both sides agreed to is called off where it was agreed."""
    if request.exchange:
        raise Refused(
            "exchange-agreed",
            "Both sides agreed to an exchange for it. Cancel that first: the request then comes back by itself.",
        )


def wrong_status(request: Request) -> Refused:
    return Refused("wrong-status", "This request is %(state)s already; look at it again.", state=request.status.value)


def needs_a_reason(reason: str) -> None:
    if not reason:
        raise Refused("reason-missing", "Say why: its sender reads the reason.", status=422)


def joined_of(request: Request) -> tuple[tuple[str, str], ...]:
    return tuple(request.joined.items())
