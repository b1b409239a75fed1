"""What only this installation may read or have written: sealed with keys made from its secret."""

import base64
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.settings import Settings


class Sealer:
    """One key for each `purpose`, so that nothing sealed for one is taken for another."""

    def __init__(self, settings: Settings, purpose: str) -> None:
        secret = settings.secret.get_secret_value().encode()
        key = HKDF(SHA256(), 32, salt=None, info=f"liaison:{purpose}".encode()).derive(secret)
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, value: Any) -> bytes:
        return self._fernet.encrypt(orjson.dumps(value))

    def open(self, sealed: bytes | str, *, max_age_s: int | None = None) -> Any:
        """What was sealed; None where it was not sealed here, was changed, or is older than `max_age_s`."""
        try:
            return orjson.loads(self._fernet.decrypt(sealed, ttl=max_age_s))
        except (InvalidToken, ValueError):
            return None
