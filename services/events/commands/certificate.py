"""What may be asked of certificates."""

from typing import Annotated

from pydantic import Field

from services.events.commands.words import (
    ATTENDANCE_AT_ONCE,
    AboutActivity,
    ActivityId,
    Drawn,
    Id,
    RegistrationId,
    Words,
)
from shared.contracts.base import Command

_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
CertificateId = Annotated[str, Field(pattern=f"^certificate-{_UUID}$")]
PathId = Annotated[str, Field(pattern=f"^path-{_UUID}$")]
Percent = Annotated[int, Field(ge=0, le=100)]
Months = Annotated[int, Field(ge=1, le=240)]


class SetCertificateRule(AboutActivity):
    """What it takes to get a certificate of this activity."""

    offered: bool = False
    share: Percent = 100
    assessment: bool = False
    feedback: bool = False
    months: Months | None = None


class RecordAssessment(AboutActivity):
    """Who passed; said again it corrects."""

    passed: Annotated[dict[RegistrationId, bool], Field(min_length=1, max_length=ATTENDANCE_AT_ONCE)]


class IssueCertificates(AboutActivity):
    """Whoever fulfils the rule by now gets their certificate; falls due by itself."""


class AboutCertificate(Command):
    certificate: CertificateId


class RevokeCertificate(AboutCertificate):
    reason: Annotated[Words, Field(min_length=1)]
    words: Annotated[str, Drawn] = ""


class ReissueCertificate(AboutCertificate):
    """A new edition; `name` as it is to be written, where the register's is not right for it."""

    reason: Annotated[Words, Field(min_length=1)]
    name: Annotated[str, Field(max_length=200)] = ""
    words: Annotated[str, Drawn] = ""


class NameOnCertificate(AboutCertificate):
    """Let the public page show the holder's name, or not."""

    named: bool = False


class SetPath(Command):
    """Which activities make up a path: of each module one is enough."""

    path: PathId
    title: Annotated[Words, Field(min_length=1, max_length=200)]
    modules: Annotated[
        tuple[Annotated[tuple[ActivityId, ...], Field(min_length=1, max_length=50)], ...],
        Field(min_length=1, max_length=20),
    ]
    months: Months | None = None


class CompletePath(Command):
    """Whoever has a certificate of each module gets the one of the path; falls due by itself."""

    path: PathId
    person: Id
