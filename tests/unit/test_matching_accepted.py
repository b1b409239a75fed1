"""A request that was accepted for a call becomes one interest of it."""

import pytest

from services.matching.accepted import interest_of, weeks_for
from services.matching.domain.call import Call


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
