"""The use cases. What touches a host's places moves exchange, offer and interest together, or none of them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import TypeAdapter

from services.matching.commands import (
    AcceptExchange,
    CancelExchange,
    ChangeCall,
    ChangeInterest,
    ChangeOffer,
    CloseCall,
    DeclineExchange,
    ExpireProposal,
    FileInterest,
    HoldExchange,
    MakeOffer,
    OpenCall,
    ProposeExchange,
    ReopenCall,
    RunMatch,
    TakeBackProposal,
    WithdrawInterest,
    WithdrawOffer,
)
from services.matching.domain import call, exchange, interest, offer
from services.matching.domain.market import Market
from services.matching.domain.solution import Match, Solution
from shared import clock
from shared.contracts.envelope import iso
from shared.contracts.refused import Refused
from shared.contracts.vocabulary import Language
from shared.ids import fixed_id, new_id
from shared.profiles import Profile, load
from shared.spine.aggregate import Aggregate, Deadline, Decide
from shared.spine.draft import Put, Receipt
from shared.spine.store import GroupingStore, Store

CALL = Aggregate("call", call.Call, call.evolve)
INTEREST = Aggregate("interest", interest.Interest, interest.evolve)
OFFER = Aggregate("offer", offer.Offer, offer.evolve)
EXCHANGE = Aggregate(
    "exchange",
    exchange.Exchange,
    exchange.evolve,
    deadlines=lambda stream, event: [Deadline(*one) for one in exchange.answer_deadline(stream, event)],
)
RUNS, WORDS = "runs", "words"
SOLUTION: TypeAdapter[Solution] = TypeAdapter(Solution)
Solve = Callable[[Market], Awaitable[Solution]]


def focus_areas(profile: Profile) -> list[tuple[str, str]]:
    """What a network's calls may be about: its focus areas, or its topics where its documents name none."""
    return [(term.id, term.title) for term in profile.focus_areas or profile.topics]


def languages(profile: Profile) -> list[str]:
    """The network's own languages first, then the other official ones."""
    return list(dict.fromkeys([*profile.languages, *(language.value for language in Language)]))


async def open_call(command: OpenCall, store: Store) -> Receipt:
    """Interests and offers may come in from now on."""
    _check_focus(command.focus_areas, store)
    return await store.execute(new_id("call"), command, call.decide)


async def change_call(command: ChangeCall, store: Store) -> Receipt:
    """Other terms from now on; what was filed and offered for a focus area that is gone stays, and can be matched."""
    _check_focus(command.focus_areas, store)
    return await store.execute(command.call, command, call.decide)


async def reopen_call(command: ReopenCall, store: Store) -> Receipt:
    """Interests and offers may come in again; everybody who sees the call reads why."""
    command = command.model_copy(update={"words": new_id("words")})
    return await store.execute(command.call, command, call.decide, [_why(command.call, command, store)])


def _check_focus(areas: Sequence[str], store: Store) -> None:
    known = {area for area, _ in focus_areas(load(store.origin.network))}
    if not known.issuperset(areas):
        raise Refused("focus-unknown", "Choose focus areas that your network's profile names.", status=422)


def _why(about: str, command: ReopenCall | TakeBackProposal, store: Store) -> Put:
    return Put(WORDS, command.words, {"network": store.origin.network, "about": about, "reason": command.reason})


async def close_call(command: CloseCall, store: Store) -> Receipt:
    return await store.execute(command.call, command, call.decide)


async def file_interest(command: FileInterest, store: Store) -> Receipt:
    """A member wishes to send officials; the call must be open and name the focus area."""
    _check_words(store.origin.network, [command.member, *command.wishes], command.languages)
    return await store.execute_all(command, {command.call: call.decide, new_id("interest"): interest.decide})


async def change_interest(command: ChangeInterest, store: Store) -> Receipt:
    """Wish for something else; the call must name the focus area."""
    _check_words(store.origin.network, command.wishes, command.languages)
    state: interest.Interest = await store.load(command.interest)
    return await store.execute_all(command, {state.call: call.decide, command.interest: interest.decide})


async def withdraw_interest(command: WithdrawInterest, store: Store) -> Receipt:
    return await store.execute(command.interest, command, interest.decide)


async def make_offer(command: MakeOffer, store: Store) -> Receipt:
    """A member offers to host; the call must be open and name the focus areas."""
    _check_words(store.origin.network, [command.member], command.languages)
    return await store.execute_all(command, {command.call: call.decide, new_id("offer"): offer.decide})


async def change_offer(command: ChangeOffer, store: Store) -> Receipt:
    """Offer something else; the call must name the focus areas."""
    _check_words(store.origin.network, (), command.languages)
    state: offer.Offer = await store.load(command.offer)
    return await store.execute_all(command, {state.call: call.decide, command.offer: offer.decide})


async def withdraw_offer(command: WithdrawOffer, store: Store) -> Receipt:
    return await store.execute(command.offer, command, offer.decide)


_runs_under_way: dict[str, asyncio.Task[Receipt]] = {}


