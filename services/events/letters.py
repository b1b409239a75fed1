"""Whom `events` writes to: participants about their place, the present for feedback, invited members' officers."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from shared.contracts.certificates import CertificateIssued, CertificateReissued
from shared.contracts.events import (
    ActivityCancelled,
    ActivityDescribed,
    ActivityScheduled,
    AttendanceRecorded,
    RegistrationCancelled,
    RegistrationConfirmed,
    RegistrationOpened,
    RegistrationRestored,
    RegistrationWaitlisted,
    SurveyOpened,
)
from shared.contracts.feedback import SurveyReminded
from shared.contracts.registering import (
    RegistrationDeclined,
    RegistrationOffered,
    RegistrationRequested,
    RegistrationWithdrawn,
)
from shared.messages import Letter, letter, members
from shared.messages.calendar import METHOD, Entry
from shared.messages.correspondence import Correspondence, Happened, Telling, Write
from shared.mongo import Database
from shared.people import Role
from shared.settings import Settings
from shared.spine.draft import Once

from .domain.activity import Status
from .domain.placing import in_order
from .domain.registration import CANCELLED, CONFIRMED, OFFERED, PENDING, WAITLISTED, Registration
from .door import Door, shown
from .holdings import Holdings
from .passes import Passes
from .queries import activity as activities
from .queries import certificate as certificates
from .queries import registration as registrations
from .queries.activity import Found
from .sealed import Sealed
from .streams import follow_up_of, survey_of
from .vouchers import Links, registrations_waiting

REGISTERED, PRESENT, WAITING = "registered", "present", "waiting"


def of_registration(happened: Happened) -> Iterable[Once]:
    """To the participant: what their registration became."""
    event, data = happened.event, {"activity": happened.stream, "registration": happened.event.registration}
    match event:
        case RegistrationConfirmed():
            kind, data = "registration-confirmed", data | {"moved_up": event.from_waitlist}
        case RegistrationRestored():
            kind = "registration-confirmed"
        case RegistrationWaitlisted():
            kind = "registration-waitlisted"
        case RegistrationOffered():
            kind = "registration-offered"
        case RegistrationRequested():
            kind = "registration-requested"
        case RegistrationDeclined():
            kind = "registration-declined"
        case RegistrationWithdrawn():
            kind, data = "registration-cancelled", data | {"had_place": False}
        case _:
            if _goes_on(happened):
                return []
            kind = "registration-cancelled"
            data |= {"had_place": event.previously == CONFIRMED, "because": event.because}
    return [letter(kind, event.person, happened.network, data, happened.id)]


def _goes_on(happened: Happened) -> bool:
    """Whether the registration was cancelled only to be confirmed in another mode."""
    own = happened.event.registration
    return any(isinstance(one, RegistrationConfirmed) and one.registration == own for one in happened.together)


def to_registered(kind: str) -> Write:
    def write(happened: Happened) -> Iterable[Once]:
        to = f"{REGISTERED}@{happened.stream}"
        return [letter(kind, to, happened.network, {"activity": happened.stream, "event": happened.id}, happened.id)]

    return write


def described(happened: Happened) -> Iterable[Once]:
    """Other words are news too: another title or place, unless other days are told at the same time."""
    told = happened.with_a(ActivityScheduled) or not {"title", "place"} & set(happened.event.words)
    return [] if told else to_registered("activity-changed")(happened)


def to_invited(happened: Happened) -> Iterable[Once]:
    """To the liaison officers of the members that are invited now."""
    data = {"activity": happened.stream}
    network = happened.network
    return [
        letter("activity-opened", members(Role.NLO, member), network, data, happened.id)
        for member in happened.event.invited
    ]


def to_present(happened: Happened) -> Iterable[Once]:
    """To those who were there: all of them once the survey opens, later the ones whose presence is told late."""
    event = happened.event
    late = [one.registration for one in happened.together if isinstance(one, AttendanceRecorded) and one.present]
    if isinstance(event, SurveyOpened) and event.follow_up:
        return to_waiting("follow-up-invited")(happened)
    if isinstance(event, AttendanceRecorded) and (not late or event.registration != late[0]):
        return []  # one letter for all that were told of together
    data = {"activity": event.activity, "only": late}
    return [letter("feedback-invited", f"{PRESENT}@{event.activity}", happened.network, data, happened.id)]


def to_waiting(kind: str) -> Write:
    """To those who were there and have not answered."""

    def write(happened: Happened) -> Iterable[Once]:
        data = {"activity": happened.event.activity, "follow_up": happened.event.follow_up}
        return [letter(kind, f"{WAITING}@{happened.stream}", happened.network, data, happened.id)]

    return write


async def waiting(db: Database, about: Letter) -> Mapping[str, Mapping[str, Any]]:
    """Who was there and has a token that was not used."""
    activity = about.data["activity"]
    one = await activities.activity(db, about.network, activity)
    if one is None:
        return {}
    stream = follow_up_of(activity) if about.data["follow_up"] else survey_of(activity)
    survey = await registrations.survey_in(db, about.network, stream)
    asked = set(await registrations_waiting(db, stream, survey.outstanding))
    told = await registrations.attendance(db, about.network, activity)
    return {
        person: {"registration": registration}
        for person, registration in one.state.people.items()
        if registration in asked and told.was_present(registration)
    }


async def registered(db: Database, about: Letter) -> Mapping[str, Mapping[str, Any]]:
    """Who has a place or waits for one, and registered before what the letter tells of."""
    one = await activities.activity(db, about.network, about.data["activity"])
    people = one.state.people if one else {}
    stream, _, version = about.data["event"].rpartition("@")
    kinds = [RegistrationConfirmed.type, RegistrationWaitlisted.type, RegistrationRequested.type]
    earlier = {"stream": stream, "version": {"$lt": int(version)}, "type": {"$in": kinds}}
    before = set(await db.events.distinct("data.registration", earlier))
    return {person: {"registration": registration} for person, registration in people.items() if registration in before}


async def present(db: Database, about: Letter) -> Mapping[str, Mapping[str, Any]]:
    """Who was there, once the survey is open; whatever brings it about, each is asked once."""
    activity, only = about.data["activity"], set(about.data["only"])
    one = await activities.activity(db, about.network, activity)
    if one is None or one.state.status is not Status.HELD:
        return {}
    told = await registrations.attendance(db, about.network, activity)
    return {
        person: {"registration": registration, "once": f"{activity}/{registration}"}
        for person, registration in one.state.people.items()
        if told.was_present(registration) and (not only or registration in only)
    }


STILL = {
    "registration-confirmed": (CONFIRMED,),
    "registration-waitlisted": (WAITLISTED,),
    "registration-cancelled": (CANCELLED,),
    "registration-declined": (CANCELLED,),
    "registration-offered": (OFFERED,),
    "registration-requested": PENDING,
}
"""What a registration must be still for the letter to be true; else a later letter says what it is."""


async def tell_of_registration(telling: Telling) -> dict[str, Any] | None:
    """The activity, and the link to the person's own registration."""
    one = await activities.activity(telling.db, telling.network, telling.data["activity"])
    own = one.state.registrations.get(telling.data["registration"]) if one else None
    kind = telling.letter.kind
    if one is None or own is None or own.status not in STILL.get(kind, (CONFIRMED, WAITLISTED, OFFERED, *PENDING)):
        return None
    if kind == "activity-changed" and one.state.status in (Status.CANCELLED, Status.HELD):
        return None
    told = _about(one)
    if own.status != CANCELLED:
        told["link"] = await Passes(telling.db, telling.settings).path(one.row.id, telling.data["registration"])
    had_place = own.status == CONFIRMED or telling.data.get("had_place")
    method: METHOD = "CANCEL" if kind in ("registration-cancelled", "activity-cancelled") else "REQUEST"
    waits = own.status == WAITLISTED
    position = in_order(one.state, own.mode).index(telling.data["registration"]) + 1 if waits else 0
    return told | {
        "moved_up": bool(telling.data.get("moved_up")),
        "because": telling.data.get("because", ""),
        "until": datetime.fromisoformat(own.offered_until) if own.offered_until else None,
        "drawn_at": datetime.fromisoformat(one.state.draw_at) if one.state.before_draw else None,
        "position": position,
        "code": shown(Door(telling.settings).code(telling.data["registration"])) if own.status == CONFIRMED else "",
        "calendar": entry(one, telling.settings, own, method) if had_place else None,
    }


