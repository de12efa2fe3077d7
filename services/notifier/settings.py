"""The notifier's settings."""

from pydantic import AliasChoices, Field

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """What the notifier needs beyond what every service needs."""

    port: int = Field(8104, validation_alias=AliasChoices("port", "LAKSA_NOTIFIER_PORT"))
