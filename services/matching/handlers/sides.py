"""Interests and offers: each must fit its call and the call's market."""

from services.matching.commands import (
    ChangeInterest,
    ChangeOffer,
    EndorseInterest,
    FileInterest,
    MakeOffer,
    WithdrawInterest,
    WithdrawOffer,
)
from services.matching.domain import call, interest, offer
from services.matching.handlers.streams import check_words, market_of
from shared.contracts.refused import Refused
from shared.ids import new_id
from shared.spine.draft import Receipt
from shared.spine.store import Store


async def file_interest(command: FileInterest, store: Store, *, endorsed: bool = False, name: str = "") -> Receipt:
    """A member wishes to send officials; `endorsed` where the member's liaison officer files it.

    `name` is its stream's where what it came from determines it.
    """
    state = await _of_call(command.call, store)
    check_words(store.origin.network, [command.member, *_named(command)], [*command.languages, *command.levels])
    _must_fit_market(command, state, store)
    command = command.model_copy(update={"endorsed": endorsed, "rolling": state.rolling})
    return await store.execute_all(command, {command.call: call.decide, name or new_id("interest"): interest.decide})


async def change_interest(command: ChangeInterest, store: Store) -> Receipt:
    """Wish for something else while the call is open; the call must name the focus area."""
    check_words(store.origin.network, _named(command), [*command.languages, *command.levels])
    state: interest.Interest = await store.load(command.interest)
    _must_fit_market(command, await _of_call(state.call, store), store)
    return await store.execute_all(command, {command.interest: interest.decide, state.call: call.decide})


async def endorse_interest(command: EndorseInterest, store: Store) -> Receipt:
    return await store.execute(command.interest, command, interest.decide)


async def withdraw_interest(command: WithdrawInterest, store: Store) -> Receipt:
    return await store.execute(command.interest, command, interest.decide)


async def make_offer(command: MakeOffer, store: Store) -> Receipt:
    """A member offers to host; the call must be open and name the focus areas."""
    state = await _of_call(command.call, store)
    check_words(store.origin.network, [command.member, *command.excluded], [*command.languages, *command.levels])
    command = command.model_copy(update={"rolling": state.rolling})
    return await store.execute_all(command, {command.call: call.decide, new_id("offer"): offer.decide})


async def change_offer(command: ChangeOffer, store: Store) -> Receipt:
    """Offer something else while the call is open; the call must name the focus areas."""
    check_words(store.origin.network, command.excluded, [*command.languages, *command.levels])
    state: offer.Offer = await store.load(command.offer)
    return await store.execute_all(command, {command.offer: offer.decide, state.call: call.decide})


async def withdraw_offer(command: WithdrawOffer, store: Store) -> Receipt:
    return await store.execute(command.offer, command, offer.decide)


async def _of_call(name: str, store: Store) -> call.Call:
    """The call; a new one where there is none, which refuses by itself."""
    try:
        found: call.Call = await store.load(name)
    except Refused as refused:
        if refused.status != 404:
            raise
        return call.Call()
    return found


def _named(command: FileInterest | ChangeInterest) -> tuple[str, ...]:
    return (*command.wishes, *command.excluded)


def _must_fit_market(command: FileInterest | ChangeInterest, state: call.Call, store: Store) -> None:
    market = market_of(store.origin.network, state.market)
    if not market.shortest <= command.duration <= market.longest:
        sentence = "A stay takes %(least)s to %(most)s weeks here."
        span = {"least": market.shortest, "most": market.longest}
        raise Refused("duration-outside", sentence, status=422, **span)
    if command.officials > market.most_officials:
        sentence = "At most %(most)s officials travel together here."
        raise Refused("too-many-officials", sentence, status=422, most=market.most_officials)
