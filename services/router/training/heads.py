"""One linear model over features: hundreds of topics, or two dozen departments."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

GRAM_ROWS: Final = 4_000
"""Texts up to which the Gram matrix is solved directly; above, its memory (rows x rows) would hurt."""


@dataclass(frozen=True, slots=True)
class HeadSettings:
    """`ridge` is the penalty (on rows of length about 1.4), `cost` its counterpart for large data.

    `balance` is the power of inverse class frequency that weighs a row: 0 none, 1 every class alike.
    """

    ridge: float = 1.0
    cost: float = 0.2
    balance: float = 0.25


@dataclass(frozen=True, slots=True)
class Head:
    """`coefficients` is float32 [features, classes], `intercepts` float32 [classes], columns as `classes`."""

    classes: tuple[str, ...]
    coefficients: NDArray[np.float32]
    intercepts: NDArray[np.float32]

    def scores(self, matrix: csr_matrix) -> NDArray[np.float32]:
        """Texts x classes; the difference between two classes is what counts."""
        result: NDArray[np.float32] = matrix @ self.coefficients + self.intercepts
        return result


def fit_head(matrix: csr_matrix, labels: Sequence[str], settings: HeadSettings) -> Head:
    """Fits one class against the rest for each label. Deterministic.

    Up to `GRAM_ROWS` texts: ridge regression on +1/-1 targets, that is a least-squares support vector machine
    (Suykens and Vandewalle 1999), all classes in one factorisation. More: scikit-learn's linear support vector machine.
    """
    weights = _row_weights(labels, settings.balance)
    if len(labels) <= GRAM_ROWS:
        return _ridge(matrix, labels, weights, settings.ridge)
    return _support_vectors(matrix, labels, weights, settings.cost)


def held_out_scores(
    matrix: csr_matrix, labels: Sequence[str], folds: Sequence[str], held: Sequence[str], settings: HeadSettings
) -> NDArray[np.float32]:
    """Texts x sorted labels: each text of a `held` fold scored by a head that saw no text of its fold; others 0."""
    classes, names, fold_of = sorted(set(labels)), np.array(labels), np.array(folds)
    scores = np.full((len(labels), len(classes)), 0, dtype=np.float32)
    for fold in sorted(set(held)):
        out = fold_of == fold
        head = fit_head(matrix[~out], names[~out].tolist(), settings)
        columns = [classes.index(name) for name in head.classes]
        unseen = np.full((int(out.sum()), len(classes)), -1, dtype=np.float32)
        unseen[:, columns] = head.scores(matrix[out])
        scores[out] = unseen
    return scores


def _row_weights(labels: Sequence[str], balance: float) -> NDArray[np.float64]:
    counts = Counter(labels)
    weights = np.array([counts[label] ** -balance for label in labels])
    scaled: NDArray[np.float64] = weights / weights.mean()
    return scaled


def _ridge(matrix: csr_matrix, labels: Sequence[str], weights: NDArray[np.float64], ridge: float) -> Head:
    classes, column_of = np.unique(np.array(labels), return_inverse=True)
    targets = np.where(column_of[:, np.newaxis] == np.arange(len(classes)), 1.0, -1.0)
    means = (weights[:, np.newaxis] * targets).sum(axis=0) / weights.sum()
    gram = (matrix @ matrix.T).toarray().astype(np.float64)
    gram[np.diag_indices_from(gram)] += ridge / weights
    duals = cho_solve(cho_factor(gram, lower=True, overwrite_a=True), targets - means, overwrite_b=True)
    coefficients = np.asarray(matrix.T @ duals, dtype=np.float32)
    return Head(tuple(classes.tolist()), coefficients, means.astype(np.float32))


def _support_vectors(matrix: csr_matrix, labels: Sequence[str], weights: NDArray[np.float64], cost: float) -> Head:
    fitted = LinearSVC(C=cost, random_state=0).fit(matrix, np.array(labels), sample_weight=weights)
    classes = tuple(str(name) for name in fitted.classes_)
    coefficients, intercepts = fitted.coef_.T, fitted.intercept_
    if len(classes) == 2:
        coefficients, intercepts = np.hstack([-coefficients, coefficients]), np.array([-1, 1]) * intercepts
    return Head(classes, coefficients.astype(np.float32), intercepts.astype(np.float32))
