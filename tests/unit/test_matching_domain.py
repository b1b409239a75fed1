"""What becomes of a call, an interest, an offer and an exchange, decided without any server."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from pydantic import ValidationError

from services.matching.commands import (
    AcceptExchange,
    CancelExchange,
    CloseCall,
    DeclineExchange,
    ExpireProposal,
    FileInterest,
    HoldExchange,
    MakeOffer,
    OpenCall,
    ProposeExchange,
    WithdrawInterest,
    WithdrawOffer,
)
from services.matching.domain import call, exchange, interest, offer
from services.matching.handlers import CALL, EXCHANGE, INTEREST, OFFER
from shared.contracts.matching import ExchangeAgreed, ExchangeHeld, PlacesHeld, PlacesReleased
from shared.contracts.refused import Refused

WHEN = datetime(2024, 3, 4, 9, tzinfo=UTC)


def name(aggregate: str, number: int = 1) -> str:
    return f"{aggregate}-{UUID(int=number)}"


FILE = FileInterest(
    call=name("call"), member="PT", focus="information", languages=("en", "pt"), officials=2,
    weeks=("2024-W20", "2024-W18"), duration=2, wishes=("ES",), happened_at=WHEN,
)  # fmt: skip
OFFER_IT = MakeOffer(
    call=name("call"), member="ES", focus_areas=("information",), languages=("en",),
    places={"2024-W19": 3, "2024-W18": 3, "2024-W20": 3}, happened_at=WHEN,
)  # fmt: skip
PROPOSE = ProposeExchange(
    exchange=name("exchange"), run=name("run"), call=name("call"), interest=name("interest"), offer=name("offer"),
    sender="PT", host="ES", focus="information", week="2024-W18", duration=2, officials=2, language="en",
    happened_at=WHEN,
)  # fmt: skip
ACCEPTS = [AcceptExchange(exchange=PROPOSE.exchange, member=member, happened_at=WHEN) for member in ("PT", "ES")]
END = {"exchange": PROPOSE.exchange, "happened_at": WHEN}


def after(module, aggregate, *commands):
    """The state and the last command's events."""
    state, events = aggregate.state(), []
    for command in commands:
        events = module.decide(state, command)
        state = aggregate.folded(events, state)
    return state, events


def refused(module, state, command) -> str:
    with pytest.raises(Refused) as error:
        module.decide(state, command)
    assert error.value.sentence.endswith(".")
    return error.value.code


def open_call():
    command = OpenCall(year=2024, focus_areas=("information",), minimum=40, happened_at=WHEN)
    return after(call, CALL, command)[0]


def test_an_open_call_takes_what_it_names_and_a_closed_one_nothing():
    opened = open_call()
    assert call.decide(opened, FILE) == call.decide(opened, OFFER_IT) == []
    assert refused(call, opened, FILE.model_copy(update={"focus": "undeclared-work"})) == "focus-not-in-call"
    closed = CALL.folded(call.decide(opened, CloseCall(call=name("call"))), opened)
    assert refused(call, closed, FILE) == refused(call, closed, OFFER_IT) == "call-closed"
    assert refused(call, closed, CloseCall(call=name("call"))) == "call-closed"


def test_a_call_that_is_not_there_takes_nothing():
    assert refused(call, call.Call(), FILE) == "not-found"


def test_an_interest_keeps_what_was_asked_with_its_weeks_in_order():
    state, _ = after(interest, INTEREST, FILE)
    assert state.weeks == ("2024-W18", "2024-W20")
    assert (state.status, state.filed_on, state.languages) == ("filed", "2024-03-04", ("en", "pt"))


def test_nobody_is_its_own_host():
    assert refused(interest, interest.Interest(), FILE.model_copy(update={"wishes": ("PT",)})) == "own-host"


@pytest.mark.parametrize(
    "wrong",
    [
        {"officials": 0}, {"weeks": ()}, {"weeks": ("2024-W60",)}, {"duration": 0}, {"languages": ()},
        {"languages": ("english",)}, {"member": ""}, {"happened_at": datetime(2024, 3, 4)},
        {"call": "call-1"},
    ],
)  # fmt: skip
def test_an_impossible_interest_is_not_taken(wrong):
    with pytest.raises(ValidationError):
        FileInterest.model_validate({**FILE.model_dump(), **wrong})


@pytest.mark.parametrize("places", [{}, {"2024-W10": 0}, {"2024-W10": -1}, {"soon": 1}, {"2024-W54": 1}])
def test_an_impossible_offer_is_not_taken(places):
    with pytest.raises(ValidationError):
        MakeOffer.model_validate({**OFFER_IT.model_dump(), "places": places})


def test_an_interest_is_held_by_one_proposal_at_a_time():
    state, _ = after(interest, INTEREST, FILE, PROPOSE)
    assert (state.status, state.exchange) == ("matched", PROPOSE.exchange)
    other = PROPOSE.model_copy(update={"exchange": name("exchange", 2)})
    assert refused(interest, state, other) == "interest-matched"
    assert refused(interest, state, WithdrawInterest(interest=name("interest"))) == "interest-matched"


def test_a_declined_offer_is_not_brought_together_again_and_a_lapsed_one_is():
    declined, _ = after(interest, INTEREST, FILE, PROPOSE, DeclineExchange(member="ES", **END))
    assert (declined.status, declined.turned_down) == ("filed", (name("offer"),))
    lapsed, _ = after(interest, INTEREST, FILE, PROPOSE, ExpireProposal(**END))
    assert (lapsed.status, lapsed.turned_down) == ("filed", ())


