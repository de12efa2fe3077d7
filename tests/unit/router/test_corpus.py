"""The project's own words are many, in many voices, and do not repeat each other."""

from collections import Counter, defaultdict

from services.router.model.text import Normaliser
from services.router.taxonomy.tables import load_departments, load_keywords
from services.router.training.dataset import load_corpus

VOICES = 12
FEWEST_ROWS = 40
SHINGLE = 5
LARGEST_SHARE = 0.30


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = Normaliser({}).words(text)
    return frozenset(tuple(words[start : start + SHINGLE]) for start in range(len(words) - SHINGLE + 1))


def test_every_department_has_forty_complaints_or_more() -> None:
    counts = Counter(row.department for row in load_corpus())
    assert {code: counts[code] for code in counts if counts[code] < FEWEST_ROWS} == {}
    assert set(counts) == {department.code for department in load_departments()}


def test_twelve_voices_speak_in_every_department() -> None:
    voices = defaultdict(set)
    for row in load_corpus():
        voices[row.department].add(row.voice)
    assert len(set().union(*voices.values())) == VOICES
    assert {code: len(heard) for code, heard in voices.items() if len(heard) < VOICES} == {}


def test_no_text_is_empty_or_longer_than_the_intake_accepts() -> None:
    assert [row for row in load_corpus() if not 3 <= len(row.text.strip()) <= 5_000] == []


def test_no_two_complaints_share_more_than_thirty_percent_of_their_five_word_shingles() -> None:
    """Share: common shingles over the smaller of the two texts."""
    texts = [shingles(row.text) for row in load_corpus()]
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, parts in enumerate(texts):
        for part in parts:
            holders[part].append(number)
    common = Counter(
        (first, second) for rows in holders.values() for i, first in enumerate(rows) for second in rows[i + 1 :]
    )
    alike = [pair for pair, count in common.items() if count / min(len(texts[n]) for n in pair) > LARGEST_SHARE]
    assert alike == []


def test_key_phrases_belong_to_topics_of_the_corpus_and_none_is_given_twice_to_a_topic() -> None:
    phrases = load_keywords()
    assert {topic for topic, _ in phrases} == {row.topic for row in load_corpus()}
    assert len(set(phrases)) == len(phrases)
