"""What differs from place to place, read once from the environment (`LIAISON_...`)."""

import secrets
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRET_LENGTH = 32
# On a machine of one's own nobody is kept out by a limit: the simulator sends 1,000 commands a second with one key,
# and everybody signs in from one address.
_LOCAL_LIMITS = {"limit_person": 500.0, "limit_key": 5000.0, "limit_link": 50.0, "limit_sign_in": 6000.0}


class Settings(BaseSettings):
    """Every process of a stack gets the same values, `replica` aside."""

    model_config = SettingsConfigDict(env_prefix="LIAISON_", extra="ignore", frozen=True)

    profile: Literal["local", "production"] = "production"
    mongo_url: str = "mongodb://127.0.0.1:27017/?directConnection=true"
    kafka: str = "127.0.0.1:9092"
    namespace: str = Field("liaison", pattern=r"^[a-z][a-z0-9-]{0,30}$")
    secret: SecretStr = Field(default_factory=lambda: SecretStr(""))
    replica: str = "0"
    base_url: str = "http://127.0.0.1:8080"
    assets: Path = Path(".liaison/assets")
    locales: Path | None = None
    """A folder with further languages, one `<language>.po` each."""
    webhook_tolerance: int = 300
    """Seconds that a signed webhook's clock may differ from ours."""
    reads_kept_days: int = Field(365, ge=1)
    """How long it is kept who was shown names and addresses of others."""
    file_mib: int = Field(25, ge=1, le=1024)
    """The largest file that is taken, and the most that one form may send."""

    oidc_issuer: str = ""
    """The OpenID Connect provider, as its discovery document names it; empty: nobody signs in through one."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    """Empty for a public client; PKCE is used either way."""
    oidc_scopes: str = "openid profile email"
    oidc_trusts_addresses: bool = False
    """The provider has verified every address, also where its tokens do not say so."""
    session_hours: float = Field(12, gt=0, le=24 * 30)
    session_check_s: float = Field(300, ge=1)
    """How long the provider's word stands before a session is refreshed there."""

    smtp_host: str = ""
    """The mail server; empty in the local profile: letters are shown on /mailbox, empty elsewhere: they wait."""
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_timeout_s: float = Field(20, gt=0)
    smtp_ca: Path | None = None
    """Certificates to trust beside none of the system's, for a mail server with an authority of its own."""
    mail_from: str = "Liaison <liaison@localhost>"
    mail_bounces: str = ""
    """The address that undeliverable mails go back to; empty: that of `mail_from`."""
    mail_per_s: float = Field(20, gt=0)
    """At most so many letters a second leave each service."""
    mail_patience_days: float = Field(3, gt=0)
    """How long a letter is tried before somebody must see that it did not arrive."""
    mail_link_days: int = Field(60, ge=1)
    """How long after an activity's last day a participant's link opens the registration."""

    # Sustained rates; a burst of ten seconds' worth is let through. Each process counts for itself.
    limit_person: float = Field(20, gt=0)
    """Requests a second of one person signed in."""
    limit_key: float = Field(200, gt=0)
    """Requests a second with one API key."""
    limit_link: float = Field(2, gt=0)
    """Requests a second with one personal link."""
    limit_sign_in: float = Field(60, gt=0)
    """Sign-ins begun or ended a minute from one address."""

    @model_validator(mode="after")
    def _has_a_secret(self) -> Self:
        if len(self.secret.get_secret_value()) >= SECRET_LENGTH:
            return self
        if self.profile == "production" or self.secret.get_secret_value():
            raise ValueError(f"Set LIAISON_SECRET to at least {SECRET_LENGTH} random characters; it signs sessions.")
        # Good for one process alone; `liaison up` gives all of them the same.
        object.__setattr__(self, "secret", SecretStr(secrets.token_urlsafe(SECRET_LENGTH)))
        return self

    @model_validator(mode="after")
    def _can_sign_in(self) -> Self:
        if not self.oidc_issuer:
            return self
        issuer = urlsplit(self.oidc_issuer)
        loopback = issuer.scheme == "http" and issuer.hostname in ("127.0.0.1", "::1", "localhost")
        if not issuer.hostname or not (issuer.scheme == "https" or loopback):
            raise ValueError("LIAISON_OIDC_ISSUER must be an https:// address: its answers say who somebody is.")
        if not self.oidc_client_id:
            raise ValueError("Set LIAISON_OIDC_CLIENT_ID to the name that the provider knows this installation by.")
        return self

    @model_validator(mode="after")
    def _generous_where_local(self) -> Self:
        if self.profile == "local":
            for name, value in _LOCAL_LIMITS.items():
                if name not in self.model_fields_set:
                    object.__setattr__(self, name, value)
        return self

    @property
    def mail_address(self) -> str:
        """The address alone that letters come from."""
        return parseaddr(self.mail_from)[1]

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def people_database(self) -> str:
        return f"{self.namespace}_people"

    def database(self, service: str) -> str:
        return f"{self.namespace}_{service}"

    def topic(self, service: str) -> str:
        return f"{self.namespace}.{service}"

    def group(self, service: str) -> str:
        return f"{self.namespace}-{service}"


@cache
def get_settings() -> Settings:
    return Settings()
