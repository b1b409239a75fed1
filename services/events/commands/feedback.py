"""What may be said in the survey, and what falls due about it."""

from datetime import date
from typing import Annotated

from pydantic import Field

from services.events.commands.words import AboutActivity, Words
from shared.contracts.base import Command
from shared.contracts.feedback import Applied

Answers = Annotated[dict[str, Words], Field(max_length=40)]
"""The network's own questions, by id."""


class GiveFeedback(AboutActivity):
    """An answer without a name; `voucher` is the hash of the one-time token."""

    voucher: str
    relevance: Annotated[int, Field(ge=1, le=5)]
    added_value: Annotated[int, Field(ge=1, le=5)]
    words: Words = ""
    answers: Answers = Field(default_factory=dict)


class TellApplied(AboutActivity):
    """Months later: whether what was learnt is applied."""

    voucher: str
    applied: Applied
    words: Words = ""
    answers: Answers = Field(default_factory=dict)


class AboutSurvey(Command):
    survey: str


class ReleaseAnswers(AboutSurvey):
    pass


class CloseSurvey(AboutSurvey):
    pass


class RemindSurvey(AboutSurvey):
    number: int


class OpenFollowUp(AboutSurvey):
    """Ask those who were there once more; `survey` is the first one."""

    due_on: date
