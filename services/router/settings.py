"""The router's settings."""

from pathlib import Path

from pydantic import AliasChoices, Field

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """What the router needs beyond what every service needs."""

    port: int = Field(8102, validation_alias=AliasChoices("port", "LAKSA_ROUTER_PORT"))
    model_file: Path
    """The trained model (`.skops`), with its manifest beside it."""
    city: str = "tangerang"
    """Whose topic -> department table decides."""
