"""An activity's life: announced, scheduled, opened, closed, then held or cancelled; its places are its own to guard."""

from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from services.events.commands import (
    AcceptOffer,
    AnnounceActivity,
    AnnounceExchange,
    ApproveRegistration,
    AskQuestions,
    CancelActivity,
    CancelRegistration,
    ChangeMode,
    CloseRegistration,
    DeclineRegistration,
    DrawPlaces,
    EndorseRegistration,
    FillPlaces,
    HoldActivity,
    LapseOffer,
    OpenRegistration,
    RegisterPersons,
    ReleaseQuotas,
    ReplanActivity,
    RestoreRegistration,
    ScheduleActivity,
    SetRules,
    SubstitutePerson,
    UnplanActivity,
)
from shared.contracts.base import Command, Event
from shared.contracts.events import (
    ActivityAnnounced,
    ActivityCancelled,
    ActivityDescribed,
    ActivityHeld,
    ActivityReplanned,
    ActivityScheduled,
    RegistrationClosed,
    RegistrationEvent,
    RegistrationOpened,
)
from shared.contracts.refused import Refused, Sentence
from shared.contracts.registering import PlacesDrawn, QuotaReleased, RegistrationRulesSet
from shared.contracts.vocabulary import Quarter, in_protocol_order

from . import answering, booking, changing, registration, rules
from .booking import Booking


class Status(StrEnum):
    UNKNOWN = "unknown"
    PLANNED = "planned"
    SCHEDULED = "scheduled"
    OPEN = "open"
    CLOSED = "closed"
    HELD = "held"
    CANCELLED = "cancelled"


OVER = (Status.HELD, Status.CANCELLED)


@dataclass(frozen=True, slots=True)
class Activity(Booking):
    status: Status = Status.UNKNOWN
    pillar: str = ""
    line: str = ""
    quarter: str = ""
    member: str | None = None
    planned: bool = False
    request: str | None = None
    exchange: str | None = None
    members: tuple[str, ...] = ()
    language: str | None = None
    topic: str | None = None
    target_groups: tuple[str, ...] = ()
    participants: int | None = None
    ends_on: date | None = None
    mode: str = ""
    meant_for: tuple[str, ...] = ()
    """Members named in the schedule; they are invited when registration opens."""
    invited: dict[str, str] = field(default_factory=dict)
    """Members invited, each with the day."""
    held_on: date | None = None

    @property
    def dimensions(self) -> dict[str, str | bool | None]:
        names = ("kind", "pillar", "line", "quarter", "member", "planned")
        return {name: getattr(self, name) for name in names}


def decide(activity: Activity, command: Command, *, described: tuple[str, ...] = ()) -> list[Event]:
    """`described`: which of the words beside it the command changes."""
    match command:
        case AnnounceActivity():
            return [] if activity.status != Status.UNKNOWN else _announce(command)
        case UnplanActivity():
            return [] if activity.status in (Status.UNKNOWN, *OVER) else [_cancelled(activity)]
        case ReplanActivity():
            return _replanned(activity, command)
    if activity.status == Status.UNKNOWN:
        raise Refused("not-found", "There is nothing of this name here.", status=404)
    if activity.status in OVER:
        raise Refused(
            f"is-{activity.status}", "This activity was %(state)s; nothing can be changed.", state=activity.status
        )
    match command:
        case ScheduleActivity():
            return _schedule(activity, command, described)
        case OpenRegistration():
            return _open(activity, command)
        case CloseRegistration():
            _demand(activity, Status.OPEN, "Registration is not open.")
            return [RegistrationClosed(**activity.dimensions)]
        case RegisterPersons():
            _demand_registration(activity, command)
            return registration.register(activity, command)
        case CancelRegistration():
            return registration.cancel(activity, command)
        case ChangeMode():
            return changing.change_mode(activity, command)
        case RestoreRegistration():
            return registration.restore(activity, command)
        case SetRules():
            return rules.set_rules(activity, command, activity.dimensions)
        case DrawPlaces():
            return rules.draw(activity, command, activity.dimensions)
        case ReleaseQuotas():
            return rules.release(activity, command, activity.dimensions)
        case FillPlaces():
            return registration.fill(activity, command.when)
        case AskQuestions():
            return [ActivityDescribed(**activity.dimensions, words=("questions",))]
        case HoldActivity():
            return _held(activity, command)
        case CancelActivity():
            return [_cancelled(activity)]
    return _answered(activity, command)


def _answered(activity: Activity, command: Command) -> list[Event]:
    """What is said about one registration."""
    match command:
        case AcceptOffer():
            return answering.accept(activity, command)
        case LapseOffer():
            return answering.lapse(activity, command)
        case EndorseRegistration():
            return answering.endorse(activity, command)
        case ApproveRegistration():
            return answering.approve(activity, command)
        case DeclineRegistration():
            return answering.decline(activity, command)
        case SubstitutePerson():
            return answering.substitute(activity, command)
    raise TypeError(type(command).__name__)


def _announce(command: AnnounceActivity) -> list[Event]:
    fields = command.model_dump(include=set(ActivityAnnounced.model_fields))
    announced = ActivityAnnounced(**fields)
    if not isinstance(command, AnnounceExchange):
        return [announced]
    places = {"on-site": command.officials}
    days = {"starts_on": command.starts_on, "ends_on": command.ends_on}
    return [announced, ActivityScheduled(**fields, **days, mode="on-site", places=places, invited=command.members)]


