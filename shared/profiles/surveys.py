"""What participants are asked after an activity, as data: questions with conditions, days of reminders and closing."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from shared.profiles.rows import Row, Terms, listed

ALWAYS, LATER = ("relevance", "added_value"), ("applied",)
"""What is asked in every network, at once and later: indicators count it."""
Days = Annotated[int, Field(ge=1, le=366)]


class Question(Row):
    """Asked where `when`, an earlier question, was answered by one `among` these; else always."""

    id: str
    title: str
    help: str = ""
    kind: Literal["choice", "words"]
    options: Terms = ()
    when: str = ""
    among: tuple[str, ...] = ()

    @property
    def choices(self) -> list[tuple[str, str]]:
        """As a form offers them."""
        return [(one.id, one.title) for one in self.options]

    def asked(self, answers: dict[str, str]) -> bool:
        return not self.when or answers.get(self.when, "") in self.among


Questions = Annotated[tuple[Question, ...], BeforeValidator(listed)]


class FollowUp(Row):
    """The same persons, asked once more."""

    after_months: Annotated[int, Field(ge=1, le=24)]
    closes_after_days: Days
    remind_after_days: tuple[Days, ...] = ()
    questions: Questions = ()


class Feedback(Row):
    closes_after_days: Days
    remind_after_days: tuple[Days, ...] = ()
    """As many reminders, and then none."""
    questions: Questions = ()
    follow_up: FollowUp | None = None

    @model_validator(mode="after")
    def _conditions_name_earlier_questions(self) -> Feedback:
        _check(self.questions, ALWAYS)
        if self.follow_up:
            _check(self.follow_up.questions, LATER)
        return self


def _check(questions: tuple[Question, ...], before: tuple[str, ...]) -> None:
    known = set(before)
    for one in questions:
        if one.when and one.when not in known:
            raise ValueError(f"{one.id} depends on {one.when}, which is not asked before it")
        if (one.kind == "choice") != bool(one.options):
            raise ValueError(f"{one.id}: a choice has options, words have none")
        known.add(one.id)