async def run_match(command: RunMatch, market: Market, solve: Solve, store: Store) -> Receipt:
    """Solve the call as it stands; the run's document holds the matches and every reason.

    Sent again with its id while it is worked out, it waits for that run: impatient callers add no solves.
    """
    same = store.origin.receipt_id
    if same is None:
        return await _run_match(command, market, solve, store)
    if (run := _runs_under_way.get(same)) is None:
        run = _runs_under_way[same] = asyncio.create_task(_run_match(command, market, solve, store))
        run.add_done_callback(lambda _: _runs_under_way.pop(same, None))
    return await asyncio.shield(run)


async def _run_match(command: RunMatch, market: Market, solve: Solve, store: Store) -> Receipt:
    solution = await solve(market)
    run = new_id("run")
    outcome = call.Outcome(run, solution.interests, solution.offers, len(solution.matches), solution.proven)
    at = iso(command.happened_at or clock.now())
    whose = {"call": command.call, "network": store.origin.network, "at": at}
    document = {**SOLUTION.dump_python(solution, mode="json"), **whose}
    decide = partial(call.decide_run, outcome=outcome)
    return await store.execute(command.call, command, decide, beside=[Put(RUNS, run, document)])


@dataclass(frozen=True, slots=True)
class Proposed:
    """What became of one chosen match: its exchange, or why there is none."""

    interest: str
    exchange: str
    refused: Refused | None = None


async def propose_exchanges(
    run: str, call_id: str, matches: Sequence[Match], store: GroupingStore, **common: Any
) -> list[Proposed]:
    """Propose each match for itself: one whose places went meanwhile is refused, the others go on."""
    state: call.Call = await store.load(call_id)

    async def one(match: Match) -> Proposed:
        name = exchange_of(run, match)
        command = ProposeExchange(
            exchange=name, run=run, call=call_id, answer_days=state.answer_days, **_terms(match), **common
        )
        part = store.row(f"{store.origin.command_id}-{match.interest}") if store.origin.command_id else store
        try:
            await propose_exchange(command, part)
        except Refused as refused:
            if refused.status == 503:
                raise
            return Proposed(match.interest, name, refused)
        return Proposed(match.interest, name)

    return await asyncio.gather(*(one(match) for match in matches))


async def propose_exchange(command: ProposeExchange, store: Store) -> Receipt:
    """Ask both sides; the host's places and the interest are held until they answer or the time is over."""
    return await store.execute_all(command, _three(command.exchange, command.offer, command.interest))


async def accept_exchange(command: AcceptExchange, store: Store) -> Receipt:
    """One side says yes; with the second yes it is agreed, and `events` holds it."""
    return await store.execute(command.exchange, command, exchange.decide)


async def decline_exchange(command: DeclineExchange, store: Store) -> Receipt:
    """One side says no: the places are free again, and the interest takes part in the next run."""
    words = {"network": store.origin.network, "by": command.member, "reason": command.reason}
    return await _end(command, store, beside=[Put(WORDS, command.exchange, words)] if command.reason else [])


async def take_back_proposal(command: TakeBackProposal, store: Store) -> Receipt:
    """It was wrong: as if it had not been proposed; both sides read why."""
    command = command.model_copy(update={"words": new_id("words")})
    return await _end(command, store, beside=[_why(command.exchange, command, store)])


async def expire_proposal(command: ExpireProposal, store: Store) -> Receipt:
    """Nobody answered in time: as if it had not been proposed."""
    return await _end(command, store)


async def hold_exchange(command: HoldExchange, store: Store) -> Receipt:
    return await store.execute(command.exchange, command, exchange.decide)


async def cancel_exchange(command: CancelExchange, store: Store) -> Receipt | None:
    """What was agreed will not be held; heard too late, nothing follows."""
    state: exchange.Exchange = await store.load(command.exchange)
    return await _end(command, store) if state.status is exchange.Status.AGREED else None


def exchange_of(run: str, match: Match) -> str:
    """The exchange that a match of a run becomes; one name, so that proposing it twice makes one exchange."""
    return fixed_id("exchange", run, match.interest)


async def _end(
    command: DeclineExchange | ExpireProposal | CancelExchange | TakeBackProposal,
    store: Store,
    beside: Iterable[Put] = (),
) -> Receipt:
    state: exchange.Exchange = await store.load(command.exchange)
    return await store.execute_all(command, _three(command.exchange, state.offer, state.interest), beside)


def _three(exchange_id: str, offer_id: str, interest_id: str) -> dict[str, Decide]:
    """The exchange decides first: where it refuses, the host's places and the interest stay as they are."""
    return {exchange_id: exchange.decide, offer_id: offer.decide, interest_id: interest.decide}


def _terms(match: Match) -> dict[str, Any]:
    names = ("interest", "offer", "sender", "host", "focus", "week", "duration", "officials", "language")
    return {name: getattr(match, name) for name in names}


def _check_words(network: str, members: Iterable[str], spoken: Iterable[str]) -> None:
    profile = load(network)
    if unknown := [code for code in members if profile.member(code) is None]:
        raise Refused("member-unknown", "%(value)s is no member of this network.", status=422, value=unknown[0])
    if unknown := [code for code in spoken if code not in languages(profile)]:
        raise Refused(
            "language-unknown", "Choose a language of the list; %(value)s is not in it.", status=422, value=unknown[0]
        )
