"""Events of `requests`: what members ask for, and the annual plan that answers.

Words (titles, reasons, descriptions) stay in the service; an event names them by its own stream.
`kind`, `line`, `pillar`, `topic`, `target_groups` are ids of the network's profile; `quarter` reads `2024-Q2`.
"""

from .base import Event


class RequestEvent(Event):
    kind: str
    member: str


class RequestSubmitted(RequestEvent, type="liaison.requests.request.submitted.v1"):
    plan: str
    topic: str | None = None
    target_groups: tuple[str, ...] = ()
    language: str | None = None
    participants: int | None = None
    quarter_wished: str | None = None
    via: str = "page"
    submitted_on: str = ""


class RequestPlanned(RequestEvent, type="liaison.requests.request.planned.v1"):
    plan: str
    activity: str
    line: str
    quarter: str
    submitted_on: str = ""
    previously: str = ""
    words: str | None = None
    """Under which id the service keeps the reason."""
    on: str = ""
    """The day it happened, for the event that takes it back."""


class RequestDeferred(RequestEvent, type="liaison.requests.request.deferred.v1"):
    quarter: str
    plan: str | None = None
    """The plan it waits for from now on."""
    submitted_on: str = ""
    previously: str = ""
    words: str | None = None
    on: str = ""


class RequestDeclined(RequestEvent, type="liaison.requests.request.declined.v1"):
    submitted_on: str = ""
    previously: str = ""
    words: str | None = None
    on: str = ""


class RequestWithdrawn(RequestEvent, type="liaison.requests.request.withdrawn.v1"):
    previously: str
    """The status it had: submitted, planned, deferred."""
    words: str | None = None


class RequestFulfilled(RequestEvent, type="liaison.requests.request.fulfilled.v1"):
    """Its activity was held."""

    activity: str


class RequestReopened(RequestEvent, type="liaison.requests.request.reopened.v1"):
    """What was decided is taken back: it waits for a decision again.

    `taken_back` are the decisions that count no more, each with its day.
    """

    status: str
    """What it is from now on: submitted, or deferred as it was before the decision."""
    previously: str
    previously_on: str = ""
    plan: str
    """The plan that holds it from now on."""
    year: int
    quarter: str | None = None
    activity: str | None = None
    """The one that it was planned as."""
    cause: str = "undone"
    """`undone` by a coordinator, or `activity-cancelled`."""
    taken_back: tuple[tuple[str, str], ...] = ()
    words: str | None = None
    """Under which id the service keeps the reason."""
    said: str | None = None
    """The reason of the decision that stands again."""


class PlanOpened(Event, type="liaison.requests.plan.opened.v1"):
    year: int


class PlanRequestReceived(Event, type="liaison.requests.plan.request-received.v1"):
    """A request joined the list of those still undecided."""

    year: int
    request: str
    member: str
    kind: str


class PlanRequestDecided(Event, type="liaison.requests.plan.request-decided.v1"):
    """A request left the list of those still undecided."""

    year: int
    request: str
    fate: str


class ActivityPlanned(Event, type="liaison.requests.plan.activity-planned.v1"):
    """An activity joined the plan; `events` schedules it under this very id (`activity-<uuid7>`)."""

    year: int
    activity: str
    line: str
    pillar: str
    kind: str
    quarter: str
    member: str | None = None
    request: str | None = None
    topic: str | None = None
    target_groups: tuple[str, ...] = ()
    language: str | None = None
    participants: int | None = None
    planned_on: str = ""


class ActivityUnplanned(Event, type="liaison.requests.plan.activity-unplanned.v1"):
    """An activity left the plan again; it says what it takes back."""

    year: int
    activity: str
    line: str
    pillar: str
    kind: str
    quarter: str
    member: str | None = None
    planned_on: str


class ActivityMoved(Event, type="liaison.requests.plan.activity-moved.v1"):
    """An activity of the plan has another line, quarter or member; it says what it takes back."""

    year: int
    activity: str
    kind: str
    line: str
    pillar: str
    quarter: str
    member: str | None = None
    previous_line: str
    previous_pillar: str
    previous_quarter: str
    previous_member: str | None = None
    planned_on: str
    described: tuple[str, ...] = ()
    """Which of its words changed."""


class PlanAdopted(Event, type="liaison.requests.plan.adopted.v1"):
    year: int
    activities: int


EVENTS = (
    RequestSubmitted, RequestPlanned, RequestDeferred, RequestDeclined, RequestWithdrawn, RequestFulfilled,
    RequestReopened, PlanOpened, PlanRequestReceived, PlanRequestDecided, ActivityPlanned, ActivityUnplanned,
    ActivityMoved, PlanAdopted,
)  # fmt: skip