async def tell_of_activity(telling: Telling) -> dict[str, Any] | None:
    one = await activities.activity(telling.db, telling.network, telling.data["activity"])
    return _about(one) if one and one.state.status is Status.OPEN else None


async def tell_of_survey(telling: Telling) -> dict[str, Any] | None:
    """The one-time link; the letter keeps no token, and none is left once it is used."""
    activity, registration = telling.data["activity"], telling.data["registration"]
    one = await activities.activity(telling.db, telling.network, activity)
    stream = follow_up_of(activity) if telling.data.get("follow_up") else survey_of(activity)
    survey = await registrations.survey_in(telling.db, telling.network, stream)
    links = Links(telling.db, Sealed(telling.settings, "tokens"))
    token = await links.token_of(stream, registration, survey.outstanding)
    if one is None or token is None:
        return None
    return _about(one) | {"link": f"/events/feedback/{stream}/{token}"}


def _about(one: Found) -> dict[str, Any]:
    row = one.row
    return {
        "title": row.title, "starts_on": row.starts_on, "ends_on": row.ends_on, "place": row.place,
        "language": row.language or "", "reason": one.reason, "link": f"/events/{row.id}", "about": f"/events/{row.id}",
    }  # fmt: skip


def entry(one: Found, settings: Settings, own: Registration, method: METHOD) -> Entry | None:
    """The activity in a calendar: one entry whatever changes, the later one replaces it."""
    row = one.row
    if row.starts_on is None or row.ends_on is None:
        return None
    host = urlsplit(settings.base_url).hostname or "liaison"
    return Entry(
        uid=f"{row.id}@{host}",
        sequence=one.version,
        title=row.title,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        place=row.place if own.mode == "on-site" else "",
        description=one.words.get("description", ""),
        method=method,
    )


