"""No request vanishes: whatever happens in whatever order, each has one fate, or waits on exactly one plan's list."""

from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.requests import asking, handlers
from services.requests.calls import accept_for_call
from services.requests.commands import (
    AcceptForCall,
    AnswerQuestion,
    AskSender,
    DeclineRequest,
    DeferRequest,
    FulfilRequest,
    MergeRequest,
    PlanRequest,
    ReopenRequest,
    ReturnRequest,
    SubmitRequest,
    WithdrawRequest,
)
from services.requests.domain.calling import MatchRequest
from services.requests.domain.plan import Plan
from services.requests.domain.state import Request, Status
from services.requests.due import due_of
from services.requests.exchanging import match_request
from services.requests.merging import merge_request
from services.requests.queries import Shown
from services.requests.streams import PLAN, REQUEST
from shared.contracts.refused import Refused
from shared.contracts.requests import RequestJoined, RequestMerged, RequestPlanned, RequestReopened
from tests.support.memory_store import MemoryStore

KIND, LINE = "training-in-host-member-state", "trainings-in-host-member-state"
NOW = datetime(2024, 3, 5, 9, tzinfo=UTC)
QUARTERS = st.sampled_from(["2024-Q2", "2024-Q4", "2025-Q1", "2026-Q3"])


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The store in memory never waits: one step is all."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waited for something")


class House:
    """The use cases on a store in memory."""

    def __init__(self) -> None:
        self.store = MemoryStore({"request": REQUEST, "plan": PLAN}, NOW)
        self.cancelled: set[str] = set()

    def submit(self, member: str = "BG", quarter: str | None = "2024-Q2") -> str:
        wish = SubmitRequest(
            kind=KIND, member=member, title="Induction", quarter_wished=quarter, happened_at=self.store.now
        )
        return str(run(handlers.submit_request(wish, self.store)).events[0].stream)

    def plan(self, request: str, quarter: str = "2024-Q3") -> None:
        run(handlers.plan_request(PlanRequest(request=request, line=LINE, quarter=quarter), self.store))

    def defer(self, request: str, quarter: str) -> None:
        command = DeferRequest(request=request, quarter=quarter, reason="No trainers left.")
        run(handlers.defer_request(command, self.store))

    def decline(self, request: str) -> None:
        run(handlers.decline_request(DeclineRequest(request=request, reason="Out of scope."), self.store))

    def withdraw(self, request: str) -> None:
        run(handlers.withdraw_request(WithdrawRequest(request=request), self.store))

    def merge(self, request: str, into: str) -> None:
        run(merge_request(MergeRequest(request=request, into=into, reason="They ask for the same."), self.store))

    def reopen(self, request: str) -> None:
        run(handlers.reopen_request(ReopenRequest(request=request, reason="It was wrong."), self.store, {}))

    def cancel_activity(self, request: str) -> None:
        activity = self[request].activity or ""
        if run(handlers.return_request(ReturnRequest(request=request, activity=activity), self.store)).events:
            self.cancelled.add(activity)

    def hold_activity(self, request: str) -> None:
        activity = self[request].activity or ""
        run(handlers.fulfil_request(FulfilRequest(request=request, activity=activity), self.store))

    def ask(self, request: str) -> None:
        run(asking.ask_sender(AskSender(request=request, question="How many?"), self.store))

    def answer(self, request: str) -> None:
        run(asking.answer_question(AnswerQuestion(request=request, answer="Sixty."), self.store))

    def __getitem__(self, request: str) -> Request:
        found: Request = self.store.states[request]
        return found

    @property
    def requests(self) -> dict[str, Request]:
        return {name: state for name, state in self.store.states.items() if isinstance(state, Request)}

    @property
    def plans(self) -> dict[str, Plan]:
        return {name: state for name, state in self.store.states.items() if isinstance(state, Plan)}

    def lists(self, request: str) -> list[str]:
        """The plans that list it among the undecided."""
        return [name for name, plan in self.plans.items() if request in plan.undecided]

    def activities(self, request: str) -> list[str]:
        """Activities in any plan that answer it; one that was cancelled stays there, and counts as that."""
        there = [one for plan in self.plans.values() for one, it in plan.activities.items() if it.request == request]
        return [one for one in there if one not in self.cancelled]


