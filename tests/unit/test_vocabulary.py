from datetime import date

import pytest

from shared.contracts.names import COUNTRY_ROWS, LANGUAGE_ROWS
from shared.contracts.vocabulary import (
    EFTA,
    FOCUS_AREAS,
    MEMBER_STATES,
    PLAN_HEADINGS,
    TARGET_GROUPS,
    Country,
    Language,
    Level,
    Mode,
    Quarter,
    in_protocol_order,
    normalise_country,
    normalise_language,
)

PROTOCOL_ORDER = "BE BG CZ DK DE EE IE EL ES FR HR IT CY LV LT LU HU MT NL AT PL PT RO SI SK FI SE"


def test_members_stand_in_protocol_order():
    assert " ".join(MEMBER_STATES) == PROTOCOL_ORDER
    assert len(MEMBER_STATES) == 27
    assert EFTA == (Country.IS, Country.LI, Country.NO, Country.CH)


def test_every_country_and_language_has_its_names():
    assert list(COUNTRY_ROWS) == [country.value for country in Country]
    assert list(LANGUAGE_ROWS) == [language.value for language in Language]
    assert len(Language) == 24


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("GR", "EL"), ("el", "EL"), ("GRC", "EL"), ("Greece", "EL"), ("ΕΛΛΆΔΑ", "EL"),
        ("GB", "UK"), ("uk", "UK"), ("gbr", "UK"), ("united kingdom", "UK"),
        (" bg ", "BG"), ("България", "BG"), ("Bulgaria", "BG"),
        ("Czech Republic", "CZ"), ("Österreich", "AT"), ("osterreich", "AT"), ("The  Netherlands", "NL"),
    ],
)  # fmt: skip
def test_a_country_is_known_however_it_is_written(written, code):
    assert normalise_country(written) is Country(code)


@pytest.mark.parametrize("written", ["", "XX", "Atlantis", "EU"])
def test_an_unknown_country_is_told(written):
    with pytest.raises(ValueError, match="is not a country known here"):
        normalise_country(written)


def test_no_word_means_two_countries():
    words = [
        word.casefold() for code, row in COUNTRY_ROWS.items() for word in (code, row.alpha3, row.english, *row.also)
    ]
    assert len(words) == len(set(words))


def test_codes_sort_by_protocol_and_strangers_last():
    assert in_protocol_order(["SE", "trento", "EL", "boras", "UK", "BE"]) == ["BE", "EL", "SE", "UK", "boras", "trento"]


@pytest.mark.parametrize(("written", "code"), [("bg", "bg"), ("Bulgarian", "bg"), ("БЪЛГАРСКИ", "bg"), ("EN", "en")])
def test_a_language_is_known_however_it_is_written(written, code):
    assert normalise_language(written) is Language(code)


def test_an_unknown_language_is_told():
    with pytest.raises(ValueError, match="not an official language"):
        normalise_language("Klingon")


def test_levels_compare_and_modes_have_labels():
    assert Level.A2 < Level.B1 < Level.C2
    assert [mode.label for mode in Mode] == ["On site", "Online", "Hybrid"]


def test_the_strategy_has_seven_target_groups_and_trains_workers_not_directly():
    assert "".join(group.letter for group in TARGET_GROUPS) == "abcdefg"
    not_trained = [group for group in TARGET_GROUPS if not group.trained_directly]
    assert [group.letter for group in not_trained] == ["f"]
    assert "not trained directly" in not_trained[0].reason


def test_four_focus_areas_and_five_headings():
    assert [area.id for area in FOCUS_AREAS] == [
        "information", "cooperation-enforcement", "social-security-coordination", "undeclared-work",
    ]  # fmt: skip
    assert len(PLAN_HEADINGS) == 5


def test_a_quarter_knows_its_days():
    quarter = Quarter.parse("2024-Q1")
    assert (quarter.first_day, quarter.last_day) == (date(2024, 1, 1), date(2024, 3, 31))
    assert Quarter.of(date(2024, 10, 15)) == Quarter(2024, 4)
    assert str(Quarter(2024, 4).next()) == "2025-Q1"
    assert str(Quarter(2024, 2).next()) == "2024-Q3"
    assert [str(one) for one in Quarter.all_of(2024)] == ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]
    assert Quarter(2023, 4) < Quarter(2024, 1)


@pytest.mark.parametrize("written", ["2024", "2024-Q5", "Q2 2024", "", "0000-Q1"])
def test_what_is_no_quarter_is_told(written):
    with pytest.raises(ValueError, match="quarter"):
        Quarter.parse(written)