def _replanned(activity: Activity, command: ReplanActivity) -> list[Event]:
    """Heard from the plan; nothing where it comes too late or changes nothing."""
    if activity.status in (Status.UNKNOWN, *OVER):
        return []
    facts = command.model_dump(include={"pillar", "line", "quarter", "member"})
    event = ActivityReplanned(**{**activity.dimensions, **facts})
    return [event] if evolve(activity, event) != activity else []


def _schedule(activity: Activity, command: ScheduleActivity, described: tuple[str, ...]) -> list[Event]:
    places = {str(mode): number for mode, number in command.places.items()}
    registration.demand_room(activity, places)
    rules.demand_quotas(activity, places)
    # What the plan promised for a quarter counts there; what was set up beside it, where it takes place.
    quarter = activity.quarter if activity.planned else str(Quarter.of(command.starts_on))
    invited = activity.meant_for if command.invited is None else tuple(in_protocol_order(set(command.invited)))
    scheduled = ActivityScheduled(
        **{**activity.dimensions, "quarter": quarter},
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        mode=str(command.mode),
        places=places,
        invited=invited,
    )
    after = evolve(activity, scheduled)
    told: list[Event] = [ActivityDescribed(**after.dimensions, words=described)] if described else []
    if after == activity:
        return told
    return [scheduled, *told, *registration.fill_all(after, command.when)]


def _open(activity: Activity, command: OpenRegistration) -> list[Event]:
    if activity.status == Status.PLANNED:
        raise Refused("not-scheduled", "Set the date, the mode and the places first.")
    wanted = command.invited or (() if activity.invited else activity.meant_for)
    new = [member for member in in_protocol_order(set(wanted)) if member not in activity.invited]
    if activity.status == Status.OPEN and not new:
        return []
    if not activity.invited and not new:
        raise Refused("nobody-invited", "Say which members are invited.", status=422)
    ruled: list[Event] = []
    if command.rules is not None and not activity.ruled and not activity.registrations:
        said = SetRules(activity=command.activity, happened_at=command.when, **command.rules.model_dump())
        ruled = rules.set_rules(activity, said, activity.dimensions)
    return [*ruled, RegistrationOpened(**activity.dimensions, invited=tuple(new), on=command.when.date().isoformat())]


def _held(activity: Activity, command: HoldActivity) -> list[Event]:
    day = command.when.date()
    if activity.starts_on is None or activity.ends_on is None:
        raise Refused("not-scheduled", "Set the date, the mode and the places first.")
    if activity.status == Status.OPEN and not command.closing:
        raise Refused("still-open", "Close registration first.")
    demand_begun(activity, day)
    closed: list[Event] = [RegistrationClosed(**activity.dimensions)] if activity.status == Status.OPEN else []
    held = ActivityHeld(
        **activity.dimensions,
        mode=activity.mode,
        held_on=min(day, activity.ends_on),
        request=activity.request,
        exchange=activity.exchange,
        members=activity.members,
    )
    return [*closed, held]


def _cancelled(activity: Activity) -> ActivityCancelled:
    return ActivityCancelled(
        **activity.dimensions,
        request=activity.request,
        exchange=activity.exchange,
        invited=tuple(activity.invited),
        invited_on=min(activity.invited.values(), default=""),
        invited_days=activity.invited,
    )


def demand_begun(activity: Activity, day: date) -> None:
    if activity.starts_on is None or day < activity.starts_on:
        raise Refused(
            "not-begun",
            "This can be said from its first day on, %(day)s.",
            day=activity.starts_on or Sentence("once it is set"),
        )


def _demand(activity: Activity, status: Status, sentence: str) -> None:
    if activity.status != status:
        raise Refused("wrong-status", sentence)


def _demand_registration(activity: Activity, command: RegisterPersons) -> None:
    if activity.status == Status.CLOSED:
        raise Refused("registration-closed", "Registration is closed; ask the organiser if you want to come.")
    _demand(activity, Status.OPEN, "Registration is not open yet; come back when it is.")
    if activity.ends_on and command.when.date() > activity.ends_on:
        raise Refused("is-past", "This activity is over; nobody can be registered any more.")
    for one in command.persons:
        if one.member not in activity.invited:  # else more members could take part than were invited
            raise Refused(
                "not-invited",
                "%(member)s is not invited to this activity; ask its organiser to invite it.",
                status=403,
                member=one.member,
            )


def evolve(activity: Activity, event: Event) -> Activity:
    match event:
        case RegistrationEvent():
            return booking.evolve(activity, event)
        case RegistrationRulesSet() | PlacesDrawn() | QuotaReleased():
            return rules.evolve(activity, event)
        case ActivityAnnounced():
            names = set(ActivityAnnounced.model_fields) & set(Activity.__dataclass_fields__)
            return replace(activity, status=Status.PLANNED, **{name: getattr(event, name) for name in names})
        case ActivityScheduled():
            first = activity.status in (Status.UNKNOWN, Status.PLANNED)
            return replace(
                activity,
                status=Status.SCHEDULED if first else activity.status,
                quarter=event.quarter,
                starts_on=event.starts_on,
                ends_on=event.ends_on,
                mode=event.mode,
                places=event.places,
                meant_for=event.invited,
            )
        case ActivityReplanned():
            where = replace(activity, pillar=event.pillar, line=event.line)
            return replace(where, quarter=event.quarter, member=event.member)
        case RegistrationOpened():
            invited = activity.invited | dict.fromkeys(event.invited, event.on)
            return replace(activity, status=Status.OPEN, invited=invited)
        case RegistrationClosed():
            return replace(activity, status=Status.CLOSED)
        case ActivityHeld():
            return replace(activity, status=Status.HELD, held_on=event.held_on)
        case ActivityCancelled():
            return replace(activity, status=Status.CANCELLED)
    return activity
