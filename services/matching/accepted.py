"""Exchanges that members requested while no call was open: accepted for one, they become its interests."""

from datetime import timedelta

from services.matching import handlers
from services.matching.commands import FileInterest, ReleaseProposal, WithdrawInterest
from services.matching.domain import call, exchange, interest
from services.matching.week import between, week_of, weeks_of
from shared.contracts.envelope import Received
from shared.contracts.requests import RequestAcceptedForCall, RequestReopened, RequestWithdrawn
from shared.contracts.vocabulary import Quarter
from shared.ids import fixed_id
from shared.spine.listener import Listener
from shared.spine.store import Store

ANY_LANGUAGE = ("en",)


def interest_of(request: str) -> str:
    """The one interest that a request became."""
    return fixed_id("interest", request)


async def file_accepted(received: Received, store: Store) -> None:
    """Filed as its member's officer wished it; they can change it while the call is open."""
    event = received.event
    assert isinstance(event, RequestAcceptedForCall)
    state: call.Call = await store.load(event.call)
    weeks = weeks_for(state, event.quarter)
    command = FileInterest(
        call=event.call,
        member=event.member,
        focus=event.focus_area or "",
        languages=event.languages or ANY_LANGUAGE,
        officials=event.officials,
        weeks=weeks,
        wishes=event.wishes,
        request=received.stream,
        happened_at=received.envelope.happened_at,
    )
    await handlers.file_interest(command, store, endorsed=True, name=interest_of(received.stream))


def weeks_for(state: call.Call, quarter: str | None) -> tuple[str, ...]:
    """The weeks of the quarter wished that lie within the call; all of the call's where none does."""
    first, last = state.first_week, state.last_week
    window = between(first, last) if first and last else weeks_of(state.year)
    if quarter is None:
        return window
    begins, ends = Quarter.parse(quarter).first_day, Quarter.parse(quarter).last_day
    wished = between(week_of(begins + timedelta(days=6)), week_of(ends - timedelta(days=6)))
    return tuple(week for week in wished if week in window) or window


async def withdraw_accepted(received: Received, store: Store) -> None:
    """Its member withdrew the request, or the coordinator took the decision back: it leaves the call.

    What was proposed for it is released; an exchange that both sides agreed to stands, and is theirs to call off.
    """
    event = received.event
    assert isinstance(event, RequestWithdrawn | RequestReopened)
    called_off = isinstance(event, RequestReopened) and event.cause != "undone"
    if event.previously != "accepted" or called_off:
        return
    name, at = interest_of(received.stream), received.envelope.happened_at
    wish: interest.Interest = await store.load(name)
    if wish.status is interest.Status.MATCHED and wish.exchange:
        proposed: exchange.Exchange = await store.load(wish.exchange)
        if proposed.status is exchange.Status.PROPOSED:
            await handlers.release_proposal(ReleaseProposal(exchange=wish.exchange, happened_at=at), store)
            wish = await store.load(name)
    if wish.status is interest.Status.FILED:
        await handlers.withdraw_interest(WithdrawInterest(interest=name, happened_at=at), store)


def listen_with(listen: Listener) -> None:
    listen.on(RequestAcceptedForCall, file_accepted)
    listen.on(RequestWithdrawn, withdraw_accepted)
    listen.on(RequestReopened, withdraw_accepted)
