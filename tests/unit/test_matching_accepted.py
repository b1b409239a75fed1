"""A request that was accepted for a call becomes one interest of it."""

from dataclasses import replace

import pytest

from services.matching.accepted import interest_of, weeks_for
from services.matching.commands import CancelExchange, ReleaseProposal
from services.matching.domain import exchange, interest
from services.matching.domain.call import Call
from services.matching.handlers import EXCHANGE, INTEREST
from shared.contracts.matching import InterestFreed, InterestWithdrawn
from tests.unit.test_matching_domain import FILE, PROPOSE, after
from tests.unit.test_matching_life import ACCEPTS, HELD


@pytest.mark.parametrize(
    ("quarter", "window", "first", "last"),
    [
        ("2025-Q2", (None, None), "2025-W15", "2025-W26"),
        ("2025-Q2", ("2025-W20", "2025-W40"), "2025-W20", "2025-W26"),
        ("2025-Q1", ("2025-W20", "2025-W40"), "2025-W20", "2025-W40"),
        (None, ("2025-W20", "2025-W40"), "2025-W20", "2025-W40"),
        (None, (None, None), "2025-W01", "2025-W52"),
    ],
)
def test_its_weeks_are_those_of_the_quarter_within_the_call(quarter, window, first, last):
    weeks = weeks_for(Call(year=2025, first_week=window[0], last_week=window[1]), quarter)
    assert (weeks[0], weeks[-1]) == (first, last)


def test_a_request_is_one_interest_however_often_it_is_heard():
    assert interest_of("request-1") == interest_of("request-1") != interest_of("request-2")


REQUEST = "request-0192a3b4-0000-7000-8000-000000000001"


def filed(**changes: object) -> interest.Interest:
    command = FILE.model_copy(update={"request": REQUEST, **changes})
    state: interest.Interest = INTEREST.folded(interest.decide(interest.Interest(), command))
    return state


def matched() -> interest.Interest:
    state: interest.Interest = INTEREST.folded(interest.decide(filed(), PROPOSE), filed())
    return state


def test_an_exchange_names_the_request_until_its_end():
    asked = PROPOSE.model_copy(update={"request": REQUEST})
    _, events = after(exchange, EXCHANGE, asked, *ACCEPTS, HELD)
    assert {event.request for event in events} == {REQUEST}
    _, events = after(exchange, EXCHANGE, PROPOSE, *ACCEPTS, HELD)
    assert {event.request for event in events} == {None}


@pytest.mark.parametrize("command", [CancelExchange, ReleaseProposal])
def test_called_off_what_came_of_a_request_leaves_the_call(command):
    told = command(exchange=PROPOSE.exchange)
    assert [type(one) for one in interest.decide(matched(), told)] == [InterestFreed, InterestWithdrawn]
    without = replace(matched(), request=None)
    assert [type(one) for one in interest.decide(without, told)] == [InterestFreed]


def test_accepted_anew_it_is_filed_again():
    gone = INTEREST.folded(interest.decide(matched(), CancelExchange(exchange=PROPOSE.exchange)), matched())
    assert gone.status is interest.Status.WITHDRAWN
    again = FILE.model_copy(update={"request": REQUEST, "officials": 3})
    state = INTEREST.folded(interest.decide(gone, again), gone)
    assert (state.status, state.officials, state.exchange) == (interest.Status.FILED, 3, None)
    assert interest.decide(gone, FILE) == []


def test_what_was_filed_before_names_no_request():
    old = INTEREST.load({"status": "filed", "call": "call-1", "member": "PT"})
    assert old.request is None
