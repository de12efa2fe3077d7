"""Complaint, information request or aspiration: cue phrases decide, and doubt means complaint."""

import pytest

from services.router.model.text import Normaliser
from services.router.taxonomy.rules import ComplaintClass, load_class_rules
from services.router.taxonomy.tables import load_abbreviations
from services.router.training.dataset import load_corpus

COMPLAINTS = [
    "Lampu jalan di depan sekolah mati sudah seminggu",
    "sampah blm diangkut udah 5 hari",
    "Mau tanya kenapa bansos saya belum cair",
    "Bagaimana ini, sudah tiga bulan KTP tidak jadi juga",
    "mohon ditertibkan parkir liar depan pasar",
    "Kecewa sekali, petugas loket tidak ramah. Terima kasih",
    "Semoga jalan rusak di kampung kami segera diperbaiki",
    "usul boleh tapi perbaiki dulu jalan yang belum diperbaiki itu",
    "",
    "halo",
]
INFORMATION = [
    "Apa saja syarat membuat KK baru?",
    "gmn cara daftar akun tangerang live ya min",
    "Bagaimana cara melapor kalau lampu jalan mati?",
    "Mau tanya jadwal vaksin hewan gratis",
    "jam buka puskesmas hari sabtu brp ya",
    "Apakah bisa mengurus akta kelahiran di kecamatan?",
    "berapa biaya cetak ulang e-KTP yang hilang",
    "Mohon informasi lowongan kerja untuk difabel",
    "di mana kantor dinas sosial sekarang",
]
ASPIRATIONS = [
    "Usul, taman kota diberi tempat duduk untuk lansia",
    "Saran saya ada jalur sepeda di jalan utama",
    "Alangkah baiknya jika ada perpustakaan keliling",
    "mohon dibangun lapangan futsal untuk pemuda",
    "Terima kasih kepada petugas kebersihan yang rajin",
    "Semoga kota kita makin hijau",
]
CASES: list[tuple[ComplaintClass, str]] = [
    *(("complaint", text) for text in COMPLAINTS),
    *(("information", text) for text in INFORMATION),
    *(("aspiration", text) for text in ASPIRATIONS),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "text"), CASES)
def test_a_text_has_the_class_that_a_clerk_would_give_it(expected: ComplaintClass, text: str) -> None:
    words = Normaliser(load_abbreviations()).words(text)
    assert load_class_rules().classify(frozenset(words), " ".join(words)) == expected


def test_looking_only_for_phrases_whose_first_word_is_there_changes_no_class() -> None:
    """The table's column `first` names every word that a phrase can begin with."""
    rules, normaliser = load_class_rules(), Normaliser(load_abbreviations())
    for row in load_corpus():
        words = normaliser.words(row.text)
        text = " ".join(words)
        every = next((found for pattern, found in rules.rules if pattern.search(text)), "complaint")
        assert rules.classify(frozenset(words), text) == every
