"""The language of the tables: words in order, alternatives, endings, gaps, and phrases that must all be there."""

import pytest

from services.router.taxonomy.patterns import Book, PatternError, alternatives, compile_pattern


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("kabel putus", "ada kabel putus di jalan", "kabel putus"),
        ("kabel putus", "kabel yang putus", None),
        ("kabel .. putus", "kabel yang besar itu putus", "kabel putus"),
        ("kabel .. putus", "kabel satu dua tiga empat lima enam putus", None),
        ("kabel listrik? putus|jatuh", "kabel jatuh", "kabel jatuh"),
        ("kabel listrik? putus|jatuh", "kabel listrik putus", "kabel listrik putus"),
        ("ular|kobra masuk*", "kobra masuknya tadi", "kobra masuknya"),
        ("ular", "mengular", None),
        ("gudang terbakar", "gudangnya terbakar", "gudang terbakar"),
        ("banjir & perahu", "butuh perahu karena banjir", "banjir perahu"),
        ("banjir & perahu", "banjir saja", None),
    ],
)
def test_a_pattern_finds_its_own_words_and_never_those_between(pattern: str, text: str, found: str | None) -> None:
    assert compile_pattern(pattern).found(text) == found


@pytest.mark.parametrize("pattern", ["", ".. kabel", "listrik? putus", "kab*", "Kabel", "kabel..putus", "a | b"])
def test_a_pattern_that_cannot_be_read_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern)


def test_a_cell_holds_several_patterns_or_none() -> None:
    assert len(alternatives("kabel putus ; kabel jatuh")) == 2
    assert alternatives("") == []


def test_a_struck_phrase_is_gone_and_the_rest_stays() -> None:
    assert compile_pattern("takut .. kebakaran").strike("takut ada kebakaran api besar") == "<> api besar"


def test_a_book_compares_only_what_a_word_of_the_text_could_start_and_keeps_its_order() -> None:
    book = Book(
        [(compile_pattern("kabel & putus|jatuh"), 1), (compile_pattern("air"), 2), (compile_pattern("kabel"), 3)]
    )
    text = "kabel jatuh"
    assert [meaning for _, meaning in book.candidates(frozenset(text.split()))] == [1, 3]
    assert list(book.matches(frozenset(text.split()), text)) == [("kabel jatuh", 1), ("kabel", 3)]
