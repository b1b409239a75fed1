"""The indicators: each says what its definition says, also after corrections, and as it was known on a day."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.kpi.engine.figures import Mean, Share
from services.kpi.indicators import INDICATORS
from services.kpi.indicators.fates import requests_by_fate
from services.kpi.indicators.formulas import activities_by_member, marks_by_kind
from services.kpi.queries.shown import number_of
from services.kpi.verify import differences, figures_from
from shared.contracts import events as e
from shared.contracts import matching as m
from shared.contracts import requests as r
from tests.support.kpi import ACTIVITY, ELA, MEMBER_CODES, Log, cells_of, value_of
from tests.support.kpi_year import Year


def planned(activity: str, year: int = 2024, quarter: str = "2024-Q2") -> r.ActivityPlanned:
    return r.ActivityPlanned(year=year, activity=activity, quarter=quarter, **ACTIVITY)


def unplanned(activity: str, on: str) -> r.ActivityUnplanned:
    return r.ActivityUnplanned(year=2024, activity=activity, quarter="2024-Q2", planned_on=on, **ACTIVITY)


def held(quarter: str = "2024-Q2", on: str = "2024-05-02", in_plan: bool = True, **changes: str) -> e.ActivityHeld:
    return e.ActivityHeld(quarter=quarter, held_on=on, planned=in_plan, **(ACTIVITY | changes))


def attended(
    activity: str, member: str, person: str = "p", *, present: bool = True, **before: str
) -> e.AttendanceRecorded:
    taken = {"previously_present": True, "previously_on": before["on"]} if before else {}
    return e.AttendanceRecorded(
        activity=activity, registration=person, person=person, member=member, present=present, **taken
    )


def test_completed_to_planned_takes_the_plan_s_year_and_what_left_the_plan_again():
    log = Log(day="2023-12-10").say(planned("a")).say(planned("b")).say(planned("c")).say(planned("x", 2025, "2025-Q1"))
    log.say(unplanned("c", on="2023-12-10"), day="2024-02-01")
    log.say(held(), "a", day="2024-05-03")
    log.say(held(in_plan=False), "z", day="2024-05-03")
    assert value_of("completed-to-planned", cells_of(log)) == Share(1, 2)
    assert value_of("activities-held", cells_of(log)) == 2
    assert value_of("activities-planned", cells_of(log, year=2025)) == 1


def test_participation_counts_members_invited_to_activities_held_whenever_they_were_invited():
    log = Log(day="2023-12-28").say(e.RegistrationOpened(invited=MEMBER_CODES, **ACTIVITY), "a")
    log.say(e.RegistrationOpened(invited=MEMBER_CODES, **ACTIVITY), "not-yet-held")
    log.say(attended("a", "BG", "p1"), day="2024-01-09").say(attended("a", "BG", "p2"), day="2024-01-09")
    log.say(attended("a", "PT", "p3"), day="2024-01-09").say(attended("a", "SE", "uninvited"), day="2024-01-09")
    assert value_of("participation-rate", cells_of(log)) == Share(0, 0)
    log.say(held("2024-Q1", "2024-01-09"), "a", day="2024-01-09")
    assert value_of("participation-rate", cells_of(log)) == Share(2, 4)
    assert value_of("participations", cells_of(log)) == 4
    assert value_of("participation-rate", cells_of(log, member="BG")) == Share(1, 1)
    assert value_of("participation-rate", cells_of(log, member="LU")) == Share(0, 1)
    assert activities_by_member(cells_of(log)) == {"BG": 1, "PT": 1, "SE": 1}


def test_the_three_readings_stand_beside_each_other():
    log = Log(day="2024-03-01").say(e.RegistrationOpened(invited=("BG", "PT"), **ACTIVITY), "a")
    log.say(attended("a", "BG"), "x").say(attended("a", "eurofound", "q"), "x").say(held("2024-Q1", "2024-03-01"), "a")
    stakeholders = sum(partner.stakeholder for partner in ELA.partners)
    readings = {one.id: one.value(cells_of(log)) for one in INDICATORS["participation-rate"].readings}
    assert readings == {
        "members-invited": Share(1, 2),
        "members-network": Share(1, 27),
        "stakeholder-groups": Share(2, 27 + stakeholders),
    }


def test_a_cancelled_activity_takes_its_invitations_back_on_their_days():
    log = Log(day="2024-03-01").say(e.RegistrationOpened(invited=("BG", "PT"), **ACTIVITY), "a")
    days = {"PT": "2024-03-05"}
    log.say(
        e.ActivityCancelled(invited=("BG",), invited_on="2024-03-01", invited_days=days, **ACTIVITY),
        "a",
        day="2024-04-01",
    )
    assert cells_of(log).distinct("invitations", "member", ever=True) == {"PT"}


def test_a_correction_of_attendance_takes_back_what_it_replaces():
    log = Log(day="2024-03-01").say(attended("a", "BG", "p1")).say(attended("a", "BG", "p2"))
    log.say(attended("a", "BG", "p1", present=False, on="2024-03-01"), day="2024-03-04")
    assert value_of("participations", cells_of(log)) == 1
    assert value_of("persons", cells_of(log)) == 1
    assert value_of("participations", cells_of(log, known="2024-03-03")) == 2
    assert cells_of(log).days("participations") == [("2024-03-01", (), 1)]


def test_places_and_waitlist_move_into_each_other():
    person = {"person": "p", "member": "PT", "kind": "posting-360"}
    log = Log(day="2024-03-01")
    log.say(e.RegistrationConfirmed(registration="1", **person)).say(
        e.RegistrationWaitlisted(registration="2", position=1, **person)
    )
    assert (value_of("registrations", cells_of(log)), value_of("waiting", cells_of(log))) == (1, 1)
    back = {"previously": "confirmed", "previously_on": "2024-03-01"}
    log.say(e.RegistrationCancelled(registration="1", **back, **person), day="2024-03-02")
    log.say(
        e.RegistrationConfirmed(registration="2", from_waitlist=True, waitlisted_on="2024-03-01", **person),
        day="2024-03-02",
    )
    assert (value_of("registrations", cells_of(log)), value_of("waiting", cells_of(log))) == (1, 0)
    assert cells_of(log).days("registrations") == [("2024-03-02", (), 1)]


def test_marks_have_a_mean_and_a_distribution_by_kind():
    log = Log()
    for relevance, added, kind in ((5, 4, "webinar"), (4, 4, "webinar"), (1, 2, "seminar")):
        log.say(e.FeedbackGiven(activity="a", kind=kind, relevance=relevance, added_value=added))
    assert value_of("relevance", cells_of(log)) == Mean((1, 0, 0, 1, 1))
    assert value_of("relevance", cells_of(log)).value == pytest.approx(10 / 3)
    assert marks_by_kind(cells_of(log), "added-value")["webinar"] == Mean((0, 0, 0, 2, 0))


def test_exchanges_belong_to_the_year_they_were_agreed_for():
    exchange = {"call": "c", "sender": "BG", "host": "PT", "focus": "information", "week": "2024-W40"}
    log = (
        Log(day="2023-11-11")
        .say(m.ExchangeAgreed(**exchange), "exchange-1")
        .say(m.ExchangeAgreed(**exchange), "exchange-2")
    )
    log.say(m.ExchangeHeld(activity="a", **exchange), "exchange-1", day="2024-10-11")
    log.say(m.ExchangeCancelled(agreed_on="2023-11-11", **exchange), "exchange-2", day="2024-10-12")
    cells = cells_of(log)
    assert (value_of("staff-exchanges", cells), value_of("exchanges-agreed", cells)) == (1, 1)
    assert value_of("exchanges-agreed", cells_of(log, known="2024-10-11")) == 2
    assert value_of("staff-exchanges", cells_of(log, member="PT")) == 1
    assert value_of("staff-exchanges", cells_of(log, member="FR")) == 0


def test_a_member_with_two_national_events_counts_once():
    log = Log(day="2024-05-02")
    for number, member in enumerate(("BG", "BG", "PT")):
        log.say(held(kind="national-event", member=member), f"activity-{number}")
    log.say(held(kind="national-event"), "of-nobody")
    assert value_of("national-events", cells_of(log)) == 2


def test_a_request_has_one_fate():
    asked = {"kind": "mediation-training", "member": "BG"}
    log = Log(day="2024-05-02")
    for number in range(4):
        log.say(r.RequestSubmitted(plan="plan", **asked), f"request-{number}")
    log.say(r.RequestDeferred(quarter="2025-Q1", **asked), "request-1", day="2024-06-01")
    log.say(
        r.RequestPlanned(plan="p", activity="a", line="l", quarter="2025-Q1", **asked), "request-1", day="2025-01-01"
    )
    log.say(r.RequestDeclined(**asked), "request-2", day="2024-06-01")
    fates = {fate: count for (_, _, fate), count in requests_by_fate(cells_of(log)).items()}
    assert fates == {"submitted": 2, "planned": 1, "declined": 1}
    assert value_of("requests-decided", cells_of(log)) == Share(2, 4)
    assert value_of("requests-decided", cells_of(log, known="2024-05-30")) == Share(0, 4)


def test_the_board_s_figures_of_march_come_again_to_the_digit():
    log = Log(day="2024-01-10").say(planned("a")).say(planned("b")).say(held(on="2024-02-01"), "a", day="2024-02-01")
    then = {one: value_of(one, cells_of(log)) for one in INDICATORS}
    log.say(planned("c"), day="2024-04-01").say(held(on="2024-02-15"), "b", day="2024-04-01")
    assert {one: value_of(one, cells_of(log, known="2024-03-31")) for one in INDICATORS} == then
    assert value_of("completed-to-planned", cells_of(log)) == Share(2, 3)


def test_networks_do_not_see_each_other():
    log = Log(day="2024-01-10").say(planned("a")).say(planned("b"), network="eures")
    assert value_of("activities-planned", cells_of(log)) == 1


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_both_ways_of_counting_agree(random):
    logs = Year(random).tell()
    counted = figures_from([one for log in logs for one in log.said])
    shown = defaultdict(dict)
    for network, years in counted.items():
        for year in years:
            values = {one: value_of(one, cells_of(*logs, year=year)) for one in INDICATORS}
            shown[network][year] = {key: number_of(value) for key, value in values.items()}
    assert differences(counted, shown) == []


def test_a_difference_is_told_in_a_sentence():
    assert differences({"ela": {2024: {"persons": 2, "relevance": None}}}, {"ela": {2024: {"persons": 3}}}) == [
        "ela 2024 persons: counted 2, shown 3"
    ]