def of_certificate(happened: Happened) -> Iterable[Once]:
    """To the holder: that there is a certificate, or a new edition of it, and where it is."""
    edition = getattr(happened.event, "edition", 1)
    data = {"certificate": happened.stream, "edition": edition}
    return [letter("certificate-issued", happened.event.person, happened.network, data, happened.id)]


async def tell_of_certificate(telling: Telling) -> dict[str, Any] | None:
    one = await certificates.shown(telling.db, telling.network, telling.data["certificate"])
    if one is None or one.state.revoked_on or one.state.edition != telling.data["edition"]:
        return None
    link = Holdings(telling.settings).path(one.id)
    return {"title": one.title, "again": one.state.edition > 1, "link": link, "about": one.page}


letters = Correspondence()
for _issued in (CertificateIssued, CertificateReissued):
    letters.on(_issued, of_certificate)
letters.tell("certificate-issued", tell_of_certificate)
for _event in (
    RegistrationConfirmed,
    RegistrationWaitlisted,
    RegistrationCancelled,
    RegistrationRestored,
    RegistrationOffered,
    RegistrationRequested,
    RegistrationDeclined,
    RegistrationWithdrawn,
):
    letters.on(_event, of_registration)
letters.on(ActivityScheduled, to_registered("activity-changed"))
letters.on(ActivityDescribed, described)
letters.on(ActivityCancelled, to_registered("activity-cancelled"))
letters.on(RegistrationOpened, to_invited)
letters.on(SurveyOpened, to_present)
letters.on(AttendanceRecorded, to_present)
letters.on(SurveyReminded, to_waiting("feedback-reminder"))
letters.group(REGISTERED, registered)
letters.group(PRESENT, present)
letters.group(WAITING, waiting)
for _kind in (*STILL, "registration-link", "activity-changed", "activity-cancelled"):
    letters.tell(_kind, tell_of_registration)
letters.tell("activity-opened", tell_of_activity)
for _kind in ("feedback-invited", "feedback-reminder", "follow-up-invited"):
    letters.tell(_kind, tell_of_survey)