def test_the_end_of_another_exchange_does_not_free_an_interest():
    state, events = after(interest, INTEREST, FILE, PROPOSE, ExpireProposal(exchange=name("exchange", 9)))
    assert (state.status, events) == ("matched", [])


def test_an_offer_never_holds_more_than_it_has():
    state, events = after(offer, OFFER, OFFER_IT, PROPOSE)
    assert events == [PlacesHeld(exchange=PROPOSE.exchange, weeks=("2024-W18", "2024-W19"), officials=2)]
    assert state.free == {"2024-W18": 1, "2024-W19": 1, "2024-W20": 3}
    other = PROPOSE.model_copy(update={"exchange": name("exchange", 2)})
    assert refused(offer, state, other) == "places-taken"
    assert refused(offer, state, other.model_copy(update={"week": "2024-W20"})) == "places-taken"  # W21 is not offered
    assert offer.decide(state, other.model_copy(update={"week": "2024-W20", "duration": 1}))


@pytest.mark.parametrize("end", [ExpireProposal(**END), CancelExchange(**END), DeclineExchange(member="PT", **END)])
def test_every_way_an_exchange_ends_gives_the_places_back_once(end):
    state, events = after(offer, OFFER, OFFER_IT, PROPOSE, end)
    assert [type(one) for one in events] == [PlacesReleased]
    assert state.free == state.places
    assert offer.decide(state, end) == []


def test_an_offer_that_holds_places_is_not_withdrawn():
    state, _ = after(offer, OFFER, OFFER_IT, PROPOSE)
    withdraw = WithdrawOffer(offer=name("offer"))
    assert refused(offer, state, withdraw) == "places-held"
    empty, _ = after(offer, OFFER, OFFER_IT, withdraw)
    assert refused(offer, empty, PROPOSE) == "offer-withdrawn"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_times_yes_agree_in_any_order(order):
    state, events = after(exchange, EXCHANGE, PROPOSE, *(ACCEPTS[place] for place in order))
    assert state.status == "agreed"
    agreed = events[-1]
    assert isinstance(agreed, ExchangeAgreed)
    assert (agreed.language, agreed.agreed_on, agreed.officials) == ("en", "2024-03-04", 2)


def test_yes_said_twice_counts_once():
    state, events = after(exchange, EXCHANGE, PROPOSE, ACCEPTS[0], ACCEPTS[0])
    assert (state.status, state.accepted, events) == ("proposed", ("PT",), [])
    agreed, _ = after(exchange, EXCHANGE, PROPOSE, *ACCEPTS)
    assert exchange.decide(agreed, ACCEPTS[1]) == []


def test_a_third_member_finds_no_exchange():
    state, _ = after(exchange, EXCHANGE, PROPOSE)
    assert refused(exchange, state, AcceptExchange(exchange=PROPOSE.exchange, member="FR")) == "not-found"


def test_no_answer_counts_after_the_time_is_over():
    state, _ = after(exchange, EXCHANGE, PROPOSE)
    late = ACCEPTS[0].model_copy(update={"happened_at": WHEN + timedelta(days=15)})
    assert refused(exchange, state, late) == "exchange-closed"


@pytest.mark.parametrize("end", [ExpireProposal(**END), DeclineExchange(member="PT", **END)])
def test_what_ended_takes_no_further_answer(end):
    state, _ = after(exchange, EXCHANGE, PROPOSE, ACCEPTS[1], end)
    assert refused(exchange, state, ACCEPTS[0]) == "exchange-closed"
    assert refused(exchange, state, end) == "exchange-closed"


def test_the_time_to_answer_is_set_and_cleared_with_the_exchange():
    (proposed,) = exchange.decide(exchange.Exchange(), PROPOSE)
    (deadline,) = EXCHANGE.deadlines(PROPOSE.exchange, proposed)
    assert deadline.at == WHEN + timedelta(days=14)
    assert deadline.command == ExpireProposal(exchange=PROPOSE.exchange)
    _, events = after(exchange, EXCHANGE, PROPOSE, *ACCEPTS)
    (cleared,) = EXCHANGE.deadlines(PROPOSE.exchange, events[-1])
    assert (cleared.id, cleared.at) == (deadline.id, None)


def test_a_held_exchange_says_when_it_was_agreed_and_is_not_cancelled_any_more():
    held = HoldExchange(activity="activity-1", **END)
    state, events = after(exchange, EXCHANGE, PROPOSE, *ACCEPTS, held)
    assert isinstance(events[0], ExchangeHeld)
    assert events[0].agreed_on == "2024-03-04"
    assert exchange.decide(state, held) == exchange.decide(state, CancelExchange(**END)) == []


@pytest.mark.parametrize("aggregate", [CALL, INTEREST, OFFER, EXCHANGE])
def test_what_is_stored_is_what_is_loaded(aggregate):
    stories = {
        "call": (call, [OpenCall(year=2024, focus_areas=("information",), happened_at=WHEN)]),
        "interest": (interest, [FILE, PROPOSE]),
        "offer": (offer, [OFFER_IT, PROPOSE]),
        "exchange": (exchange, [PROPOSE, *ACCEPTS]),
    }
    module, commands = stories[aggregate.name]
    state, _ = after(module, aggregate, *commands)
    assert aggregate.load(aggregate.dump(state)) == state
