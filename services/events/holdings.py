"""Links for who holds a certificate: signed; each opens that one, for its holder alone."""

from itsdangerous import BadData, URLSafeSerializer

from shared.contracts.refused import Refused
from shared.settings import Settings


class Holdings:
    """The link stands as long as the certificate: a holder comes back to it years later."""

    def __init__(self, settings: Settings) -> None:
        self._signer = URLSafeSerializer(settings.secret.get_secret_value(), salt="certificate")

    def path(self, certificate: str) -> str:
        return f"/certificates/mine/{self._signer.dumps(certificate.removeprefix('certificate-'))}"

    def read(self, token: str) -> str:
        """The certificate that the link opens; refused where it was not made here."""
        try:
            name = self._signer.loads(token)
        except (BadData, ValueError, TypeError):
            sentence = "This link is not complete. Open it from the letter again."
            raise Refused("link-unknown", sentence, status=404) from None
        return f"certificate-{name}"
