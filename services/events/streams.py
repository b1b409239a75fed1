"""The streams of this service, and how the names of those that belong together are drawn from one another."""

from shared.spine.aggregate import Aggregate

from .domain import activity, attendance, survey
from .domain.activity import Activity
from .domain.attendance import Attendance
from .domain.survey import Survey

ACTIVITY = Aggregate("activity", Activity, activity.evolve, fold=2)
ATTENDANCE = Aggregate("attendance", Attendance, attendance.evolve)
SURVEY = Aggregate("survey", Survey, survey.evolve)


def survey_of(activity: str) -> str:
    """The stream of an activity's survey."""
    return "survey" + activity.removeprefix("activity")


def attendance_of(activity: str) -> str:
    """The stream of an activity's attendance."""
    return "attendance" + activity.removeprefix("activity")


def activity_of(survey: str) -> str:
    """The activity that a survey is about."""
    return "activity" + survey.removeprefix("survey")
