"""What it takes to get a certificate of an activity, who passed its assessment, and who fulfils it all."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from services.events.commands.certificate import IssueCertificates, RecordAssessment, SetCertificateRule
from shared.contracts.attendance import SessionAttended
from shared.contracts.base import Command, Event
from shared.contracts.certificates import AssessmentRecorded, CertificateRuleSet
from shared.contracts.events import AttendanceRecorded, SurveyOpened
from shared.contracts.feedback import SurveyAnswered
from shared.contracts.refused import Refused

from .activity import Activity, Status, demand_begun
from .attendance import Attendance, placed
from .registration import CONFIRMED
from .sessions import Session

SOON = timedelta(seconds=2)
"""What is told one after the other is looked at once."""
MORNING = time(5, tzinfo=UTC)
AT_ONCE = 5
"""Who answered a survey is told of with as many others as their answers are released with."""


@dataclass(frozen=True, slots=True)
class Rule:
    offered: bool = False
    share: int = 100
    assessment: bool = False
    feedback: bool = False
    months: int | None = None


@dataclass(frozen=True, slots=True)
class Assessed:
    passed: bool
    on: str


@dataclass(frozen=True, slots=True)
class Certification:
    rule: Rule | None = None
    """None: the network's own is in force."""
    assessed: dict[str, Assessed] = field(default_factory=dict)
    """By registration."""

    def passed(self, registration: str) -> bool:
        told = self.assessed.get(registration)
        return bool(told and told.passed)


def decide(certification: Certification, command: Command, *, activity: Activity) -> list[Event]:
    if activity.status == Status.CANCELLED:
        raise Refused("is-cancelled", "This activity was cancelled; there are no certificates of it.")
    match command:
        case SetCertificateRule():
            names = ("offered", "share", "assessment", "feedback", "months")
            rule = Rule(**{name: getattr(command, name) for name in names})
            if rule == certification.rule:
                return []
            return [CertificateRuleSet(activity=command.activity, **{name: getattr(rule, name) for name in names})]
        case RecordAssessment():
            demand_begun(activity, command.when.date())
            return [
                _assessed(certification, command, activity, registration, passed=passed)
                for registration, passed in command.passed.items()
                if (told := certification.assessed.get(registration)) is None or told.passed != passed
            ]
    raise TypeError(type(command).__name__)


def _assessed(
    certification: Certification, command: RecordAssessment, activity: Activity, registration: str, *, passed: bool
) -> AssessmentRecorded:
    one, before = placed(activity, registration), certification.assessed.get(registration)
    return AssessmentRecorded(
        activity=command.activity,
        registration=registration,
        person=one.person,
        member=one.member,
        kind=activity.kind,
        passed=passed,
        previously_passed=before.passed if before else None,
        previously_on=before.on if before else "",
        on=command.when.date().isoformat(),
    )


def evolve(certification: Certification, event: Event) -> Certification:
    match event:
        case CertificateRuleSet():
            rule = Rule(event.offered, event.share, event.assessment, event.feedback, event.months)
            return replace(certification, rule=rule)
        case AssessmentRecorded():
            told = Assessed(event.passed, event.on)
            return replace(certification, assessed={**certification.assessed, event.registration: told})
    return certification


def fulfilled(
    activity: Activity,
    attendance: Attendance,
    certification: Certification,
    rule: Rule,
    *,
    sessions: Sequence[Session],
    unanswered: Collection[str],
    have: Collection[str] = (),
    closed: bool = False,
) -> list[str]:
    """The registrations that get a certificate now, in the order in which they registered.

    `unanswered`: who may still answer the survey; `have`: who has a certificate. While the survey is open those for
    whom an answer was needed get theirs five or more at a time, so that it tells nobody who answered when.
    """
    if activity.status != Status.HELD or not rule.offered:
        return []
    found = [
        registration
        for registration, one in activity.registrations.items()
        if registration not in have
        and one.status == CONFIRMED
        and attendance.was_present(registration)
        and attendance.share(registration, sessions) >= rule.share
        and (not rule.assessment or certification.passed(registration))
        and not (rule.feedback and registration in unanswered)
    ]
    return [] if rule.feedback and not closed and len(found) < AT_ONCE else found


def falls_due(event: Event, now: datetime) -> Iterable[tuple[str, datetime, Command]]:
    """After what may fulfil a rule it is looked who fulfils it; an answer counts from the next morning on, so that
    nobody is told the hour of it."""
    match event:
        case SurveyAnswered():
            at = datetime.combine(now.date() + timedelta(days=1), MORNING)
            yield f"certify-answered/{event.activity}", at, IssueCertificates(activity=event.activity)
        case SurveyOpened(follow_up=False) | CertificateRuleSet() | AssessmentRecorded() | SessionAttended():
            yield f"certify/{event.activity}", now + SOON, IssueCertificates(activity=event.activity)
        case AttendanceRecorded(present=True):
            yield f"certify/{event.activity}", now + SOON, IssueCertificates(activity=event.activity)


def place_of(activity: Activity, registration: str) -> int:
    """A number that no other registration of this activity has or will have: they are only ever added to."""
    places: Mapping[str, int] = {id: number for number, id in enumerate(activity.registrations)}
    return places[registration]
