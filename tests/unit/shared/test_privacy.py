"""Keys, the vault and pseudonyms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.events import Reporter
from shared.privacy.encryption import Unreadable, Vault
from shared.privacy.keys import derive
from shared.privacy.pseudonyms import reporter_ref
from tests.factories import EMAIL, NIK

MASTER = bytes(range(32))
KEY = derive(MASTER, "intake/pseudonym")


def test_a_purpose_has_its_own_key_and_always_the_same() -> None:
    keys = {derive(MASTER, purpose) for purpose in ("intake/contacts", "intake/vault", "desk/vault")}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}
    assert derive(MASTER, "intake/vault") in keys


def test_another_master_key_gives_other_keys() -> None:
    assert derive(MASTER, "intake/vault") != derive(bytes(32), "intake/vault")


def test_keys_do_not_change_between_releases() -> None:
    """Sealed contacts and ticket numbers of old backups depend on it."""
    assert (
        derive(MASTER, "intake/ticket-number").hex()
        == "a69468da566db87dc10b65b31e0a1c47ff6f88cfa52ae3a371991ae5f51fcfe9"
    )


@given(st.binary(max_size=200))
def test_the_vault_gives_back_what_was_sealed(plain: bytes) -> None:
    vault = Vault(KEY)
    assert vault.open(vault.seal(plain, bound_to="contacts/1"), bound_to="contacts/1") == plain


def test_sealing_twice_gives_different_bytes_without_the_plain_text() -> None:
    vault = Vault(KEY)
    first, second = (vault.seal(b"0812-3456-7890", bound_to="contacts/1") for _ in range(2))
    assert first != second
    assert b"0812" not in first


def test_no_byte_of_a_sealed_record_can_be_changed_unnoticed() -> None:
    vault = Vault(KEY)
    sealed = vault.seal(b"Siti Aminah", bound_to="contacts/1")
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(Unreadable):
            vault.open(changed, bound_to="contacts/1")


def test_a_sealed_record_cut_anywhere_is_refused() -> None:
    vault = Vault(KEY)
    sealed = vault.seal(b"Siti Aminah", bound_to="contacts/1")
    for length in range(len(sealed)):
        with pytest.raises(Unreadable):
            vault.open(sealed[:length], bound_to="contacts/1")


def test_a_record_sealed_for_another_or_under_another_key_is_refused() -> None:
    sealed = Vault(KEY).seal(b"Siti Aminah", bound_to="contacts/1")
    with pytest.raises(Unreadable):
        Vault(KEY).open(sealed, bound_to="contacts/2")
    with pytest.raises(Unreadable):
        Vault(derive(MASTER, "another")).open(sealed, bound_to="contacts/1")


def test_the_error_of_a_record_that_does_not_open_quotes_nothing_of_it() -> None:
    with pytest.raises(Unreadable, match=r"^cannot open what is bound to contacts/1$"):
        Vault(KEY).open(b"\x01" + b"rahasia" * 20, bound_to="contacts/1")


def test_the_same_person_has_the_same_reference() -> None:
    assert reporter_ref(KEY, Reporter(nik=NIK)) == reporter_ref(KEY, Reporter(nik=NIK, phone="0812", name="Siti"))


@pytest.mark.parametrize(
    "spelling",
    [
        "+62 812-3456-7890", "+62 (0)812 3456 7890", "(0812) 34567890", "0812.3456.7890", "6281234567890",
        "0062 812 3456 7890", "81234567890",
    ],
)  # fmt: skip
def test_the_spelling_of_a_phone_number_does_not_matter(spelling: str) -> None:
    assert reporter_ref(KEY, Reporter(phone=spelling)) == reporter_ref(KEY, Reporter(phone="081234567890"))


@pytest.mark.parametrize("spelling", ["36.71.05.450890.0003", " 3671 0545 0890 0003"])
def test_the_spelling_of_a_nik_does_not_matter(spelling: str) -> None:
    assert reporter_ref(KEY, Reporter(nik=spelling)) == reporter_ref(KEY, Reporter(nik=NIK))


def test_the_spelling_of_an_email_address_does_not_matter() -> None:
    assert reporter_ref(KEY, Reporter(email=f" {EMAIL.title()} ")) == reporter_ref(KEY, Reporter(email=EMAIL))


@pytest.mark.parametrize(
    "nobody",
    [
        None,
        Reporter(),
        Reporter(name="Siti Aminah"),
        Reporter(nik="-", phone="tidak ada", email=" "),
        Reporter(phone="0"),
    ],
)
def test_who_gave_nothing_to_be_known_by_has_no_reference(nobody: Reporter | None) -> None:
    assert reporter_ref(KEY, nobody) is None


def test_different_people_and_different_kinds_of_number_have_different_references() -> None:
    people = [
        Reporter(nik="81234567890"),
        Reporter(phone="81234567890"),
        Reporter(phone="81234567891"),
        Reporter(nik=NIK),
    ]
    assert len({reporter_ref(KEY, person) for person in people}) == 4


def test_without_the_key_the_reference_cannot_be_found_by_trying() -> None:
    assert reporter_ref(KEY, Reporter(nik=NIK)) != reporter_ref(derive(MASTER, "another"), Reporter(nik=NIK))


def test_a_reference_has_sixteen_characters_and_shows_its_key() -> None:
    reference = reporter_ref(KEY, Reporter(nik=NIK))
    assert reference is not None
    assert reference.startswith("r1-")
    assert len(reference) == 19
    assert reference.islower()


def test_a_reporter_cannot_be_changed_by_mistake() -> None:
    with pytest.raises(ValidationError):
        Reporter().name = "Budi"  # type: ignore[misc]
