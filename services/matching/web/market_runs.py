"""Runs of the markets without calls, asked for on a page or in the API."""

from collections.abc import Sequence
from functools import partial

from fastapi import Request

from services.matching import markets
from services.matching.commands.experts import RunMarket
from services.matching.handlers.market_runs import Asked, run_market
from services.matching.web.common import db_of
from services.matching.web.market_views import ProposedSeats, SeatProposed, SeatRefused
from shared.contracts.experts import MarketRunCompleted
from shared.spine.store import Store
from shared.web.rights import Principal


async def run_now(request: Request, principal: Principal, command: RunMarket, store: Store) -> str:
    """Solve what is open, in the solver's process; the id of the run that is kept of it."""
    market = await markets.market_of(db_of(request), principal.network, command.market)
    solve = partial(request.app.state.pool.run, markets.SOLVER)
    receipt, _solution = await run_market(command, market, solve, store)
    made = receipt.first(MarketRunCompleted)
    assert made is not None
    assert isinstance(made.event, MarketRunCompleted)
    return made.event.run


def proposed(outcome: Sequence[Asked]) -> ProposedSeats:
    """Who was asked, and who could not be."""
    return ProposedSeats(
        proposed=[SeatProposed(sought=one.sought, seat=one.seat) for one in outcome if not one.refused],
        refused=[
            SeatRefused(sought=one.sought, code=one.refused.code, detail=one.refused.sentence)
            for one in outcome
            if one.refused
        ],
    )
