"""The use cases of attendance."""

from functools import partial
from zoneinfo import ZoneInfo

from services.events.commands import (
    RecordAttendance,
    TakeBackAttendance,
)
from services.events.commands.attendance import CheckIn, RecordReport, SetSessions
from services.events.domain import attendance
from services.events.domain.activity import Activity
from services.events.handlers.reasons import reason_beside
from services.events.streams import attendance_of
from shared.ids import new_id
from shared.profiles import load
from shared.spine.draft import Receipt
from shared.spine.store import Store


async def record_attendance(command: RecordAttendance, store: Store) -> Receipt:
    """Tell who was present; only what changed is recorded."""
    state: Activity = await store.load(command.activity)
    decide = partial(attendance.decide, activity=state)
    return await store.execute(attendance_of(command.activity), command, decide)


async def take_back_attendance(command: TakeBackAttendance, store: Store) -> Receipt:
    """What was told of these persons was wrong: as if nothing had been said; the reason is kept beside."""
    command = command.model_copy(update={"words": new_id("reason") if command.reason else ""})
    state: Activity = await store.load(command.activity)
    decide = partial(attendance.take_back, activity=state)
    return await store.execute(attendance_of(command.activity), command, decide, reason_beside(command, store))


async def check_in(command: CheckIn, store: Store) -> Receipt:
    """Somebody came, or left. The same scan told again changes nothing."""
    state: Activity = await store.load(command.activity)
    zone = ZoneInfo(load(store.origin.network).zone)
    decide = partial(attendance.check_in, activity=state, zone=zone)
    return await store.execute(attendance_of(command.activity), command, decide)


async def record_report(command: RecordReport, store: Store) -> Receipt:
    """What a meeting's report tells of one session."""
    state: Activity = await store.load(command.activity)
    zone = ZoneInfo(load(store.origin.network).zone)
    decide = partial(attendance.record_report, activity=state, zone=zone)
    return await store.execute(attendance_of(command.activity), command, decide)


async def set_sessions(command: SetSessions, store: Store) -> Receipt:
    """Divide the activity into sessions."""
    state: Activity = await store.load(command.activity)
    decide = partial(attendance.set_sessions, activity=state)
    return await store.execute(attendance_of(command.activity), command, decide)
