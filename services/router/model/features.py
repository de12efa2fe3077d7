"""TF-IDF features: word 1-2-grams and character 2-5-grams within words, equal to scikit-learn's to rounding.

scikit-learn's analyser makes every n-gram of every text anew. Character n-grams never cross a word, so the ids of a
word's n-grams are remembered here, and a text costs one dictionary look-up a word.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

CHAR_SIZES: Final = (2, 3, 4, 5)
_REMEMBERED_WORDS: Final = 50_000
_NOTHING: Final[Mapping[str, int]] = {}
_SHORT: Final = 2
"""Letters of a word that is found in every language."""

Document = Sequence[str]
"""One text as words, from `Normaliser.words`."""


def char_ngrams(word: str) -> list[str]:
    """The n-grams of ` word ` (scikit-learn's `char_wb`), a word too short for a size giving itself once."""
    padded = f" {word} "
    grams: list[str] = []
    for size in CHAR_SIZES:
        grams.extend(padded[start : start + size] for start in range(max(1, len(padded) - size + 1)))
        if len(padded) <= size:
            break
    return grams


def _is_mask(word: str) -> bool:
    return word.startswith("<")


def _bigrams(words: Document) -> Iterable[str]:
    return (f"{first} {second}" for first, second in pairwise(words))


@dataclass(frozen=True, slots=True)
class Counted:
    """A batch of texts in numbers: `matrix` (texts x features, float32) and where each number came from.

    `occurrence_cell[k]` is the position in `matrix.data` of the k-th n-gram met, `occurrence_share[k]` its share of
    that cell; `term_start[j]` is the first occurrence of the j-th term, `terms[i]` the terms of text i, in order.
    `known[i]` is the share of text i's words that are columns; masks, numbers and words of one or two letters, which
    are found in every language, count as neither.
    """

    matrix: csr_matrix
    occurrence_cell: NDArray[np.intp]
    occurrence_share: NDArray[np.float32]
    term_start: NDArray[np.intp]
    terms: tuple[tuple[str, ...], ...]
    known: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Word:
    """What is remembered of a word: its columns, whether it tells a language, and whether it is a column itself."""

    columns: "array[int]"
    tells: bool
    is_known: bool


class Features:
    """A fitted vocabulary. Columns: the words and word pairs of `words`, then the character n-grams of `chars`.

    `idf` has one float32 a column. Each of the two blocks of a row has length 1 before `char_weight`.
    """

    def __init__(self, words: Sequence[str], chars: Sequence[str], idf: NDArray[np.float32]) -> None:
        self.words = tuple(words)
        self.chars = tuple(chars)
        self.idf = idf
        self._word_ids = {term: column for column, term in enumerate(self.words)}
        self._char_ids = {term: column for column, term in enumerate(self.chars, start=len(self.words))}
        self._followers: dict[str, dict[str, int]] = defaultdict(dict)
        for column, term in enumerate(self.words):
            first, _, second = term.partition(" ")
            if second:
                self._followers[first][second] = column
        self._remembered: dict[str, _Word] = {}

    @property
    def size(self) -> int:
        """The number of columns."""
        return len(self.words) + len(self.chars)

    @classmethod
    def fit(cls, documents: Sequence[Document], *, min_count: int = 2, max_words: int, max_chars: int) -> "Features":
        """Learns the columns: n-grams that `min_count` documents have, the most frequent first, ties by alphabet."""
        word_counts: Counter[str] = Counter()
        char_counts: Counter[str] = Counter()
        grams_of: dict[str, list[str]] = {}
        for document in documents:
            word_counts.update({*document, *_bigrams(document)})
            seen: set[str] = set()
            for word in {word for word in document if not _is_mask(word)}:
                seen.update(grams_of.setdefault(word, char_ngrams(word)))
            char_counts.update(seen)
        words = _most_frequent(word_counts, min_count, max_words)
        chars = _most_frequent(char_counts, min_count, max_chars)
        counts = np.array([word_counts[t] for t in words] + [char_counts[t] for t in chars], dtype=np.float64)
        idf = np.log((1 + len(documents)) / (1 + counts)) + 1
        return cls(words, chars, idf.astype(np.float32))

    def known_share(self, document: Document) -> float:
        """Share of a text's words that are columns, 0 to 1, as in `Counted.known`."""
        return float(self.count([document]).known[0])

    def transform(self, documents: Sequence[Document]) -> csr_matrix:
        """Texts x features, float32."""
        return self.count(documents).matrix

    def count(self, documents: Sequence[Document]) -> Counted:
        """The features of a batch together with the terms that they came from."""
        ids, row_ends, term_starts = array("q"), array("q"), array("q")
        terms: list[tuple[str, ...]] = []
        known = np.zeros(len(documents))
        for row, document in enumerate(documents):
            found, known[row] = self._append(document, ids, term_starts)
            terms.append(found)
            row_ends.append(len(ids))
        matrix, cell_of, share = self._weigh(_numbers(ids), _numbers(row_ends))
        return Counted(matrix, cell_of, share, _numbers(term_starts), tuple(terms), known)

    def _append(
        self, document: Document, ids: "array[int]", term_starts: "array[int]"
    ) -> tuple[tuple[str, ...], float]:
        """Adds the columns of a text to `ids`; its terms, and the share of its words that are columns."""
        terms: list[str] = []
        remembered, telling, known = self._remembered, 0, 0
        for word in document:
            found = remembered.get(word) or self._remember(word)
            telling += found.tells
            known += found.is_known
            if found.columns:
                terms.append(word)
                term_starts.append(len(ids))
                ids.extend(found.columns)
        for first, second in pairwise(document):
            column = self._followers.get(first, _NOTHING).get(second)
            if column is not None:
                terms.append(self.words[column])
                term_starts.append(len(ids))
                ids.append(column)
        return tuple(terms), known / telling if telling else 0.0

    def _remember(self, word: str) -> "_Word":
        columns = [self._word_ids[word]] if word in self._word_ids else []
        if not _is_mask(word):
            columns.extend(self._char_ids[gram] for gram in char_ngrams(word) if gram in self._char_ids)
        if len(self._remembered) >= _REMEMBERED_WORDS:
            self._remembered.clear()
        tells = len(word) > _SHORT and not _is_mask(word)
        self._remembered[word] = _Word(array("q", columns), tells, tells and word in self._word_ids)
        return self._remembered[word]

    def _weigh(
        self, ids: NDArray[np.int64], row_ends: NDArray[np.int64]
    ) -> tuple[csr_matrix, NDArray[np.intp], NDArray[np.float32]]:
        rows = len(row_ends)
        lengths = np.diff(row_ends, prepend=0)
        keys = np.repeat(np.arange(rows, dtype=np.int64), lengths) * self.size + ids
        cells, cell_of, counts = _distinct(keys)
        row_of, column_of = np.divmod(cells, max(1, self.size))
        data = self._tf_idf(counts, row_of, column_of, rows)
        starts = np.searchsorted(row_of, np.arange(rows + 1))
        matrix: Any = csr_matrix((data, column_of, starts), shape=(rows, self.size))
        return matrix, cell_of, (1.0 / counts[cell_of]).astype(np.float32)

    def _tf_idf(
        self, counts: NDArray[np.intp], row_of: NDArray[np.int64], column_of: NDArray[np.int64], rows: int
    ) -> NDArray[np.float32]:
        data = (1.0 + np.log(counts)) * self.idf[column_of]
        block = row_of * 2 + (column_of >= len(self.words))
        norms = np.sqrt(np.bincount(block, weights=data * data, minlength=rows * 2))
        return (data / norms[block]).astype(np.float32)


def _numbers(values: "array[int]") -> NDArray[np.int64]:
    return np.frombuffer(values, dtype=np.int64) if values else np.zeros(0, dtype=np.int64)


def _distinct(keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.intp], NDArray[np.intp]]:
    """As `np.unique` with inverse and counts, for many keys of which few repeat."""
    order = np.argsort(keys)
    ordered = keys[order]
    first = np.ones(len(keys), dtype=np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    cell_of = np.empty(len(keys), dtype=np.intp)
    cell_of[order] = np.cumsum(first) - 1
    starts = np.flatnonzero(first)
    return ordered[starts], cell_of, np.diff(starts, append=len(keys))


def _most_frequent(counts: Counter[str], min_count: int, limit: int) -> list[str]:
    kept = [term for term, count in counts.items() if count >= min_count]
    return sorted(sorted(kept, key=lambda term: (-counts[term], term))[:limit])
