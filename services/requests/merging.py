"""The use cases of merging: a request and the one that leads it move together, with the plans that hold them."""

from collections.abc import Mapping
from functools import partial

from shared.contracts.base import Command, Event
from shared.contracts.refused import Refused
from shared.ids import new_id
from shared.spine.aggregate import Decide
from shared.spine.draft import Receipt
from shared.spine.store import Store

from .commands import MergeRequest, WithdrawRequest
from .domain import merging, plan, request
from .domain.state import Request, Status
from .reasons import reason_of


async def merge_request(command: MergeRequest, store: Store) -> Receipt:
    """Answer it together with another one; both senders are told, and it shares that one's fate."""
    asked: Request = await store.load(command.request)
    lead: Request = await store.load(command.into)
    if command.into == command.request:
        raise Refused("merged-with-itself", "Choose another request to merge it with.", status=422)
    command = command.model_copy(update={"words": new_id("words")})
    decides: dict[str, Decide] = {
        command.request: partial(merging.merge, held_by=asked.plan, into_member=lead.member),
        asked.plan: partial(plan.let_go, activity=None),
        command.into: partial(merging.join, member=asked.member),
    }
    return await store.execute_all(command, decides, beside=reason_of(command, store))


async def withdrawn(name: str, asked: Request, store: Store) -> dict[str, Decide]:
    """What a withdrawal moves: those merged into it wait for answers of their own, the one that led it lets it go."""
    decides: dict[str, Decide] = {name: partial(_withdraw, held_by=asked.plan, joined=asked.joined)}
    decides[asked.plan] = partial(plan.let_go, activity=asked.activity)
    if asked.status is Status.MERGED and asked.into:
        decides[asked.into] = partial(merging.part, joined=name)
    for one in asked.joined:
        joined: Request = await store.load(one)
        decides[one] = merging.come_back
        again = partial(merging.list_again, request=one, asked=joined)
        decides[joined.plan] = _in_turn(decides[joined.plan], again) if joined.plan in decides else again
    return decides


def _withdraw(state: Request, command: WithdrawRequest, *, held_by: str, joined: Mapping[str, str]) -> list[Event]:
    if dict(state.joined) != dict(joined):
        raise Refused("moved", "Somebody decided on this request at the same moment; look at it again.")
    return request.decide(state, command, held_by=held_by)


def _in_turn(first: Decide, then: Decide) -> Decide:
    """Both on the same plan: the second sees what the first did."""

    def decide(state: plan.Plan, command: Command) -> list[Event]:
        events = first(state, command)
        for event in events:
            state = plan.evolve(state, event)
        return [*events, *then(state, command)]

    return decide
