"""Check-in: told late, twice or out of order it counts once; sessions, reports and what counts as attended."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.events.commands import RecordAttendance
from services.events.commands.attendance import CheckIn, RecordReport, SessionAsked, SetSessions
from services.events.domain import attendance, certification
from services.events.domain.activity import Activity, Status
from services.events.domain.attendance import Attendance
from services.events.domain.certification import Assessed, Certification, Rule
from services.events.domain.registration import Registration
from services.events.domain.sessions import sessions_of
from services.events.door import Door, shown, typed
from shared.contracts.attendance import CheckedIn, CheckedOut
from shared.contracts.events import AttendanceRecorded
from shared.contracts.refused import Refused
from shared.settings import Settings

ID = "activity-01920000-0000-7000-8000-000000000001"
ANNA, BORIS = (f"registration-01920000-0000-7000-8000-00000000000{n}" for n in range(2))
ZONE = ZoneInfo("Europe/Brussels")
ACTIVITY = Activity(
    activity=ID,
    kind="modular-training",
    status=Status.CLOSED,
    starts_on=date(2024, 10, 10),
    ends_on=date(2024, 10, 11),
    registrations={
        one: Registration(one[-1], "BG", "on-site", "confirmed", "2024-10-01", "2024-10-01") for one in (ANNA, BORIS)
    },
)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2024, 10, day, hour, minute, tzinfo=ZONE)


def folded(state: Attendance, events) -> Attendance:
    for event in events:
        state = attendance.evolve(state, event)
    return state


def scanned(state: Attendance, scan: str, moment: datetime, *, out: bool = False, who: str = ANNA):
    command = CheckIn(activity=ID, registration=who, scan=scan, happened_at=moment, out=out)
    events = attendance.check_in(state, command, ACTIVITY, ZONE)
    return folded(state, events), events


def test_a_scan_tells_of_its_session_and_of_presence_once() -> None:
    state, events = scanned(Attendance(), "a", at(10, 9))
    assert [type(one).__name__ for one in events] == ["CheckedIn", "SessionAttended", "AttendanceRecorded"]
    assert state.was_present(ANNA)
    assert scanned(state, "a", at(10, 9) + timedelta(seconds=3))[1] == []
    state, events = scanned(state, "b", at(10, 17), out=True)
    assert [type(one) for one in events] == [CheckedOut]
    assert state.share(ANNA, sessions_of(ACTIVITY, (), ZONE)) == 50
    state, _ = scanned(state, "c", at(11, 9))
    assert state.share(ANNA, sessions_of(ACTIVITY, (), ZONE)) == 100


def test_what_is_corrected_to_absent_stays_so() -> None:
    state, _ = scanned(Attendance(), "a", at(10, 9))
    whole = RecordAttendance(activity=ID, present={ANNA: False}, happened_at=at(10, 18))
    state = folded(state, attendance.decide(state, whole, ACTIVITY))
    assert not state.was_present(ANNA)
    assert not state.attended[ANNA]["2024-10-10"].present
    assert scanned(state, "a", at(10, 9))[1] == [], "a scan that is sent again corrects nothing"
    absent = whole.model_copy(update={"session": "2024-10-11"})
    state = folded(state, attendance.decide(state, absent, ACTIVITY))
    assert not state.was_present(ANNA)


scans = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.booleans(), st.integers(8, 18)), max_size=8, unique_by=lambda one: one[0]
)


@given(scans, st.randoms(use_true_random=False))
def test_in_whatever_order_and_however_often_they_arrive_the_end_is_the_same(made, random) -> None:
    def end(told) -> tuple:
        state, counted = Attendance(), 0
        for scan, out, hour in told:
            state, events = scanned(state, scan, at(10, hour), out=out)
            counted += sum(isinstance(one, AttendanceRecorded) for one in events)
        told_of = state.attended.get(ANNA, {}).get("2024-10-10")
        return (told_of and (told_of.came, told_of.left, told_of.present), counted, state.was_present(ANNA))

    again = made * 2
    random.shuffle(again)
    assert end(again) == end(made)


def test_sessions_are_set_once_nobody_was_told_of() -> None:
    hours = [SessionAsked(begins=at(10, 9), ends=at(10, 12)), SessionAsked(begins=at(10, 13), ends=at(10, 17))]
    state = folded(
        Attendance(), attendance.set_sessions(Attendance(), SetSessions(activity=ID, sessions=hours), ACTIVITY)
    )
    assert [one.minutes for one in state.sessions] == [180, 240]
    state, events = scanned(state, "a", at(10, 12, 40))
    assert next(one.session for one in events if isinstance(one, CheckedIn)) == state.sessions[1].id
    with pytest.raises(Refused, match="would be gone"):
        attendance.set_sessions(state, SetSessions(activity=ID, sessions=hours[:1]), ACTIVITY)
    crossed = SetSessions(activity=ID, sessions=[hours[0], SessionAsked(begins=at(10, 11), ends=at(10, 14))])
    with pytest.raises(Refused, match="overlap"):
        attendance.set_sessions(Attendance(), crossed, ACTIVITY)


def test_a_report_counts_from_the_minimum_share_on_and_corrects() -> None:
    command = RecordReport(
        activity=ID, session="2024-10-10", shares={ANNA: 80, BORIS: 40}, minimum=75, happened_at=at(11, 9)
    )
    state = folded(Attendance(), attendance.record_report(Attendance(), command, ACTIVITY, ZONE))
    assert (state.was_present(ANNA), state.was_present(BORIS)) == (True, False)
    assert attendance.record_report(state, command, ACTIVITY, ZONE) == []
    corrected = command.model_copy(update={"shares": {BORIS: 90}})
    state = folded(state, attendance.record_report(state, corrected, ACTIVITY, ZONE))
    assert state.was_present(BORIS)


def test_excused_is_not_present_and_is_corrected_like_the_rest() -> None:
    command = RecordAttendance(activity=ID, present={ANNA: False}, excused=(ANNA,), happened_at=at(10, 9))
    state = folded(Attendance(), attendance.decide(Attendance(), command, ACTIVITY))
    assert state.present[ANNA].excused
    absent = command.model_copy(update={"excused": ()})
    assert len(attendance.decide(state, absent, ACTIVITY)) == 1
    assert attendance.decide(state, command, ACTIVITY) == []


def fulfilled(rule: Rule, *, passed=(), unanswered=(), closed=False, present=(ANNA, BORIS)) -> list[str]:
    state = Attendance()
    for one in present:
        state, _ = scanned(state, one[-1], at(10, 9), who=one)
    told = Certification(assessed={one: Assessed(True, "2024-10-11") for one in passed})
    return certification.fulfilled(
        replace(ACTIVITY, status=Status.HELD), state, told, rule, sessions=sessions_of(ACTIVITY, (), ZONE),
        unanswered=unanswered, closed=closed,
    )  # fmt: skip


def test_who_fulfils_all_of_the_rule_gets_a_certificate() -> None:
    assert fulfilled(Rule(offered=False, share=0)) == []
    assert fulfilled(Rule(offered=True, share=50)) == [ANNA, BORIS]
    assert fulfilled(Rule(offered=True, share=51)) == []
    assert fulfilled(Rule(offered=True, share=50), present=(BORIS,)) == [BORIS]
    assert fulfilled(Rule(offered=True, share=50, assessment=True), passed=(BORIS,)) == [BORIS]
    asked = Rule(offered=True, share=50, feedback=True)
    assert fulfilled(asked, unanswered=(ANNA,)) == [], "alone it would say who answered"
    assert fulfilled(asked, unanswered=(ANNA,), closed=True) == [BORIS]


def test_codes_are_read_however_they_are_written_and_say_nothing() -> None:
    door = Door(Settings(profile="local", secret="a secret for tests that is long enough"))
    code = door.code(ANNA)
    for text in (code, shown(code), shown(code).lower(), f"http://127.0.0.1/events/{ID}/check-in?code={code}"):
        assert door.codes([ANNA, BORIS])[typed(text)] == ANNA
    assert typed("hello") == ""
    wall = door.on_the_wall(ID, 1_000_000)
    assert door.seen_on_the_wall(ID, f"{wall[:3]} {wall[3:]}", 1_000_000 + 100)
    assert not door.seen_on_the_wall(ID, wall, 1_000_000 + 240)
    assert not door.seen_on_the_wall(ID, "١٢٣٤٥٦", 1_000_000)
    assert not door.seen_on_the_wall(ID.replace("1", "2"), wall, 1_000_000)


def test_moments_are_kept_in_utc() -> None:
    state, _ = scanned(Attendance(), "a", at(10, 9).astimezone(UTC))
    assert state.attended[ANNA]["2024-10-10"].came == at(10, 9)
