"""What people are told where a form takes their data: for what, on what ground, and the text's version.

A changed sentence is a new version: what somebody was told stays with their entry in the vault.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.web.i18n import mark as _


@dataclass(frozen=True, slots=True)
class Notice:
    purpose: str
    version: str
    title: str
    text: str
    kept: str
    """The kind of data in the profile's `retention`."""
    consent: bool = False
    """Whether it rests on consent, which can be withdrawn; else on the network's public task."""


NOTICES = {
    one.purpose: one
    for one in (
        Notice(
            "registration",
            "2026-11",
            _("Registration for activities"),
            _("Name and address serve to register for this activity, to write about it and to certify attendance."),
            kept="persons",
            consent=True,
        ),
        Notice(
            "request",
            "2026-11",
            _("Requests and offers of members"),
            _("What you write is read by the coordinators of the network. Name persons only where it needs them."),
            kept="requests",
        ),
        Notice(
            "feedback",
            "2026-11",
            _("Feedback"),
            _("Your answer is kept without your name. Write nothing that tells who you are or who somebody else is."),
            kept="feedback",
        ),
        Notice(
            "practice",
            "2026-11",
            _("Good practices"),
            _("What you write is read by reviewers, and in the library by the network. Name persons only who agreed."),
            kept="activities",
        ),
        Notice(
            "alert",
            "2026-11",
            _("Restricted alerts"),
            _("What you write is read by the members named alone, kept encrypted, and deleted when it expires."),
            kept="activities",
        ),
        Notice(
            "organising",
            "2026-11",
            _("Organising activities"),
            _("What you write is shown to all who look for the activity. Name persons only with their consent."),
            kept="activities",
        ),
        Notice(
            "desk",
            "2026-11",
            _("Corrections by organisers"),
            _("What you write is kept beside what it corrects, for organisers. Name persons only where it needs them."),
            kept="activities",
        ),
        Notice(
            "call",
            "2026-11",
            _("Calls for exchanges"),
            _("What you write is read by all who see the call. Name persons only with their consent."),
            kept="requests",
        ),
        Notice(
            "plan",
            "2026-11",
            _("Plan and needs"),
            _("What you write is read by all who see the plan and its needs. Name persons only with their consent."),
            kept="requests",
        ),
        Notice(
            "connection",
            "2026-11",
            _("Connected forms"),
            _("That you connected the form is kept with it. Tell those who fill it in what becomes of their data."),
            kept="activities",
        ),
        Notice(
            "experts",
            "2026-11",
            _("Experts"),
            _("What you write serves to assess you and to ask you to activities; coordinators and organisers read it."),
            kept="requests",
        ),
        Notice(
            "promoters",
            "2026-11",
            _("Mobility promoters"),
            _("What you write is read by all members of the network, so that they can meet you. You can take it back."),
            kept="requests",
        ),
        Notice(
            "account",
            "2026-11",
            _("Working in the network"),
            _("Name, address and roles serve to sign in, to be written to, and to show who did what."),
            kept="persons",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Told:
    """Through which form somebody's data came, and what it said."""

    purpose: str
    form: str
    """Such as `events.register`, `events.nominate`, `webhook`."""

    @property
    def version(self) -> str:
        return NOTICES[self.purpose].version

    def entry(self, when: datetime) -> dict[str, Any]:
        return {"purpose": self.purpose, "form": self.form, "text": self.version, "at": when}

    def is_entry(self, kept: dict[str, Any]) -> bool:
        """Whether it is on record already; what was withdrawn counts no more."""
        same = (kept["purpose"], kept["form"], kept["text"]) == (self.purpose, self.form, self.version)
        return same and "withdrawn" not in kept
