"""Runs of the markets without calls: solved in the solver's process, kept with every reason, proposed one by one."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Protocol

from services.matching.commands.experts import ProposeExpert, RematchMarket, RunMarket
from services.matching.commands.ideas import ProposePartner
from services.matching.domain import market_run
from services.matching.domain.market import Market
from services.matching.domain.solution import Match, Solution
from services.matching.handlers.experts import EXPERTS, market_name, propose_expert
from services.matching.handlers.ideas import propose_partner
from services.matching.handlers.runs import SOLUTION
from shared import clock
from shared.contracts.envelope import iso
from shared.contracts.experts import MarketRunCompleted
from shared.contracts.refused import Refused
from shared.ids import fixed_id, new_id
from shared.profiles import load
from shared.spine.draft import Put, Receipt
from shared.spine.store import GroupingStore, Store

MARKET_RUNS = "market_runs"
Solve = Callable[[Market], Awaitable[Solution]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of one match: who was asked to what, or why not."""

    sought: str
    seat: str
    refused: Refused | None = None


class Reads(Protocol):
    async def __call__(self, network: str, market: str) -> Market: ...


class Finds(Protocol):
    """What a run that stands has matched."""

    async def __call__(self, network: str, run: str, market: str, /) -> Sequence[Match]: ...


async def run_market(
    command: RunMarket | RematchMarket,
    market: Market,
    solve: Solve,
    store: Store,
    *,
    by_itself: bool = False,
    run: str = "",
) -> tuple[Receipt, Solution]:
    """Solve what is open; the run's document says why for each who seeks, and each who was not taken."""
    solution = await solve(market)
    run, name = run or new_id("run"), command.market
    outcome = market_run.Outcome(
        name, run, solution.interests, solution.offers, len(solution.matches), solution.proven, by_itself
    )
    whose = {"market": name, "network": store.origin.network, "at": iso(command.happened_at or clock.now())}
    unused = [asdict(one) for one in market_run.idle(market, solution)]
    document = {**SOLUTION.dump_python(solution, mode="json"), **whose, "idle": unused, "by_itself": by_itself}
    decide = partial(market_run.decide_run, outcome=outcome)
    stream = market_name(store.origin.network, name)
    return await store.execute(stream, command, decide, [Put(MARKET_RUNS, run, document)]), solution


async def rematch_market(
    command: RematchMarket, store: Store, reads: Reads, solve: Solve, *, matches_of: Finds
) -> None:
    """Something came free or arrived: what is found is proposed at once where the profile says so.

    Begun before by a process that went, it proposes what that one found: what was solved just now has no run.
    """
    market = await reads(store.origin.network, command.market)
    if not market.seekers or not market.hosts:
        return
    run = new_id("run")
    receipt, solution = await run_market(command, market, solve, store, by_itself=True, run=run)
    completed = receipt.first(MarketRunCompleted)
    profile = load(store.origin.network)
    automatic = profile.experts.automatic if command.market == EXPERTS else profile.ideas.automatic
    if automatic and completed is not None:
        event = completed.event
        assert isinstance(event, MarketRunCompleted)
        stands = event.run != run
        matches = await matches_of(store.origin.network, event.run, command.market) if stands else solution.matches
        await propose_all(event.run, command.market, matches, store)


async def propose_all(run: str, market: str, matches: Sequence[Match], store: Store, **common: Any) -> list[Asked]:
    """Each match for itself: what changed since the run is refused, the others go on."""
    return [await _propose(run, market, match, store, common) for match in matches]


async def _propose(run: str, market: str, match: Match, store: Store, common: dict[str, Any]) -> Asked:
    sought, _, place = match.interest.partition("#")
    seat = fixed_id("seat", run, match.interest)
    named = store.origin.command_id
    part = store.row(f"{named}-{match.interest}") if named and isinstance(store, GroupingStore) else store
    try:
        asked = {"seat": seat, "run": run, **common}
        if market == EXPERTS:
            language = match.language.partition(":")[0] or None
            await propose_expert(ProposeExpert(demand=sought, expert=match.offer, language=language, **asked), part)
        else:
            role = place.rpartition(".")[0]
            await propose_partner(ProposePartner(idea=sought, partner=match.offer, role=role, **asked), part)
    except Refused as refused:
        if refused.status == 503:
            raise
        return Asked(sought, seat, refused)
    return Asked(sought, seat)
