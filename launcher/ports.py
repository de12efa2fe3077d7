"""Ports on loopback that nobody else uses."""

import json
import random
import socket
from collections.abc import Collection, Mapping
from pathlib import Path

from launcher.errors import LauncherError

# Below the range from which Linux (32768) and macOS (49152) take the local port of an outgoing connection: a port from
# inside that range can be taken by a client, even by one that reconnects to this very port, while its server restarts.
_LOWEST, _HIGHEST = 20_000, 32_000


def is_free(port: int) -> bool:
    """True when a server can listen on 127.0.0.1:`port` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    # BSDs let us bind although somebody listens on every address.
    return not accepts_connections(port)


def accepts_connections(port: int) -> bool:
    """True when something listens on 127.0.0.1:`port`."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def free_port(preferred: int | None = None, *, besides: Collection[int] = ()) -> int:
    """`preferred` when it is free, else any free port; never one of `besides`, which are given away already."""
    any_port = random.sample(range(_LOWEST, _HIGHEST), 200)
    for port in any_port if preferred is None else (preferred, *any_port):
        if port not in besides and is_free(port):
            return port
    raise LauncherError("No free port on 127.0.0.1.", remedy="see what listens there: ss -ltnp")


def choose_ports(defaults: Mapping[str, int], asked: Mapping[str, int], remembered: Path) -> dict[str, int]:
    """A free port for each name: the one asked for, else the one it had last time, else its default; if taken, any.

    `remembered` is the file that keeps them for the next time.
    """
    wanted = {**defaults, **_read(remembered), **asked}
    chosen: dict[str, int] = {}
    for name in defaults:
        chosen[name] = free_port(wanted[name], besides=chosen.values())
    remembered.parent.mkdir(parents=True, exist_ok=True)
    remembered.write_text(json.dumps(chosen, indent=2), encoding="utf-8")
    return chosen


def _read(file: Path) -> dict[str, int]:
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}
