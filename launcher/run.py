"""One service in this process."""

import importlib
import signal
from types import FrameType
from typing import Any

import uvicorn
from pydantic import ValidationError

from launcher.errors import LauncherError
from launcher.service import SERVICES

_GRACEFUL_SECONDS = 10


def run_service(name: str) -> int:
    """Serve until SIGTERM or SIGINT; the exit code: 0 after a clean stop, 1 when the service failed."""
    if name not in SERVICES:
        raise LauncherError(f"There is no service {name!r}.", remedy=f"run one of {', '.join(SERVICES)}")
    settings = _read_settings(name)
    app = importlib.import_module(f"services.{name}.app").build(settings)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.http_host,
            port=settings.port,
            lifespan="on",
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=_GRACEFUL_SECONDS,
        )
    )
    _stop_on_signals(server)
    try:
        server.run()
    except SystemExit:  # how uvicorn says that it could not start; its log says why
        return 1
    failed = server.lifespan.error_occurred or server.lifespan.shutdown_failed
    return 1 if failed else 0


def _read_settings(name: str) -> Any:
    """The settings of a service from the environment; LauncherError with names and faults, never values."""
    try:
        return importlib.import_module(f"services.{name}.settings").Settings()
    except ValidationError as error:
        faults = (f"  {_variable(fault['loc'])}: {fault['msg']}" for fault in error.errors(include_input=False))
        raise LauncherError(
            "\n".join([f"The settings of {name} are not right:", *faults]),
            remedy="set these environment variables; `laksa up` does it for a system on this machine",
        ) from None


def _variable(location: tuple[int | str, ...]) -> str:
    name = str(location[0]).upper()
    return name if name.startswith("LAKSA_") else f"LAKSA_{name}"


def _stop_on_signals(server: uvicorn.Server) -> None:
    """Once stopped, uvicorn sends itself the signal again; let that not be our death: a clean stop ends with 0."""

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        server.handle_exit(number, frame)

    for which in (signal.SIGTERM, signal.SIGINT):
        signal.signal(which, ask_to_stop)
