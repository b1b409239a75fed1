"""From a request to the handlers' store."""

from fastapi import Request

from shared.telemetry import traceparent
from shared.web.rights import Principal

from .origin import Origin
from .store import GroupingStore

MOST_ID = 200


def store_for(
    request: Request,
    principal: Principal | None,
    *,
    source: str = "page",
    command_id: str | None = None,
    network: str | None = None,
    anonymous: bool = False,
) -> GroupingStore:
    """The grouping store on behalf of who asks.

    The command id is the one given (a form's hidden `_command`), else the `Idempotency-Key` header. An `anonymous`
    command leaves no actor, trace, receipt or cause behind. `network` is given where nobody is signed in.
    """
    service = request.app.state.service
    network = network or (principal.network if principal else "")
    if anonymous:
        return GroupingStore(service.grouping, Origin(network, source=source, history=_may_backdate(principal)))
    key = command_id or request.headers.get("idempotency-key")
    origin = Origin(
        network=network,
        actor=principal.subject if principal else None,
        source=source,
        command_id=key[:MOST_ID] if key else None,
        traceparent=traceparent(),
        history=_may_backdate(principal),
    )
    return GroupingStore(service.grouping, origin)


def _may_backdate(principal: Principal | None) -> bool:
    return principal is not None and principal.may("history.write")
