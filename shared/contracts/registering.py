"""Events of `events` about how places are given: rules, draw, quotas, approval, offers.

They stand in the activity's stream, since it guards the places. None of them gives or takes a place by itself: that is
said by `RegistrationConfirmed`, `RegistrationWaitlisted` and `RegistrationCancelled`, which indicators count.
"""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from .events import ActivityEvent, RegistrationEvent


class Quota(BaseModel):
    """Places of one mode kept for a member, until they are released."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    member: str
    mode: str = "on-site"
    places: int
    release_on: date | None = None


class RegistrationRulesSet(ActivityEvent, type="liaison.events.activity.rules-set.v1"):
    policy: str = "first-come"
    """Who in line is next: first-come, draw, coverage."""
    offer_hours: int | None = None
    """How long a free place is offered to the next in line; none where it is theirs at once."""
    approval: str = "none"
    """none, one (the organiser approves), two (the liaison officer endorses before)."""
    quotas: tuple[Quota, ...] = ()
    draw_at: datetime | None = None
    commitment: str = ""
    """The SHA-256 of the draw's seed, published before anybody registers."""


class PlacesDrawn(ActivityEvent, type="liaison.events.activity.drawn.v1"):
    """The line is in the order of SHA-256 over seed and registration (of a group: its id), smallest first."""

    seed: str


class QuotaReleased(ActivityEvent, type="liaison.events.activity.quota-released.v1"):
    """Its day has come: what the member did not use is for everybody."""

    of: str
    mode: str = "on-site"
    unused: int = 0


class RegistrationRequested(RegistrationEvent, type="liaison.events.registration.requested.v1"):
    """It waits to be endorsed, or where it is endorsed already, to be approved."""

    endorsed: bool = False
    group: str = ""


class RegistrationEndorsed(RegistrationEvent, type="liaison.events.registration.endorsed.v1"):
    pass


class RegistrationDeclined(RegistrationEvent, type="liaison.events.registration.declined.v1"):
    """It was not approved."""


class RegistrationWithdrawn(RegistrationEvent, type="liaison.events.registration.withdrawn.v1"):
    """It was taken back before it was approved."""


class RegistrationOffered(RegistrationEvent, type="liaison.events.registration.offered.v1"):
    """A place is kept for them until then; they still count as waiting."""

    until: datetime
    waitlisted_on: str = ""


EVENTS = (
    RegistrationRulesSet, PlacesDrawn, QuotaReleased, RegistrationRequested, RegistrationEndorsed,
    RegistrationDeclined, RegistrationWithdrawn, RegistrationOffered,
)  # fmt: skip
