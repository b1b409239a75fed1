"""Figures as they stood on any day, and what they may come to: the sums to the digit, the intervals by experience."""

import asyncio
from dataclasses import replace
from datetime import date
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.kpi.engine.figures import Cells, Mean, Scope
from services.kpi.engine.forecasting import Chance, generator, held, interval, paced
from services.kpi.engine.standing import Standing
from services.kpi.indicators import INDICATORS, MEASURES
from services.kpi.indicators.outlooks import OUTLOOKS, due
from services.kpi.queries.outlook import Forecasts, quarter_ends
from services.kpi.queries.over_time import OverTime, Point, ends, unless_it_tells, with_stated
from services.kpi.queries.risks import risks
from shared.contracts.events import ActivityHeld, AttendanceRecorded
from shared.contracts.requests import ActivityPlanned
from tests.support.kpi import ACTIVITY, ELA, Log, cells_of, logs, merged_of, partition_of
from tests.support.kpi_year import Year

DAYS = ("2023-12-31", "2024-01-03", "2024-02-01", "2024-03-31", "2024-04-01", "2024-10-15")


def standing(merged, axis) -> Standing:
    one = Standing(merged, "ela", axis)
    asyncio.run(one.load(MEASURES))
    return one


@settings(max_examples=40, deadline=None)
@given(logs())
def test_what_was_known_on_a_day_is_the_same_by_either_way(log):
    merged = merged_of(partition_of(log))
    then = standing(merged, "recorded")
    for day in DAYS:
        then.forward(day)
        for id, one in INDICATORS.items():
            known = one.formula(ELA)(Cells(merged, Scope("ela", 2024, known=day), ELA))
            assert one.formula(ELA)(Cells(then, Scope("ela", 2024), ELA)) == known, id


@settings(max_examples=30, deadline=None)
@given(logs())
def test_at_the_end_of_time_both_ways_come_to_what_stands_now(log):
    merged = merged_of(partition_of(log))
    for axis in ("happened", "recorded"):
        then = standing(merged, axis)
        then.forward("9999")
        for year in (2023, 2024):
            scope = Scope("ela", year)
            for one in INDICATORS.values():
                assert one.formula(ELA)(Cells(then, scope, ELA)) == one.formula(ELA)(Cells(merged, scope, ELA))


def test_steps_end_with_today_or_the_year():
    today = date(2024, 5, 14)
    assert ends("month", 2024, today, 2024)[-2:] == [date(2024, 4, 30), today]
    assert ends("quarter", 2023, today, 2023)[-1] == date(2023, 12, 31)
    assert len(ends("day", 2024, date(2025, 1, 1), 2024)) == 366
    assert len(ends("week", 2024, date(2025, 1, 1), 2024)) == 53
    assert ends("year", 2024, today, 2022) == [date(2022, 12, 31), date(2023, 12, 31), today]
    assert ends("week", 2025, today, 2024) == []


def test_answers_cannot_be_told_from_the_difference_of_two_days():
    five, six, ten = Mean((0, 0, 0, 5, 0)), Mean((1, 0, 0, 5, 0)), Mean((1, 0, 0, 5, 4))
    assert unless_it_tells(five, six) is five
    assert unless_it_tells(five, ten) is ten
    assert unless_it_tells(Mean((0, 0, 0, 4, 0)), five) is five


def test_years_that_the_strategy_tells_of_stand_beside_those_that_are_counted():
    one, scope = INDICATORS["members-per-annual-training"], Scope("ela", 2024)
    log = Log(day="2024-05-02")
    facts = {"registration": "r", "person": "p", "activity": "a", "kind": "eu-labour-mobility-training"}
    log.say(AttendanceRecorded(member="PT", present=True, **facts))
    merged = merged_of(partition_of(log))
    points = asyncio.run(OverTime(merged).ask(scope, one, "year", "happened"))
    assert [(point.day[:4], point.value) for point in points if point.stated] == [("2022", 27), ("2023", 26)]
    assert points[-1].value == 1
    counted = [Point("2023-12-31", 5, "5"), Point("2024-12-31", 1, "1")]
    assert [point.value for point in with_stated(counted, scope, one)] == [27, 5, 1], "what is counted comes first"


# Forecasts


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_what_is_due_comes_about_at_most_once(waiting, came, others):
    drawn = held([Chance(waiting, came, came + others)], generator())
    assert drawn.min() >= 0
    assert drawn.max() <= waiting
    found = interval(drawn)
    assert found.low <= found.middle <= found.high


