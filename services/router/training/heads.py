"""Two kinds of linear model over the same features: hundreds of topics, and two dozen departments."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Head:
    """`coefficients` is float32 [features, classes], `intercepts` float32 [classes], columns as `classes` (sorted)."""

    classes: tuple[str, ...]
    coefficients: NDArray[np.float32]
    intercepts: NDArray[np.float32]

    def scores(self, matrix: csr_matrix) -> NDArray[np.float32]:
        """Texts x classes; the difference between two classes is what counts."""
        result: NDArray[np.float32] = matrix @ self.coefficients + self.intercepts
        return result


class RidgeHead:
    """Topics: ridge regression on +1/-1 targets, that is a least-squares support vector machine.

    All classes share one factorisation of the texts' Gram matrix (rows x rows, float64: 200 MB for 5,000 texts), and
    the same inverse gives every held-out fold without fitting again (Suykens and Vandewalle 1999; An, Liu and
    Venkatesh 2007). `weights` are the rows' weights, `ridge` the penalty for rows of squared length 2.
    """

    def __init__(self, matrix: csr_matrix, labels: Sequence[str], weights: Floats, ridge: float) -> None:
        classes, column_of = np.unique(np.array(labels), return_inverse=True)
        self._matrix = matrix
        self._classes: tuple[str, ...] = tuple(classes.tolist())
        self._targets: Floats = np.where(column_of[:, np.newaxis] == np.arange(len(classes)), 1.0, -1.0)
        self._means: Floats = weights @ self._targets / weights.sum()
        gram = (matrix @ matrix.T).toarray().astype(np.float64)
        gram[np.diag_indices_from(gram)] += ridge / weights
        self._inverse: Floats = np.linalg.inv(gram)
        self._duals: Floats = self._inverse @ (self._targets - self._means)

    def fitted(self) -> Head:
        """The head fitted on all rows."""
        coefficients = np.asarray(self._matrix.T @ self._duals, dtype=np.float32)
        return Head(self._classes, coefficients, self._means.astype(np.float32))

    def held_out(self, folds: Sequence[NDArray[np.intp]]) -> NDArray[np.float32]:
        """Rows x classes: each row of a fold as a head that saw no row of its fold scores it; 0 for other rows."""
        scores = np.zeros(self._targets.shape, dtype=np.float32)
        for rows in folds:
            residuals = np.linalg.solve(self._inverse[np.ix_(rows, rows)], self._duals[rows])
            scores[rows] = self._targets[rows] - residuals
        return scores


@dataclass(frozen=True, slots=True)
class MarginHead:
    """Departments: scikit-learn's linear support vector machine, which does not mind many rows.

    `cost` is its C; `balance` the power of inverse class frequency that weighs a row, beside `weights`.
    """

    matrix: csr_matrix
    labels: Sequence[str]
    weights: Floats
    cost: float
    balance: float

    def fitted(self) -> Head:
        """The head fitted on all rows."""
        return self._fit(np.arange(len(self.labels)))

    def held_out(self, folds: Sequence[NDArray[np.intp]]) -> NDArray[np.float32]:
        """Rows x classes: each row of a fold as a head that saw no row of its fold scores it; 0 for other rows."""
        classes = sorted(set(self.labels))
        scores = np.zeros((len(self.labels), len(classes)), dtype=np.float32)
        for rows in folds:
            head = self._fit(np.setdiff1d(np.arange(len(self.labels)), rows))
            unseen = np.full((len(rows), len(classes)), -1.0, dtype=np.float32)
            unseen[:, [classes.index(name) for name in head.classes]] = head.scores(self.matrix[rows])
            scores[rows] = unseen
        return scores

    def _fit(self, rows: NDArray[np.intp]) -> Head:
        labels = [self.labels[row] for row in rows]
        counts = Counter(labels)
        if len(counts) == 1:
            return Head((labels[0],), np.zeros((self.matrix.shape[1], 1), np.float32), np.ones(1, np.float32))
        weights = self.weights[rows] * np.array([counts[label] ** -self.balance for label in labels])
        model = LinearSVC(C=self.cost, random_state=0)
        model.fit(self.matrix[rows], np.array(labels), sample_weight=weights / weights.mean())
        coefficients, intercepts = model.coef_.T, np.asarray(model.intercept_)
        if coefficients.shape[1] == 1:
            coefficients, intercepts = np.hstack([-coefficients, coefficients]), np.array([-1, 1]) * intercepts
        classes = tuple(str(name) for name in model.classes_)
        return Head(classes, coefficients.astype(np.float32), intercepts.astype(np.float32))
