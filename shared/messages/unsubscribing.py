"""The link that ends news of a topic without signing in (RFC 8058)."""

from itsdangerous import BadData, URLSafeSerializer

from shared.settings import Settings

from .kinds import TOPICS


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret.get_secret_value(), salt="unsubscribe")


def unsubscribe_path(settings: Settings, person: str, topic: str) -> str:
    """It stays good for as long as the letter is kept: a receiver may use it years later."""
    return f"/mail/unsubscribe/{_signer(settings).dumps([person, topic])}"


def read_token(settings: Settings, token: str) -> tuple[str, str] | None:
    """The person and the topic; none for what was not signed here."""
    try:
        person, topic = _signer(settings).loads(token)
    except (BadData, ValueError, TypeError):
        return None
    return (str(person), str(topic)) if topic in TOPICS else None
