"""What a log line may say of an exception: where and of what kind, never a row or an input."""

import json
import subprocess
import sys

SCRIPT = """
import logging
import asyncpg, structlog
from pydantic import TypeAdapter
from shared.observability.logging import configure
configure("intake", "INFO")
log = structlog.get_logger()
try:
    raise asyncpg.CheckViolationError("new row violates", )
except Exception as error:
    error.detail = "Failing row contains (KANARI)"
    log.exception("a batch failed")
try:
    TypeAdapter(int).validate_python("KANARI")
except Exception:
    logging.getLogger("faststream.access.kafka").exception("from a library")
"""


def test_neither_a_row_nor_an_input_is_in_the_log_and_every_line_is_json() -> None:
    ended = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [line["event"] for line in lines] == ["a batch failed", "from a library"]
    assert "KANARI" not in ended.stdout + ended.stderr
    assert "CheckViolationError: SQLSTATE 23514" in lines[0]["exception"]
