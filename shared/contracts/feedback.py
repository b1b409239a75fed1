"""Events of surveys: tokens used, reminders, closing, and whether what was learnt is applied.

Nobody can tell whose an answer is: that a token was used says nothing of what was answered, and answers are released
in groups drawn by lot.
"""

from typing import Literal

from .base import Event

Applied = Literal["yes", "partly", "no"]


class SurveyAnswered(Event, type="liaison.events.survey.answered.v1", anonymous=True):
    """A one-time token was used; the answer itself is held apart."""

    activity: str
    voucher: str
    """The hash of a random number; who was given the number is forgotten in the transaction that writes this."""


class SurveyReminded(Event, type="liaison.events.survey.reminded.v1"):
    """Who has not answered was asked once more."""

    activity: str
    number: int
    follow_up: bool = False


class SurveyClosed(Event, type="liaison.events.survey.closed.v1"):
    """No token counts any more; what is held is released."""

    activity: str
    answers: int
    """Answers in all."""
    follow_up: bool = False


class AppliedTold(Event, type="liaison.events.feedback.applied-told.v1", anonymous=True):
    """Months later, one who was there says whether what was learnt is applied; whose answer it is, nobody can tell."""

    activity: str
    kind: str = ""
    pillar: str = ""
    line: str = ""
    applied: Applied


EVENTS = (SurveyAnswered, SurveyReminded, SurveyClosed, AppliedTold)
