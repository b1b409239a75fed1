"""Events of `requests` around the annual plan: its baselines and amendments, who stands for its activities, what units
and members are consulted on, the documents of a cycle, and the actions that members agree on.

Words (titles, comments, reasons) stay in the service under the id that `words` names, or by the stream's own.
"""

from datetime import datetime

from .base import Event


class PlanAmended(Event, type="liaison.requests.plan.amended.v1"):
    """After the adoption an activity joined the plan, left it or changed; it stands beside the event that says so."""

    year: int
    baseline: int
    """The number of the baseline that it departs from."""
    number: int
    """Counted over the year, from 1."""
    change: str
    """`added`, `removed`, `moved`, or `described` where its words alone changed."""
    activity: str
    line: str
    pillar: str
    kind: str
    quarter: str
    member: str | None = None
    request: str | None = None
    words: str | None = None
    """Under which id the service keeps the reason."""
    on: str = ""


class PlanCutOffSet(Event, type="liaison.requests.plan.cut-off-set.v1"):
    """Requests sent after this day do not hold up the adoption any more; none where it is taken away."""

    year: int
    on: str | None = None
    previously: str | None = None


class PlanBegun(Event, type="liaison.requests.plan.begun.v1"):
    """The plan was made from that of an earlier year: what recurs, and the deferred requests that came along."""

    year: int
    from_year: int
    activities: int
    requests: int


class ActivityAssigned(Event, type="liaison.requests.plan.activity-assigned.v1"):
    """Who stands for an activity of the plan: the unit, and the partners as (stage, partner)."""

    year: int
    activity: str
    owner: str | None = None
    partners: tuple[tuple[str, str], ...] = ()
    has_contact: bool = False
    """Whether a contact person is named; who it is stays in the service."""


class ConsultationOpened(Event, type="liaison.requests.consultation.opened.v1"):
    about: str
    """What kind of draft it is on, by the profile's id: the annual plan, a template, a standard, a format."""
    year: int | None = None
    """Of the plan."""
    members: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    due_on: str
    closes_at: datetime


class ConsultationExtended(Event, type="liaison.requests.consultation.extended.v1"):
    about: str
    due_on: str
    closes_at: datetime
    previously: str


class ConsultationAnswered(Event, type="liaison.requests.consultation.answered.v1"):
    about: str
    member: str | None = None
    unit: str | None = None
    position: str
    """`agree`, `object` or `comment`."""
    previously: str | None = None
    line: str | None = None
    """The line of the plan that the comment is on."""
    words: str | None = None


class ConsultationClosed(Event, type="liaison.requests.consultation.closed.v1"):
    about: str
    agreed: int
    objected: int
    commented: int
    silent: int


class DeliverableAsked(Event, type="liaison.requests.deliverable.asked.v1"):
    """A document of the programming cycle is due from these members, each by its day."""

    year: int
    due: tuple[tuple[str, str], ...]
    """(member, day)."""


class DeliverableDueMoved(Event, type="liaison.requests.deliverable.due-moved.v1"):
    year: int
    member: str
    due: str
    previously: str


class DeliverableDelivered(Event, type="liaison.requests.deliverable.delivered.v1"):
    year: int
    member: str
    on: str
    due: str


class DeliverableTakenBack(Event, type="liaison.requests.deliverable.taken-back.v1"):
    """What was said to be delivered is not."""

    year: int
    member: str
    previously: str
    due: str


class ActionAgreed(Event, type="liaison.requests.action.agreed.v1"):
    """Members agreed on an action of the year."""

    year: int
    line: str
    lead: str
    members: tuple[str, ...]
    multilateral: bool
    agreed_on: str
    itemised: str | None = None
    """The row of the network's own document that it was taken from."""


class ActionProgressed(Event, type="liaison.requests.action.progressed.v1"):
    year: int
    line: str
    status: str
    """`agreed`, `initiated` or `implemented`."""
    previously: str
    previously_on: str
    on: str


class ActionJoined(Event, type="liaison.requests.action.joined.v1"):
    """A member joined later; `multilateral` says what the action is from now on."""

    year: int
    line: str
    member: str
    multilateral: bool
    previously_multilateral: bool
    on: str


class ActionReviewed(Event, type="liaison.requests.action.reviewed.v1"):
    """What the annual meeting said of it."""

    year: int
    line: str
    on: str
    words: str | None = None
    outcome: str
    """`continues`, `done` or `dropped`."""


OF_PLANS = (
    PlanAmended, PlanCutOffSet, PlanBegun, ActivityAssigned, ConsultationOpened, ConsultationExtended,
    ConsultationAnswered, ConsultationClosed, DeliverableAsked, DeliverableDueMoved, DeliverableDelivered,
    DeliverableTakenBack, ActionAgreed, ActionProgressed, ActionJoined, ActionReviewed,
)  # fmt: skip
