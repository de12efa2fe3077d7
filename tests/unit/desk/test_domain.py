"""The words that the public sees, as the contract's table has them."""

from typing import get_args

import pytest

from services.desk.domain import OPEN_STATES, PUBLIC_STATUS
from shared.events.tickets import PublicStatus, State
from tests.factories_tickets import a_ticket


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("in_review", "menunggu"),
        ("assigned", "menunggu"),
        ("in_progress", "proses"),
        ("waiting_reporter", "proses"),
        ("resolved", "selesai"),
        ("closed", "selesai"),
        ("rejected", "ditolak"),
    ],
)
def test_the_public_reads_the_contracts_word_in_every_state(state: State, word: PublicStatus) -> None:
    assert a_ticket(state=state).public_status == word


def test_every_state_has_a_word_and_every_word_a_state() -> None:
    assert set(PUBLIC_STATUS) == set(get_args(State))
    assert set(PUBLIC_STATUS.values()) == set(get_args(PublicStatus))


def test_a_ticket_counts_as_open_until_it_is_resolved_or_rejected() -> None:
    assert set(get_args(State)) - set(OPEN_STATES) == {"resolved", "closed", "rejected"}
