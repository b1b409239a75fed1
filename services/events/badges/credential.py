"""What a certificate says as an Open Badges 3.0 credential, and the list of those that count no more."""

import base64
import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shared.contracts.envelope import iso

from .statements import BOOLEAN, DATE_TIME, NAMELESS, OB, SCHEMA, STATUS, TYPE, VC, Statement, Text, line

CONTEXTS = ("https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json")
URI = "https://www.w3.org/2001/XMLSchema#anyURI"
LIST_BITS = 2**19
"""Room for every registration of an activity and for each of its certificate's editions."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """The network that signs."""

    id: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What is said of the holder. `name` is left out where the reader is not to know it."""

    id: str
    subject: str
    achievement: str
    title: str
    narrative: str
    since: datetime
    until: datetime | None
    status_list: str
    index: int
    name: str | None = None

    @property
    def in_lines(self) -> "Claim":
        name = line(self.name) if self.name else None
        return replace(self, title=line(self.title), narrative=line(self.narrative), name=name or None)


@dataclass(frozen=True, slots=True)
class Said:
    """A document as JSON, and the statements it makes."""

    document: Mapping[str, Any]
    statements: tuple[Statement, ...]


def _issued_by(issuer: Issuer) -> tuple[dict[str, Any], list[Statement]]:
    shown = {"id": issuer.id, "type": ["Profile"], "name": issuer.name, "url": issuer.url}
    return shown, [
        (issuer.id, TYPE, f"{OB}Profile"),
        (issuer.id, f"{SCHEMA}name", Text(issuer.name)),
        (issuer.id, f"{SCHEMA}url", Text(issuer.url, URI)),
    ]


def _window(of: str, since: datetime, until: datetime | None) -> tuple[dict[str, str], list[Statement]]:
    moments = {"validFrom": since, **({"validUntil": until} if until else {})}
    shown = {name: iso(moment) for name, moment in moments.items()}
    return shown, [(of, f"{VC}{name}", Text(text, DATE_TIME)) for name, text in shown.items()]


def credential(claim: Claim, issuer: Issuer) -> Said:
    claim = claim.in_lines
    by, of_issuer = _issued_by(issuer)
    window, of_window = _window(claim.id, claim.since, claim.until)
    achieved, of_achievement = _achievement(claim)
    status, entry = f"{claim.status_list}#{claim.index}", str(claim.index)
    subject: dict[str, Any] = {"id": claim.subject, "type": ["AchievementSubject"], "achievement": achieved}
    statements: list[Statement] = [
        *of_issuer, *of_window, *of_achievement,
        (claim.id, TYPE, f"{VC}VerifiableCredential"),
        (claim.id, TYPE, f"{OB}OpenBadgeCredential"),
        (claim.id, f"{SCHEMA}name", Text(claim.title)),
        (claim.id, f"{VC}issuer", issuer.id),
        (claim.id, f"{VC}credentialSubject", claim.subject),
        (claim.id, f"{VC}credentialStatus", status),
        (claim.subject, TYPE, f"{OB}AchievementSubject"),
        (claim.subject, f"{OB}achievement", claim.achievement),
        (status, TYPE, f"{STATUS}BitstringStatusListEntry"),
        (status, f"{STATUS}statusPurpose", Text("revocation")),
        (status, f"{STATUS}statusListIndex", Text(entry)),
        (status, f"{STATUS}statusListCredential", claim.status_list),
    ]  # fmt: skip
    if claim.name:
        subject["identifier"] = [
            {"type": "IdentityObject", "hashed": False, "identityHash": claim.name, "identityType": "name"}
        ]
        statements += [
            (claim.subject, f"{OB}identifier", NAMELESS),
            (NAMELESS, TYPE, f"{OB}IdentityObject"),
            (NAMELESS, f"{OB}hashed", Text("false", BOOLEAN)),
            (NAMELESS, f"{OB}identityHash", Text(claim.name)),
            (NAMELESS, f"{OB}identityType", Text("name")),
        ]
    document = {
        "@context": list(CONTEXTS),
        "id": claim.id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": claim.title,
        "issuer": by,
        **window,
        "credentialSubject": subject,
        "credentialStatus": {
            "id": status,
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": entry,
            "statusListCredential": claim.status_list,
        },
    }
    return Said(document, tuple(statements))


def _achievement(claim: Claim) -> tuple[dict[str, Any], list[Statement]]:
    criteria = f"{claim.achievement}-criteria"
    shown = {
        "id": claim.achievement,
        "type": ["Achievement"],
        "achievementType": "CertificateOfCompletion",
        "name": claim.title,
        "description": claim.title,
        "criteria": {"id": criteria, "narrative": claim.narrative},
    }
    return shown, [
        (claim.achievement, TYPE, f"{OB}Achievement"),
        (claim.achievement, f"{OB}achievementType", Text("CertificateOfCompletion")),
        (claim.achievement, f"{SCHEMA}name", Text(claim.title)),
        (claim.achievement, f"{SCHEMA}description", Text(claim.title)),
        (claim.achievement, f"{OB}Criteria", criteria),
        (criteria, f"{OB}narrative", Text(claim.narrative)),
    ]


def status_list(id: str, issuer: Issuer, revoked: Iterable[int], since: datetime, until: datetime) -> dict[str, Any]:
    """Which of the certificates of one activity count no more: a bit for each, all the same to who looks."""
    by, _ = _issued_by(issuer)
    window, _ = _window(id, since, until)
    return {
        "@context": list(CONTEXTS),
        "id": id,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": by,
        **window,
        "credentialSubject": {
            "id": f"{id}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": _encoded(revoked),
        },
    }


def _encoded(revoked: Iterable[int]) -> str:
    bits = bytearray(LIST_BITS // 8)
    for index in revoked:
        bits[index // 8] |= 1 << (7 - index % 8)
    return "u" + base64.urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).decode().rstrip("=")
