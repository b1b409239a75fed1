"""Attendance with its corrections, and a survey that forgets who answered."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.events.commands import (
    CloseSurvey,
    GiveFeedback,
    HoldActivity,
    OpenFollowUp,
    RecordAttendance,
    ReleaseAnswers,
    RemindSurvey,
    TellApplied,
)
from services.events.domain import attendance, survey
from services.events.domain.activity import Activity, Status
from services.events.domain.attendance import Attendance
from services.events.domain.registration import Registration
from services.events.domain.survey import Answer, Survey
from services.events.letters import letters
from services.events.queries import registration as queries
from shared.contracts.base import Event
from shared.contracts.events import AttendanceRecorded, FeedbackGiven, SurveyOpened
from shared.contracts.feedback import AppliedTold, SurveyAnswered, SurveyReminded
from shared.contracts.refused import Refused
from shared.profiles import load
from shared.spine.aggregate import Aggregate
from shared.spine.draft import Appended, Draft, Work
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


def fold(state: Survey, events: list[Event]) -> Survey:
    for event in events:
        state = survey.evolve(state, event)
    return state


def test_one_answer_a_token_and_what_was_answered_is_not_told_with_it() -> None:
    state = opened("a", "b")
    events = survey.decide(state, answer("a"))
    assert events == [SurveyAnswered(activity=ID, voucher="a")]
    state = fold(state, events)
    assert (state.outstanding, state.answers, state.received) == (("b",), 0, 1)
    with pytest.raises(Refused) as refused:
        survey.decide(state, answer("a"))
    assert refused.value.code == "token-used"


def test_results_are_shown_from_five_answers_up() -> None:
    state = opened(*"abcdef")
    for voucher in "abcde":
        state = fold(state, survey.decide(state, answer(voucher)))
    drawn = [Answer("2024-10-12", relevance=mark, added_value=4) for mark in (5, 4, 5, 1, 5)]
    command = ReleaseAnswers(survey="survey", happened_at=moment(12))
    state = fold(state, survey.release(state, command, drawn=drawn[:4]))
    assert not state.shown
    state = fold(state, survey.release(state, command, drawn=drawn[4:]))
    assert state.shown
    assert (state.held, state.mean("relevance"), state.marks["relevance"]) == (0, 4.0, {"5": 3, "4": 1, "1": 1})


def test_a_closed_survey_takes_no_answer_and_reminds_nobody() -> None:
    state = opened("a", "b")
    state = fold(state, survey.decide(state, CloseSurvey(survey="survey", happened_at=moment(20))))
    assert state.outstanding == ()
    with pytest.raises(Refused) as refused:
        survey.decide(state, answer("a"))
    assert refused.value.code == "survey-closed"
    assert survey.decide(state, RemindSurvey(survey="survey", number=1)) == []
    assert survey.decide(state, CloseSurvey(survey="survey")) == []


def test_what_a_process_left_that_died_at_closing_falls_due_again() -> None:
    [closed] = survey.decide(opened("a"), CloseSurvey(survey="survey-1", happened_at=moment(20)))
    [(name, at, again)] = survey.falls_due("survey-1", closed, moment(20))
    assert (name, at, again) == ("close/survey-1", moment(20) + survey.AGAIN, CloseSurvey(survey="survey-1"))
    assert survey.decide(fold(opened("a"), [closed]), CloseSurvey(survey="survey-1")) == []


@pytest.mark.parametrize(
    ("follow_up", "kinds"), [([], []), ([False], [False, None]), ([True], [True]), ([False, True], [False, True, None])]
)
def test_words_are_read_of_the_surveys_that_are_shown_alone(follow_up: list[bool], kinds: list[bool | None]) -> None:
    assert queries.of_surveys("ela", ID, follow_up)["follow_up"] == {"$in": kinds}


def test_reminders_are_as_many_as_the_network_says_and_stop_with_the_last_answer() -> None:
    rules = load("ela").feedback
    [event] = survey.open_with(
        Survey(), HoldActivity(activity=ID, happened_at=moment(11)), activity=ACTIVITY, present=1, vouchers=["a"],
        rules=rules, follow_up_on=survey.months_later(date(2024, 11, 30), 3),
    )  # fmt: skip
    due = {name: at.date() for name, at, _ in survey.falls_due("survey-1", event, moment(11)) if at}
    assert due == {
        "remind/survey-1/1": date(2024, 10, 18),
        "remind/survey-1/2": date(2024, 10, 25),
        "close/survey-1": date(2024, 11, 8),
        "follow-up/survey-1": date(2025, 2, 28),
    }
    state = fold(Survey(), [event])
    assert len(survey.decide(state, RemindSurvey(survey="survey-1", number=1))) == 1
    state = fold(state, survey.decide(state, answer("a")))
    assert survey.decide(state, RemindSurvey(survey="survey-1", number=2)) == []


def test_an_answer_from_before_groups_still_counts() -> None:
    old = FeedbackGiven(activity=ID, relevance=5, added_value=4, voucher="a")
    state = fold(opened("a", "b"), [old])
    assert (state.outstanding, state.answers, state.held) == (("b",), 1, 0)


def test_whether_it_is_applied_is_asked_with_tokens_of_its_own() -> None:
    command = OpenFollowUp(survey="survey", due_on=date(2025, 1, 11), happened_at=moment(12))
    state = fold(Survey(), survey.open_with(Survey(), command, activity=ACTIVITY, present=1, vouchers=["z"]))
    with pytest.raises(Refused):
        survey.decide(state, answer("z"))
    told = TellApplied(activity=ID, voucher="z", applied="partly", happened_at=moment(13))
    state = fold(state, survey.decide(state, told))
    drawn = [Answer("2024-10-13", applied="partly")]
    events = survey.release(state, ReleaseAnswers(survey="survey"), drawn=drawn)
    assert events == [AppliedTold(activity=ID, kind="national-event", applied="partly")]
    assert fold(state, events).marks == {"applied": {"partly": 1}}


@pytest.mark.parametrize("event", [FeedbackGiven, SurveyAnswered, AppliedTold])
def test_what_is_stored_of_an_answer_names_nobody_and_no_hour(event: type[Event]) -> None:
    aggregate = Aggregate("survey", Survey, survey.evolve)
    stream = ID.replace("activity", "survey")
    draft = Draft({"survey": aggregate})
    told = {
        FeedbackGiven: FeedbackGiven(activity=ID, relevance=5, added_value=4),
        SurveyAnswered: SurveyAnswered(activity=ID, voucher="a"),
        AppliedTold: AppliedTold(activity=ID, applied="yes"),
    }[event]
    answering = Origin("ela", actor="somebody", traceparent="00-trace", history=True)
    draft.add(Work(answering, answer("a"), {stream: lambda state, command: [told]}))
    document = draft.events[-1]
    assert document["time"] == "2024-10-12T00:00:00.000Z"
    assert document["recordedtime"].endswith("T00:00:00.000Z")
    assert not {"actor", "causationid", "correlationid", "traceparent"} & set(document)
    assert not draft.new_receipts


def test_a_reminder_is_written_to_who_has_not_answered_and_the_follow_up_asks_anew() -> None:
    reminded = SurveyReminded(activity=ID, number=1)
    [letter] = letters.written([Appended("survey-1@3", "survey-1", reminded)], "ela")
    assert (letter.document["kind"], letter.document["to"]) == ("feedback-reminder", "waiting@survey-1")
    assert letter.document["data"] == {"activity": ID, "follow_up": False}
    opened = SurveyOpened(activity=ID, tokens=1, vouchers=("a",), follow_up=True)
    [letter] = letters.written([Appended("survey-2@1", "survey-2", opened)], "ela")
    assert (letter.document["kind"], letter.document["data"]["follow_up"]) == ("follow-up-invited", True)
