"""What is kept encrypted at rest: secrets of connections, and tokens that were not used yet."""

import base64
import hmac

from cryptography.fernet import Fernet, InvalidToken

from shared.settings import Settings


class Sealed:
    """Seals texts with a key drawn from the installation's secret, one for each purpose."""

    def __init__(self, settings: Settings, purpose: str) -> None:
        secret = settings.secret.get_secret_value().encode()
        self._fernet = Fernet(base64.urlsafe_b64encode(hmac.digest(secret, f"events: {purpose}".encode(), "sha256")))

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """The text again; none where the installation's secret was changed since."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None
