"""Events of good practices and of restricted alerts. Words stay in the service; alerts are told of by ids alone."""

from datetime import date

from pydantic import Field

from .base import Event


class PracticeCallOpened(Event, type="liaison.events.practice.call-opened.v1"):
    """The annual call: practices of these themes are asked for. Opened again it changes its themes or its end."""

    year: int
    themes: tuple[str, ...]
    closes_on: date


class PracticeCallClosed(Event, type="liaison.events.practice.call-closed.v1"):
    year: int


class PracticeEvent(Event):
    """The dimensions that each practice's event carries."""

    member: str
    year: int = 0
    """The year of its call; 0 where none is chosen yet."""
    theme: str = ""
    topic: str = ""


class PracticeDrafted(PracticeEvent, type="liaison.events.practice.drafted.v1"):
    """Begun, or changed while it is a draft; `fields` says which answers were filled in or changed."""

    fields: tuple[str, ...] = ()


class PracticeSubmitted(PracticeEvent, type="liaison.events.practice.submitted.v1"):
    pass


class PracticeReturned(PracticeEvent, type="liaison.events.practice.returned.v1"):
    """It is a draft again: its sender took it back, or it was sent back with a reason."""

    words: str | None = None
    """Under which id the service keeps the reason."""
    previously_on: str = ""


class PracticeWithdrawn(PracticeEvent, type="liaison.events.practice.withdrawn.v1"):
    pass


class ReviewersNamed(PracticeEvent, type="liaison.events.practice.reviewers-named.v1"):
    """Who reviews it; persons by subject, none of its own member."""

    reviewers: tuple[str, ...]


class PracticeReviewed(PracticeEvent, type="liaison.events.practice.reviewed.v1"):
    """One reviewer's scores, 1 to 5 by criterion; said again it takes the place of what they said before."""

    reviewer: str
    scores: dict[str, int]
    words: str = ""
    """Under which id the service keeps what the reviewer wrote."""
    complete: bool = False
    """Whether all reviewers have said theirs."""


class PracticePublished(PracticeEvent, type="liaison.events.practice.published.v1"):
    score: float = 0.0
    """The mean of all scores."""
    on: str = ""


class PracticeUnpublished(PracticeEvent, type="liaison.events.practice.unpublished.v1"):
    """It left the library."""

    words: str | None = None
    previously_on: str = ""


class PracticeRecognised(PracticeEvent, type="liaison.events.practice.recognised.v1"):
    """Exemplary: presented, and given a certificate of recognition."""

    presented_on: date
    on: str = ""


class RecognitionTakenBack(PracticeEvent, type="liaison.events.practice.recognition-taken-back.v1"):
    words: str | None = None
    previously_on: str = ""


class PracticeReused(PracticeEvent, type="liaison.events.practice.reused.v1"):
    """Another member applies it; `since` is a day, a month or a year as it was told: `2024`, `2024-05`."""

    reuse: str
    by: str
    since: str
    on: str = ""


class ReuseTakenBack(PracticeEvent, type="liaison.events.practice.reuse-taken-back.v1"):
    reuse: str
    by: str
    previously_on: str = ""


class AlertEvent(Event):
    """An alert says nothing on the log but that it is there: what it says, and to whom, stays in the service."""


class AlertRaised(AlertEvent, type="liaison.events.alert.raised.v1"):
    member: str
    to: tuple[str, ...] = Field(default=())
    """The members it is for, besides the one it comes from."""
    expires_on: date


class AlertCorrected(AlertEvent, type="liaison.events.alert.corrected.v1"):
    number: int
    to: tuple[str, ...] = Field(default=())


class AlertWithdrawn(AlertEvent, type="liaison.events.alert.withdrawn.v1"):
    pass


class AlertExpired(AlertEvent, type="liaison.events.alert.expired.v1"):
    pass


class AlertRead(AlertEvent, type="liaison.events.alert.read.v1"):
    """Somebody of a named member opened it, as it stood after that correction."""

    person: str
    member: str
    number: int = 0


class AlertDiscussed(AlertEvent, type="liaison.events.alert.discussed.v1"):
    member: str
    message: str
    """Under which id the service keeps what was said, sealed."""


EVENTS = (
    PracticeCallOpened, PracticeCallClosed, PracticeDrafted, PracticeSubmitted, PracticeReturned, PracticeWithdrawn,
    ReviewersNamed, PracticeReviewed, PracticePublished, PracticeUnpublished, PracticeRecognised, RecognitionTakenBack,
    PracticeReused, ReuseTakenBack, AlertRaised, AlertCorrected, AlertWithdrawn, AlertExpired, AlertRead,
    AlertDiscussed,
)  # fmt: skip
