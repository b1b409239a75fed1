"""What `matching` hears, and what falls due: answers, the end of a call, a run by itself."""

from collections.abc import Awaitable, Callable

from services.matching import accepted, handlers
from services.matching.commands import CancelExchange, CloseCall, ExpireProposal, HoldExchange, RerunMatch
from shared.contracts.envelope import Received
from shared.contracts.events import ActivityCancelled, ActivityHeld
from shared.spine.listener import Listener
from shared.spine.store import Store


async def hold_exchange(received: Received, store: Store) -> None:
    """An exchange is an activity to `events`; once that is held, the exchange is."""
    event = received.event
    assert isinstance(event, ActivityHeld)
    if event.exchange:
        at = received.envelope.happened_at
        command = HoldExchange(exchange=event.exchange, activity=received.stream, happened_at=at)
        await handlers.hold_exchange(command, store)


async def cancel_exchange(received: Received, store: Store) -> None:
    """Its activity was cancelled: the host's places are free again."""
    event = received.event
    assert isinstance(event, ActivityCancelled)
    if event.exchange:
        at = received.envelope.happened_at
        await handlers.cancel_exchange(CancelExchange(exchange=event.exchange, happened_at=at), store)


def listener(rerun: Callable[[RerunMatch, Store], Awaitable[None]]) -> Listener:
    """`rerun` has what a run by itself needs: the database to read from and the solver."""
    listen = Listener()
    listen.on(ActivityHeld, hold_exchange)
    listen.on(ActivityCancelled, cancel_exchange)
    accepted.listen_with(listen)
    listen.due(ExpireProposal, handlers.expire_proposal)
    listen.due(CloseCall, handlers.close_call)
    listen.due(RerunMatch, rerun)
    return listen
