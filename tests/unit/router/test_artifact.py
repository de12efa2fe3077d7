"""A model file is used only when it is the one its manifest describes and holds nothing but plain numbers."""

import hashlib
import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from services.router.model import artifact, plain_skops
from services.router.model.artifact import (
    ModelError,
    ModelNotFound,
    ModelTampered,
    ModelUnreadable,
    ModelUntrusted,
    manifest_path,
)
from services.router.training.fit import Fitted


@pytest.fixture
def copy(model_file: Path, tmp_path: Path) -> Path:
    target = tmp_path / "copy.skops"
    shutil.copy(model_file, target)
    shutil.copy(manifest_path(model_file), manifest_path(target))
    return target


def forge(path: Path, content: bytes) -> None:
    """Replaces the model and writes the hash of the replacement into its manifest."""
    manifest = json.loads(manifest_path(path).read_text())
    path.write_bytes(content)
    manifest_path(path).write_text(json.dumps(manifest | {"file_sha256": hashlib.sha256(content).hexdigest()}))


def test_a_model_comes_back_as_it_was_saved(fitted: Fitted, model_file: Path) -> None:
    weights, manifest = artifact.load(model_file)
    assert weights.digest() == fitted.weights.digest()
    assert (weights.coefficients == fitted.weights.coefficients).all()
    assert (manifest.calibration, manifest.thresholds) == (fitted.manifest.calibration, fitted.manifest.thresholds)


def test_a_model_loads_within_half_a_second(model_file: Path) -> None:
    started = time.perf_counter()
    artifact.load(model_file)
    assert time.perf_counter() - started < 0.5


def test_a_file_with_one_changed_byte_is_refused(copy: Path) -> None:
    content = bytearray(copy.read_bytes())
    content[len(content) // 2] ^= 1
    copy.write_bytes(content)
    with pytest.raises(ModelTampered, match="not the file"):
        artifact.load(copy)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (skops.io.dumps(LogisticRegression()), "LogisticRegression"),
        (skops.io.dumps({"words": LogisticRegression()}), "LogisticRegression"),
        (skops.io.dumps({"idf": np.array(["text", None], dtype=object)}), "json"),
        (skops.io.dumps([1, 2]), "list"),
    ],
)
def test_a_file_with_a_type_that_is_not_plain_is_refused_even_with_the_right_hash(
    copy: Path, content: bytes, named: str
) -> None:
    forge(copy, content)
    with pytest.raises(ModelUntrusted, match=named):
        artifact.load(copy)


def test_the_skops_library_reads_the_same_values_without_trusting_any_type(model_file: Path) -> None:
    theirs = skops.io.loads(model_file.read_bytes(), trusted=[])
    ours = plain_skops.read(model_file.read_bytes())
    assert theirs.keys() == ours.keys()
    assert all(np.array_equal(theirs[name], ours[name]) for name in ours)


@pytest.mark.parametrize("content", [b"", b"not a zip file", skops.io.dumps({"words": "a"})])
def test_a_file_that_is_no_model_is_refused_even_with_the_right_hash(copy: Path, content: bytes) -> None:
    forge(copy, content)
    with pytest.raises(ModelUnreadable):
        artifact.load(copy)


@pytest.mark.parametrize("missing", [Path, manifest_path])
def test_a_missing_file_is_named_together_with_the_way_out(copy: Path, missing: object) -> None:
    assert callable(missing)
    missing(copy).unlink()
    with pytest.raises(ModelNotFound, match="laksa setup"):
        artifact.load(copy)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 99}', '{"format": 2}'])
def test_a_broken_manifest_is_refused(copy: Path, content: str) -> None:
    manifest_path(copy).write_text(content)
    with pytest.raises(ModelUnreadable):
        artifact.load(copy)


def test_every_refusal_is_a_model_error() -> None:
    assert all(issubclass(kind, ModelError) for kind in (ModelNotFound, ModelTampered, ModelUntrusted, ModelUnreadable))


def test_the_manifest_says_where_the_model_comes_from(fitted: Fitted, model_file: Path) -> None:
    manifest = artifact.load_manifest(model_file)
    assert manifest.model_version == fitted.manifest.model_version
    assert manifest.model_version.startswith("authored-")
    assert len(manifest.corpus_sha256) == len(manifest.file_sha256) == 64
    assert {"python", "numpy", "scipy", "scikit-learn", "skops"} == set(manifest.libraries)
    assert 0 < manifest.scores["accuracy"] <= 1
