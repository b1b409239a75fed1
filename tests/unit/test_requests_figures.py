"""Figures from outside, and projects."""

import contextlib
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from services.requests import filing, taking
from services.requests.domain import projects, readings
from services.requests.domain.projects import ChangeProject, EnterProject, Project, Stage, months_of
from services.requests.domain.readings import CorrectReading, Figure, Reading, RemoveReading, TakeReading
from services.requests.portfolio import PROJECT
from services.requests.taking import READING
from shared.contracts.refused import Refused
from shared.forms import table
from shared.forms.eusurvey import Unreadable
from shared.profiles import load

NOW = datetime(2024, 10, 15, 9, tzinfo=UTC)
NAME = "reading-01920000-0000-4000-8000-000000000000"
FOLLOWERS, LEARNERS = Figure("x-followers"), Figure("vet-learners-mobility", share=True)
MEMBERS = frozenset({"trento"})


def taken(value: int = 2_083, of: int | None = None, **changes: Any) -> TakeReading:
    facts = {"figure": "x-followers", "on": date(2024, 7, 10), "source": "X, profile page", "happened_at": NOW}
    return TakeReading.model_validate({**facts, "value": value, "of": of, **changes})


def test_a_figure_told_twice_is_one_and_another_value_is_a_correction():
    state = READING.folded(readings.take(Reading(), taken(), figure=FOLLOWERS, members=MEMBERS))
    assert readings.take(state, taken(), figure=FOLLOWERS, members=MEMBERS) == []
    with pytest.raises(Refused, match="correct it"):
        readings.take(state, taken(2_100), figure=FOLLOWERS, members=MEMBERS)


@pytest.mark.parametrize(
    ("figure", "command", "code"),
    [
        (LEARNERS, taken(44), "of-missing"),
        (LEARNERS, taken(44, 20), "of-too-small"),
        (FOLLOWERS, taken(44, 200), "of-unwanted"),
        (FOLLOWERS, taken(on=date(2024, 10, 16)), "on-in-the-future"),
        (FOLLOWERS, taken(member="atlantis"), "member-unknown"),
    ],
)
def test_a_figure_is_what_it_says(figure, command, code):
    with pytest.raises(Refused) as refused:
        readings.take(Reading(), command, figure=figure, members=MEMBERS)
    assert refused.value.code == code


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(500, 999)), max_size=8), st.booleans())
def test_what_is_told_and_taken_back_sums_to_what_stands(values, removed):
    """Whoever adds up the events' deltas, as `kpi` does, has the present value."""
    state = READING.folded(readings.take(Reading(), taken(1, 900), figure=LEARNERS, members=MEMBERS))
    part, whole = 1, 900
    for value, of in values:
        command = CorrectReading(reading=NAME, value=value, of=of, reason="Counted again.", happened_at=NOW)
        for event in readings.correct(state, command, figure=LEARNERS):
            part, whole = part + event.value - event.previously, whole + event.of - event.previously_of
            state = readings.evolve(state, event)
    if removed:
        (event,) = readings.remove(state, RemoveReading(reading=NAME, reason="Another figure.", happened_at=NOW))
        part, whole, state = part - event.value, whole - event.of, readings.evolve(state, event)
        with pytest.raises(Refused):
            readings.remove(state, RemoveReading(reading=NAME, reason="Again.", happened_at=NOW))
    assert (part, whole) == ((0, 0) if removed else (state.value, state.of))


def test_the_stream_of_a_reading_is_its_figure_member_and_day():
    assert taking.reading_id("earlall", taken()) == taking.reading_id("earlall", taken(3))
    assert taking.reading_id("earlall", taken()) != taking.reading_id("earlall", taken(member="trento"))
    assert taking.figure_of("earlall", "vet-learners-mobility") == LEARNERS
    with pytest.raises(Refused):
        taking.figure_of("earlall", "moon-phases")


