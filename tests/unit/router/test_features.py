"""The features are scikit-learn's TF-IDF, only faster."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from services.router.model.features import Features

TEXTS = [
    "lampu jalan mati di jalan raya",
    "jalan berlubang dan lampu mati",
    "sampah di jalan belum diangkut",
    "a b sampah sampah sampah",
    "sampah berserakan lampu padam jalan gelap",
]


def documents() -> list[list[str]]:
    return [text.split() for text in TEXTS]


def scikit_learn() -> FeatureUnion:
    words = TfidfVectorizer(token_pattern=r"\S+", ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    chars = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True)
    return FeatureUnion([("words", words), ("chars", chars)])


def test_a_batch_has_the_features_that_scikit_learn_gives() -> None:
    ours = Features.fit(documents(), max_words=1000, max_chars=1000)
    theirs = scikit_learn().fit(TEXTS)
    columns = [*ours.words, *ours.chars]
    names = [name.split("__", 1)[1] for name in theirs.get_feature_names_out()]
    assert columns == names
    np.testing.assert_allclose(ours.transform(documents()).toarray(), theirs.transform(TEXTS).toarray(), atol=1e-6)


def test_the_features_of_a_text_do_not_depend_on_its_batch() -> None:
    features = Features.fit(documents(), max_words=1000, max_chars=1000)
    together = features.transform(documents()).toarray()
    alone = [features.transform([document]).toarray()[0] for document in documents()]
    np.testing.assert_array_equal(together, np.array(alone))


def test_the_most_frequent_terms_are_kept_when_room_is_short() -> None:
    features = Features.fit(documents(), max_words=2, max_chars=3)
    assert features.words == ("jalan", "lampu")
    assert features.size == 5


def test_a_mask_has_no_character_n_grams() -> None:
    masked = [["<nik>", "ktp"], ["<nik>", "ktp"]]
    features = Features.fit(masked, max_words=100, max_chars=100)
    assert "<nik>" in features.words
    assert not any("nik" in gram for gram in features.chars)


@pytest.mark.parametrize("batch", [[], [[]], [[], ["tidak", "dikenal"]]])
def test_texts_without_known_terms_are_rows_of_zeros(batch: list[list[str]]) -> None:
    features = Features.fit(documents(), max_words=10, max_chars=0)
    assert features.transform(batch).toarray().tolist() == [[0.0] * features.size] * len(batch)
