"""The committed list decides, whoever fetched the jars."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from launcher.errors import LauncherError
from launcher.kafka import jars

CONTENT = {"a.jar": b"one", "b.jar": b"two"}


@pytest.fixture(autouse=True)
def short_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of two small files in place of 34 large ones."""
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}" for name, content in CONTENT.items()]
    (tmp_path / "list").write_text("\n".join(lines))
    monkeypatch.setattr(jars, "_LIST", tmp_path / "list")


def delivering(content: dict[str, bytes]) -> Callable[[Path], None]:
    def fetch(folder: Path) -> None:
        for name, data in content.items():
            (folder / name).write_bytes(data)

    return fetch


def refusing(_: Path) -> None:
    raise AssertionError("nothing should be fetched")


def test_jars_are_fetched_once(tmp_path: Path) -> None:
    first = jars.provide_jars(tmp_path / "libs", delivering(CONTENT))
    assert jars.provide_jars(tmp_path / "libs", refusing) == first
    assert [path.name for path in first] == ["a.jar", "b.jar"]


@pytest.mark.parametrize(
    ("delivered", "complaint"),
    [
        ({"a.jar": b"one"}, "missing: b.jar"),
        ({**CONTENT, "a.jar": b"changed"}, "other content: a.jar"),
        ({**CONTENT, "c.jar": b"three"}, "not in the list: c.jar"),
    ],
)
def test_jars_are_refused_when_they_are_not_those_of_the_list(
    tmp_path: Path, delivered: dict[str, bytes], complaint: str
) -> None:
    with pytest.raises(LauncherError, match=complaint):
        jars.provide_jars(tmp_path / "libs", delivering(delivered))
    assert not (tmp_path / "libs").exists()


def test_a_jar_that_was_changed_on_disk_is_fetched_again(tmp_path: Path) -> None:
    first, _ = jars.provide_jars(tmp_path / "libs", delivering(CONTENT))
    first.write_bytes(b"tampered")
    jars.provide_jars(tmp_path / "libs", delivering(CONTENT))
    assert first.read_bytes() == CONTENT["a.jar"]


def test_jars_stay_when_the_fetched_ones_are_refused(tmp_path: Path) -> None:
    first, _ = jars.provide_jars(tmp_path / "libs", delivering(CONTENT))
    (tmp_path / "libs" / "b.jar").unlink()
    with pytest.raises(LauncherError):
        jars.provide_jars(tmp_path / "libs", delivering({}))
    assert first.exists()
