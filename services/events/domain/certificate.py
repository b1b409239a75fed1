"""A certificate's life: issued once, revoked with a reason, issued again as a new edition."""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date

from services.events.commands.certificate import NameOnCertificate, ReissueCertificate, RevokeCertificate
from shared.contracts.base import Command, Event
from shared.contracts.certificates import (
    CertificateIssued,
    CertificateNamed,
    CertificateReissued,
    CertificateRevoked,
)
from shared.contracts.refused import Refused

MOST_EDITIONS = 8
"""Each has a place of its own in the list of those that count no more."""


@dataclass(frozen=True, slots=True)
class Certificate:
    person: str = ""
    member: str = ""
    activity: str | None = None
    path: str | None = None
    registration: str | None = None
    kind: str = ""
    pillar: str = ""
    line: str = ""
    index: int = 0
    modules: tuple[str, ...] = ()
    edition: int = 0
    """0: not issued."""
    on: str = ""
    """The day of this edition."""
    expires_on: str | None = None
    revoked_on: str | None = None
    words: str | None = None
    """Under which id the last reason is kept."""
    named: bool = False

    def place(self, edition: int | None = None) -> int:
        """Where the list says whether an edition, else the present one, counts no more."""
        return self.index * MOST_EDITIONS + (edition or self.edition) - 1

    @property
    def void(self) -> list[int]:
        """The places of all its editions that count no more."""
        last = self.edition if self.revoked_on else self.edition - 1
        return [self.place(edition) for edition in range(1, last + 1)]

    def expired(self, today: date) -> bool:
        return self.expires_on is not None and self.expires_on <= today.isoformat()

    def valid(self, today: date) -> bool:
        return bool(self.edition) and self.revoked_on is None and not self.expired(today)

    @property
    def about(self) -> dict[str, str | None]:
        names = ("person", "member", "activity", "path", "kind", "pillar", "line")
        return {name: getattr(self, name) for name in names}


def later(day: date, months: int | None) -> str | None:
    """The day so many months on; the last of a month that is shorter."""
    if months is None:
        return None
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1])).isoformat()


def issue(certificate: Certificate, issued: CertificateIssued) -> list[Event]:
    """Once: who has one has it."""
    return [] if certificate.edition else [issued]


def decide(certificate: Certificate, command: Command) -> list[Event]:
    today = command.when.date()
    if not certificate.edition:
        raise Refused("not-found", "There is nothing of this name here.", status=404)
    common = certificate.about | {"on": today.isoformat()}
    match command:
        case RevokeCertificate():
            if certificate.revoked_on:
                raise Refused("is-revoked", "This certificate is revoked already.")
            return [CertificateRevoked(**common, previously_on=certificate.on, words=command.words or None)]
        case ReissueCertificate():
            if certificate.edition >= MOST_EDITIONS:
                raise Refused(
                    "too-many-editions", "It was issued %(most)s times, the most there are.", most=MOST_EDITIONS
                )
            return [
                CertificateReissued(
                    **common,
                    edition=certificate.edition + 1,
                    expires_on=certificate.expires_on,
                    was_revoked=certificate.revoked_on is not None,
                    words=command.words or None,
                )
            ]
        case NameOnCertificate():
            if certificate.named == command.named:
                return []
            return [CertificateNamed(**common, named=command.named)]
    raise TypeError(type(command).__name__)


def evolve(certificate: Certificate, event: Event) -> Certificate:
    match event:
        case CertificateIssued():
            names = (
                "person",
                "member",
                "activity",
                "path",
                "registration",
                "kind",
                "pillar",
                "line",
                "index",
                "modules",
            )
            facts = {name: getattr(event, name) for name in names}
            return replace(certificate, **facts, edition=1, on=event.on, expires_on=event.expires_on)
        case CertificateRevoked():
            return replace(certificate, revoked_on=event.on, words=event.words)
        case CertificateReissued():
            return replace(
                certificate, edition=event.edition, on=event.on, expires_on=event.expires_on, revoked_on=None,
                words=event.words,
            )  # fmt: skip
        case CertificateNamed():
            return replace(certificate, named=event.named)
    return certificate
