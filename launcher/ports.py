"""Ports on loopback that nobody else uses."""

import errno
import json
import random
import socket
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from launcher.errors import LauncherError

# Below the range from which Linux (32768) and macOS (49152) take the local port of an outgoing connection: a port from
# inside that range can be taken by a client, even by one that reconnects to this very port, while its server restarts.
_LOWEST, _HIGHEST = 20_000, 32_000

# Several seconds pass between the choice of a port and the moment when its server listens. Until then, and while the
# server restarts, a socket at another loopback address, which nobody serves at, tells other systems that it is ours.
_CLAIM_ADDRESS = "127.0.0.2"


def is_free(port: int) -> bool:
    """True when a server can listen on 127.0.0.1:`port` now, and no system of ours has claimed it."""
    try:
        with _claim(port):
            return _can_listen(port)
    except OSError:
        return False


def accepts_connections(port: int) -> bool:
    """True when something listens on 127.0.0.1:`port`."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def free_port(*, besides: Collection[int] = ()) -> int:
    """Any free port that is not one of `besides`, which are given away already."""
    port, claim = _claim_free(_any_ports(), besides)
    claim.close()
    return port


@contextmanager
def claimed_ports(defaults: Mapping[str, int], asked: Mapping[str, int], remembered: Path) -> Iterator[dict[str, int]]:
    """A port for each name, inside the block taken by no other system of ours on this machine, whoever runs it.

    The one asked for, else the one it had last time, else its default; any free one when that is taken. `remembered` is
    the file that keeps them for the next time.
    """
    wanted = {**defaults, **_read(remembered), **asked}
    chosen: dict[str, int] = {}
    with ExitStack() as claims:
        for name in defaults:
            chosen[name], claim = _claim_free([wanted[name], *_any_ports()], chosen.values())
            claims.enter_context(claim)
        new = remembered.with_suffix(".new")
        new.write_text(json.dumps(chosen, indent=2), encoding="utf-8")
        new.replace(remembered)
        yield chosen


def _any_ports() -> list[int]:
    return random.sample(range(_LOWEST, _HIGHEST), 200)


def _claim_free(candidates: Iterable[int], besides: Collection[int]) -> tuple[int, socket.socket]:
    """The first candidate that nobody else has, and the claim on it."""
    for port in candidates:
        if port in besides:
            continue
        try:
            claim = _claim(port)
        except OSError:
            continue
        if _can_listen(port):
            return port, claim
        claim.close()
    raise LauncherError("No free port on 127.0.0.1.", remedy="see what listens there: ss -ltnp")


def _can_listen(port: int) -> bool:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", port))
        except OSError:
            return False
    # BSDs let us bind although somebody listens on every address.
    return not accepts_connections(port)


def _claim(port: int) -> socket.socket:
    """A socket that holds the claim on a port until it is closed; OSError when another one holds it."""
    claim = socket.socket()
    try:
        claim.bind((_CLAIM_ADDRESS, port))
        claim.listen()
    except OSError as error:
        if error.errno != errno.EADDRNOTAVAIL:  # macOS has one loopback address: no claims there
            claim.close()
            raise
    return claim


def _read(file: Path) -> dict[str, int]:
    try:
        return {str(name): int(port) for name, port in json.loads(file.read_text(encoding="utf-8")).items()}
    except (FileNotFoundError, ValueError, AttributeError, TypeError):
        return {}
