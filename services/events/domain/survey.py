"""An activity's survey: one answer a token, and nobody can tell whose.

A token is a random number, given to one who was present. The survey knows the numbers' hashes only (`vouchers`), in
an order that tells nothing. Which number was given to whom stands in a document beside (`vouchers.py`), and the
transaction that takes the answer removes it. The answer itself is held apart (`answers.py`), and is released with
others: five at a time, drawn by lot, or all that are left once the survey is closed.
"""

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from services.events.commands import (
    CloseSurvey,
    GiveFeedback,
    HoldActivity,
    OpenFollowUp,
    ReleaseAnswers,
    RemindSurvey,
    TellApplied,
)
from shared.contracts.base import Command, Event
from shared.contracts.events import FeedbackGiven, SurveyOpened
from shared.contracts.feedback import AppliedTold, SurveyAnswered, SurveyClosed, SurveyReminded
from shared.contracts.refused import Refused

from .activity import Activity

GROUP = 5
"""So many answers are released together, and results are shown from so many up."""
MORNING = time(6, tzinfo=UTC)
AGAIN = timedelta(minutes=1)


class Rules(Protocol):
    """The network's: after how many days it closes, and when who has not answered is asked again."""

    @property
    def closes_after_days(self) -> int: ...

    @property
    def remind_after_days(self) -> tuple[int, ...]: ...


@dataclass(frozen=True, slots=True)
class Survey:
    activity: str = ""
    kind: str = ""
    pillar: str = ""
    line: str = ""
    tokens: int = 0
    outstanding: tuple[str, ...] = ()
    answers: int = 0
    """Those released."""
    held: int = 0
    follow_up: bool = False
    closed: bool = False
    closes_on: date | None = None
    reminded: int = 0
    marks: dict[str, dict[str, int]] = field(default_factory=dict)
    """How often each mark was given: `relevance`, `added_value`, `applied`."""

    @property
    def received(self) -> int:
        return self.answers + self.held

    @property
    def shown(self) -> bool:
        """Whether there are results: fewer answers than a group would tell of single persons."""
        return self.answers >= GROUP

    def mean(self, name: str) -> float | None:
        given = {int(mark): times for mark, times in self.marks.get(name, {}).items()}
        return sum(mark * times for mark, times in given.items()) / sum(given.values()) if given else None


@dataclass(frozen=True, slots=True)
class Answer:
    """One that is held: its marks alone, and the day."""

    on: str
    relevance: int = 0
    added_value: int = 0
    applied: str = ""


def open_with(
    survey: Survey,
    command: HoldActivity | OpenFollowUp,
    *,
    activity: Activity,
    present: int,
    vouchers: Sequence[str],
    rules: Rules | None = None,
    today: date | None = None,
    follow_up_on: date | None = None,
) -> list[Event]:
    """Open it for the activity that is held: a voucher for each who may answer, `present` of them were there.

    Days are counted from today: what is told late is asked about from then on.
    """
    if survey.activity:
        return []
    if today is None:
        today = command.when.date() if rules else date.min
    return [
        SurveyOpened(
            activity=activity.activity,
            tokens=present,
            kind=activity.kind,
            pillar=activity.pillar,
            line=activity.line,
            vouchers=tuple(sorted(vouchers)),
            follow_up=isinstance(command, OpenFollowUp),
            closes_on=today + timedelta(days=rules.closes_after_days) if rules else None,
            remind_on=tuple(today + timedelta(days=days) for days in rules.remind_after_days) if rules else (),
            follow_up_on=follow_up_on,
        )
    ]


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last where it has none such."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def decide(survey: Survey, command: Command) -> list[Event]:
    match command:
        case GiveFeedback() | TellApplied():
            if survey.closed:
                raise Refused("survey-closed", "This survey is closed; answers are taken no more.", status=410)
            if command.voucher not in survey.outstanding or isinstance(command, TellApplied) != survey.follow_up:
                raise unknown_token()
            return [SurveyAnswered(activity=survey.activity, voucher=command.voucher)]
        case CloseSurvey():
            if survey.closed or not survey.activity:
                return []
            return [SurveyClosed(activity=survey.activity, answers=survey.received, follow_up=survey.follow_up)]
        case RemindSurvey():
            if survey.closed or not survey.outstanding or survey.reminded >= command.number:
                return []
            return [SurveyReminded(activity=survey.activity, number=command.number, follow_up=survey.follow_up)]
    raise TypeError(type(command).__name__)


