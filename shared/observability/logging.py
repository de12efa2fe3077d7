"""Logs are JSON lines on standard output: time, level, service, event, facts. Never a citizen's words."""

import logging
import sys
import traceback
from typing import Any

import asyncpg
import pydantic
import structlog


def configure(service: str, level: str) -> None:
    """Send everything, the libraries' own logging too, through one renderer."""
    shared_steps: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_without_values),
    ]
    structlog.configure(
        processors=[*shared_steps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared_steps,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in list(logging.root.manager.loggerDict):
        if name.startswith("faststream"):  # it brings a coloured handler of its own
            logging.getLogger(name).handlers.clear()
            logging.getLogger(name).propagate = True
    for chatty in ("aiokafka", "faststream", "uvicorn"):
        logging.getLogger(chatty).setLevel("WARNING")
    structlog.contextvars.bind_contextvars(service=service)


def _without_values(exc_info: Any) -> str:
    """The frames and the kind of an exception. Postgres and pydantic quote rows and inputs: a citizen's words."""
    kind, error, trace = exc_info
    frames = "".join(traceback.format_tb(trace))
    return f"{frames}{kind.__name__}: {_message(error)}"


def _message(error: BaseException) -> str:
    if isinstance(error, asyncpg.PostgresError):
        constraint = getattr(error, "constraint_name", None)
        return f"SQLSTATE {error.sqlstate}" + (f", constraint {constraint}" if constraint else "")
    if isinstance(error, pydantic.ValidationError):
        return f"{error.error_count()} validation errors for {error.title}"
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(f"{type(one).__name__}: {_message(one)}" for one in error.exceptions)
    return str(error)
