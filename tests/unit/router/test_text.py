"""Normalising: what a citizen typed becomes words, whatever else is in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.router.model.text import MAX_WORD_LENGTH, Normaliser

NORMALISER = Normaliser({"yg": "yang", "jln": "jalan", "makasih": "terima kasih"})


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Lampu JALAN mati!!!", ["lampu", "jalan", "mati"]),
        ("jln yg rusak, makasih", ["jalan", "yang", "rusak", "terima", "kasih"]),
        ("toloooong paaak", ["tolong", "pak"]),
        ("lampu2nya mati", ["lampunya", "mati"]),
        ("<b>banjir</b>&nbsp;di RT 03", ["banjir", "di", "<alamat>"]),
        ("gang rt 03/rw 05 no. 7 banjir 2 hari", ["gang", "<alamat>", "<alamat>", "<alamat>", "banjir", "0", "hari"]),
        ("&lt;script&gt;sampah&lt;/script&gt;", ["sampah"]),
        ("sam\u200bpah \u202emenumpuk\u202c", ["sampah", "menumpuk"]),
        ("𝐛𝐚𝐧𝐣𝐢𝐫 parah 😭😭", ["banjir", "parah"]),
        ("kafé bising", ["kafe", "bising"]),
        ("pohon\ud83d tumbang", ["pohon", "tumbang"]),
    ],
)
def test_typed_text_becomes_plain_words(typed: str, words: list[str]) -> None:
    assert NORMALISER.words(typed) == words


@pytest.mark.parametrize(
    ("raw", "masked"),
    [
        ("NIK saya 3671012345678901 ditolak", "NIK saya [NIK] ditolak"),
        ("hubungi 0812-3456-7890 ya", "hubungi [TELP] ya"),
        ("hubungi +62 812 3456 7890 ya", "hubungi [TELP] ya"),
        ("surel warga@contoh.id tidak dibalas", "surel [EMAIL] tidak dibalas"),
    ],
)
def test_a_text_gives_the_same_words_before_and_after_masking(raw: str, masked: str) -> None:
    assert NORMALISER.words(raw) == NORMALISER.words(masked)


@pytest.mark.parametrize("empty", ["", "   ", "😀😀😀", "请修理路灯", "‮مرحبا بالعالم‬", "!!! ??? ..."])
def test_a_text_without_latin_words_has_no_words(empty: str) -> None:
    assert NORMALISER.words(empty) == []


@given(st.text(max_size=500))
def test_any_text_gives_short_words_of_plain_letters(text: str) -> None:
    for word in NORMALISER.words(text):
        assert word.isascii()
        assert 0 < len(word) <= MAX_WORD_LENGTH


@given(st.lists(st.from_regex(r"[a-z]{1,12}", fullmatch=True), max_size=20))
def test_normalising_its_own_words_changes_nothing(words: list[str]) -> None:
    once = Normaliser({}).words(" ".join(words))
    assert Normaliser({}).words(" ".join(once)) == once