@given(st.lists(st.integers(0, 9), min_size=8, max_size=52), st.integers(0, 52))
def test_what_is_to_come_lies_between_the_slowest_and_the_busiest_weeks(weeks, left):
    drawn = paced(weeks, left, generator())
    assert drawn.min() >= min(weeks) * left
    assert drawn.max() <= max(weeks) * left
    assert interval(drawn) == interval(paced(weeks, left, generator())), "the same figures, the same forecast"


def test_too_short_a_past_tells_nothing():
    assert paced([3] * 7, 10, generator()) is None


def test_four_outcomes_of_five_lie_within_the_interval():
    """Over worlds whose chance is not known beforehand."""
    random, inside = np.random.Generator(np.random.PCG64(7)), 0
    for _ in range(300):
        chance = random.uniform(0.3, 0.95)
        came = int(random.binomial(30, chance))
        inside += interval(held([Chance(20, came, 30)], generator())).holds(float(random.binomial(20, chance)))
    assert 0.76 <= inside / 300 <= 0.95
    inside = 0
    for _ in range(300):
        year = random.poisson(random.uniform(1, 6), 78)
        inside += interval(paced([int(one) for one in year[:52]], 26, generator())).holds(float(year[52:].sum()))
    assert 0.68 <= inside / 300 <= 0.92


def planned_year() -> Log:
    """Eight activities a quarter in 2023 and 2024, three of four held in time; seen from July 2024."""
    log = Log()
    for year in (2023, 2024):
        lives = []
        for number in range(32):
            quarter = number // 8 + 1
            facts = {**ACTIVITY, "quarter": f"{year}-Q{quarter}"}
            lives.append((f"activity-{year}-{number}", f"{year}-{quarter * 3 - 1:02}-{number % 8 + 10}", facts))
        for id, _, facts in lives:
            log.say(ActivityPlanned(year=year, activity=id, **facts), "plan", day=f"{year - 1}-12-01")
        for number, (id, day, facts) in enumerate(lives):
            if number % 4 and day < "2024-07-01":
                log.say(ActivityHeld(held_on=day, planned=True, **facts), id, day=day)
    return log


def test_the_plan_is_forecast_from_how_it_went():
    cells = cells_of(planned_year())
    today = date(2024, 7, 1)
    left = due(cells, today, date(2024, 12, 31))
    assert (len(left.waiting), len(left.late)) == (16, 4)
    found = interval(OUTLOOKS["completed-to-planned"](cells, today, date(2024, 12, 31)))
    assert 12 / 32 < found.low < found.middle < found.high < 1
    assert found.holds(24 / 32)
    named = risks(INDICATORS["completed-to-planned"], cells, today)
    assert {one.activity for one in named[:4]} == {f"activity-2024-{number}" for number in (0, 4, 8, 12)}
    assert "is over" in named[0].words


def test_the_past_error_is_that_of_the_method_with_what_was_known_then(monkeypatch):
    from shared import clock

    july = clock.now().replace(year=2024, month=7, day=1)
    monkeypatch.setattr("services.kpi.queries.outlook.clock.now", lambda: july)
    merged = merged_of(partition_of(planned_year()))
    made = asyncio.run(Forecasts(merged).ask(Scope("ela", 2024), INDICATORS["completed-to-planned"]))
    assert made.by_plan
    assert made.error.forecasts == 7, "six pairs of quarters in 2023, one in 2024"
    assert made.error.off < 0.1
    assert made.reaches == 0
    assert asyncio.run(Forecasts(merged).ask(Scope("ela", 2023), INDICATORS["completed-to-planned"])) is None
    assert quarter_ends(2024, date(2024, 7, 1)) == [date(2024, 3, 31), date(2024, 6, 30)]


@pytest.mark.parametrize("id", OUTLOOKS)
def test_any_year_has_an_outlook_or_none(id):
    log, *others = Year(Random(3)).tell(60)
    cells = cells_of(log, *others)
    for day in (date(2024, 1, 1), date(2024, 6, 1), date(2024, 12, 31)):
        for member in ("", "PT"):
            of = replace(cells, scope=replace(cells.scope, member=member))
            drawn = OUTLOOKS[id](of, day, date(2024, 12, 31))
            assert drawn is None or np.isfinite(drawn).all()
            risks(INDICATORS[id], of, day)
