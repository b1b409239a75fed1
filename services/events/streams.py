"""The streams of this service, and how the names of those that belong together are drawn from one another."""

from shared import clock
from shared.contracts.base import Event
from shared.ids import fixed_id
from shared.spine.aggregate import Aggregate, Deadline

from .domain import activity, attendance, certification, rules, survey
from .domain.activity import Activity
from .domain.attendance import Attendance
from .domain.survey import Survey


def _certified(stream: str, event: Event) -> list[Deadline]:
    """What may bring somebody a certificate."""
    return [Deadline(*one) for one in certification.falls_due(event, clock.now())]


ACTIVITY = Aggregate(
    "activity",
    Activity,
    activity.evolve,
    fold=4,
    deadlines=lambda stream, event: [Deadline(*one) for one in rules.falls_due(stream, event, clock.now())],
)
ATTENDANCE = Aggregate("attendance", Attendance, attendance.evolve, fold=2, deadlines=_certified)
SURVEY = Aggregate(
    "survey",
    Survey,
    survey.evolve,
    fold=2,
    deadlines=lambda stream, event: [
        *(Deadline(*one) for one in survey.falls_due(stream, event, clock.now())),
        *_certified(stream, event),
    ],
)


def survey_of(activity: str) -> str:
    """The stream of an activity's survey."""
    return "survey" + activity.removeprefix("activity")


def follow_up_of(activity: str) -> str:
    """The stream of the survey that asks the same persons once more, months later."""
    return fixed_id("survey", "follow-up", activity)


def attendance_of(activity: str) -> str:
    """The stream of an activity's attendance."""
    return "attendance" + activity.removeprefix("activity")
