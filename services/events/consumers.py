"""What `events` hears, and what it does about it."""

from datetime import date, timedelta

from shared.contracts.envelope import Received
from shared.contracts.matching import ExchangeAgreed, ExchangeCancelled
from shared.contracts.requests import ActivityMoved, ActivityPlanned, ActivityUnplanned
from shared.contracts.vocabulary import Quarter, in_protocol_order
from shared.ids import fixed_id
from shared.profiles import ActivityKind, Profile, load
from shared.spine.listener import Listener
from shared.spine.store import Store

from .commands import AnnounceActivity, AnnounceExchange, ReplanActivity, UnplanActivity
from .handlers import announce_activity, change_activity

EXCHANGE_KIND = "staff-exchange"
WORKING_DAYS = 5


async def announce_planned(received: Received, store: Store) -> None:
    """It joined the plan: an organiser can schedule it."""
    planned: ActivityPlanned = received.event  # type: ignore[assignment]
    shared = set(AnnounceActivity.model_fields) & set(ActivityPlanned.model_fields)
    command = AnnounceActivity(
        **planned.model_dump(include=shared), planned=True, happened_at=received.envelope.happened_at
    )
    await announce_activity(command, store)


async def cancel_unplanned(received: Received, store: Store) -> None:
    """It left the plan: cancelled, unless it is over."""
    unplanned: ActivityUnplanned = received.event  # type: ignore[assignment]
    await _cancel(unplanned.activity, received, store)


async def replan_moved(received: Received, store: Store) -> None:
    """The plan gave it another line, quarter or member: it counts there."""
    moved: ActivityMoved = received.event  # type: ignore[assignment]
    facts = moved.model_dump(include={"activity", "pillar", "line", "quarter", "member"})
    command = ReplanActivity(**facts, happened_at=received.envelope.happened_at)
    await change_activity(command, moved.activity, store)


async def announce_exchange(received: Received, store: Store) -> None:
    """Both sides agreed: the exchange is an activity of its week, hosted by one member for the other."""
    agreed: ExchangeAgreed = received.event  # type: ignore[assignment]
    kind = exchange_kind(load(received.network))
    starts_on = date.fromisocalendar(*_year_and_week(agreed.week), 1)
    command = AnnounceExchange(
        activity=activity_of_exchange(received),
        kind=kind.id,
        pillar=kind.pillar,
        line=kind.line or "",
        quarter=str(Quarter.of(starts_on)),
        member=agreed.host,
        exchange=received.stream,
        members=tuple(in_protocol_order((agreed.sender, agreed.host))),
        language=agreed.language,
        starts_on=starts_on,
        ends_on=starts_on + timedelta(weeks=agreed.duration - 1, days=WORKING_DAYS - 1),
        officials=agreed.officials,
        happened_at=received.envelope.happened_at,
    )
    await announce_activity(command, store)


async def cancel_exchange(received: Received, store: Store) -> None:
    """It was agreed and will not be held."""
    await _cancel(activity_of_exchange(received), received, store)


async def _cancel(activity: str, received: Received, store: Store) -> None:
    command = UnplanActivity(activity=activity, happened_at=received.envelope.happened_at)
    await change_activity(command, activity, store)


def activity_of_exchange(received: Received) -> str:
    return fixed_id("activity", received.network, received.stream)


def exchange_kind(profile: Profile) -> ActivityKind:
    """The network's own kind for an exchange of staff."""
    kinds = profile.activity_kinds
    own = (kind for kind in kinds.values() if kind.is_exchange)
    return kinds.get(EXCHANGE_KIND) or next(own, ActivityKind(id=EXCHANGE_KIND, title="Staff exchange"))


def _year_and_week(week: str) -> tuple[int, int]:
    year, _, number = week.partition("-W")
    return int(year), int(number)


listen = Listener()
listen.on(ActivityPlanned, announce_planned)
listen.on(ActivityUnplanned, cancel_unplanned)
listen.on(ActivityMoved, replan_moved)
listen.on(ExchangeAgreed, announce_exchange)
listen.on(ExchangeCancelled, cancel_exchange)
