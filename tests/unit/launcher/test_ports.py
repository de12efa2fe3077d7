"""Ports that nobody else uses."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.ports import claimed_ports, free_port, is_free

FIRST_EPHEMERAL_PORT = 32_768


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on, on every address."""
    with socket.create_server(("0.0.0.0", 0)) as server:  # noqa: S104 -- the case that a bind to loopback may miss
        yield server.getsockname()[1]


def choose(file: Path, defaults: dict[str, int], asked: dict[str, int] | None = None) -> dict[str, int]:
    with claimed_ports(defaults, asked or {}, file) as ports:
        return ports


def test_a_port_is_the_default_when_nobody_listens_there(tmp_path: Path) -> None:
    defaults = {"desk": free_port()}
    assert choose(tmp_path / "ports.json", defaults) == defaults


def test_a_port_is_another_when_somebody_listens_there(tmp_path: Path, taken: int) -> None:
    assert choose(tmp_path / "ports.json", {"desk": taken}) != {"desk": taken}


def test_a_port_is_another_when_a_system_has_claimed_it_but_does_not_listen_yet(tmp_path: Path) -> None:
    defaults = {"desk": free_port()}
    with (
        claimed_ports(defaults, {}, tmp_path / "ones") as ones,
        claimed_ports(defaults, {}, tmp_path / "others") as others,
    ):
        assert not is_free(ones["desk"])
        assert ones["desk"] != others["desk"]


def test_any_port_lies_below_those_that_outgoing_connections_use() -> None:
    """A client that reconnects while its server restarts could take the port, or connect to itself."""
    assert all(free_port() < FIRST_EPHEMERAL_PORT for _ in range(20))


def test_ports_are_the_same_next_time(tmp_path: Path) -> None:
    first = choose(tmp_path / "ports.json", {"intake": free_port(), "desk": free_port()})
    assert choose(tmp_path / "ports.json", {"intake": 1, "desk": 2}) == first


def test_a_port_that_is_asked_for_wins_over_the_one_of_last_time(tmp_path: Path) -> None:
    choose(tmp_path / "ports.json", {"desk": free_port()})
    asked = {"desk": free_port()}
    assert choose(tmp_path / "ports.json", {"desk": 8103}, asked) == asked


def test_two_names_never_get_one_port(tmp_path: Path) -> None:
    port = free_port()
    chosen = choose(tmp_path / "ports.json", {"intake": port, "desk": port})
    assert chosen["intake"] != chosen["desk"]
