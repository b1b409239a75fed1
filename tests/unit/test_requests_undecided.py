"""The plan's list of those undecided and the requests themselves never disagree, whatever is decided in which order.

Triage weighs the open requests of a year; the adoption waits for the plan's list: both must speak of the same ones.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.requests import handlers, merging
from services.requests.commands import (
    DeclineRequest,
    DeferRequest,
    MergeRequest,
    PlanRequest,
    ReopenRequest,
    ReturnRequest,
    SubmitRequest,
    WithdrawRequest,
)
from services.requests.domain.request import OPEN, Status
from services.requests.streams import PLAN, REQUEST, plan_id
from shared.contracts.refused import Refused
from shared.ids import aggregate_of
from shared.spine.draft import Receipt

YEARS = (2025, 2026)
QUARTERS = tuple(f"{year}-Q{number}" for year in YEARS for number in (1, 3))
NAMES = tuple(f"request-0192f0c4-1bfd-76b5-b4ec-81096303603{number}" for number in range(2))
WHEN = datetime(2025, 1, 15, 9, tzinfo=UTC)
KIND, LINE = "training-in-host-member-state", "trainings-in-host-member-state"
AGGREGATES = {"request": REQUEST, "plan": PLAN}


@dataclass
class InMemory:
    """A store of one caller: all of a use case or none, as the contract says."""

    states: dict[str, Any] = field(default_factory=dict)
    origin: Any = field(default_factory=lambda: SimpleNamespace(network="ela", actor="ela-coordinator"))

    async def load(self, stream: str) -> Any:
        if stream not in self.states:
            raise Refused("not-found", "There is nothing of this name.", status=404)
        return self.states[stream]

    async def execute(self, stream, command, decide, beside=()):
        return await self.execute_all(command, {stream: decide}, beside)

    async def execute_all(self, command, decides, beside=()):
        command = command.at(WHEN)
        decided = {}
        for stream, decide in decides.items():
            aggregate = AGGREGATES[aggregate_of(stream)]
            state = self.states.get(stream, aggregate.state())
            decided[stream] = aggregate.folded(decide(state, command), state)
        self.states |= decided
        return Receipt()


names, quarters = st.sampled_from(NAMES), st.sampled_from(QUARTERS)
steps = st.one_of(
    st.tuples(st.just("plan"), names, quarters),
    st.tuples(st.just("defer"), names, quarters),
    st.tuples(st.sampled_from(("decline", "withdraw", "reopen", "return")), names, quarters),
    st.tuples(st.sampled_from(("withdraw", "reopen", "return")), names, quarters),
    st.tuples(st.just("merge"), names, names),
)


async def take(store: InMemory, what: str, name: str, other: str | None) -> None:
    about = {"request": name, "reason": "So."}
    match what:
        case "submit":
            wish = {"kind": KIND, "title": "One", "member": "BG", "quarter_wished": other}
            await handlers.submit_request(SubmitRequest(**wish, request=name), store)
        case "plan":
            await handlers.plan_request(PlanRequest(**about, line=LINE, quarter=other), store)
        case "defer":
            await handlers.defer_request(DeferRequest(**about, quarter=other), store)
        case "decline":
            await handlers.decline_request(DeclineRequest(**about), store)
        case "withdraw":
            await handlers.withdraw_request(WithdrawRequest(**about), store)
        case "reopen":
            await handlers.reopen_request(ReopenRequest(**about), store, {})
        case "return":
            activity = getattr(store.states.get(name), "activity", None) or "activity-none"
            await handlers.return_request(ReturnRequest(request=name, activity=activity), store)
        case "merge":
            await merging.merge_request(MergeRequest(**about, into=other), store)


def waits(request: Any) -> bool:
    """It was never answered, or put off from another year's plan to this one."""
    if request.status is Status.SUBMITTED:
        return True
    last = request.decided[-1] if request.decided else None
    return request.status is Status.DEFERRED and last is not None and last.year != request.year


@settings(max_examples=150, deadline=None)
@given(st.tuples(*[quarters] * len(NAMES)), st.lists(steps, min_size=3, max_size=12))
async def test_the_plans_lists_are_the_requests_that_wait(wished, taken):
    store = InMemory()
    sent = [("submit", name, quarter) for name, quarter in zip(NAMES, wished, strict=True)]
    for what, name, other in [*sent, *taken]:
        try:
            await take(store, what, name, other)
        except Refused:
            continue
        requests = {one: state for one, state in store.states.items() if one in NAMES}
        for year in YEARS:
            plan = store.states.get(plan_id("ela", year), PLAN.state())
            there = {one for one, state in requests.items() if state.year == year}
            weighed = {one for one in there if requests[one].status in OPEN}
            assert set(plan.undecided) == {one for one in there if waits(requests[one])}, (what, name, other)
            assert set(plan.undecided) <= weighed
