"""The router's settings."""

from pathlib import Path

from pydantic import AliasChoices, Field

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """What the router needs beyond what every service needs."""

    port: int = Field(8102, validation_alias=AliasChoices("port", "LAKSA_ROUTER_PORT"))
    model_file: Path
    """The trained model (`.skops`), with its manifest beside it: it decides until another is activated."""
    models_folder: Path | None = None
    """Where the files of activated models are; the folder of `model_file` if not set."""
    city: str = "tangerang"
    """Whose topic -> department table decides."""
    keep_texts_days: int = Field(365, ge=1)
    """How long masked texts of complaints that are not confidential are kept to learn from."""
