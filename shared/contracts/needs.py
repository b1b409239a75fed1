"""Events of `requests` about needs: analyses with their findings, evaluations that tell the same, and their age.

A finding is a target group, a topic and a weight from 1 (little) to 5 (urgent); ids are those of the network's
profile. What an analysis is called and says stays in the service.
"""

from datetime import date

from .base import Event

FindingRow = tuple[str, str, int]
"""Target group, topic, weight."""


class NeedsEvent(Event):
    source: str
    on: date
    """The day of the analysis."""
    member: str | None = None
    """None for one of the whole network."""
    findings: tuple[FindingRow, ...] = ()


class NeedsRecorded(NeedsEvent, type="liaison.requests.needs.recorded.v1"):
    """An analysis of needs is there."""


class NeedsRevised(NeedsEvent, type="liaison.requests.needs.revised.v1"):
    """It says something else from now on; what it takes back stands beside it."""

    previous_source: str
    previous_on: date
    previous_member: str | None = None
    previous_findings: tuple[FindingRow, ...] = ()
    described: tuple[str, ...] = ()
    """Which of its words changed."""


class NeedsWithdrawn(NeedsEvent, type="liaison.requests.needs.withdrawn.v1"):
    """It counts no more; it says what it takes back."""

    words: str | None = None
    """Under which id the service keeps the reason."""


class EvaluationReceived(Event, type="liaison.requests.evaluation.received.v1", anonymous=True):
    """An answer to an activity's survey counts as a sign of need; whose it is, nobody can tell."""

    activity: str
    kind: str = ""
    line: str = ""
    relevance: int
    added_value: int


class AgendaNoted(Event, type="liaison.requests.agenda.noted.v1"):
    """The days of a network's analyses are others: when the newest becomes too old follows from it."""

    analysis: str
    on: date | None = None
    """None where it was withdrawn."""
    newest_on: date | None = None
    due_on: date | None = None
    """The day on which the newest is too old; none where there is no analysis."""


class NeedsOutdated(Event, type="liaison.requests.agenda.needs-outdated.v1"):
    """The network's newest analysis has become too old."""

    newest_on: date
    due_on: date


EVENTS = (NeedsRecorded, NeedsRevised, NeedsWithdrawn, EvaluationReceived, AgendaNoted, NeedsOutdated)
