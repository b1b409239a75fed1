"""What the markets without calls hear, and what falls due in them: answers, the end of a time, runs by themselves."""

from collections.abc import Callable, Sequence
from functools import partial

from services.matching.commands.experts import (
    ExpireExpert,
    LapseSeat,
    RematchMarket,
    RemindExpert,
    UseExperts,
    WithdrawDemand,
)
from services.matching.commands.ideas import LapsePartner
from services.matching.commands.promoters import LapseMeeting
from services.matching.domain.market import Market
from services.matching.domain.solution import Match
from services.matching.handlers import experts, ideas, market_runs, promoters
from services.matching.handlers.runs import due_run
from services.matching.queries.experts import demands_of_activity, market_of_experts, run
from services.matching.queries.ideas import market_of_ideas
from shared.contracts.envelope import Received
from shared.contracts.events import ActivityCancelled, ActivityHeld
from shared.contracts.refused import Refused
from shared.mongo import Database
from shared.solving import SolverPool
from shared.spine.listener import Listener
from shared.spine.store import Store

SOLVER = "services.matching.domain.market_solve:solve"


async def market_of(db: Database, network: str, market: str) -> Market:
    return await (market_of_experts if market == experts.EXPERTS else market_of_ideas)(db, network)


async def matches_of(db: Database, network: str, run_id: str, market: str) -> Sequence[Match]:
    """What a run that stands has matched."""
    found = await run(db, network, run_id, market)
    return found["solution"].matches if found else ()


def listen_with(listen: Listener, db: Callable[[], Database], pool: SolverPool) -> None:
    async def use(received: Received, store: Store) -> None:
        """The activity was held: the experts who said yes were used."""
        event = received.event
        assert isinstance(event, ActivityHeld)
        at = received.envelope.happened_at
        for one in await demands_of_activity(db(), store.origin.network, received.stream):
            await experts.use_experts(UseExperts(demand=one, held_on=event.held_on, happened_at=at), store)

    async def give_up(received: Received, store: Store) -> None:
        """The activity was called off: its experts are free again."""
        assert isinstance(received.event, ActivityCancelled)
        at, reason = received.envelope.happened_at, "The activity was called off."
        for one in await demands_of_activity(db(), store.origin.network, received.stream):
            try:
                await experts.withdraw_demand(WithdrawDemand(demand=one, reason=reason, happened_at=at), store)
            except Refused:  # it was withdrawn, or held, before
                continue

    async def rematch(command: RematchMarket, store: Store) -> None:
        matches = partial(matches_of, db())
        act = partial(market_runs.rematch_market, command, store, partial(market_of, db()), matches_of=matches)
        await due_run(act, partial(pool.run, SOLVER))

    listen.on(ActivityHeld, use)
    listen.on(ActivityCancelled, give_up)
    listen.due(RemindExpert, experts.remind_expert)
    listen.due(ExpireExpert, experts.expire_expert)
    listen.due(LapseSeat, experts.lapse_seat)
    listen.due(LapsePartner, ideas.lapse_partner)
    listen.due(LapseMeeting, promoters.lapse_meeting)
    listen.due(RematchMarket, rematch)
