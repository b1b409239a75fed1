"""The use cases of `events`, a module per aggregate."""

from services.events.handlers.activity import (
    announce_activity,
    cancel_activity,
    change_activity,
    hold_activity,
    id_for_new,
    open_registration,
    schedule_activity,
)
from services.events.handlers.attendance import record_attendance, take_back_attendance
from services.events.handlers.feedback import close_survey, give_feedback
from services.events.handlers.registration import restore_registration
from services.events.handlers.rules import ask_questions, draw_places, register_oneself, set_rules

__all__ = [
    "announce_activity",
    "ask_questions",
    "cancel_activity",
    "change_activity",
    "close_survey",
    "draw_places",
    "give_feedback",
    "hold_activity",
    "id_for_new",
    "open_registration",
    "record_attendance",
    "register_oneself",
    "restore_registration",
    "schedule_activity",
    "set_rules",
    "take_back_attendance",
]  # fmt: skip
