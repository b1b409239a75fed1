"""Runs: asked for by a coordinator, or by themselves once places came free or something arrived."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol

from pydantic import TypeAdapter

from services.matching.commands import RerunMatch, RunMatch
from services.matching.domain import call
from services.matching.domain.market import Market
from services.matching.domain.solution import Match, Solution
from services.matching.domain.working import Kept, kept_of
from services.matching.handlers.exchanges import propose_exchanges
from services.matching.handlers.streams import RUNS
from services.matching.handlers.workings import beside_run
from shared import clock
from shared.contracts.envelope import iso
from shared.contracts.matching import MatchRunCompleted
from shared.contracts.refused import Refused
from shared.ids import new_id
from shared.spine.draft import Following, Put, Receipt
from shared.spine.store import Store

SOLUTION: TypeAdapter[Solution] = TypeAdapter(Solution)
KEPT: TypeAdapter[Kept] = TypeAdapter(Kept)
Solve = Callable[[Market], Awaitable[Solution]]

log = logging.getLogger(__name__)
_runs_under_way: dict[str, asyncio.Task[Receipt]] = {}


async def run_match(command: RunMatch, market: Market, solve: Solve, store: Store) -> Receipt:
    """Solve the call as it stands; the run's document holds the matches and every reason.

    What would change it is worked out afterwards (`worker.py`).

    Sent again with its id while it is worked out, it waits for that run: impatient callers add no solves.
    """
    same = store.origin.receipt_id
    if same is None:
        return await _run_match(command, market, solve, store)
    if (run := _runs_under_way.get(same)) is None:
        run = _runs_under_way[same] = asyncio.create_task(_run_match(command, market, solve, store))
        run.add_done_callback(lambda _: _runs_under_way.pop(same, None))
    return await asyncio.shield(run)


async def _run_match(command: RunMatch | RerunMatch, market: Market, solve: Solve, store: Store) -> Receipt:
    solution = await solve(market)
    return await keep_run(command, market, solution, store)


async def keep_run(
    command: RunMatch | RerunMatch,
    market: Market,
    solution: Solution,
    store: Store,
    *,
    by_itself: bool = False,
    run: str = "",
) -> Receipt:
    """`run` is its name where it has one already."""
    run = run or new_id("run")
    outcome = call.Outcome(run, solution.interests, solution.offers, len(solution.matches), solution.proven, by_itself)
    at = iso(command.happened_at or clock.now())
    whose = {"call": command.call, "network": store.origin.network, "at": at, "by_itself": by_itself}

    def documents() -> list[Put]:
        kept = KEPT.dump_python(kept_of(market, solution))
        document = {**SOLUTION.dump_python(solution, mode="json"), **whose, "beside_before": kept}
        later = beside_run(run, command.call, store.origin.network, market, solution)
        return [Put(RUNS, run, document), *later]

    decide = partial(call.decide_run, outcome=outcome)
    puts = await asyncio.to_thread(documents)
    beside = Following(lambda events: puts if events else ())  # a run that stands already keeps what it found
    return await store.execute(command.call, command, decide, [beside])


class _Unsolved(Exception):
    """The solver raised."""


async def due_run(act: Callable[[Solve], Awaitable[None]], solve: Solve) -> None:
    """A run by itself; what cannot be solved is logged and let be: due again at once it would fail again."""

    async def solved(market: Market) -> Solution:
        try:
            return await solve(market)
        except Refused:
            raise
        except Exception as error:
            raise _Unsolved from error

    try:
        await act(solved)
    except _Unsolved:
        log.exception("a run by itself could not be solved")


class Reads(Protocol):
    """What a run by itself needs to know: the market of a call as it stands."""

    async def __call__(self, network: str, call: str) -> Market: ...


class Finds(Protocol):
    """What a run that stands has matched."""

    async def __call__(self, network: str, run: str, /) -> Sequence[Match]: ...


async def rerun_match(command: RerunMatch, store: Store, market_of: Reads, solve: Solve, *, matches_of: Finds) -> None:
    """Match what is left, once places came free or something arrived; proposed at once where the call says so.

    Nothing is kept where nothing can be matched: the desk would fill with empty runs. Begun before by a process that
    went, it proposes what that one found: what was solved just now has no run.
    """
    state: call.Call = await store.load(command.call)
    over = state.status in (call.Status.DRAFT, call.Status.REPORTED)
    if over or (command.arrived and not state.rolling):
        return
    market = await market_of(store.origin.network, command.call)
    if not market.seekers or not market.hosts:
        return
    solution = await solve(market)
    if not solution.matches:
        return
    run = new_id("run")
    receipt = await keep_run(command, market, solution, store, by_itself=True, run=run)
    completed = receipt.first(MatchRunCompleted)
    if completed is not None and state.automatic:
        event = completed.event
        assert isinstance(event, MatchRunCompleted)
        stands = event.run != run
        matches = await matches_of(store.origin.network, event.run) if stands else solution.matches
        await propose_exchanges(event.run, command.call, matches, store)
