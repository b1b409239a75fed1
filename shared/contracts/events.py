"""Events of `events`: activities from their schedule to the feedback.

An activity's id is its stream (`activity-<uuid7>`), given by the plan or here. Registrations live in the activity's
stream, since the activity guards its places; attendance and the survey have streams of their own.
Days are ISO dates, weeks `2024-W38`, quarters `2024-Q3`; persons are ids of the people's register.
"""

from datetime import date

from pydantic import Field

from .base import Event


class ActivityEvent(Event):
    """The dimensions that each activity's event carries."""

    kind: str
    pillar: str = ""
    line: str = ""
    quarter: str = ""
    member: str | None = None
    """The host or the member it is held for; none for one of the whole network."""
    planned: bool = False
    """Whether it stands in the annual plan."""


class ActivityAnnounced(ActivityEvent, type="liaison.events.activity.announced.v1"):
    """An activity to be scheduled became known: from the plan, from an agreed exchange, or set up by an organiser."""

    activity: str
    request: str | None = None
    exchange: str | None = None
    members: tuple[str, ...] = ()
    language: str | None = None
    topic: str | None = None
    target_groups: tuple[str, ...] = ()
    participants: int | None = None


class ActivityScheduled(ActivityEvent, type="liaison.events.activity.scheduled.v1"):
    starts_on: date
    ends_on: date
    mode: str
    places: dict[str, int] = Field(default_factory=dict)
    """Places by mode of attendance: `on-site`, `online`."""
    invited: tuple[str, ...] = ()
    """Members it is meant for; they count as invited from `RegistrationOpened` on."""


class ActivityDescribed(ActivityEvent, type="liaison.events.activity.described.v1"):
    """Its words were changed; what they say stays in the service."""

    words: tuple[str, ...] = ()
    """Which ones: title, place, description."""


class ActivityReplanned(ActivityEvent, type="liaison.events.activity.replanned.v1"):
    """The plan gave it another line, quarter or member."""


class RegistrationOpened(ActivityEvent, type="liaison.events.activity.registration-opened.v1"):
    invited: tuple[str, ...] = ()
    """Members invited; the participation rate counts them from here. None where registration is opened again."""
    on: str = ""


class RegistrationClosed(ActivityEvent, type="liaison.events.activity.registration-closed.v1"):
    pass


class ActivityHeld(ActivityEvent, type="liaison.events.activity.held.v1"):
    mode: str = ""
    held_on: date
    request: str | None = None
    exchange: str | None = None
    members: tuple[str, ...] = ()


class ActivityCancelled(ActivityEvent, type="liaison.events.activity.cancelled.v1"):
    request: str | None = None
    exchange: str | None = None
    invited: tuple[str, ...] = ()
    invited_on: str = ""
    """The day registration was first opened."""
    invited_days: dict[str, str] = Field(default_factory=dict)
    """Each invited member's own day, where some were invited later."""


class RegistrationEvent(Event):
    registration: str
    person: str
    member: str
    mode: str = "on-site"
    kind: str = ""
    """The activity's kind."""
    on: str = ""
    """The day it happened, for the event that takes it back."""


class RegistrationConfirmed(RegistrationEvent, type="liaison.events.registration.confirmed.v1"):
    """A place is theirs: at once, or from the waitlist."""

    from_waitlist: bool = False
    waitlisted_on: str = ""
    group: str = ""
    """A delegation that stays together: the same for each of it."""


class RegistrationWaitlisted(RegistrationEvent, type="liaison.events.registration.waitlisted.v1"):
    position: int
    group: str = ""
    instead_of: str = ""
    """The registration whose place in line it takes."""


class RegistrationCancelled(RegistrationEvent, type="liaison.events.registration.cancelled.v1"):
    previously: str
    """The status it takes back: confirmed or waitlisted."""
    previously_on: str
    because: str = ""
    """lapsed or refused: of a place that was offered; replaced: by somebody of the same member."""


class RegistrationRestored(RegistrationEvent, type="liaison.events.registration.restored.v1"):
    """A cancellation is taken back and the place is theirs again; `on` is the day it was first given to them."""

    cancelled_on: str
    """The day of the cancellation that is taken back."""
    words: str | None = None
    """Under which id the service keeps the reason."""


class AttendanceRecorded(Event, type="liaison.events.attendance.recorded.v1"):
    """Whether a person was present; said again, it corrects and says what it takes back."""

    activity: str
    registration: str
    person: str
    member: str
    kind: str = ""
    mode: str = "on-site"
    present: bool
    previously_present: bool = False
    previously_on: str = ""
    on: str = ""
    excused: bool = False
    """Absent, and said so beforehand."""


class AttendanceTakenBack(Event, type="liaison.events.attendance.taken-back.v1"):
    """What was told of a person's presence counts no more: it is as if nothing had been said."""

    activity: str
    registration: str
    person: str
    member: str
    kind: str = ""
    mode: str = "on-site"
    previously_present: bool
    previously_on: str
    on: str = ""
    words: str | None = None
    """Under which id the service keeps the reason."""


class FeedbackGiven(Event, type="liaison.events.feedback.given.v1", anonymous=True):
    """One answer to an activity's survey; whose it is, nobody can tell.

    Answers are held apart and released in groups, drawn by lot: the day is that of the last one of its group.
    """

    activity: str
    kind: str = ""
    pillar: str = ""
    line: str = ""
    relevance: int = Field(ge=1, le=5)
    added_value: int = Field(ge=1, le=5)
    voucher: str = ""
    """Written no more: answers are released in groups, and `SurveyAnswered` says that a token was used."""


class SurveyOpened(Event, type="liaison.events.survey.opened.v1"):
    """The present may answer; how many they are now.

    `vouchers` are hashes of random numbers, one for each confirmed registration, sorted: their order tells nothing.
    """

    activity: str
    tokens: int
    kind: str = ""
    pillar: str = ""
    line: str = ""
    vouchers: tuple[str, ...] = ()
    follow_up: bool = False
    """Whether it asks, months later, if what was learnt is applied."""
    closes_on: date | None = None
    remind_on: tuple[date, ...] = ()
    follow_up_on: date | None = None


EVENTS = (
    ActivityAnnounced, ActivityScheduled, ActivityDescribed, ActivityReplanned, RegistrationOpened, RegistrationClosed,
    ActivityHeld, ActivityCancelled, RegistrationConfirmed, RegistrationWaitlisted, RegistrationCancelled,
    RegistrationRestored, AttendanceRecorded, AttendanceTakenBack, FeedbackGiven, SurveyOpened,
)  # fmt: skip
