"""A failure tells what, why and what to do."""

from pathlib import Path

from launcher.errors import LauncherError


def test_an_error_keeps_the_last_lines_of_the_log_as_they_were(tmp_path: Path) -> None:
    log = tmp_path / "kafka.log"
    log.write_text("\n".join(f"line {number}" for number in range(100)))
    error = LauncherError("Kafka does not start.", remedy="buy a computer", log=log)
    log.unlink()
    lines = str(error).splitlines()
    assert lines[0] == "Kafka does not start."
    assert lines[-2:] == ["  line 99", "What to do: buy a computer"]
    assert "  line 50" not in lines


def test_an_error_with_an_absent_log_still_speaks(tmp_path: Path) -> None:
    assert "What to do: wait" in str(LauncherError("Nothing.", remedy="wait", log=tmp_path / "absent"))
