"""Events of certificates: the rule of an activity or path, what was assessed, and each certificate's life.

A certificate names its holder by a random id alone: once the person is erased it is nobody's.
"""

from .base import Event


class CertificateRuleSet(Event, type="liaison.events.certification.rule-set.v1"):
    """What it takes to get a certificate of an activity; before, the network's own rule is in force."""

    activity: str
    offered: bool
    share: int = 100
    """Percent of the sessions attended, at least."""
    assessment: bool = False
    """Whether the assessment must be passed."""
    feedback: bool = False
    """Whether the survey must be answered."""
    months: int | None = None
    """For how long it is valid; none: for ever."""


class AssessmentRecorded(Event, type="liaison.events.certification.assessed.v1"):
    activity: str
    registration: str
    person: str
    member: str
    kind: str = ""
    passed: bool
    previously_passed: bool | None = None
    previously_on: str = ""
    on: str = ""


class CertificateEvent(Event):
    person: str
    member: str = ""
    activity: str | None = None
    path: str | None = None
    kind: str = ""
    pillar: str = ""
    line: str = ""
    on: str = ""


class CertificateIssued(CertificateEvent, type="liaison.events.certificate.issued.v1"):
    registration: str | None = None
    index: int = 0
    """Its place in the list of those that count no more."""
    expires_on: str | None = None
    modules: tuple[str, ...] = ()
    """The certificates that one of a path is made of."""


class CertificateRevoked(CertificateEvent, type="liaison.events.certificate.revoked.v1"):
    """It counts no more, with a reason."""

    previously_on: str
    """The day it takes back: when it was issued."""
    words: str | None = None
    """Under which id the service keeps the reason."""


class CertificateReissued(CertificateEvent, type="liaison.events.certificate.reissued.v1"):
    """A new edition, with the name corrected or after it was revoked; the earlier ones count no more."""

    edition: int
    expires_on: str | None = None
    was_revoked: bool = False
    words: str | None = None


class CertificateNamed(CertificateEvent, type="liaison.events.certificate.named.v1"):
    """Whether the holder lets the public page show their name."""

    named: bool


class PathSet(Event, type="liaison.events.path.set.v1"):
    """A learning path: a certificate of one activity of each module makes one of the whole."""

    modules: tuple[tuple[str, ...], ...]
    """Of each module the activities of which one is enough."""
    months: int | None = None


class PathCompleted(Event, type="liaison.events.path.completed.v1"):
    person: str
    certificate: str
    on: str = ""


EVENTS = (
    CertificateRuleSet, AssessmentRecorded, CertificateIssued, CertificateRevoked, CertificateReissued,
    CertificateNamed, PathSet, PathCompleted,
)  # fmt: skip