def release(survey: Survey, command: ReleaseAnswers, *, drawn: Sequence[Answer]) -> list[Event]:
    """Let these answers go, in the order in which they were drawn."""
    about = {"activity": survey.activity, "kind": survey.kind, "pillar": survey.pillar, "line": survey.line}
    if survey.follow_up:
        return [AppliedTold.model_validate({**about, "applied": one.applied}) for one in drawn]
    return [FeedbackGiven(**about, relevance=one.relevance, added_value=one.added_value) for one in drawn]


def unknown_token() -> Refused:
    return Refused(
        "token-used", "This link was used already or is not known. Each participant answers once.", status=410
    )


def evolve(survey: Survey, event: Event) -> Survey:
    match event:
        case SurveyOpened():
            return replace(
                survey,
                activity=event.activity,
                kind=event.kind,
                pillar=event.pillar,
                line=event.line,
                tokens=event.tokens,
                outstanding=event.vouchers,
                follow_up=event.follow_up,
                closes_on=event.closes_on,
            )
        case SurveyAnswered():
            return replace(survey, outstanding=_without(survey.outstanding, event.voucher), held=survey.held + 1)
        case FeedbackGiven():
            told = {"relevance": event.relevance, "added_value": event.added_value}
            held = survey.held if event.voucher else max(survey.held - 1, 0)  # the older ones were never held
            left = _without(survey.outstanding, event.voucher)
            return replace(_counted(survey, told), outstanding=left, held=held, answers=survey.answers + 1)
        case AppliedTold():
            applied = {"applied": event.applied}
            return replace(_counted(survey, applied), held=survey.held - 1, answers=survey.answers + 1)
        case SurveyReminded():
            return replace(survey, reminded=event.number)
        case SurveyClosed():
            return replace(survey, closed=True, outstanding=())
    return survey


def _without(outstanding: tuple[str, ...], voucher: str) -> tuple[str, ...]:
    return tuple(one for one in outstanding if one != voucher) if voucher else outstanding


def _counted(survey: Survey, told: Mapping[str, object]) -> Survey:
    marks = dict(survey.marks)
    for name, mark in told.items():
        before = marks.get(name, {})
        marks[name] = {**before, str(mark): before.get(str(mark), 0) + 1}
    return replace(survey, marks=marks)


Due = tuple[str, datetime | None, Command | None]


def falls_due(stream: str, event: Event, now: datetime) -> Iterable[Due]:
    """Reminders, the end, and the same question once more; who has answered is not reminded.

    Once it is closed its end falls due again soon: that decides nothing, and releases and forgets what a process that
    was stopped right after closing left.
    """
    match event:
        case SurveyOpened():
            for number, day in enumerate(event.remind_on, 1):
                yield f"remind/{stream}/{number}", _morning(day), RemindSurvey(survey=stream, number=number)
            if event.closes_on:
                yield f"close/{stream}", _morning(event.closes_on), CloseSurvey(survey=stream)
            if event.follow_up_on:
                later = OpenFollowUp(survey=stream, due_on=event.follow_up_on)
                yield f"follow-up/{stream}", _morning(event.follow_up_on), later
        case SurveyClosed():
            yield f"close/{stream}", now + AGAIN, CloseSurvey(survey=stream)


def _morning(day: date) -> datetime:
    return datetime.combine(day, MORNING)
