"""Periods in words, read as days."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.periods import period_of
from shared.profiles import profiles

MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December"]  # fmt: skip
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
YEARS = st.integers(2001, 2098)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Winter 2024/2025", "2024-12-01", "2025-02-28"),
        ("Autumn 2025", "2025-09-01", "2025-11-30"),
        ("3 December 2024", "2024-12-03", "2024-12-03"),
        ("18 \u2013 22 November 2024", "2024-11-18", "2024-11-22"),
        ("summer of 2025", "2025-06-01", "2025-08-31"),
        ("Spring/Summer 2025", "2025-03-01", "2025-08-31"),
        ("Autumn 2024/Spring 2025", "2024-09-01", "2025-05-31"),
        ("Winter 2024 / beginning of 2025", "2024-12-01", "2025-03-31"),
        ("October 25'", "2025-10-01", "2025-10-31"),
        ("June 2025 TBC", "2025-06-01", "2025-06-30"),
        ("Launched June 2024 \u2013 November 2024", "2024-06-01", "2024-11-30"),
        ("end of 2024 and also for 2025", "2024-10-01", "2025-12-31"),
        ("June 2022 - May 2026", "2022-06-01", "2026-05-31"),
        ("4 times in 2023-2024", "2023-01-01", "2024-12-31"),
        ("Q3 2025", "2025-07-01", "2025-09-30"),
        ("2025-Q3", "2025-07-01", "2025-09-30"),
        ("early 2025", "2025-01-01", "2025-03-31"),
    ],
)
def test_what_the_plans_say_is_read(text, first, last):
    assert period_of(text) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("text", ["", "twice a year", "October", "YEAR 1", "18-10 Apr 2024", "30 February 2025",
                                  "Winter 2024/2027", "soon"])  # fmt: skip
def test_what_names_no_day_stays_words(text):
    assert period_of(text) is None


@given(DAYS)
def test_a_day_is_itself(day):
    assert period_of(f"{day.day} {MONTHS[day.month - 1]} {day.year}") == (day, day)
    assert period_of(f"on {day.day} {MONTHS[day.month - 1][:3]} {day.year}, perhaps") == (day, day)


@given(YEARS)
def test_the_seasons_of_a_year_follow_each_other(year):
    seasons = [period_of(f"{name} {year}") for name in ("Spring", "Summer", "Autumn", "Winter")]
    assert all(one and then and one.last + timedelta(days=1) == then.first
               for one, then in itertools.pairwise(seasons))  # fmt: skip
    assert seasons[3] == period_of(f"Winter {year}/{year + 1}")


@given(st.text(max_size=40), DAYS, st.text(max_size=40))
def test_no_text_breaks_it(before, day, after):
    found = period_of(f"{before} {day.isoformat()} {MONTHS[day.month - 1]} {day.year} {after}")
    assert found is None or found.first <= found.last


def test_the_days_are_told_of_every_period_in_the_profiles_that_names_a_year():
    said = [line.period_as_quoted for one in profiles().values() for plan in one.plans for line in plan.lines]
    unread = {text for text in said if text and period_of(text) is None}
    assert not [text for text in unread if "20" in text]
