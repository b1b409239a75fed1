"""A good practice: drafted by a member, submitted to the call, reviewed by two, published in the library, reused.

Its words stay beside: the stream knows who, when, scores and which fields are filled in.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from services.events.commands.practice import (
    AboutPractice,
    DraftPractice,
    NameReviewers,
    PublishPractice,
    RecognisePractice,
    RecordReuse,
    ReturnPractice,
    ReviewPractice,
    SubmitPractice,
    TakeBackRecognition,
    TakeBackReuse,
    UnpublishPractice,
    WithdrawPractice,
)
from shared.contracts.base import Command, Event
from shared.contracts.practices import (
    PracticeDrafted,
    PracticePublished,
    PracticeRecognised,
    PracticeReturned,
    PracticeReused,
    PracticeReviewed,
    PracticeSubmitted,
    PracticeUnpublished,
    PracticeWithdrawn,
    RecognitionTakenBack,
    ReuseTakenBack,
    ReviewersNamed,
)
from shared.contracts.refused import Refused

REVIEWS = 2


class Status(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Review:
    scores: dict[str, int]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Reuse:
    by: str
    since: str
    on: str


@dataclass(frozen=True, slots=True)
class Practice:
    status: Status = Status.DRAFT
    member: str = ""
    year: int = 0
    theme: str = ""
    topic: str = ""
    filled: tuple[str, ...] = ()
    submitted_on: str = ""
    reviewers: tuple[str, ...] = ()
    reviews: dict[str, Review] = field(default_factory=dict)
    score: float = 0.0
    means: dict[str, float] = field(default_factory=dict)
    """By criterion."""
    published_on: str = ""
    exemplary: bool = False
    presented_on: date | None = None
    recognised_on: str = ""
    reuses: dict[str, Reuse] = field(default_factory=dict)

    @property
    def dimensions(self) -> dict[str, Any]:
        return {"member": self.member, "year": self.year, "theme": self.theme, "topic": self.topic}


def draft(
    practice: Practice, command: DraftPractice, *, year: int, filled: Collection[str], changed: Collection[str]
) -> list[Event]:
    """`filled` are the fields that have an answer after it, `changed` those it changes; `year` is its call's."""
    if practice.member and practice.member != command.member:
        raise Refused("other-member", "A practice stays with the member it was drafted for.")
    _demand(practice, Status.DRAFT)
    event = PracticeDrafted(
        member=command.member, year=year, theme=command.theme, topic=command.topic, fields=tuple(sorted(filled))
    )
    same = (practice.year, practice.theme, practice.topic) == (year, command.theme, command.topic)
    return [] if practice.member and same and not changed else [event]


def change_files(practice: Practice, _command: AboutPractice) -> list[Event]:
    """Files go with a draft alone: what reviewers and readers were given stays as they saw it."""
    if not practice.member:
        raise _unknown()
    _demand(practice, Status.DRAFT)
    return []


def submit(practice: Practice, command: SubmitPractice, *, required: Collection[str], call_open: bool) -> list[Event]:
    """To its call, while that is open, with every field that the form requires."""
    _demand(practice, Status.DRAFT)
    if not practice.member:
        raise _unknown()
    if not (practice.year and practice.theme) or not call_open:
        raise Refused("no-call", "Choose a theme of a call that is open.", status=422)
    missing = [one for one in required if one not in practice.filled]
    if missing:
        sentence = "Fill in every field that is required; %(count)s are missing."
        raise Refused("fields-missing", sentence, status=422, count=len(missing))
    return [PracticeSubmitted(**practice.dimensions)]


def name_reviewers(practice: Practice, command: NameReviewers, *, members: Mapping[str, str | None]) -> list[Event]:
    """Two different persons who may review, each with their member."""
    _demand(practice, Status.SUBMITTED, Status.REVIEWED)
    named = tuple(dict.fromkeys(command.reviewers))
    if len(named) < REVIEWS:
        raise Refused("same-reviewer", "Name two different reviewers.", status=422)
    for one in named:
        if one not in members:
            raise Refused("no-reviewer", "Name persons of this network who may review.", status=422)
        if members[one] == practice.member:
            raise own_member()
    if any(one not in named for one in practice.reviews):
        raise Refused("has-reviewed", "Who has reviewed already stays a reviewer.")
    return [] if set(named) == set(practice.reviewers) else [ReviewersNamed(**practice.dimensions, reviewers=named)]


def review(
    practice: Practice, command: ReviewPractice, *, member: str | None, criteria: Collection[str]
) -> list[Event]:
    """A score for each criterion, by one of the two; said again until it is published."""
    _demand(practice, Status.SUBMITTED, Status.REVIEWED)
    if member == practice.member:
        raise own_member()
    if command.reviewer not in practice.reviewers:
        raise Refused("not-reviewer", "Only the two reviewers named for it review a practice.")
    if set(command.scores) != set(criteria):
        raise Refused("scores-missing", "Give a score for each of the criteria.", status=422)
    before = practice.reviews.get(command.reviewer)
    if before and (before.scores, before.words) == (command.scores, command.words):
        return []
    complete = len({*practice.reviews, command.reviewer}) >= REVIEWS
    return [
        PracticeReviewed(
            **practice.dimensions, reviewer=command.reviewer, scores=command.scores, words=command.words,
            complete=complete,
        )
    ]  # fmt: skip


