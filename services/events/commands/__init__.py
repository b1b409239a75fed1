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
from services.events.commands.feedback import (
    CloseSurvey,
    GiveFeedback,
    OpenFollowUp,
    ReleaseAnswers,
    RemindSurvey,
    TellApplied,
)
from services.events.commands.questions import Asked, AskQuestions
from services.events.commands.registration import (
    CancelRegistration,
    ChangeMode,
    RegisterPersons,
    Registrant,
    RestoreRegistration,
)
from services.events.commands.rules import (
    AcceptOffer,
    ApproveRegistration,
    DeclineRegistration,
    DrawPlaces,
    EndorseRegistration,
    FillPlaces,
    Kept,
    LapseOffer,
    ReleaseQuotas,
    Rules,
    SetRules,
    SubstitutePerson,
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
    "ATTENDANCE_AT_ONCE", "LONGEST_DAYS", "PERSONS_AT_ONCE", "PLACES_AT_MOST", "AboutActivity", "AcceptOffer",
    "ActivityId", "AnnounceActivity", "AnnounceExchange", "ApproveRegistration", "AskQuestions", "Asked",
    "Attended", "CancelActivity", "CancelRegistration", "ChangeMode", "CloseRegistration", "CloseSurvey", "Day",
    "DeclineRegistration", "DrawPlaces", "Drawn", "EndorseRegistration", "FillPlaces", "GiveFeedback", "HoldActivity",
    "Id", "Kept", "LapseOffer", "Members", "OpenFollowUp", "OpenRegistration", "Places", "QuarterText",
    "RecordAttendance", "RegisterPersons", "Registrant", "RegistrationId", "ReleaseAnswers", "ReleaseQuotas",
    "RemindSurvey", "ReplanActivity", "RestoreRegistration", "Rules", "Schedule", "ScheduleActivity", "SetRules",
    "SubstitutePerson", "TakeBackAttendance", "TellApplied", "Text", "Title", "UnplanActivity", "Words",
]  # fmt: skip