CSV = "Figure;Day;Value;Source\nFollowers on X;10/07/2024;2 083;X\n;;;\nNewsletter;2024-09-01;1;Own count\n"


def test_a_table_is_read_from_csv_and_xlsx_alike():
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, line in enumerate(CSV.splitlines()):
            sheet.write_row(place, 0, line.split(";"))
    _, rows = table.read(CSV.encode("utf-8-sig"), "figures.csv")
    assert rows == table.read(file.getvalue(), "figures.xlsx")[1]
    assert [number for number, _ in rows] == [2, 4]
    assert rows[0][1] == {"Figure": "Followers on X", "Day": "10/07/2024", "Value": "2 083", "Source": "X"}


@given(st.binary(max_size=200), st.sampled_from(["a.csv", "a.xlsx", ""]))
def test_no_file_breaks_the_reader(data, name):
    with contextlib.suppress(Unreadable):
        table.read(data, name)


@pytest.mark.parametrize(("text", "value"), [("2083", 2083), ("2,083", 2083), ("2\u202f083", 2083), ("0", 0)])
def test_numbers_are_read_as_people_write_them(text, value):
    assert filing.count_of(text) == value


@pytest.mark.parametrize("text", ["", "2.5", "-1", "many", "2,08", "²"])
def test_what_is_no_whole_number_is_refused(text):
    with pytest.raises(filing.NotThis):
        filing.count_of(text)


def test_days_are_read_as_people_write_them():
    assert filing.day_of("10/07/2024") == filing.day_of("2024-07-10T00:00:00") == date(2024, 7, 10)
    with pytest.raises(filing.NotThis):
        filing.day_of("31/02/2024")


# Projects

SMALEI = load("earlall").projects[0]


def entered(**changes: Any) -> EnterProject:
    facts = {"title": SMALEI.title, "stage": SMALEI.status, "period": SMALEI.period_as_quoted, "happened_at": NOW}
    grants = {"eu_grant": SMALEI.eu_grant, "own_grant": SMALEI.own_grant}
    return EnterProject.model_validate({**facts, **grants, **changes})


def test_a_project_keeps_its_grants_to_the_cent_and_its_months():
    state = PROJECT.folded(projects.enter(Project(), entered(), members=MEMBERS))
    assert (state.stage, state.eu_grant, state.own_grant) == ("current", 400_000_00, 66_900_00)
    assert (state.starts_on, state.ends_on) == ("2022-03-01", "2025-02-28")


@pytest.mark.parametrize(
    "one", [one for one in load("earlall").projects if one.period_as_quoted], ids=lambda one: one.id
)
def test_every_period_of_the_work_plan_is_understood(one):
    months = months_of(one.period_as_quoted)
    assert months is not None
    assert months[0] < months[1]


@given(st.text(max_size=80))
def test_any_period_may_be_written(text):
    months = months_of(text)
    assert months is None or months[0] < months[1]


def test_a_changed_project_says_what_it_was_and_nothing_where_nothing_changed():
    state = PROJECT.folded(projects.enter(Project(), entered(stage="submitted"), members=MEMBERS))
    project = "project-01920000-0000-7000-8000-000000000000"
    facts = entered(stage=Stage.CURRENT, eu_grant=Decimal("1.05")).model_dump(exclude={"project"})
    command = ChangeProject(**facts, project=project)
    (event,) = projects.change(state, command, members=MEMBERS)
    assert (event.previous_stage, event.stage, event.eu_grant) == ("submitted", "current", 105)
    assert projects.change(projects.evolve(state, event), command, members=MEMBERS) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"members": ("atlantis",)}, "members-unknown"),
        ({"starts_on": date(2025, 1, 1), "ends_on": date(2024, 1, 1)}, "ends-before-it-starts"),
    ],
)
def test_a_project_that_cannot_be_is_refused(changes, code):
    with pytest.raises(Refused) as refused:
        projects.enter(Project(), entered(**changes), members=MEMBERS)
    assert refused.value.code == code
