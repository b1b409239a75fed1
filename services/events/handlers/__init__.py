"""The use cases of `events`, a module per aggregate."""

from services.events.handlers.activity import (
    announce_activity,
    cancel_activity,
    change_activity,
    hold_activity,
    id_for_new,
    schedule_activity,
)
from services.events.handlers.attendance import record_attendance, take_back_attendance
from services.events.handlers.feedback import close_survey, give_feedback
from services.events.handlers.registration import restore_registration

__all__ = [
    "announce_activity", "cancel_activity", "change_activity", "close_survey", "give_feedback", "hold_activity",
    "id_for_new", "record_attendance", "restore_registration", "schedule_activity", "take_back_attendance",
]  # fmt: skip
