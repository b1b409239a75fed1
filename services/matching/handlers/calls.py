"""Calls: drafted, opened, changed, closed, opened again, begun, reported."""

from services.matching.commands import (
    BeginCall,
    ChangeCall,
    CloseCall,
    DraftCall,
    OpenCall,
    PublishCall,
    ReopenCall,
    ReportCall,
    Terms,
)
from services.matching.domain import call
from services.matching.handlers.streams import check_focus, check_members, market_of, said
from shared.contracts.refused import Refused
from shared.ids import new_id
from shared.profiles import load
from shared.spine.draft import Receipt
from shared.spine.store import Store


async def open_call(command: OpenCall, store: Store, number: int = 1) -> Receipt:
    """Interests and offers may come in from now on; `number` tells the year's calls of a market apart."""
    return await _prepare(command, store, number)


async def draft_call(command: DraftCall, store: Store, number: int = 1) -> Receipt:
    """Prepared; coordinators alone see it until it is opened."""
    return await _prepare(command, store, number)


async def publish_call(command: PublishCall, store: Store) -> Receipt:
    return await store.execute(command.call, command, call.decide)


async def change_call(command: ChangeCall, store: Store) -> Receipt:
    """Other terms from now on; what was filed and offered for a focus area that is gone stays, and can be matched."""
    state: call.Call = await store.load(command.call)
    _check(command, state.market, store)
    return await store.execute(command.call, command, call.decide)


async def reopen_call(command: ReopenCall, store: Store) -> Receipt:
    """Interests and offers may come in again; everybody who sees the call reads why."""
    command = command.model_copy(update={"words": new_id("words")})
    return await store.execute(
        command.call, command, call.decide, [said(command.call, command.words, command.reason, store)]
    )


async def close_call(command: CloseCall, store: Store) -> Receipt:
    return await store.execute(command.call, command, call.decide)


async def begin_call(command: BeginCall, store: Store) -> Receipt:
    return await store.execute(command.call, command, call.decide)


async def report_call(command: ReportCall, store: Store, *, under_way: int) -> Receipt:
    """The call is over; refused while `under_way` of its exchanges are proposed or agreed."""
    if under_way:
        sentence = "Exchanges of this call wait for answers or to be held: %(count)s. Report when all are over."
        raise Refused("exchanges-open", sentence, count=under_way)
    return await store.execute(command.call, command, call.decide)


def market_for(network: str, given: str | None) -> str:
    """The market named, or the first that the network offers."""
    return given or next(one.id for one in load(network).markets.values() if one.offered)


async def _prepare(command: OpenCall | DraftCall, store: Store, number: int) -> Receipt:
    market = market_for(store.origin.network, command.market)
    _check(command, market, store)
    if not market_of(store.origin.network, market).offered:
        raise Refused("market-not-offered", "Your network does not offer calls of this market yet.", status=422)
    command = command.model_copy(update={"market": market, "number": number})
    return await store.execute(new_id("call"), command, call.decide)


def _check(terms: Terms, market: str, store: Store) -> None:
    market_of(store.origin.network, market)
    check_focus(terms.focus_areas, store)
    check_members(store.origin.network, terms.eligible)