def decide(practice: Practice, command: Command) -> list[Event]:
    if not practice.member:
        raise _unknown()
    about = practice.dimensions
    day = command.when.date()
    match command:
        case ReturnPractice():
            _demand(practice, Status.SUBMITTED, Status.REVIEWED)
            words = command.words or None
            return [PracticeReturned(**about, words=words, previously_on=practice.submitted_on)]
        case WithdrawPractice():
            _demand(practice, Status.DRAFT, Status.SUBMITTED)
            return [PracticeWithdrawn(**about)]
        case PublishPractice():
            _demand(practice, Status.REVIEWED)
            return [PracticePublished(**about, score=practice.score, on=day.isoformat())]
        case UnpublishPractice():
            _demand(practice, Status.PUBLISHED)
            if practice.exemplary:
                raise Refused("is-exemplary", "Take the recognition back first.")
            words = command.words or None
            return [PracticeUnpublished(**about, words=words, previously_on=practice.published_on)]
        case RecognisePractice():
            _demand(practice, Status.PUBLISHED)
            if command.presented_on > day:
                raise Refused("in-the-future", "It is recognised once it was presented.", status=422)
            if practice.exemplary:
                raise Refused("is-exemplary", "It is recognised already.")
            return [PracticeRecognised(**about, presented_on=command.presented_on, on=day.isoformat())]
        case TakeBackRecognition():
            if not practice.exemplary:
                return []
            words = command.words or None
            return [RecognitionTakenBack(**about, words=words, previously_on=practice.recognised_on)]
        case RecordReuse():
            _demand(practice, Status.PUBLISHED)
            if command.by == practice.member:
                raise Refused("own-practice", "It is reused by another member than the one it comes from.", status=422)
            if any(one.by == command.by for one in practice.reuses.values()):
                raise Refused("already-reused", "That this member applies it is noted already.")
            if command.since[:4] > str(day.year) or command.since > day.isoformat():
                raise Refused("in-the-future", "Tell of a reuse that has begun.", status=422)
            reused = {"reuse": command.reuse, "by": command.by, "since": command.since}
            return [PracticeReused(**about, **reused, on=day.isoformat())]
        case TakeBackReuse():
            one = practice.reuses.get(command.reuse)
            if one is None:
                return []
            return [ReuseTakenBack(**about, reuse=command.reuse, by=one.by, previously_on=one.on)]
    raise TypeError(type(command).__name__)


def own_member() -> Refused:
    return Refused("own-member", "Nobody reviews a practice of their own member.", status=422)


def _unknown() -> Refused:
    return Refused("not-found", "There is nothing of this name here.", status=404)


_STANDS = {
    Status.DRAFT: "It is still a draft.",
    Status.SUBMITTED: "It is submitted, and not reviewed yet.",
    Status.REVIEWED: "It is reviewed already.",
    Status.PUBLISHED: "It is in the library already.",
    Status.WITHDRAWN: "It was withdrawn.",
}


def _demand(practice: Practice, *allowed: Status) -> None:
    if practice.status not in allowed:
        raise Refused("wrong-status", _STANDS[practice.status])


def evolve(practice: Practice, event: Event) -> Practice:
    match event:
        case PracticeDrafted():
            return replace(
                practice,
                member=event.member,
                year=event.year,
                theme=event.theme,
                topic=event.topic,
                filled=event.fields,
            )
        case PracticeSubmitted():
            return replace(practice, status=Status.SUBMITTED)
        case PracticeReturned():
            return replace(practice, status=Status.DRAFT, reviewers=(), reviews={}, score=0.0, means={})
        case PracticeWithdrawn():
            return replace(practice, status=Status.WITHDRAWN)
        case ReviewersNamed():
            status = Status.REVIEWED if set(event.reviewers) <= set(practice.reviews) else Status.SUBMITTED
            return replace(practice, reviewers=event.reviewers, status=status)
        case PracticeReviewed():
            reviews = {**practice.reviews, event.reviewer: Review(event.scores, event.words)}
            status = Status.REVIEWED if event.complete else practice.status
            means = {
                name: round(sum(one.scores.get(name, 0) for one in reviews.values()) / len(reviews), 2)
                for name in event.scores
            }
            score = round(sum(means.values()) / len(means), 2) if means else 0.0
            return replace(practice, reviews=reviews, status=status, means=means, score=score)
        case PracticePublished():
            return replace(practice, status=Status.PUBLISHED, published_on=event.on)
        case PracticeUnpublished():
            return replace(practice, status=Status.REVIEWED, published_on="")
        case PracticeRecognised():
            return replace(practice, exemplary=True, presented_on=event.presented_on, recognised_on=event.on)
        case RecognitionTakenBack():
            return replace(practice, exemplary=False, presented_on=None, recognised_on="")
        case PracticeReused():
            return replace(practice, reuses={**practice.reuses, event.reuse: Reuse(event.by, event.since, event.on)})
        case ReuseTakenBack():
            return replace(practice, reuses={id: one for id, one in practice.reuses.items() if id != event.reuse})
    return practice
