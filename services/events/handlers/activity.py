"""The use cases of an activity, from its announcement to the day it was held."""

from functools import partial
from typing import Any

from services.events.commands import (
    AnnounceActivity,
    CancelActivity,
    HoldActivity,
    OpenRegistration,
    Rules,
    ScheduleActivity,
)
from services.events.domain import activity, survey
from services.events.domain.activity import Activity
from services.events.domain.attendance import Attendance
from services.events.handlers.feedback import days_of_survey
from services.events.streams import attendance_of, survey_of
from services.events.vouchers import Links
from shared import clock
from shared.contracts.base import Command, Event
from shared.contracts.refused import Refused
from shared.ids import fixed_id, new_id
from shared.profiles.registering import Registering
from shared.spine.draft import Put, Receipt
from shared.spine.origin import Origin
from shared.spine.store import Store


def id_for_new(origin: Origin) -> str:
    """The id of an activity to be set up: the same for the same command id."""
    return fixed_id("activity", origin.network, origin.receipt_id) if origin.receipt_id else new_id("activity")


async def announce_activity(command: AnnounceActivity, store: Store) -> Receipt:
    """Let an activity be known that is to be held; its words are kept beside."""
    beside = [Put("words", command.activity, {"title": command.title})] if command.title else []
    return await store.execute(command.activity, command, activity.decide, beside)


async def schedule_activity(command: ScheduleActivity, store: Store, words: dict[str, Any]) -> Receipt:
    """Set or change when, how and for how many; `words` are those kept so far, the command's come over them."""
    new = command.model_dump(include={"title", "place", "description"}, exclude_none=True)
    described = tuple(name for name, text in new.items() if text != words.get(name, ""))
    decide = partial(activity.decide, described=described)
    return await store.execute(command.activity, command, decide, [Put("words", command.activity, {**words, **new})])


async def change_activity(command: Command, stream: str, store: Store) -> Receipt:
    """What the activity decides by itself: open and close registration, register, cancel a registration."""
    return await store.execute(stream, command, activity.decide)


async def open_registration(command: OpenRegistration, store: Store, own: Registering) -> Receipt:
    """Invite and let register, by the network's rules where the activity has none of its own."""
    rules = Rules(policy=own.policy, offer_hours=own.offer_hours, approval=own.approval)
    command = command.model_copy(update={"rules": rules if rules != Rules() else None})
    return await store.execute(command.activity, command, activity.decide)


async def cancel_activity(command: CancelActivity, store: Store) -> Receipt:
    """Call it off; the reason is shown to everybody who looks for it."""
    reason = {"reason": command.reason}
    return await store.execute(command.activity, command, activity.decide, [Put("reasons", command.activity, reason)])


async def hold_activity(command: HoldActivity, store: Store, links: Links) -> Receipt:
    """It took place: close it for good and open its survey, with a token for each who had a place."""
    state: Activity = await store.load(command.activity)
    stream = survey_of(command.activity)
    registrations = _entitled(state, command)
    given = await links.give(stream, registrations)
    present = await _present(store, command.activity)
    opening = partial(
        survey.open_with,
        activity=state,
        present=present,
        vouchers=given,
        **days_of_survey(store.origin.network, command.happened_at),
    )
    holding = partial(_hold, entitled=frozenset(registrations))
    try:
        return await store.execute_all(command, {command.activity: holding, stream: opening})
    except Refused as refused:
        if refused.status < 500:  # else nobody knows whether it was stored
            await links.forget(given)
        raise


def _entitled(state: Activity, command: HoldActivity) -> list[str]:
    """Whose token is to be made: nobody's where the decision will be to refuse."""
    try:
        activity.decide(state, command.at(clock.now()))
    except Refused:
        return []
    # Who still waits may yet get a place before the decision is written.
    return list(state.people.values())


def _hold(state: Activity, command: HoldActivity, *, entitled: frozenset[str]) -> list[Event]:
    """Nobody is left without a token who registers while registration is being closed."""
    events = activity.decide(state, command)
    if not entitled.issuperset(state.people.values()):
        raise Refused("registered-meanwhile", "Somebody registered just now. Look again, then confirm.")
    return events


async def _present(store: Store, activity_id: str) -> int:
    try:
        told: Attendance = await store.load(attendance_of(activity_id))
    except Refused:
        return 0
    return sum(one.present for one in told.present.values())
