"""Events of the market for partners: project ideas with the roles they need, offers to join, who joins what.

Roles are ids of the profile, themes its focus areas or topics; a name travels only once an idea becomes a project.
"""

from datetime import date, datetime

from pydantic import Field

from .base import Event


class IdeaEvent(Event):
    lead: str
    """The member that puts it up."""


class IdeaPut(IdeaEvent, type="liaison.matching.idea.put.v1"):
    theme: str
    programme: str = ""
    roles: dict[str, int]
    """Partners needed, by role."""
    languages: tuple[str, ...]
    wishes: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    partners_by: date | None = None
    words: str | None = None
    market: str = ""
    put_on: str = ""


class IdeaWithdrawn(IdeaEvent, type="liaison.matching.idea.withdrawn.v1"):
    words: str | None = None


class PartnerEvent(IdeaEvent):
    seat: str
    partner: str
    member: str
    role: str
    market: str = ""


class PartnerProposed(PartnerEvent, type="liaison.matching.idea.partner-proposed.v1"):
    run: str
    answer_by: datetime


class PartnerAgreed(PartnerEvent, type="liaison.matching.idea.partner-agreed.v1"):
    """One side said yes."""

    by: str


class PartnerJoined(PartnerEvent, type="liaison.matching.idea.partner-joined.v1"):
    """Both sides said yes."""

    joined_on: str = ""


class PartnerDeclined(PartnerEvent, type="liaison.matching.idea.partner-declined.v1"):
    by: str
    words: str | None = None


class PartnerLapsed(PartnerEvent, type="liaison.matching.idea.partner-lapsed.v1"):
    """No answer in time."""


class PartnerCalledOff(PartnerEvent, type="liaison.matching.idea.partner-called-off.v1"):
    """The idea, or the partner's offer, was withdrawn."""


class IdeaBecameProject(IdeaEvent, type="liaison.matching.idea.became-project.v1"):
    """All its partners joined."""

    name: str
    theme: str
    programme: str = ""
    partners: dict[str, str] = Field(default_factory=dict)
    """Role, by member."""
    on: date


class PartnershipOffered(Event, type="liaison.matching.partner.offered.v1"):
    """A member offers to join project ideas."""

    member: str
    roles: tuple[str, ...]
    themes: tuple[str, ...]
    languages: tuple[str, ...]
    most: int = Field(default=1, ge=1)
    """Ideas that it joins at most."""
    likes: tuple[str, ...] = ()
    """Ideas, best first."""
    excluded: tuple[str, ...] = ()
    market: str = ""
    offered_on: str = ""


class PartnershipChanged(PartnershipOffered, type="liaison.matching.partner.changed.v1"):
    """Its terms are others from now on."""


class PartnershipWithdrawn(Event, type="liaison.matching.partner.withdrawn.v1"):
    member: str


class PartnerHeld(Event, type="liaison.matching.partner.held.v1"):
    """An idea counts on it, while it is asked and once it joined."""

    member: str
    seat: str
    idea: str


class PartnerFreed(Event, type="liaison.matching.partner.freed.v1"):
    member: str
    seat: str
    idea: str


EVENTS = (
    IdeaPut, IdeaWithdrawn, PartnerProposed, PartnerAgreed, PartnerJoined, PartnerDeclined, PartnerLapsed,
    PartnerCalledOff, IdeaBecameProject, PartnershipOffered, PartnershipChanged, PartnershipWithdrawn, PartnerHeld,
    PartnerFreed,
)  # fmt: skip
