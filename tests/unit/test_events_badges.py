"""Certificates, verified by a library that knows nothing of this code: JSON-LD, canonical form, signature, status."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from openbadgeslib.ob3 import OB3LdpVerifier, OB3VerificationError

from services.events.badges.credential import Claim, Issuer, credential, status_list
from services.events.badges.signing import did_document, jwt, multikey, signed
from services.events.badges.statements import line

DID = "did:web:liaison.example:certificates:issuers:ela"
ISSUER = Issuer(DID, "European Labour Authority", "https://liaison.example/")
LIST = "https://liaison.example/certificates/status/activity-01926a5e-7b7c-7000-8000-5f0c1d2e3a4b"
SINCE = datetime(2024, 6, 5, 16, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OLD = Ed25519PrivateKey.from_private_bytes(bytes(32))
METHOD = f"{DID}#key-1"


def claim(title: str = "Posting in construction", name: str | None = "Anna Petrova", **other: Any) -> Claim:
    facts: dict[str, Any] = {
        "id": "https://liaison.example/certificates/certificate-5f0c1d2e-7b7c-5000-8000-01926a5e3a4b",
        "subject": "urn:uuid:5f0c1d2e-7b7c-5000-8000-01926a5e3a4b",
        "achievement": "https://liaison.example/events/activity-01926a5e-7b7c-7000-8000-5f0c1d2e3a4b#achievement",
        "narrative": "Attended at least 80 % of the sessions.",
        "since": SINCE, "until": None, "status_list": LIST, "index": 17,
    }  # fmt: skip
    return Claim(**{**facts, "title": title, "name": name, **other})


def published(revoked: tuple[int, ...] = ()) -> Any:
    """What the verifier finds at the addresses that the credential names."""
    now = datetime.now(UTC)
    listed = status_list(LIST, ISSUER, revoked, now - timedelta(hours=1), now + timedelta(hours=1))
    keys = did_document(DID, {"key-0": multikey(OLD.public_key()), "key-1": multikey(KEY.public_key())})
    pages = {
        LIST: jwt(listed, KEY, METHOD),
        "https://liaison.example/certificates/issuers/ela/did.json": json.dumps(keys),
    }
    return lambda address: pages[address].encode()


def verified(document: dict[str, Any], revoked: tuple[int, ...] = (), **how: Any) -> Any:
    return OB3LdpVerifier().verify(json.dumps(document), check_status=True, download=published(revoked), **how)


def test_what_is_signed_here_holds_elsewhere() -> None:
    found = verified(signed(credential(claim(), ISSUER), KEY, METHOD, SINCE))
    assert found.issuer.id == DID
    assert found.achievement.name == "Posting in construction"


texts = st.text(st.characters(exclude_categories=("Cs", "Co", "Cn")), min_size=1, max_size=60).filter(line)


@settings(max_examples=12, deadline=None)
@given(title=texts, name=st.none() | texts, index=st.integers(0, 2**19 - 1))
def test_any_title_and_name_is_signed_as_it_reads(title: str, name: str | None, index: int) -> None:
    until = datetime.now(UTC) + timedelta(days=365)
    said = credential(claim(title, name, index=index, until=until), ISSUER)
    assert verified(signed(said, KEY, METHOD, SINCE)).achievement.name == line(title)


def test_a_word_changed_is_found_out() -> None:
    document = signed(credential(claim(), ISSUER), KEY, METHOD, SINCE)
    document["credentialSubject"]["identifier"][0]["identityHash"] = "Somebody Else"
    with pytest.raises(OB3VerificationError):
        verified(document)


def test_a_revoked_one_counts_no_more() -> None:
    document = signed(credential(claim(), ISSUER), KEY, METHOD, SINCE)
    verified(document, revoked=(16, 18))
    with pytest.raises(OB3VerificationError, match="revocation"):
        verified(document, revoked=(17,))


def test_an_expired_one_counts_no_more() -> None:
    said = credential(claim(until=datetime.now(UTC) - timedelta(days=1)), ISSUER)
    with pytest.raises(OB3VerificationError, match="expired"):
        verified(signed(said, KEY, METHOD, SINCE))


def test_what_an_earlier_key_signed_still_counts_and_a_strangers_never() -> None:
    said = credential(claim(), ISSUER)
    verified(signed(said, OLD, f"{DID}#key-0", SINCE))
    with pytest.raises(OB3VerificationError):
        verified(signed(said, Ed25519PrivateKey.generate(), METHOD, SINCE))
