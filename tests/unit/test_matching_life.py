"""A call's stages and limits, and an exchange after its proposal: another week, costs, no-show, reports."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.commands import (
    AcceptExchange,
    AskWeek,
    BeginCall,
    CancelExchange,
    ChangeCall,
    CloseCall,
    DeclineExchange,
    DraftCall,
    EndorseInterest,
    ExpireProposal,
    HoldExchange,
    OpenCall,
    PublishCall,
    RecordNoShow,
    ReportCall,
    ReportExchange,
    SetCosts,
)
from services.matching.domain import call, exchange, interest, offer
from services.matching.domain.costs import Costs, planned
from services.matching.handlers import CALL, EXCHANGE, INTEREST, OFFER
from services.matching.letters import answer, matched_again
from shared.contracts.matching import CallMatched, ExchangeCancelled, ExchangeHeld, ExchangeMissed, MatchRunCompleted
from shared.messages.correspondence import Happened
from tests.unit.test_matching_domain import FILE, OFFER_IT, PROPOSE, WHEN, after, name, refused

CALL_ID = name("call")
TERMS = {"focus_areas": ("information",), "happened_at": WHEN}
ASK = AskWeek(exchange=PROPOSE.exchange, member="ES", week="2024-W19", happened_at=WHEN)
LATER = datetime(2024, 5, 2, tzinfo=UTC)
ACCEPTS = [AcceptExchange(exchange=PROPOSE.exchange, member=member, happened_at=WHEN) for member in ("PT", "ES")]
AGREED = [PROPOSE, *ACCEPTS]
HELD = HoldExchange(exchange=PROPOSE.exchange, activity="activity-1", happened_at=LATER)


def opened(**terms):
    return after(call, CALL, OpenCall(year=2024, **{**TERMS, **terms}))[0]


def test_a_draft_takes_nothing_until_it_is_opened():
    draft, _ = after(call, CALL, DraftCall(year=2024, budget=9_000, **TERMS))
    assert refused(call, draft, FILE) == refused(call, draft, OFFER_IT) == "call-draft"
    assert refused(call, draft, PROPOSE) == "wrong-status"
    state = CALL.folded(call.decide(draft, PublishCall(call=CALL_ID, happened_at=WHEN)), draft)
    assert (state.status, state.budget, state.opened_on) == ("open", 9_000, "2024-03-04")
    assert call.decide(state, FILE) == []
    assert refused(call, state, PublishCall(call=CALL_ID)) == "call-open"


def test_a_call_goes_through_its_stages():
    state = opened()
    state = CALL.folded(call.decide(state, CloseCall(call=CALL_ID)), state)
    events = call.decide(state, PROPOSE)
    assert isinstance(events[-1], CallMatched)
    state = CALL.folded(events, state)
    for command, status in ((BeginCall(call=CALL_ID), "running"), (ReportCall(call=CALL_ID), "reported")):
        state = CALL.folded(call.decide(state, command), state)
        assert state.status == status
    assert refused(call, state, PROPOSE) == "wrong-status"
    assert refused(call, state, ChangeCall(call=CALL_ID, **TERMS)) == "call-closed"


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"first_week": "2024-W20", "last_week": "2024-W10"}, "window-impossible"),
        ({"closes_on": date(2024, 3, 3)}, "closing-past"),
        ({"focus_minimum": {"undeclared-work": 1}}, "focus-not-in-call"),
    ],
)
def test_an_impossible_call_is_refused(terms, code):
    assert refused(call, call.Call(), OpenCall(year=2024, **{**TERMS, **terms})) == code


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"first_week": "2024-W19"}, "window-outside"), ({"last_week": "2024-W20"}, "window-outside"),
        ({"eligible": ("FR",)}, "member-not-eligible"),
    ],
)  # fmt: skip
def test_what_lies_outside_a_call_is_refused(terms, code):
    assert refused(call, opened(**terms), FILE) == code


def test_the_last_day_closes_the_call():
    event = call.decide(call.Call(), OpenCall(year=2024, closes_on=date(2024, 4, 1), **TERMS))[0]
    ((_name, at, command),) = call.closing(CALL_ID, event)
    assert (at, command) == (datetime(2024, 4, 2, tzinfo=UTC), CloseCall(call=CALL_ID))


def test_a_closed_call_takes_more_money_and_nothing_else():
    state = opened(budget=100)
    state = CALL.folded(call.decide(state, CloseCall(call=CALL_ID)), state)
    assert call.decide(state, ChangeCall(call=CALL_ID, budget=200, **TERMS))[0].budget == 200
    assert refused(call, state, ChangeCall(call=CALL_ID, budget=200, reciprocal=True, **TERMS)) == "call-closed"


proposals = st.lists(
    st.tuples(st.sampled_from(["PT", "FR", "IT"]), st.integers(0, 60), st.booleans()), min_size=1, max_size=30
)


@given(proposals, st.integers(0, 200), st.integers(1, 4))
def test_no_order_of_proposals_and_ends_spends_more_than_there_is(tried, budget, cap):
    state = opened(budget=budget, cap=cap)
    for number, (sender, amount, ends) in enumerate(tried):
        command = PROPOSE.model_copy(update={"exchange": name("exchange", number), "sender": sender, "travel": amount})
        try:
            state = CALL.folded(call.decide(state, command), state)
        except call.Refused:
            spent = amount > (state.left or 0)
            assert spent or state.sent_by(sender) >= cap
            continue
        if ends:
            state = CALL.folded(call.decide(state, ExpireProposal(exchange=command.exchange)), state)
        assert state.committed <= budget
        assert max(state.sent_by(one) for one in ("PT", "FR", "IT")) <= cap


def test_what_was_paid_counts_instead_of_what_was_planned():
    state = opened(budget=100)
    state = CALL.folded(call.decide(state, PROPOSE.model_copy(update={"travel": 80})), state)
    more = SetCosts(exchange=PROPOSE.exchange, travel=120, happened_at=WHEN)
    assert refused(call, state, more) == "budget-spent"
    state = CALL.folded(call.decide(state, more.model_copy(update={"actual": True})), state)
    assert (state.committed, state.left) == (120, -20)


def test_costs_follow_the_calls_rates():
    rates = opened(travel=300, accommodation=500, interpretation=1_000)
    assert planned(rates, 2, 3, interpreted=True) == Costs(600, 3_000, 3_000)
    assert planned(rates, 2, 3, interpreted=False).amount == 3_600


def test_another_week_moves_the_places_and_asks_the_other_side_anew():
    host, _ = after(offer, OFFER, OFFER_IT.model_copy(update={"places": {f"2024-W{one}": 3 for one in range(18, 22)}}))
    host = OFFER.folded(offer.decide(host, PROPOSE), host)
    moved = OFFER.folded(offer.decide(host, ASK), host)
    assert moved.free == {"2024-W18": 3, "2024-W19": 1, "2024-W20": 1, "2024-W21": 3}
    late = ASK.model_copy(update={"week": "2024-W21"})
    assert refused(offer, host, late) == "places-taken"
    state, events = after(exchange, EXCHANGE, PROPOSE, ASK)
    assert (state.week, state.accepted, state.asked) == ("2024-W19", ("ES",), ("ES",))
    assert state.answer_by == WHEN + timedelta(days=14)
    ((_name, at, _command),) = exchange.answer_deadline(PROPOSE.exchange, events[0])
    assert at == state.answer_by
    assert refused(exchange, state, ASK.model_copy(update={"week": "2024-W20"})) == "week-asked"
    assert refused(exchange, state, ASK) == "week-same"
    state = EXCHANGE.folded(exchange.decide(state, ACCEPTS[0]), state)
    assert state.status == "agreed"


def test_who_does_not_turn_up_is_noted_once_the_stay_began():
    state, _ = after(exchange, EXCHANGE, *AGREED)
    note = RecordNoShow(exchange=PROPOSE.exchange, absent="PT", happened_at=WHEN)
    assert refused(exchange, state, note) == "not-begun"
    events = exchange.decide(state, note.model_copy(update={"happened_at": LATER}))
    assert [type(one) for one in events] == [ExchangeCancelled, ExchangeMissed]
    state = EXCHANGE.folded(events, state)
    assert (state.status, state.absent) == ("missed", "PT")
    assert exchange.decide(state, CancelExchange(exchange=PROPOSE.exchange, happened_at=LATER)) == []


def test_both_sides_report_what_was_held():
    state, _ = after(exchange, EXCHANGE, *AGREED, HELD)
    said = ReportExchange(exchange=PROPOSE.exchange, member="PT", useful=4, report="Well.", happened_at=LATER)
    state = EXCHANGE.folded(exchange.decide(state, said), state)
    again = said.model_copy(update={"member": "ES", "joint_inspection": True})
    state = EXCHANGE.folded(exchange.decide(state, again), state)
    assert {member: one.joint_inspection for member, one in state.reports.items()} == {"PT": False, "ES": True}
    before, _ = after(exchange, EXCHANGE, *AGREED)
    assert refused(exchange, before, said) == "not-held"


def test_called_off_with_a_reason_only_what_is_agreed():
    why = CancelExchange(exchange=PROPOSE.exchange, reason="A strike.", happened_at=WHEN)
    state, _ = after(exchange, EXCHANGE, PROPOSE)
    assert refused(exchange, state, why) == "exchange-closed"
    state, _events = after(exchange, EXCHANGE, *AGREED, why)
    assert state.status == "cancelled"


def test_costs_are_planned_then_paid():
    state, _ = after(exchange, EXCHANGE, *AGREED)
    paid = SetCosts(exchange=PROPOSE.exchange, actual=True, travel=7, happened_at=WHEN)
    state = EXCHANGE.folded(exchange.decide(state, paid), state)
    assert (state.paid, exchange.decide(state, paid)) == (Costs(7), [])
    assert refused(exchange, state, paid.model_copy(update={"actual": False})) == "costs-paid"
    declined, _ = after(exchange, EXCHANGE, PROPOSE, DeclineExchange(exchange=PROPOSE.exchange, member="PT"))
    assert refused(exchange, declined, paid) == "exchange-closed"


def test_an_interest_is_endorsed_once():
    state, _ = after(interest, INTEREST, FILE)
    endorse = EndorseInterest(interest=name("interest"), happened_at=WHEN)
    state = INTEREST.folded(interest.decide(state, endorse), state)
    assert (state.endorsed, interest.decide(state, endorse)) == (True, [])


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"excluded": ("ES",)}, "wish-excluded"), ({"fewer_opportunities": 3}, "too-many-counted"),
    ],
)  # fmt: skip
def test_an_interest_that_contradicts_itself_is_refused(wrong, code):
    assert refused(interest, interest.Interest(), FILE.model_copy(update=wrong)) == code


def told(event, *together) -> list[tuple[str, str]]:
    """Kind of letter and to whom."""
    happened = Happened("exchange-1@3", PROPOSE.exchange, event, "ela", (event, *together))
    made = matched_again(happened) if isinstance(event, MatchRunCompleted) else answer(happened)
    return [(one.document["kind"], one.document["to"]) for one in made]


def test_each_side_hears_what_concerns_it():
    state, events = after(exchange, EXCHANGE, PROPOSE, ASK)
    assert told(events[0]) == [("exchange-moved", "nlo@PT")]
    state, _ = after(exchange, EXCHANGE, *AGREED)
    note = RecordNoShow(exchange=PROPOSE.exchange, absent="PT", happened_at=LATER)
    cancelled, missed = exchange.decide(state, note)
    assert told(cancelled, missed) == []
    assert told(missed, cancelled) == [("exchange-missed", "nlo@PT"), ("exchange-missed", "nlo@ES")]
    held = exchange.decide(state, HELD)[0]
    assert isinstance(held, ExchangeHeld)
    assert told(held) == [("exchange-held", "nlo@PT"), ("exchange-held", "nlo@ES")]
    run = MatchRunCompleted(run="run-1", interests=3, offers=2, matched=1, proven=True)
    assert told(run) == []
    assert told(run.model_copy(update={"by_itself": True})) == [("call-matched-again", "coordinator@")]
