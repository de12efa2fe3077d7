"""A model on disk: `NAME.skops` with the numbers and `NAME.json`, its manifest, beside it.

The file holds plain strings and arrays only, so no type needs to be trusted; the manifest holds the file's SHA-256.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_DEFLATED, BadZipFile

import numpy as np
from numpy.typing import NDArray

from services.router.model import plain_skops
from services.router.model.features import Features
from services.router.model.text import Normaliser

FORMAT: Final = 2


class ModelError(Exception):
    """A model cannot be used. The message says which file and what to do."""


class ModelNotFound(ModelError):
    """There is no such file, or no manifest beside it."""


class ModelTampered(ModelError):
    """The file is not the one that its manifest describes."""


class ModelUntrusted(ModelError):
    """The file asks for a Python type that a LAKSA model never has."""


class ModelUnreadable(ModelError):
    """The file or its manifest does not have the form of a LAKSA model."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What training found. A leaf is a topic or, where only departments were labelled, a department.

    `coefficients` is float32 [features, leaves] and `intercepts` float32 [leaves], the columns being `topics` and
    then `departments`. The file keeps coefficients as float16: training rounds to that before it saves.
    """

    normaliser: Normaliser
    features: Features
    topics: tuple[str, ...]
    departments: tuple[str, ...]
    coefficients: NDArray[np.float32]
    intercepts: NDArray[np.float32]

    def digest(self) -> str:
        """SHA-256 (hex) of everything that decides an answer: the same training gives the same digest."""
        digest = hashlib.sha256()
        for part in _state(self).values():
            digest.update(part.encode() if isinstance(part, str) else np.ascontiguousarray(part).tobytes())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Calibration:
    """From scores to probabilities: a few numbers, found on texts that the scores' models had not seen.

    A department's topic score is the soft maximum of its topics' scores, `temperature` saying how soft, plus `breadth`
    times their total, which is what ridge regression on the department itself would give. The leading score, `x`, is
    the department's own leaf where departments were learned, else its topic score. The department's log-odds are
    `-exp(offset - steepness * x)`, plus `topic_weight` times the topic score where `x` is not that one: a high score
    stops counting, a low one counts ever more (the complementary log-log link).
    `disagreement` is the share of texts that a person may send anywhere, whatever the words say: it is spread over
    all departments, so that no answer is surer than people are among themselves.
    """

    temperature: float
    breadth: float
    steepness: float
    offset: float
    topic_weight: float
    disagreement: float


@dataclass(frozen=True, slots=True)
class Manifest:
    """Where a model comes from and how sure it may be.

    `thresholds` has the confidence from which a department's texts are automatic, meant to be right with `precision`;
    a department that is absent is never automatic. `measured` has each department's share of automatic texts
    (`coverage`) and of right ones among these (`precision`), both out of fold, as `scores` are.
    `city` is whose topic table gave the authored texts their departments. `created_at` is RFC 3339.
    """

    model_version: str
    created_at: str
    seed: int
    city: str
    rows: Mapping[str, int]
    topics: tuple[str, ...]
    departments: tuple[str, ...]
    calibration: Calibration
    thresholds: Mapping[str, float]
    precision: float
    measured: Mapping[str, Mapping[str, float]]
    scores: Mapping[str, float]
    corpus_sha256: str
    data_sha256: tuple[str, ...]
    libraries: Mapping[str, str]
    file_sha256: str = ""
    format: int = FORMAT


def manifest_path(path: Path) -> Path:
    """`default.skops` -> `default.json`."""
    return path.with_suffix(".json")


def save(path: Path, weights: Weights, manifest: Manifest) -> Manifest:
    """Writes both files, each at once or not at all; returns the manifest with the file's hash."""
    import skops.io  # only training has a use for it, and it takes seconds to import

    content = skops.io.dumps(_state(weights), compression=ZIP_DEFLATED)
    values = _as_dict(manifest) | {"file_sha256": hashlib.sha256(content).hexdigest()}
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, content)
    _write(manifest_path(path), (json.dumps(values, indent=2, ensure_ascii=False) + "\n").encode())
    return _manifest(values)


def load(path: Path) -> tuple[Weights, Manifest]:
    """Reads both files.

    Raises `ModelNotFound`, `ModelTampered`, `ModelUntrusted` or `ModelUnreadable`; nothing of the file is used before
    its hash is right and all its types are plain.
    """
    manifest = load_manifest(path)
    content = _read(path)
    if hashlib.sha256(content).hexdigest() != manifest.file_sha256:
        raise ModelTampered(f"{path} is not the file that {manifest_path(path)} describes: copy both again, or retrain")
    try:
        state = plain_skops.read(content)
    except plain_skops.NotPlain as error:
        raise ModelUntrusted(f"{path} was refused: {error}") from error
    except (BadZipFile, KeyError, ValueError, TypeError, json.JSONDecodeError) as error:
        raise ModelUnreadable(f"{path} is not a LAKSA model: {error}") from error
    return _weights(path, state), manifest


def load_manifest(path: Path) -> Manifest:
    """The manifest beside the model file `path`."""
    beside = manifest_path(path)
    content = _read(beside)
    try:
        values = json.loads(content)
        if values["format"] != FORMAT:
            raise ModelUnreadable(f"{beside} has format {values['format']}, this program reads {FORMAT}: retrain")
        return _manifest(values)
    except (ValueError, TypeError, KeyError) as error:
        raise ModelUnreadable(f"{beside} is not the manifest of a LAKSA model: {error!r}") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ModelNotFound(f"{path} does not exist: run `laksa setup`, or name a model with --model") from error
    except OSError as error:
        raise ModelUnreadable(f"{path} cannot be read: {error.strerror}") from error


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_bytes(content)
    partial.replace(path)


def _as_dict(manifest: Manifest) -> dict[str, Any]:
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in asdict(manifest).items()}


def _manifest(values: Mapping[str, Any]) -> Manifest:
    known = {field.name: values[field.name] for field in fields(Manifest)}
    for name in ("topics", "departments", "data_sha256"):
        known[name] = tuple(known[name])
    return Manifest(**(known | {"calibration": Calibration(**known["calibration"])}))


def _state(weights: Weights) -> dict[str, Any]:
    """Long lists as one string each (skops keeps a file or a node per element otherwise), coefficients in half."""
    return {
        "abbreviations": "\n".join(
            f"{word}\t{text}" for word, text in sorted(weights.normaliser.abbreviations.items())
        ),
        "words": "\n".join(weights.features.words),
        "chars": "\n".join(weights.features.chars),
        "topics": "\n".join(weights.topics),
        "departments": "\n".join(weights.departments),
        "idf": weights.features.idf,
        "coefficients": weights.coefficients.astype(np.float16),
        "intercepts": weights.intercepts,
    }


def _weights(path: Path, state: Any) -> Weights:
    try:
        abbreviations = dict(line.split("\t") for line in _lines(state["abbreviations"]))
        weights = Weights(
            normaliser=Normaliser(abbreviations),
            features=Features(_lines(state["words"]), _lines(state["chars"]), state["idf"]),
            topics=_lines(state["topics"]),
            departments=_lines(state["departments"]),
            coefficients=state["coefficients"].astype(np.float32),
            intercepts=state["intercepts"],
        )
        shape = (weights.features.size, len(weights.topics) + len(weights.departments))
        if weights.coefficients.shape != shape or weights.intercepts.shape != shape[1:]:
            raise ModelUnreadable(f"{path} has {weights.coefficients.shape} coefficients where {shape} belong")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelUnreadable(f"{path} is not a LAKSA model: {error!r}") from error
    return weights


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()
