"""Signatures by Ed25519: the same document, key and moment give the same one."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.contracts.envelope import iso

from .credential import Said
from .statements import DATE_TIME, DI, NAMELESS, TYPE, Text, digest

SUITE = "eddsa-rdfc-2022"
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519_PUBLIC = b"\xed\x01"


def base58(data: bytes) -> str:
    """Base58 as Bitcoin writes it, with the letter that says so before it (multibase)."""
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        digits = _ALPHABET[rest] + digits
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * zeros + digits


def multikey(public: Ed25519PublicKey) -> str:
    return base58(_ED25519_PUBLIC + public.public_bytes(Encoding.Raw, PublicFormat.Raw))


def signed(said: Said, key: Ed25519PrivateKey, method: str, created: datetime) -> dict[str, Any]:
    """The document with its proof; `method` is the address of the public key."""
    options = (
        (NAMELESS, TYPE, f"{DI}DataIntegrityProof"),
        (NAMELESS, "http://purl.org/dc/terms/created", Text(iso(created), DATE_TIME)),
        (NAMELESS, f"{DI}cryptosuite", Text(SUITE, f"{DI}cryptosuiteString")),
        (NAMELESS, f"{DI}proofPurpose", f"{DI}assertionMethod"),
        (NAMELESS, f"{DI}verificationMethod", method),
    )
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": iso(created),
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
        "proofValue": base58(key.sign(digest(options) + digest(said.statements))),
    }
    return {**said.document, "proof": proof}


def jwt(document: Mapping[str, Any], key: Ed25519PrivateKey, method: str) -> str:
    """The document as a signed token (VC-JWT), for what is asked for by machines alone."""
    said = b".".join(_part(one) for one in ({"alg": "EdDSA", "kid": method, "typ": "vc+jwt"}, document))
    return (said + b"." + base64.urlsafe_b64encode(key.sign(said)).rstrip(b"=")).decode()


def _part(content: Mapping[str, Any]) -> bytes:
    return base64.urlsafe_b64encode(orjson.dumps(content)).rstrip(b"=")


def did_document(did: str, keys: Mapping[str, str]) -> dict[str, Any]:
    """The issuer's keys, by the fragment of each, for whoever checks a signature; earlier ones too."""
    methods = [
        {"id": f"{did}#{name}", "type": "Multikey", "controller": did, "publicKeyMultibase": key}
        for name, key in keys.items()
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [one["id"] for one in methods],
    }