class Fates(RuleBasedStateMachine):
    """Commands in any order; those that are refused change nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.house = House()
        self.names: list[str] = []

    def do(self, what: str, which: int, *more: Any) -> None:
        request = self.names[which % len(self.names)]
        before = dict(self.house.store.states)
        try:
            getattr(self.house, what)(request, *more)
        except Refused:
            assert self.house.store.states == before

    @rule(member=st.sampled_from(["BG", "EL", "PT"]), quarter=st.none() | QUARTERS)
    def submit(self, member: str, quarter: str | None) -> None:
        self.names.append(self.house.submit(member, quarter))

    @precondition(lambda self: self.names)
    @rule(which=st.integers(0, 9), quarter=QUARTERS, what=st.sampled_from(["plan", "defer"]))
    def put_into_a_quarter(self, which: int, quarter: str, what: str) -> None:
        self.do(what, which, quarter)

    @precondition(lambda self: self.names)
    @rule(which=st.integers(0, 9), other=st.integers(0, 9))
    def merge(self, which: int, other: int) -> None:
        self.do("merge", which, self.names[other % len(self.names)])

    @precondition(lambda self: self.names)
    @rule(
        which=st.integers(0, 9),
        what=st.sampled_from(
            ["decline", "withdraw", "reopen", "reopen", "cancel_activity", "hold_activity", "ask", "answer"]
        ),
    )
    def go_on(self, which: int, what: str) -> None:
        self.do(what, which)

    @precondition(lambda self: self.names)
    @rule(days=st.integers(1, 40))
    def time_passes(self, days: int) -> None:
        self.house.store.now += timedelta(days=days)

    @invariant()
    def each_has_one_fate_or_waits_on_one_list(self) -> None:
        house = self.house
        for name, state in house.requests.items():
            lists, activities = house.lists(name), house.activities(name)
            match state.status:
                case Status.SUBMITTED:
                    assert lists == [state.plan]
                case Status.DEFERRED:
                    assert lists in ([], [state.plan])
                    assert state.quarter
                case Status.PLANNED:
                    assert (lists, activities) == ([], [state.activity])
                case Status.MERGED:
                    lead = house[state.into or ""]
                    assert (lists, lead.joined.get(name)) == ([], state.member)
                    assert lead.status not in (Status.MERGED, Status.WITHDRAWN)
                case Status.FULFILLED:
                    assert lists == []
                case _:
                    assert (lists, activities) == ([], [])
            if state.status is not Status.FULFILLED:
                assert activities == ([state.activity] if state.status is Status.PLANNED else [])

    @invariant()
    def who_joined_knows_it(self) -> None:
        for name, state in self.house.requests.items():
            assert all(self.house[one].into == name for one in state.joined)

    @invariant()
    def nothing_is_listed_that_nobody_sent(self) -> None:
        for plan in self.house.plans.values():
            assert set(plan.undecided) <= set(self.names)

    @invariant()
    def the_fold_is_what_was_said(self) -> None:
        events = self.house.store.events
        for name, state in self.house.requests.items():
            assert REQUEST.folded(one.event for one in events if one.stream == name) == state


Fates.TestCase.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)
TestFates = Fates.TestCase


@pytest.fixture
def house() -> House:
    return House()


def test_merged_it_shares_the_others_fate_and_both_are_named(house):
    mine, lead = house.submit("BG"), house.submit("EL")
    house.merge(mine, lead)
    assert (house[mine].status, house[mine].into) == (Status.MERGED, lead)
    assert house[lead].joined == {mine: "BG"}
    said = [one.event for one in house.store.events]
    merged = next(one for one in said if isinstance(one, RequestMerged))
    joined = next(one for one in said if isinstance(one, RequestJoined))
    assert (merged.into_member, joined.request_member) == ("EL", "BG")
    assert house.store.beside["words", merged.words]["reason"] == "They ask for the same."
    house.plan(lead)
    planned = next(one.event for one in house.store.events if isinstance(one.event, RequestPlanned))
    assert planned.joined == ((mine, "BG"),)


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (lambda house, mine, lead: house.decline(lead), "cannot-lead"),
        (lambda house, mine, lead: house.decline(mine), "wrong-status"),
        (lambda house, mine, lead: house.merge(house.submit("PT"), mine), "others-joined-it"),
        (lambda house, mine, lead: house.merge(lead, house.submit("PT")), "cannot-lead"),
    ],
)
def test_what_cannot_be_merged_says_why(house, prepare, code):
    mine, lead = house.submit("BG"), house.submit("EL")
    prepare(house, mine, lead)
    with pytest.raises(Refused) as refused:
        house.merge(mine, lead)
    assert refused.value.code == code


def test_with_itself_it_is_not_merged(house):
    mine = house.submit()
    with pytest.raises(Refused) as refused:
        house.merge(mine, mine)
    assert refused.value.code == "merged-with-itself"


def test_the_lead_withdrawn_the_others_wait_again(house):
    lead, others = (
        house.submit("EL", "2025-Q1"),
        [house.submit("BG"), house.submit("PT"), house.submit("ES", "2025-Q1")],
    )
    for one in others:
        house.merge(one, lead)
    house.withdraw(lead)
    assert [house[one].status for one in others] == [Status.SUBMITTED] * 3
    assert [house.lists(one) for one in others] == [[house[one].plan] for one in others]
    back = [one.event for one in house.store.events if isinstance(one.event, RequestReopened)]
    assert {one.cause for one in back} == {"joined-withdrawn"}
    assert all(one.taken_back == (("merged", "2024-03-05"),) for one in back)


def test_a_merge_is_taken_back(house):
    mine, lead = house.submit("BG"), house.submit("EL")
    house.merge(mine, lead)
    house.reopen(mine)
    assert (house[mine].status, house.lists(mine)) == (Status.SUBMITTED, [house[mine].plan])
    assert house[lead].joined == {}


def test_a_question_waits_until_it_is_answered_or_decided(house):
    mine = house.submit()
    house.ask(mine)
    with pytest.raises(Refused) as refused:
        house.ask(mine)
    assert refused.value.code == "asked-already"
    assert house.lists(mine)
    house.answer(mine)
    assert house[mine].question is None
    house.ask(mine)
    house.decline(mine)
    with pytest.raises(Refused) as refused:
        house.answer(mine)
    assert refused.value.code == "nothing-asked"


def test_it_waits_since_the_day_it_was_taken_back(house):
    mine = house.submit()
    house.plan(mine)
    house.store.now += timedelta(days=30)
    house.reopen(mine)
    assert (house[mine].submitted_on, house[mine].waits_since) == ("2024-03-05", "2024-04-04")


CALL, EXCHANGE = "call-0192a3b4-0000-7000-8000-000000000002", "exchange-0192a3b4-0000-7000-8000-000000000003"


@pytest.fixture
def in_call(house):
    """An exchange that was accepted for a call, with the other side found."""
    wish = SubmitRequest(
        kind="staff-exchange", member="BG", title="See inspections", focus_area="undeclared-work",
        officials=2, quarter_wished="2024-Q2", happened_at=NOW,
    )  # fmt: skip
    name = run(handlers.submit_request(wish, house.store)).events[0].stream
    accept(house, name)
    match(house, name)
    return name


def accept(house, name):
    open_call = {"_id": CALL, "focus_areas": ["undeclared-work"]}
    words = {"focus_area": "undeclared-work", "officials": 2}
    run(accept_for_call(AcceptForCall(request=name, call=CALL), house.store, open_call, words))


def match(house, name):
    run(
        match_request(MatchRequest(request=name, call=CALL, exchange=EXCHANGE, host="ES", week="2024-W20"), house.store)
    )


def test_in_its_call_it_gets_an_exchange_and_is_held_with_it(house, in_call):
    state = house[in_call]
    assert (state.status, state.exchange, state.host, state.week) == (Status.ACCEPTED, EXCHANGE, "ES", "2024-W20")
    run(handlers.fulfil_request(FulfilRequest(request=in_call, activity="activity-1", exchange=EXCHANGE), house.store))
    state = house[in_call]
    assert (state.status, state.exchange, state.activity) == (Status.FULFILLED, EXCHANGE, "activity-1")
    assert house.lists(in_call) == []


def test_its_exchange_called_off_it_waits_for_a_new_decision(house, in_call):
    run(handlers.return_request(ReturnRequest(request=in_call, exchange=EXCHANGE), house.store))
    state = house[in_call]
    assert (state.status, state.cause, state.exchange) == (Status.SUBMITTED, "exchange-cancelled", None)
    assert house.lists(in_call) == [state.plan]
    back = next(one.event for one in house.store.events if isinstance(one.event, RequestReopened))
    assert (back.exchange, back.taken_back) == (EXCHANGE, (("accepted", "2024-03-05"),))
    accept(house, in_call)
    assert house[in_call].status is Status.ACCEPTED


@pytest.mark.parametrize("what", ["withdraw", "reopen"])
def test_what_both_sides_agreed_to_is_called_off_there(house, in_call, what):
    with pytest.raises(Refused) as refused:
        getattr(house, what)(in_call)
    assert refused.value.code == "exchange-agreed"


def test_accepted_by_mistake_it_is_decided_anew(house, in_call):
    run(handlers.return_request(ReturnRequest(request=in_call, exchange=EXCHANGE), house.store))
    accept(house, in_call)
    house.reopen(in_call)
    assert (house[in_call].status, house.lists(in_call)) == (Status.SUBMITTED, [house[in_call].plan])
    before = len(house.store.events)
    match(house, in_call)  # heard too late
    assert len(house.store.events) == before


def test_another_exchange_or_activity_is_not_its_own(house, in_call):
    before = house[in_call]
    for told in ({"exchange": "exchange-2"}, {"exchange": ""}):
        run(handlers.fulfil_request(FulfilRequest(request=in_call, activity="activity-1", **told), house.store))
        run(handlers.return_request(ReturnRequest(request=in_call, activity="activity-1", **told), house.store))
    assert house[in_call] == before


@pytest.mark.parametrize(
    ("quarter", "today", "due"),
    [
        ("2024-Q2", "2024-03-31", None),
        ("2024-Q2", "2024-04-01", ("2024-04-21", False)),
        ("2024-Q2", "2024-04-22", ("2024-04-21", True)),
    ],
)
def test_what_was_deferred_is_due_again_once_its_quarter_has_begun(monkeypatch, quarter, today, due):
    monkeypatch.setattr("shared.clock.now", lambda: datetime.fromisoformat(today).replace(tzinfo=UTC))
    state = {"status": "deferred", "quarter": quarter, "submitted_on": "2023-11-01", "waits_since": "2023-11-01"}
    found = due_of(Shown("request-1", "ela", 1, state))
    assert (found and (found.on.isoformat(), found.over)) == due
