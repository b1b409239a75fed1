"""What differs from place to place, read once from the environment (`LIAISON_...`)."""

import secrets
from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRET_LENGTH = 32


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
    webhook_tolerance: int = 300
    """Seconds that a signed webhook's clock may differ from ours."""

    @model_validator(mode="after")
    def _has_a_secret(self) -> Self:
        if len(self.secret.get_secret_value()) >= SECRET_LENGTH:
            return self
        if self.profile == "production" or self.secret.get_secret_value():
            raise ValueError(f"Set LIAISON_SECRET to at least {SECRET_LENGTH} random characters; it signs sessions.")
        # Good for one process alone; `liaison up` gives all of them the same.
        object.__setattr__(self, "secret", SecretStr(secrets.token_urlsafe(SECRET_LENGTH)))
        return self

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
