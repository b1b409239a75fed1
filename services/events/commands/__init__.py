"""What may be asked of `events`, a module per aggregate."""

from services.events.commands.activity import (
    AnnounceActivity,
    AnnounceExchange,
    CancelActivity,
    CloseRegistration,
    HoldActivity,
    OpenRegistration,
    ReplanActivity,
    Schedule,
    ScheduleActivity,
    UnplanActivity,
)
from services.events.commands.attendance import RecordAttendance, TakeBackAttendance
from services.events.commands.feedback import GiveFeedback
from services.events.commands.registration import (
    CancelRegistration,
    ChangeMode,
    RegisterPersons,
    Registrant,
    RestoreRegistration,
)
from services.events.commands.words import (
    ATTENDANCE_AT_ONCE,
    LONGEST_DAYS,
    PERSONS_AT_ONCE,
    PLACES_AT_MOST,
    AboutActivity,
    ActivityId,
    Attended,
    Day,
    Drawn,
    Id,
    Members,
    Places,
    QuarterText,
    RegistrationId,
    Text,
    Title,
    Words,
)

__all__ = [
    "ATTENDANCE_AT_ONCE", "LONGEST_DAYS", "PERSONS_AT_ONCE", "PLACES_AT_MOST", "AboutActivity", "ActivityId",
    "AnnounceActivity", "AnnounceExchange", "Attended", "CancelActivity", "CancelRegistration", "ChangeMode",
    "CloseRegistration", "Day", "Drawn", "GiveFeedback", "HoldActivity", "Id", "Members", "OpenRegistration",
    "Places", "QuarterText", "RecordAttendance", "RegisterPersons", "Registrant", "RegistrationId",
    "ReplanActivity", "RestoreRegistration", "Schedule", "ScheduleActivity", "TakeBackAttendance", "Text",
    "Title", "UnplanActivity", "Words",
]  # fmt: skip
