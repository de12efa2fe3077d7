"""Masking: numbers of people go, every other number of a complaint stays readable."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.privacy.masking import mask

PERSONAL = [
    # NIK and KK
    ("NIK saya 3671050508900003 ditolak", "NIK saya [NIK] ditolak"),
    ("NIK perempuan 3671054508900003", "NIK perempuan [NIK]"),
    ("NIK perempuan 3603127112850001", "NIK perempuan [NIK]"),
    ("lahir tanggal 31: 3671053112850001", "lahir tanggal 31: [NIK]"),
    ("No KK 3671051203150007.", "No KK [NIK]."),
    ("KK: 3671-0512-0315-0007", "KK: [NIK]"),
    ("ktp 3671 0505 0890 0003 hilang", "ktp [NIK] hilang"),
    ("ktp 367105 050890 0003 hilang", "ktp [NIK] hilang"),
    ("ktp 36.71.05.050890.0003", "ktp [NIK]"),
    ("NIK3671050508900003", "NIK[NIK]"),
    ("(3671050508900003)", "([NIK])"),
    ("dari Papua: 9471050508900003", "dari Papua: [NIK]"),
    ("salah ketik 3671059905900003", "salah ketik [NIK]"),
    ("NIK 3671050508900003 HP 081234567890", "NIK [NIK] HP [TELP]"),
    ("3671050508900003 081234567890", "[NIK] [TELP]"),
    # phone numbers as people write them
    ("hubungi 081234567890 ya", "hubungi [TELP] ya"),
    ("hubungi 0812-3456-7890", "hubungi [TELP]"),
    ("hubungi 0812 3456 7890", "hubungi [TELP]"),
    ("hubungi 0812.3456.7890", "hubungi [TELP]"),
    ("hubungi 0812 - 3456 - 7890", "hubungi [TELP]"),
    ("hubungi 0812–3456–7890", "hubungi [TELP]"),
    ("hubungi 0812\u00a03456\u00a07890", "hubungi [TELP]"),
    ("hubungi 08 12 34 56 78 90", "hubungi [TELP]"),
    ("hubungi 0811234567", "hubungi [TELP]"),
    ("hubungi 0895123456789", "hubungi [TELP]"),
    ("hubungi +6281234567890", "hubungi [TELP]"),
    ("hubungi +62 812-3456-7890", "hubungi [TELP]"),
    ("hubungi +62 (0)812 3456 7890", "hubungi [TELP]"),
    ("hubungi (+62) 812 3456 7890", "hubungi [TELP]"),
    ("hubungi 6281234567890", "hubungi [TELP]"),
    ("hubungi 62 812 3456 7890", "hubungi [TELP]"),
    ("hubungi 006281234567890", "hubungi [TELP]"),
    ("telepon 021-55761234", "telepon [TELP]"),
    ("telepon (021) 5576 1234", "telepon [TELP]"),
    ("telepon 0215576123", "telepon [TELP]"),
    ("telepon 0251-8312345", "telepon [TELP]"),
    ("telepon +62 21 5576 1234", "telepon [TELP]"),
    ("telepon +65 9123 4567", "telepon [TELP]"),
    ("WA081234567890", "WA[TELP]"),
    ("wa:081234567890", "wa:[TELP]"),
    ("wa.me/6281234567890", "wa.me/[TELP]"),
    ("081234567890/081987654321", "[TELP]/[TELP]"),
    ("08123456789 08198765432", "[TELP] [TELP]"),
    ("0812 3456 7890 0819 8765 4321", "[TELP] [TELP]"),
    ("081234567890a.n. Siti", "[TELP]a.n. Siti"),
    ("rumah No 5 081234567890", "rumah No 5 [TELP]"),
    ("RT 05 081234567890", "RT 05 [TELP]"),
    ("sejak 12-05-2026 081234567890", "sejak 12-05-2026 [TELP]"),
    ("tarif Rp 1.500.000 081234567890", "tarif Rp 1.500.000 [TELP]"),
    ("081234567890 2 minggu", "[TELP] 2 minggu"),
    ("０８１２３４５６７８９０", "[TELP]"),
    # e-mail addresses
    ("surel siti.aminah@contoh.id tidak dibalas", "surel [EMAIL] tidak dibalas"),
    ("Siti+lapor@mail.contoh.co.id,", "[EMAIL],"),
    ("08123456789@contoh.id", "[EMAIL]"),
    ("<siti_aminah-90@contoh-satu.com>", "<[EMAIL]>"),
    # payment cards
    ("kartu 4111 1111 1111 1111", "kartu [KARTU]"),
    ("kartu 4111-1111-1111-1111", "kartu [KARTU]"),
    ("kartu 4111111111111111", "kartu [KARTU]"),
    ("kartu 3782 822463 10005", "kartu [KARTU]"),
    ("kartu 378282246310005", "kartu [KARTU]"),
    ("kartu 6011000990139424", "kartu [KARTU]"),
]

HARMLESS = [
    "biaya Rp 1.250.000 saja",
    "anggaran Rp 1.250.000.000,-",
    "anggaran Rp628.500.000.000",
    "anggaran Rp 1.006.281.000.000",
    "antara Rp 2.500.000 - 3.000.000",
    "antara 10.000.000-15.000.000 rupiah",
    "harga 15000000",
    "RT 03/RW 05",
    "RT 003 RW 005 No 12",
    "Jl. Mawar III No. 17A Blok C2/15",
    "tahun 2019 2020 2021 2022",
    "tahun 2020 2021 2022 2023 2024",
    "periode 2019-2024",
    "tanggal 08-12-2025 10.30",
    "tanggal 02-03-2025 10.30 WIB",
    "tanggal 2025-08-12 08.30",
    "08/12/2025 pukul 08:30",
    "dari 12.05.2026 sampai 15.05.2026",
    "sejak 05 11 2025 jam 10",
    "jam 08.00-16.00",
    "pukul 08.00 - 10.00",
    "laporan LKS-0812-3456 belum selesai",
    "laporan LKS-0812-3456 2 minggu",
    "laporan LKS-A081-2345 678 hari",
    "mobil B 2000 WIB parkir",
    "mobil B 1234 CDE",
    "idpel 541100123456",
    "meteran 14123456789",
    "call center 112 dan 1500123",
    "koordinat -6.178306, 106.631944",
    "kartu 4111 1111 1111 1112",
    "nomor rekening 1234567890",
    "kode pos 15118",
    "SDN 3 Cipondoh kelas 6",
    "panjang 100 m, lebar 2.5 m",
    "id 0199e0f2-7d7c-7c3e-9a51-0d6b8f6f2b11",
    "ukuran 12345678901234567890123",
    "budi@gmail tanpa titik",
]


@pytest.mark.parametrize(("text", "masked"), PERSONAL)
def test_a_personal_number_becomes_its_token_however_it_is_written(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize("text", HARMLESS)
def test_a_number_that_belongs_to_no_person_stays(text: str) -> None:
    assert mask(text) == text


DIGITS_AND_WHAT_BREAKS_THEM = st.text(st.sampled_from(string.digits * 3 + " .-()+@LKS/٣"), max_size=80)


@given(st.text(max_size=300) | DIGITS_AND_WHAT_BREAKS_THEM)
@example("+")
@example("a@b.c@d.e")
@example("0" * 5000)
def test_masking_never_raises_and_masking_again_changes_nothing(text: str) -> None:
    once = mask(text)
    assert mask(once) == once


@given(st.integers(10**7, 10**10 - 1), st.sampled_from(["08", "+628", "628", "00628"]), st.text(max_size=30))
def test_a_mobile_number_is_found_wherever_it_stands_between_words(rest: int, prefix: str, around: str) -> None:
    words = "".join(character for character in around if not character.isdecimal() and character not in "@+-.")
    assert str(rest) not in mask(f"{words} {prefix}{rest} {words}")


@given(DIGITS_AND_WHAT_BREAKS_THEM)
def test_text_without_enough_digits_for_a_number_stays(text: str) -> None:
    few = "".join(character for character in text if not character.isdecimal() and character != "@") + "1234567"
    assert mask(few) == few


def test_five_thousand_characters_of_digits_are_masked_in_no_time() -> None:
    """Backtracking would turn one complaint into minutes."""
    assert mask("0 1-2.3(" * 625)
    assert mask("9" * 5000) == "9" * 5000
