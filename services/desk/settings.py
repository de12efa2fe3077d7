"""The desk's settings."""

from pydantic import AliasChoices, Field

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """What the desk needs beyond what every service needs."""

    port: int = Field(8103, validation_alias=AliasChoices("port", "LAKSA_DESK_PORT"))
