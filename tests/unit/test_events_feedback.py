"""Attendance with its corrections, and a survey that forgets who answered."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.events.commands import GiveFeedback, HoldActivity, RecordAttendance
from services.events.domain import attendance, survey
from services.events.domain.activity import Activity, Status
from services.events.domain.attendance import Attendance
from services.events.domain.registration import Registration
from services.events.domain.survey import Survey
from shared.contracts.events import AttendanceRecorded, FeedbackGiven, SurveyOpened
from shared.contracts.refused import Refused
from shared.spine.aggregate import Aggregate
from shared.spine.draft import Draft, Work
from shared.spine.origin import Origin

ID = "activity-01920000-0000-7000-8000-000000000001"
ANNA, BORIS, WAITING = (f"registration-01920000-0000-7000-8000-00000000000{n}" for n in range(3))


def moment(day: int) -> datetime:
    return datetime(2024, 10, day, 9, tzinfo=UTC)


def registered(person: str, status: str = "confirmed") -> Registration:
    return Registration(person, "BG", "on-site", status, "2024-10-01", "2024-10-01")


ACTIVITY = Activity(
    activity=ID,
    kind="national-event",
    status=Status.CLOSED,
    starts_on=date(2024, 10, 10),
    ends_on=date(2024, 10, 10),
    registrations={ANNA: registered("anna"), BORIS: registered("boris"), WAITING: registered("carla", "waitlisted")},
)


def record(state: Attendance, present: dict[str, bool], day: int = 10) -> tuple[Attendance, list[AttendanceRecorded]]:
    events = attendance.decide(state, RecordAttendance(activity=ID, present=present, happened_at=moment(day)), ACTIVITY)
    for event in events:
        state = attendance.evolve(state, event)
    return state, [event for event in events if isinstance(event, AttendanceRecorded)]


def test_attendance_is_told_once_for_each_who_changed() -> None:
    state, events = record(Attendance(), {ANNA: True, BORIS: False})
    assert [(event.person, event.present, event.previously_present) for event in events] == [
        ("anna", True, False),
        ("boris", False, False),
    ]
    _, again = record(state, {ANNA: True, BORIS: True}, day=12)
    assert [(event.person, event.present) for event in again] == [("boris", True)]


def test_a_correction_says_what_it_takes_back() -> None:
    state, _ = record(Attendance(), {ANNA: True})
    _, events = record(state, {ANNA: False}, day=12)
    assert (events[0].present, events[0].previously_present, events[0].previously_on) == (False, True, "2024-10-10")


@pytest.mark.parametrize(("who", "day", "code"), [(WAITING, 10, "no-place"), (ANNA, 9, "not-begun")])
def test_only_who_has_a_place_is_present_and_not_before_it_begins(who: str, day: int, code: str) -> None:
    with pytest.raises(Refused) as refused:
        record(Attendance(), {who: True}, day)
    assert refused.value.code == code


def test_nobody_was_present_at_a_cancelled_activity() -> None:
    command = RecordAttendance(activity=ID, present={ANNA: True}, happened_at=moment(11))
    with pytest.raises(Refused):
        attendance.decide(Attendance(), command, replace(ACTIVITY, status=Status.CANCELLED))


def opened(*vouchers: str) -> Survey:
    hold = HoldActivity(activity=ID, happened_at=moment(11))
    events = survey.open_with(Survey(), hold, activity=ACTIVITY, present=2, vouchers=vouchers)
    return survey.evolve(Survey(), events[0])


def answer(voucher: str) -> GiveFeedback:
    return GiveFeedback(
        activity=ID, voucher=voucher, relevance=5, added_value=4, words="Useful", happened_at=moment(12)
    )


def test_vouchers_stand_in_an_order_that_tells_nothing() -> None:
    events = survey.open_with(
        Survey(), HoldActivity(activity=ID), activity=ACTIVITY, present=1, vouchers=("c", "a", "b")
    )
    assert isinstance(events[0], SurveyOpened)
    assert events[0].vouchers == ("a", "b", "c")


def test_one_answer_a_token() -> None:
    state = opened("a", "b")
    given = survey.decide(state, answer("a"))[0]
    assert isinstance(given, FeedbackGiven)
    assert (given.relevance, given.added_value, given.kind) == (5, 4, "national-event")
    state = survey.evolve(state, given)
    assert (state.outstanding, state.answers) == (("b",), 1)
    with pytest.raises(Refused) as refused:
        survey.decide(state, answer("a"))
    assert refused.value.code == "token-used"


def test_what_is_stored_of_an_answer_names_nobody_and_no_hour() -> None:
    aggregate = Aggregate("survey", Survey, survey.evolve)
    stream = ID.replace("activity", "survey")
    draft = Draft({"survey": aggregate})
    hold = Origin("ela", actor="organiser", traceparent="00-trace", history=True)
    answering = Origin("ela", traceparent="00-trace", history=True)
    command = HoldActivity(activity=ID, happened_at=moment(11))
    draft.add(
        Work(
            hold, command, {stream: lambda s, c: survey.open_with(s, c, activity=ACTIVITY, present=1, vouchers=("a",))}
        )
    )
    draft.add(Work(answering, answer("a"), {stream: survey.decide}))
    document = draft.events[-1]
    assert document["type"] == "liaison.events.feedback.given.v1"
    assert document["time"] == "2024-10-12T00:00:00.000Z"
    assert document["recordedtime"].endswith("T00:00:00.000Z")
    assert not {"actor", "causationid", "correlationid", "traceparent"} & set(document)
    assert set(document["data"]) == {"activity", "kind", "pillar", "line", "relevance", "added_value", "voucher"}
    assert not draft.new_receipts
