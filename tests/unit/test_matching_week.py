import pytest

from services.matching.week import between, later, monday, spans, stay, weeks_of


def test_a_stay_goes_over_the_end_of_the_year():
    assert stay("2024-W52", 3) == ("2024-W52", "2025-W01", "2025-W02")
    assert later("2020-W53", 1) == "2021-W01"


def test_a_year_has_52_or_53_weeks():
    assert len(weeks_of(2024)) == 52
    assert len(weeks_of(2020)) == 53
    assert weeks_of(2020)[-1] == "2020-W53"


@pytest.mark.parametrize("text", ["2024-W53", "2024-W00", "2024W10", "2024-W1", "1999-W10", "٢٠٢٤-W10", "2024-W10\n"])
def test_what_is_no_week_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match=r"week|Write"):
        monday(text)


def test_consecutive_weeks_are_told_as_one_span():
    assert spans(["2024-W10", "2024-W12", "2024-W11", "2024-W20"]) == (
        ("2024-W10", "2024-W12"),
        ("2024-W20", "2024-W20"),
    )
    assert between("2024-W12", "2024-W10") == ()
