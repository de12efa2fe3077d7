"""Settings that every service has; each adds its own port and what only it needs."""

import base64
import binascii
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_SECRETS_FOLDER = Path("/run/secrets")


class ServiceSettings(BaseSettings):
    """Read from the environment (prefix `LAKSA_`) or, for secrets, from files in /run/secrets named like them."""

    model_config = SettingsConfigDict(
        env_prefix="LAKSA_",
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,  # the input of a failed validation is the environment, secrets included
        populate_by_name=True,
        secrets_dir=_SECRETS_FOLDER if _SECRETS_FOLDER.is_dir() else None,
    )

    kafka_bootstrap: Annotated[tuple[str, ...], NoDecode]
    postgres_dsn: SecretStr
    secret_key: SecretStr
    """32 random bytes in base64; every key that the system uses is derived from it, one per purpose."""
    http_host: str = "127.0.0.1"
    worker_id: str | None = None
    """Names this worker to Kafka (static membership: a restart takes over at once). Never give two workers one id."""
    public_url: str = "http://127.0.0.1:8103"
    """Where a citizen's browser finds the status page; notifications link to it."""
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @field_validator("kafka_bootstrap", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("secret_key")
    @classmethod
    def _is_32_bytes(cls, value: SecretStr) -> SecretStr:
        try:
            length = len(base64.b64decode(value.get_secret_value(), validate=True))
        except binascii.Error as error:
            raise ValueError("LAKSA_SECRET_KEY is not base64") from error
        if length != 32:
            raise ValueError(f"LAKSA_SECRET_KEY has {length} bytes, it must have 32")
        return value

    def master_key(self) -> bytes:
        """The 32 bytes from which purpose keys are derived (`shared.privacy.keys`)."""
        return base64.b64decode(self.secret_key.get_secret_value())
