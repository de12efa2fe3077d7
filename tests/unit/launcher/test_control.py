"""Commands talk to the supervisor."""

import asyncio
import json
import stat
from pathlib import Path

import pytest

from launcher.control import Answer, NotRunningError, answering, ask


async def answer_well() -> Answer:
    return {"phase": "running"}


async def test_a_question_is_answered_while_the_supervisor_lives(tmp_path: Path) -> None:
    file = tmp_path / "control.json"
    async with answering(file, {"status": answer_well}):
        assert await asyncio.to_thread(ask, file, "status") == {"phase": "running"}
    with pytest.raises(NotRunningError):
        await asyncio.to_thread(ask, file, "status")


async def test_an_unknown_question_is_not_understood(tmp_path: Path) -> None:
    file = tmp_path / "control.json"
    async with answering(file, {"status": answer_well}):
        assert "error" in await asyncio.to_thread(ask, file, "explode")


async def test_a_question_without_the_token_is_not_answered(tmp_path: Path) -> None:
    file = tmp_path / "control.json"
    async with answering(file, {"status": answer_well}):
        address = json.loads(file.read_text())
        file.write_text(json.dumps({**address, "token": "guessed"}))
        assert "error" in await asyncio.to_thread(ask, file, "status")


async def test_nobody_else_can_read_the_token(tmp_path: Path) -> None:
    file = tmp_path / "control.json"
    async with answering(file, {}):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_supervisor_that_was_killed_is_not_running(tmp_path: Path) -> None:
    file = tmp_path / "control.json"
    file.write_text(json.dumps({"port": 1, "token": "old"}))
    with pytest.raises(NotRunningError):
        ask(file, "status")
