"""Intake's settings."""

from pydantic import AliasChoices, Field

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """What intake needs beyond what every service needs."""

    port: int = Field(8101, validation_alias=AliasChoices("port", "LAKSA_INTAKE_PORT"))
    http_requests_per_minute: int = Field(6000, ge=1, validation_alias=AliasChoices(
        "http_requests_per_minute", "LAKSA_INTAKE_HTTP_REQUESTS_PER_MINUTE"))  # fmt: skip
    """Quota of one HTTP client without a key (by address); Kafka has no quota, ever."""
    http_client_quotas: dict[str, int] = Field({}, validation_alias=AliasChoices(
        "http_client_quotas", "LAKSA_INTAKE_HTTP_CLIENT_QUOTAS"))  # fmt: skip
    """Client key (header `X-Client-Key`) -> requests a minute, as JSON: an app behind one address has its own quota."""
