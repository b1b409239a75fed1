"""Events of `requests` about projects: their stage, grants and members. Titles, coordinators and periods as written
are words and stay in the service. Grants are in cents, so that sums are exact.
"""

from datetime import date

from .base import Event


class ProjectEvent(Event):
    stage: str
    """`current`, `submitted`, `pipeline` or `ended`."""
    members: tuple[str, ...] = ()
    eu_grant: int | None = None
    own_grant: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None


class ProjectEntered(ProjectEvent, type="liaison.requests.project.entered.v1"):
    pass


class ProjectChanged(ProjectEvent, type="liaison.requests.project.changed.v1"):
    previous_stage: str
    previous_members: tuple[str, ...] = ()
    previous_eu_grant: int | None = None
    previous_own_grant: int | None = None
    described: tuple[str, ...] = ()
    """Which of its words changed."""


class ProjectRemoved(ProjectEvent, type="liaison.requests.project.removed.v1"):
    """It was entered by mistake; it says what it takes back."""

    words: str | None = None


EVENTS = (ProjectEntered, ProjectChanged, ProjectRemoved)
