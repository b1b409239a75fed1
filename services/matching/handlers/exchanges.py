"""Exchanges: what touches a host's places or the call's budget moves all its streams together, or none of them."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.matching.commands import (
    AcceptExchange,
    AskWeek,
    CancelExchange,
    DeclineExchange,
    ExpireProposal,
    HoldExchange,
    ProposeExchange,
    RecordNoShow,
    ReleaseProposal,
    ReportExchange,
    SetCosts,
    TakeBackProposal,
)
from services.matching.domain import call, costs, exchange, interest, offer
from services.matching.domain.solution import Match
from services.matching.handlers.streams import WORDS, said
from shared.contracts.refused import Refused
from shared.ids import fixed_id, new_id
from shared.spine.aggregate import Decide
from shared.spine.draft import Put, Receipt
from shared.spine.store import GroupingStore, Store


@dataclass(frozen=True, slots=True)
class Proposed:
    """What became of one chosen match: its exchange, or why there is none."""

    interest: str
    exchange: str
    refused: Refused | None = None


async def propose_exchanges(
    run: str, call_id: str, matches: Sequence[Match], store: Store, **common: Any
) -> list[Proposed]:
    """Propose each match for itself: one whose places went meanwhile is refused, the others go on."""
    state: call.Call = await store.load(call_id)

    async def one(match: Match) -> Proposed:
        name = exchange_of(run, match)
        language = match.language or None
        amounts = costs.planned(state, match.officials, match.duration, interpreted=language is None)
        terms = {**_terms(match), **asdict(amounts), "language": language, "answer_days": state.answer_days}
        command = ProposeExchange(exchange=name, run=run, call=call_id, **terms, **common)
        named = store.origin.command_id
        part = store.row(f"{named}-{match.interest}") if named and isinstance(store, GroupingStore) else store
        try:
            await propose_exchange(command, part)
        except Refused as refused:
            if refused.status == 503:
                raise
            return Proposed(match.interest, name, refused)
        return Proposed(match.interest, name)

    return await asyncio.gather(*(one(match) for match in matches))


async def propose_exchange(command: ProposeExchange, store: Store) -> Receipt:
    """Ask both sides; places, interest and money are held until they answer or the time is over."""
    wish: interest.Interest = await store.load(command.interest)
    command = command.model_copy(update={"request": wish.request or ""})
    return await store.execute_all(command, _four(command.exchange, command.offer, command.interest, command.call))


async def accept_exchange(command: AcceptExchange, store: Store) -> Receipt:
    """One side says yes; with the second yes it is agreed, and `events` holds it."""
    return await store.execute(command.exchange, command, exchange.decide)


async def decline_exchange(command: DeclineExchange, store: Store) -> Receipt:
    """One side says no: the places are free again, and the interest takes part in the next run."""
    words = {"network": store.origin.network, "by": command.member, "reason": command.reason}
    return await _end(command, store, beside=[Put(WORDS, command.exchange, words)] if command.reason else [])


async def ask_week(command: AskWeek, store: Store) -> Receipt:
    """Another week instead of a no: the host's places move with it, and the other side is asked anew."""
    state: exchange.Exchange = await store.load(command.exchange)
    terms: call.Call = await store.load(state.call)
    update: dict[str, Any] = {"answer_days": terms.answer_days}
    beside: list[Put] = []
    if command.reason:
        update["words"] = new_id("words")
        beside.append(said(command.exchange, update["words"], command.reason, store, by=command.member))
    decides: dict[str, Decide] = {
        command.exchange: exchange.decide,
        state.offer: offer.decide,
        state.call: call.decide,
    }
    return await store.execute_all(command.model_copy(update=update), decides, beside)


async def take_back_proposal(command: TakeBackProposal, store: Store) -> Receipt:
    """It was wrong: as if it had not been proposed; both sides read why."""
    command = command.model_copy(update={"words": new_id("words")})
    return await _end(command, store, beside=[said(command.exchange, command.words, command.reason, store)])


async def release_proposal(command: ReleaseProposal, store: Store) -> Receipt:
    """What it was proposed for is not in the call any more: the host's places are free again."""
    return await _end(command, store)


async def expire_proposal(command: ExpireProposal, store: Store) -> Receipt:
    """Nobody answered in time: as if it had not been proposed."""
    return await _end(command, store)


async def hold_exchange(command: HoldExchange, store: Store) -> Receipt:
    return await store.execute(command.exchange, command, exchange.decide)


async def cancel_exchange(command: CancelExchange, store: Store) -> Receipt | None:
    """What was agreed will not be held; heard too late, nothing follows. Who gives a reason is told what stands."""
    state: exchange.Exchange = await store.load(command.exchange)
    if command.reason:
        command = command.model_copy(update={"words": new_id("words")})
        return await _end(command, store, [said(command.exchange, command.words, command.reason, store)])
    return await _end(command, store) if state.status is exchange.Status.AGREED else None


async def record_no_show(command: RecordNoShow, store: Store) -> Receipt:
    """One side did not turn up: it counts as an exchange that it had, also in the next call."""
    beside: list[Put] = []
    if command.reason:
        command = command.model_copy(update={"words": new_id("words")})
        beside.append(said(command.exchange, command.words, command.reason, store))
    return await store.execute(command.exchange, command, exchange.decide, beside)


async def report_exchange(command: ReportExchange, store: Store) -> Receipt:
    """One side says what came of it."""
    command = command.model_copy(update={"words": new_id("words")})
    beside = [said(command.exchange, command.words, command.report, store, by=command.member)]
    return await store.execute(command.exchange, command, exchange.decide, beside)


async def set_costs(command: SetCosts, store: Store) -> Receipt:
    """Planned amounts must fit what is left of the budget; what was paid counts as it is."""
    state: exchange.Exchange = await store.load(command.exchange)
    return await store.execute_all(command, {command.exchange: exchange.decide, state.call: call.decide})


def exchange_of(run: str, match: Match) -> str:
    """The exchange that a match of a run becomes; one name, so that proposing it twice makes one exchange."""
    return fixed_id("exchange", run, match.interest)


async def _end(
    command: DeclineExchange | ExpireProposal | CancelExchange | TakeBackProposal,
    store: Store,
    beside: Iterable[Put] = (),
) -> Receipt:
    state: exchange.Exchange = await store.load(command.exchange)
    return await store.execute_all(command, _four(command.exchange, state.offer, state.interest, state.call), beside)


def _four(exchange_id: str, offer_id: str, interest_id: str, call_id: str) -> dict[str, Decide]:
    """The exchange decides first: where it refuses, places, interest and money stay as they are."""
    return {
        exchange_id: exchange.decide,
        offer_id: offer.decide,
        interest_id: interest.decide,
        call_id: call.decide,
    }


def _terms(match: Match) -> dict[str, Any]:
    names = ("interest", "offer", "sender", "host", "focus", "week", "duration", "officials")
    return {name: getattr(match, name) for name in names}
