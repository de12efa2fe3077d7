"""What `make setup` needs after pip: all that a start would otherwise have to wait for."""

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path

from launcher.account import unprivileged_account
from launcher.kafka import provide_kafka
from launcher.kafka.runtime import kafka_cache
from launcher.paths import Paths
from launcher.postgres.binaries import find_binaries

Say = Callable[[str], None]

_MODEL_SOURCES = ("model", "taxonomy", "training")


def set_up(paths: Paths, say: Say) -> None:
    """Bring what is missing: Kafka's jars and class archives, Postgres, the default model. Quick when all is there."""
    paths.make_state()
    for name, step in (("Kafka", _kafka), ("Postgres", _postgres), ("the default model", _model)):
        started = time.monotonic()
        found = step(paths, say)
        say(f"{name}: {found} ({time.monotonic() - started:.1f} s)")


def model_is_current(paths: Paths) -> bool:
    """Whether the default model was trained from the code, the tables and the texts that are here now."""
    made_from = _made_from(paths)
    return paths.default_model.exists() and made_from.exists() and made_from.read_text() == _sources_key(paths)


def _kafka(paths: Paths, say: Say) -> str:
    if not (kafka_cache(paths) / "libs").exists():
        say("fetching Kafka and training its class archives, once for all clones of this user")
    node = provide_kafka(paths)
    archives = "class archives" if node.archives.broker else "no class archives"
    return f"{len(node.runtime.jars)} verified jars, Java {node.runtime.java.major}, {archives}"


def _postgres(_paths: Paths, _say: Say) -> str:
    if "LAKSA_POSTGRES_DSN" in os.environ:
        return "the database in LAKSA_POSTGRES_DSN"
    binaries = find_binaries(unprivileged_account())
    return f"version {binaries.major} in {binaries.folder}"


def _model(paths: Paths, say: Say) -> str:
    if model_is_current(paths):
        return "trained"
    from services.router.training.fit import train_default

    say("training the default model")
    paths.default_model.parent.mkdir(exist_ok=True)
    train_default(paths.default_model)
    _made_from(paths).write_text(_sources_key(paths), encoding="ascii")
    return "trained now"


def _made_from(paths: Paths) -> Path:
    return paths.default_model.with_suffix(".sources")


def _sources_key(paths: Paths) -> str:
    """Changes with any file that decides what the model is."""
    router = paths.project / "services" / "router"
    digest = hashlib.sha256()
    for folder in _MODEL_SOURCES:
        for file in sorted(
            path for path in (router / folder).rglob("*") if path.suffix in {".py", ".csv", ".txt", ".jsonl"}
        ):
            digest.update(f"{file.relative_to(router)}\n".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()
