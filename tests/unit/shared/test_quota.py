"""The quota of HTTP clients: so many a minute, refilled evenly, each client for itself."""

import pytest

from shared import quota
from shared.quota import Quota


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that quotas look at."""
    clock = Clock()
    monkeypatch.setattr(quota, "monotonic", clock)
    return clock


def passed(quota: Quota, client: str, requests: int) -> int:
    """How many of so many requests at once may pass."""
    return sum(quota.wait_seconds(client) == 0 for _ in range(requests))


@pytest.mark.usefixtures("clock")
def test_a_client_may_use_its_minute_at_once_and_no_more() -> None:
    assert passed(Quota(60), "a", 100) == 60


@pytest.mark.usefixtures("clock")
def test_clients_do_not_use_up_each_others_quota() -> None:
    quota = Quota(1)
    assert [passed(quota, client, 2) for client in ("a", "b", "")] == [1, 1, 1]


def test_the_quota_is_refilled_evenly_and_never_above_a_minute(clock: Clock) -> None:
    quota = Quota(60)
    passed(quota, "a", 60)
    clock.now += 2.5
    assert passed(quota, "a", 10) == 2
    clock.now += 3_600
    assert passed(quota, "a", 100) == 60


def test_who_waits_as_long_as_told_may_pass(clock: Clock) -> None:
    quota = Quota(7)
    passed(quota, "a", 7)
    wait = quota.wait_seconds("a")
    assert 0 < wait <= 60 / 7
    clock.now += wait / 2
    assert quota.wait_seconds("a") > 0
    clock.now += wait / 2 + 1e-6
    assert quota.wait_seconds("a") == 0


def test_a_refused_request_costs_nothing(clock: Clock) -> None:
    quota = Quota(60)
    passed(quota, "a", 1_000)
    clock.now += 1
    assert quota.wait_seconds("a") == 0


@pytest.mark.usefixtures("clock")
def test_the_clients_seen_longest_ago_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory stays bounded, whoever knocks."""
    monkeypatch.setattr(Quota, "CLIENTS", 2)
    quota = Quota(1)
    for client in ("a", "b", "a", "c"):
        quota.wait_seconds(client)
    assert passed(quota, "a", 1) == 0
    assert passed(quota, "b", 1) == 1


def test_a_client_with_a_known_key_has_its_own_quota_and_an_unknown_key_has_none() -> None:
    quota = Quota(1, {"app": 3})
    assert [quota.wait_seconds("a", "app") == 0 for _ in range(4)] == [True, True, True, False]
    assert [quota.wait_seconds("a", "guessed") == 0 for _ in range(2)] == [True, False]
