"""Secrets that the machine makes for itself."""

from pathlib import Path

from launcher.credentials import kept_secret, write_private


def test_a_secret_is_the_same_next_time(tmp_path: Path) -> None:
    assert kept_secret(tmp_path / "secrets" / "password") == kept_secret(tmp_path / "secrets" / "password")


def test_two_secrets_differ(tmp_path: Path) -> None:
    assert kept_secret(tmp_path / "one") != kept_secret(tmp_path / "two")


def test_nobody_else_can_read_a_secret(tmp_path: Path) -> None:
    file = tmp_path / "secrets" / "password"
    kept_secret(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_a_private_file_is_replaced_whole(tmp_path: Path) -> None:
    write_private(tmp_path / "file", "a long text")
    write_private(tmp_path / "file", "short")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["short"]
