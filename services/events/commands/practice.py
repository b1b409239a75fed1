"""What may be asked of good practices and of the call for them."""

from typing import Annotated

from pydantic import Field

from services.events.commands.words import Day, Drawn, Id, Title, Words
from shared.contracts.base import Command

_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
PracticeId = Annotated[str, Field(pattern=f"^practice-{_UUID}$")]
ReuseId = Annotated[str, Field(pattern=f"^reuse-{_UUID}$")]
Year = Annotated[int, Field(ge=2000, le=2099)]
Fields = Annotated[dict[Id, Words], Field(max_length=60)]
Code = Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{0,79})?$")]
Score = Annotated[int, Field(ge=1, le=5)]
Since = Annotated[str, Field(pattern=r"^(19|20)\d{2}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")]
"""A year, a month or a day."""


class OpenPracticeCall(Command):
    """Ask for practices of a year's themes; said again, the themes or the end are others."""

    year: Year
    themes: Annotated[tuple[Annotated[Title, Field(min_length=1)], ...], Field(min_length=1, max_length=8)]
    closes_on: Day


class ClosePracticeCall(Command):
    call: str


class AboutPractice(Command):
    practice: PracticeId


class DraftPractice(AboutPractice):
    """Keep the form's answers so far; those left out stay as they are."""

    member: Id
    call: str = ""
    theme: Code = ""
    topic: Code = ""
    fields: Fields = Field(default_factory=dict)


class SubmitPractice(AboutPractice):
    pass


class ReturnPractice(AboutPractice):
    """A draft again: taken back by its sender, or sent back with a reason."""

    reason: Words = ""
    words: Annotated[str, Drawn] = ""


class WithdrawPractice(AboutPractice):
    pass


class NameReviewers(AboutPractice):
    """Persons by subject; who reviewed already stays."""

    reviewers: Annotated[tuple[Id, ...], Field(min_length=2, max_length=2)]


class ReviewPractice(AboutPractice):
    reviewer: str
    scores: Annotated[dict[Id, Score], Field(max_length=40)]
    remarks: Fields = Field(default_factory=dict)
    """Words by criterion."""
    words: Annotated[str, Drawn] = ""


class PublishPractice(AboutPractice):
    pass


class UnpublishPractice(AboutPractice):
    reason: Words = ""
    words: Annotated[str, Drawn] = ""


class RecognisePractice(AboutPractice):
    """Exemplary: presented on that day, and given a certificate."""

    presented_on: Day


class TakeBackRecognition(AboutPractice):
    reason: Words = ""
    words: Annotated[str, Drawn] = ""


class RecordReuse(AboutPractice):
    """Another member applies it."""

    reuse: ReuseId
    by: Id
    since: Since
    how: Words = ""


class TakeBackReuse(AboutPractice):
    reuse: ReuseId
