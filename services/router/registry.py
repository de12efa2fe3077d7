"""The models at work in this router: what the rows of `router.models` ask for, loaded beside the work that goes on."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Generic, TypeVar

import structlog

from services.router.metrics import Metrics, Role
from services.router.model.artifact import ModelTampered, manifest_path
from services.router.model.classifier import Classifier
from services.router.store import Entry, ModelStore
from shared.postgres import Database

LOOKS_BEFORE_RETRY: Final = 10
"""A file that could not be loaded is tried again after so many looks: it may have arrived meanwhile."""
_A_TEXT: Final = "jalan berlubang"

log = structlog.get_logger()

M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Models:
    """Where models are: the file that a router is started with, the folder of the others, and whose table they use."""

    shipped: Path
    folder: Path
    city: str

    def load_active(self, entry: Entry | None, day: date) -> Classifier:
        """The registered model, or the one that a router is started with."""
        return self.load(entry, day) if entry else Classifier.load(self.shipped, city=self.city, on=day)

    def load_shadow(self, entry: Entry | None, day: date) -> Classifier | None:
        """The registered model, or none."""
        return self.load(entry, day) if entry else None

    def load(self, entry: Entry, day: date) -> Classifier:
        """A model that is the one that was registered and answers a text. Raises `ModelError`, `TaxonomyError`."""
        path = self.folder / Path(entry.file_name).name
        classifier = Classifier.load(path, city=self.city, on=day)
        # The file's hash was compared with its manifest; the manifest itself, thresholds and all, with the row.
        if json.loads(manifest_path(path).read_bytes()) != entry.manifest:
            raise ModelTampered(f"{manifest_path(path)} is not the manifest of {entry.version} as it was registered")
        if classifier.manifest.file_sha256 != entry.file_sha256:
            raise ModelTampered(f"{path} is not the {entry.version} that was registered")
        classifier.classify([_A_TEXT])
        return classifier


class _Seat(Generic[M]):
    """One role and the model that has it."""

    def __init__(self, role: Role, load: Callable[[Entry | None, date], M], model: M, day: date) -> None:
        self.role: Role = role
        self.model = model
        self.is_missing = False
        self._load = load
        self._asked: tuple[Entry | None, date] = (None, day)
        self._looks = 0

    async def give(self, entry: Entry | None, day: date) -> bool:
        """Load what is asked for if it is not here; whether another model has the role now. It keeps a failure back."""
        self._looks += 1
        is_time = self.is_missing and self._looks >= LOOKS_BEFORE_RETRY
        if (entry, day) == self._asked and not is_time:
            return False
        self._asked, self._looks = (entry, day), 0
        try:
            self.model = await asyncio.to_thread(self._load, entry, day)
        except Exception as error:  # noqa: BLE001  # whatever is wrong with a file, the model at work goes on
            self._say(entry, error)
        else:
            self.is_missing = False
        return not self.is_missing

    def _say(self, entry: Entry | None, error: Exception) -> None:
        version = entry.version if entry else "shipped"
        log.error("a model cannot be loaded, the last one stays", role=self.role, version=version, error=str(error))
        self.is_missing = True


class Registry:
    """`active` decides, `shadow`, if there is one, is asked as well. A model stays until the next one is loaded."""

    def __init__(self, database: Database, models: Models, metrics: Metrics) -> None:
        today = date.today()
        self._database = database
        self._metrics = metrics
        self._active = _Seat("active", models.load_active, models.load_active(None, today), today)
        self._shadow = _Seat("shadow", models.load_shadow, None, today)
        self._has_looked = False
        self._show_active()

    @property
    def active(self) -> Classifier:
        """The model that decides."""
        return self._active.model

    @property
    def shadow(self) -> Classifier | None:
        """The model that only says what it would have decided."""
        return self._shadow.model

    async def first_look(self) -> None:
        """Return when the rows have been looked at: a router that was replaced decides like the one before it."""
        if not self._has_looked:
            await self.look()

    async def look(self) -> None:
        """Give each role what the rows say. Waits for Postgres; another model takes over between two batches."""
        wanted = await self._database.transact(lambda connection: ModelStore(connection).wanted())
        if await self._active.give(wanted.active, wanted.today):
            log.info("another model decides", version=self.active.manifest.model_version)
            self._show_active()
        await self._shadow.give(wanted.shadow, wanted.today)
        self._metrics.models_missing({seat.role: seat.is_missing for seat in (self._active, self._shadow)})
        self._has_looked = True

    def _show_active(self) -> None:
        manifest = self.active.manifest
        self._metrics.model(manifest.model_version, manifest.corpus_sha256)
