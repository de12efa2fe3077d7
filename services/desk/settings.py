"""The desk's settings."""

from pydantic import AliasChoices, Field

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """What the desk needs beyond what every service needs."""

    port: int = Field(8103, validation_alias=AliasChoices("port", "LAKSA_DESK_PORT"))
    http_requests_per_minute: int = Field(600, ge=1, validation_alias=AliasChoices(
        "http_requests_per_minute", "LAKSA_DESK_HTTP_REQUESTS_PER_MINUTE"))  # fmt: skip
    """Quota of one HTTP client, by address."""
