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
    requester: str = ""
    """What `member` is where it is no member of the network: unit, partner."""
    owner: str | None = None
    """The unit or member that carries the item out."""
    starts_on: str | None = None
    ends_on: str | None = None
    """The first and last day of the period that was written in words, where it can be told."""
    inside: str | None = None
    """The activity of a plan, or the request, that it is to be part of."""


Joined = tuple[tuple[str, str], ...]
"""The requests that are merged into this one, each with its member: they share its fate."""


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
    joined: Joined = ()


class RequestDeferred(RequestEvent, type="liaison.requests.request.deferred.v1"):
    quarter: str
    plan: str | None = None
    """The plan it waits for from now on."""
    submitted_on: str = ""
    previously: str = ""
    words: str | None = None
    on: str = ""
    joined: Joined = ()


class RequestDeclined(RequestEvent, type="liaison.requests.request.declined.v1"):
    submitted_on: str = ""
    previously: str = ""
    words: str | None = None
    on: str = ""
    joined: Joined = ()


class RequestWithdrawn(RequestEvent, type="liaison.requests.request.withdrawn.v1"):
    previously: str
    """The status it had: submitted, planned, deferred."""
    words: str | None = None


class RequestFulfilled(RequestEvent, type="liaison.requests.request.fulfilled.v1"):
    """Its activity was held."""

    activity: str
    exchange: str | None = None
    """The one in a call that came of it."""


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
    exchange: str | None = None
    """The one that was agreed for it in its call."""
    cause: str = "undone"
    """`undone` by a coordinator, `activity-cancelled`, `exchange-cancelled`, or `joined-withdrawn`: the one that it
    was merged into."""
    taken_back: tuple[tuple[str, str], ...] = ()
    words: str | None = None
    """Under which id the service keeps the reason."""
    said: str | None = None
    """The reason of the decision that stands again."""
    on: str = ""
    """The day since which it waits again."""
    joined: Joined = ()


class RequestMerged(RequestEvent, type="liaison.requests.request.merged.v1"):
    """It is answered together with another one, whose fate it shares from now on."""

    into: str
    into_member: str
    submitted_on: str = ""
    previously: str = ""
    words: str | None = None
    on: str = ""


class RequestJoined(RequestEvent, type="liaison.requests.request.joined.v1"):
    """Another request is answered together with this one."""

    request: str
    request_member: str
    words: str | None = None


class RequestParted(RequestEvent, type="liaison.requests.request.parted.v1"):
    """A request that was merged into this one has a fate of its own again."""

    request: str
    request_member: str


class RequestAcceptedForCall(RequestEvent, type="liaison.requests.request.accepted-for-call.v1"):
    """An exchange that was asked for without an open call joins this one: `matching` files it as an interest."""

    call: str
    focus_area: str | None = None
    languages: tuple[str, ...] = ()
    officials: int = 1
    wishes: tuple[str, ...] = ()
    """Hosts wished for, the first one best."""
    quarter: str | None = None
    """The one it was wished for in."""
    submitted_on: str = ""
    previously: str = ""
    words: str | None = None
    on: str = ""


class RequestMatched(RequestEvent, type="liaison.requests.request.matched.v1"):
    """Both sides agreed to the exchange that it was accepted for."""

    call: str
    exchange: str
    host: str
    week: str
    duration: int = 1
    officials: int = 1
    on: str = ""


class RequestQuestioned(RequestEvent, type="liaison.requests.request.questioned.v1"):
    """A coordinator asks its sender something."""

    words: str


class RequestAnswered(RequestEvent, type="liaison.requests.request.answered.v1"):
    """Its sender answered the question."""

    words: str
    question: str


class PlanOpened(Event, type="liaison.requests.plan.opened.v1"):
    year: int


class PlanRequestReceived(Event, type="liaison.requests.plan.request-received.v1"):
    """A request joined the list of those still undecided."""

    year: int
    request: str
    member: str
    kind: str
    received_on: str = ""
    """The day it was sent: the plan's cut-off counts by it."""


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
    recurs_from: str | None = None
    """The activity of the year before that it repeats."""


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
    """The Board agreed: what stands now is frozen as a baseline. Adopted again, the later number counts."""

    year: int
    activities: int
    baseline: int = 1
    amendments: int = 0
    """How many amendments it takes in since the baseline before."""
    frozen: tuple[tuple[str, str, str, str, str, str], ...] = ()
    """Each activity as (activity, line, pillar, kind, quarter, member), the member empty for the whole network."""
    on: str = ""


EVENTS = (
    RequestSubmitted, RequestPlanned, RequestDeferred, RequestDeclined, RequestWithdrawn, RequestFulfilled,
    RequestReopened, RequestMerged, RequestJoined, RequestParted, RequestAcceptedForCall, RequestMatched,
    RequestQuestioned, RequestAnswered, PlanOpened, PlanRequestReceived, PlanRequestDecided, ActivityPlanned,
    ActivityUnplanned, ActivityMoved, PlanAdopted,
)  # fmt: skip
